"""What fills a store leaves what calls would have left."""

from contextlib import closing
from pathlib import Path

import pytest

from gcf_am.audit.chain import verify
from gcf_am.audit.replay import replay
from gcf_am.model.share import USER
from gcf_am.rspec.inventory import read_site
from gcf_am.store.log import open_log
from gcf_am.urn import Urn
from tests.contract.store.conftest import Place
from tests.contract.store.samples import AUTHORITY, HOUR, NOW, event
from tests.filling import NoRoomError, fill

SITE = read_site(
    (Path(__file__).parents[3] / "rspecs" / "site.xml").read_bytes(),
    manager=Urn.of(AUTHORITY, "authority", "am"),
)


def test_the_chain_holds_and_tells_what_stands_in_the_tables(place: Place) -> None:
    fill(place.url, SITE, live=35, past=47, now=NOW)
    fill(place.url, SITE, live=5, past=3, now=NOW + HOUR)
    with closing(open_log(place.url)) as log:
        with log.chain() as chain:
            verdict = verify(chain.rows, base=chain.base, end=chain.end)
            assert (verdict.seq, chain.unsealed) == (None, 0)
            assert verdict.proved == 35 + 5 + 2 * (47 + 3)
        begin = log.begin()
        state = replay(log.changes(begin), begin.state)
    with place.open().read() as unit:
        kept = unit.kept("", 1000)
        assert {one.urn.text for one in kept} == set(state.slivers)
        assert len(kept) == 35 + 5
        assert unit.held() == state.held
        assert sum(unit.held().values()) >= 35 + 5


def test_all_is_sealed_though_another_kept_the_log_a_moment_ago(place: Place) -> None:
    with place.open().write() as unit:
        unit.record([event("no sliver")])
    with closing(open_log(place.url)) as log:
        assert log.seal("who served before", NOW, NOW + HOUR) == 1
        fill(place.url, SITE, live=20, past=0, now=NOW)
        with log.chain() as chain:
            assert (chain.end.seq, chain.unsealed) == (21, 0)


def test_it_counts_for_people_and_tells_no_slice_authority(place: Place) -> None:
    fill(place.url, SITE, live=20, past=0, now=NOW)
    keys = [f"{AUTHORITY}+user+user-{number}" for number in range(2)]
    with place.open().read() as unit:
        usage = unit.usage(USER, keys)
        assert [sum(usage[key].slivers.values()) for key in keys] == [10, 10]
        assert not unit.news(10).makers


def test_a_site_that_is_too_small_is_told(place: Place) -> None:
    with pytest.raises(NoRoomError, match="room for"):
        fill(place.url, SITE, live=10_000, past=0, now=NOW)
    with place.open().read() as unit:
        assert not unit.held()
