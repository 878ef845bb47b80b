"""Each check can fail: an aggregate that misbehaves is caught.

That one which does not is not caught is test_conformance_all.py's to show.
"""

from collections import Counter

import pytest

from gcf_am.conformance import checks
from tests.sabotage.board import Misbehaviour
from tests.sabotage.rows import MISBEHAVIOURS
from tests.sabotage.trying import CAUGHT, Kit

BY_ID = {one.id: one for one in checks.ALL}


@pytest.mark.parametrize("one", MISBEHAVIOURS, ids=lambda one: one.name)
def test_a_misbehaviour_is_caught(sabotage: Kit, one: Misbehaviour) -> None:
    for name in one.caught_by:
        result = sabotage.tried(BY_ID[name], one)
        assert not sabotage.server.board.broken
        assert result.verdict in CAUGHT, (one.sentence, result)


def test_names_are_unique() -> None:
    assert not [name for name, n in Counter(one.name for one in MISBEHAVIOURS).items() if n > 1]
