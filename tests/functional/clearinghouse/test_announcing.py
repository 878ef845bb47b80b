"""An aggregate tells its slices' authority of slivers: late rather than never, and in one way."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gcf_am.app.announcing import LEASE, SETTLES, Announcer
from gcf_am.clearinghouse.home import add_aggregate, remove_aggregate
from gcf_am.client.federation import FederationRefused
from gcf_am.client.transport import Unreachable
from gcf_am.config import Config, FederationConfig
from gcf_am.manager.ports import Store
from gcf_am.model.sliver import Sliver, Step
from gcf_am.model.states import AllocationState
from gcf_am.store import open_store
from gcf_am.store.log import SqlLog, open_log
from gcf_am.store.upgrade import upgrade
from gcf_am.urn import Urn
from tests.contract.store.samples import event, node
from tests.functional.clearinghouse.serving import AUTHORITY, Clearing
from tests.functional.rspecs import node as requested_node
from tests.functional.rspecs import request
from tests.functional.running import Slice, eventually

ONE = f"{AUTHORITY}slice+one"
AM = Urn.parse(f"{AUTHORITY}authority+am")
SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)


class Clock:
    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def now(self) -> datetime:
        return self.time


@dataclass
class Site:
    """An aggregate's store, and what tells of it."""

    clearing: Clearing
    config: Config
    store: Store
    log: SqlLog

    def changed(self, sliver: Sliver | None = None, *, slice_: str = ONE, **more: object) -> Sliver:
        """A sliver that was made, or that is now so."""
        after = self._changed(sliver, slice_, more)
        self.seal()
        return after

    def seal(self) -> None:
        """Give what happened its place in the record, as the keeper does each second."""
        self.log.seal("keeper", SOON, SOON)

    def _changed(self, sliver: Sliver | None, slice_: str, more: dict[str, object]) -> Sliver:
        with self.store.write() as unit:
            if sliver is None:
                key = unit.lock_slice(Urn.parse(slice_), f"uuid of {slice_}").key
                made = node(unit, key, expires=SOON)
                unit.add([made])
                unit.record([event(made.urn.text)])
                return made
            after = replace(sliver, **more)  # type: ignore[arg-type]
            unit.save([after])
            unit.record([replace(event(after.urn.text), before="geni_allocated/x")])
            return after

    def told(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = self.clearing.federation(
            "SA", "alice", "lookup", "SLIVER_INFO", [], {}
        )
        return found

    def announcer(self) -> Announcer:
        return Announcer(self.config, self.store, owner="me")


@pytest.fixture
def site(clearing: Clearing, tmp_path: Path) -> Iterator[Site]:
    url = f"sqlite:///{tmp_path / 'am.sqlite'}"
    upgrade(url)
    store = open_store(url, authority="gcf.local")
    log = open_log(url)
    add_aggregate(clearing.home, AM, "https://127.0.0.1:8001/")
    clearing.call("alice", "CreateSlice", ONE)
    federation = FederationConfig(sliver_info=f"{clearing.url}SA")
    yield Site(clearing, Config(clearing.home, federation=federation), store, log)
    log.close()
    store.close()


def announce(site: Site) -> None:
    announcer = site.announcer()
    try:
        announcer.run_once()
    finally:
        announcer.stop(0)


def test_a_slivers_life_is_told(site: Site) -> None:
    one = site.changed()
    announce(site)
    assert site.told() == {
        one.urn.text: {
            "SLIVER_INFO_URN": one.urn.text,
            "SLIVER_INFO_SLICE_URN": ONE,
            "SLIVER_INFO_AGGREGATE_URN": AM.text,
            "SLIVER_INFO_CREATOR_URN": f"{AUTHORITY}user+alice",
            "SLIVER_INFO_EXPIRATION": f"{SOON:%Y-%m-%dT%H:%M:%SZ}",
            "SLIVER_INFO_CREATION": site.told()[one.urn.text]["SLIVER_INFO_CREATION"],
        }
    }
    later = SOON + timedelta(hours=3)
    one = site.changed(one, expires=later)
    announce(site)
    assert site.told()[one.urn.text]["SLIVER_INFO_EXPIRATION"] == f"{later:%Y-%m-%dT%H:%M:%SZ}"
    site.changed(one, allocation=AllocationState.UNALLOCATED)
    announce(site)
    assert site.told() == {}


def test_what_changed_while_nobody_could_be_told_is_told_as_it_stands(site: Site) -> None:
    site.clearing.stop()
    one = site.changed()
    gone = site.changed(site.changed(), allocation=AllocationState.UNALLOCATED)
    for _ in range(2):
        with pytest.raises(Unreachable):
            announce(site)
    site.clearing.start()
    site.config = replace(
        site.config, federation=FederationConfig(sliver_info=f"{site.clearing.url}SA")
    )
    announce(site)
    assert site.told().keys() == {one.urn.text}
    assert gone.urn.text not in site.told()
    # told twice, as after a crash before the bookmark was put, is told once
    with site.store.read() as unit:
        assert not unit.news(10).makers


def test_an_aggregate_that_is_not_registered_yet_tries_again(site: Site) -> None:
    remove_aggregate(site.clearing.home, AM)
    one = site.changed()
    with pytest.raises(FederationRefused, match="refused with code 2"):
        announce(site)
    add_aggregate(site.clearing.home, AM, "https://127.0.0.1:8001/")
    announce(site)
    assert site.told().keys() == {one.urn.text}


def test_what_the_authority_never_takes_holds_nothing_up(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.changed(slice_=f"{AUTHORITY}slice+unknown")
    site.changed(slice_="urn:publicid:IDN+elsewhere.org+slice+one")
    one = site.changed()
    with caplog.at_level(logging.INFO, "gcf_am.app.announcing"):
        announce(site)
    assert site.told().keys() == {one.urn.text}
    # of the foreign slice not a word was said
    [line] = [one for one in caplog.messages if "is not told" in one]
    assert "Unknown slice urn" in line


def test_a_sliver_that_is_refused_for_itself_holds_up_no_other(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    # of another name than the aggregate's, and told of by somebody else: not the aggregate's to tell
    strange = Urn.of("lab.example", "sliver", "1")
    fields = {
        "SLIVER_INFO_URN": strange.text,
        "SLIVER_INFO_SLICE_URN": ONE,
        "SLIVER_INFO_AGGREGATE_URN": "urn:publicid:IDN+lab.example+authority+am",
        "SLIVER_INFO_CREATOR_URN": f"{AUTHORITY}user+alice",
    }
    site.clearing.federation("SA", "alice", "create", "SLIVER_INFO", [], {"fields": fields})
    with site.store.write() as unit:
        key = unit.lock_slice(Urn.parse(ONE), f"uuid of {ONE}").key
        unit.add([replace(node(unit, key, expires=SOON), urn=strange)])
        unit.record([replace(event(strange.text), before="geni_allocated/x")])
    site.seal()
    # 1. alone it may be the authority's trouble: it is tried again
    with pytest.raises(FederationRefused, match="refused with code 2"):
        announce(site)
    # 2. beside one that is taken it holds up nothing
    one = site.changed()
    clock = Clock()
    announcer = Announcer(site.config, site.store, owner="me", clock=clock)
    announcer.run_once()
    assert one.urn.text in site.told()
    assert [line for line in caplog.messages if f"{strange} is not told, others are" in line]
    with site.store.read() as unit:
        assert not unit.news(10).makers
    # 3. it is told when it is taken later
    announcer.run_once()
    assert "SLIVER_INFO_EXPIRATION" not in site.told()[strange.text]
    site.clearing.federation("SA", "alice", "delete", "SLIVER_INFO", strange.text, [], {})
    clock.time += timedelta(minutes=11)
    caplog.set_level(logging.INFO, "gcf_am.app.announcing")
    announcer.run_once()
    announcer.stop(0)
    assert f"{strange} is not told to its slice's authority" in caplog.messages[-1]


def test_of_two_aggregate_processes_one_tells(site: Site) -> None:
    clock = Clock()
    first, second = (
        Announcer(site.config, site.store, owner=name, clock=clock) for name in ("a", "b")
    )
    one = site.changed()
    first.run_once()
    gone = site.changed()
    second.run_once()
    assert site.told().keys() == {one.urn.text}
    # who was killed is followed by another
    clock.time += LEASE
    second.run_once()
    assert site.told().keys() == {one.urn.text, gone.urn.text}
    # who stops lets go at once
    site.changed(gone, allocation=AllocationState.UNALLOCATED)
    second.stop(0)
    first.run_once()
    assert site.told().keys() == {one.urn.text}
    first.stop(0)


def test_what_the_authority_does_not_know_any_more_is_withdrawn(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    one = site.changed()
    announce(site)
    with caplog.at_level(logging.INFO, "gcf_am.app.announcing"):
        # 1. deleted, and later destroyed
        for _ in range(2):
            one = site.changed(one, allocation=AllocationState.UNALLOCATED)
            announce(site)
            assert site.told() == {}
        # 2. come and gone between two looks
        site.changed(site.changed(), allocation=AllocationState.UNALLOCATED)
        announce(site)
    assert site.told() == {}
    assert not caplog.messages


def test_what_came_and_went_before_it_was_told_needs_no_word(site: Site) -> None:
    clock = Clock()
    announcer = Announcer(site.config, site.store, owner="me", clock=clock)
    one = site.changed()
    announcer.run_once()
    # 1. nobody need be reached for what is over before anybody heard of it, nor when it is destroyed
    site.clearing.stop()
    over = {"allocation": AllocationState.UNALLOCATED, "step": Step.DESTROY}
    gone = site.changed(site.changed(), **over)
    announcer.run_once()
    site.changed(gone, step=None)
    announcer.run_once()
    # 2. what was told is withdrawn
    site.changed(one, **over)
    with pytest.raises(Unreachable):
        announcer.run_once()
    # 3. what was not told to the end may have been told in part: so it is of all that is in it
    site.changed(site.changed(), **over)
    site.clearing.start()
    announcer.stop(0)
    federation = FederationConfig(sliver_info=f"{site.clearing.url}SA")
    site.config = replace(site.config, federation=federation)
    announce(site)
    assert site.told() == {}
    # 4. so it is after another had the duty, or may have had it
    clock.time += LEASE
    site.clearing.stop()
    site.changed(site.changed(), **over)
    with pytest.raises(Unreachable):
        announce(site)


def test_what_may_go_in_a_moment_is_not_told_yet(site: Site) -> None:
    clock = Clock()
    announcer = Announcer(site.config, site.store, owner="me", clock=clock)
    with site.store.write() as unit:
        key = unit.lock_slice(Urn.parse(ONE), f"uuid of {ONE}").key
        made = node(unit, key, expires=SOON)
        unit.add([made])
        unit.record([event(made.urn.text, at=clock.time)])
    site.seal()
    announcer.run_once()
    assert site.told() == {}
    clock.time += SETTLES
    announcer.run_once()
    assert site.told().keys() == {made.urn.text}
    announcer.stop(0)


def test_an_authority_of_another_root_is_told_nothing(site: Site) -> None:
    site.changed()
    pin = site.clearing.cert("alice")
    told = replace(site.config.federation, pin=str(pin))
    site.config = replace(site.config, federation=told)
    with pytest.raises(Unreachable, match="not trusted"):
        announce(site)


def test_what_up_serves_tells_of_its_slivers(slice_: Slice) -> None:
    with slice_.owner.proxy(f"{slice_.owner.at.ch_url}SA") as authority:

        def told() -> dict[str, dict[str, str]]:
            options = {"match": {"SLIVER_INFO_SLICE_URN": slice_.urn}}
            answer: Any = authority.lookup("SLIVER_INFO", [], options)
            assert answer["code"] == 0, answer["output"]
            return dict(answer["value"])

        made = slice_.allocate(request(requested_node("a")))
        found = eventually(told, what="told")
        assert found.keys() == set(made.values())
        [one] = found.values()
        assert one["SLIVER_INFO_CREATOR_URN"] == f"{AUTHORITY}user+alice"
        assert (
            one["SLIVER_INFO_EXPIRATION"]
            == slice_.slivers()[one["SLIVER_INFO_URN"]]["geni_expires"]
        )
        slice_.done("Delete")
        eventually(lambda: not told(), what="withdrawn")
