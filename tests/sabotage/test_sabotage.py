"""Each check can fail: an aggregate that misbehaves is caught, or an altered answer is.

That one which does not is not caught is test_conformance_all.py's to show.
"""

from collections import Counter

import pytest

from gcf_am.conformance import checks
from tests.functional.test_conformance_altered import ALTERED
from tests.sabotage.board import Misbehaviour
from tests.sabotage.rows import MISBEHAVIOURS
from tests.sabotage.trying import CAUGHT, Kit

BY_ID = {one.id: one for one in checks.ALL}

# Checks that nothing makes fail here, and why.
UNSEEN = {
    "allocate.again-single": "applies to aggregates with geni_allocate geni_single",
    "cancel.part-under-single": "applies to aggregates with geni_single_allocation",
    "certificate.without-urn": "needs a certificate that only the federation can make",
    "describe.part-under-single": "applies to aggregates with geni_single_allocation",
    "fed4fire.login-answers": "needs nodes with public addresses",
    "fed4fire.urn-dns": "needs a name in the DNS",
    "request.disjoint": "applies to aggregates with geni_allocate geni_disjoint",
    "tls.no-ssl-3-0": "no library speaks SSL 3.0 any more; test_hello.py has its bytes",
    "update.part-under-single": "applies to aggregates with geni_single_allocation",
}


@pytest.mark.parametrize("one", MISBEHAVIOURS, ids=lambda one: one.name)
def test_a_misbehaviour_is_caught(sabotage: Kit, one: Misbehaviour) -> None:
    for name in one.caught_by:
        result = sabotage.tried(BY_ID[name], one)
        assert not sabotage.server.board.broken
        assert result.verdict in CAUGHT, (one.sentence, result)


def test_names_are_unique() -> None:
    assert not [name for name, n in Counter(one.name for one in MISBEHAVIOURS).items() if n > 1]


def test_every_check_is_seen_to_fail() -> None:
    seen = {name for one in MISBEHAVIOURS for name in one.caught_by} | dict(ALTERED).keys()
    assert BY_ID.keys() - seen == UNSEEN.keys()
