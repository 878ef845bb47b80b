"""A reader of the record follows it with a bookmark."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from gcf_am.store import SqlStore
from gcf_am.store.log import open_log
from gcf_am.store.upgrade import upgrade
from gcf_am.urn import Urn
from tests.contract.store.conftest import Place
from tests.contract.store.samples import NOW, event, slice_urn

ALICE = "urn:publicid:IDN+gcf.local+user+alice"


def sliver(number: int) -> Urn:
    return Urn.of("gcf.local", "sliver", str(number))


def tell(store: SqlStore, *subjects: str, before: str = "") -> None:
    with store.write() as unit:
        unit.record(replace(event(one), before=before) for one in subjects)


def seal(place: Place) -> None:
    with closing(open_log(place.url)) as log:
        log.seal("me", NOW, NOW)


def test_slivers_that_changed_and_who_made_them(place: Place) -> None:
    store = place.open()
    with store.read() as unit:
        assert not unit.news(10).makers
    tell(store, sliver(1).text, slice_urn().text, "no urn")
    tell(store, sliver(2).text, before="geni_allocated/geni_pending_allocation")
    tell(store, sliver(1).text, before="geni_allocated/geni_pending_allocation")
    with store.read() as unit:
        assert not unit.news(10).makers  # not before they have their place in the record
    seal(place)
    with store.read() as unit:
        news = unit.news(10)
    assert news.makers == {sliver(1): ALICE, sliver(2): ""}
    assert news.last - news.since == 5


def test_a_bookmark_goes_on_where_it_was_and_never_back(place: Place) -> None:
    store = place.open()
    tell(store, *(sliver(number).text for number in range(5)))
    seal(place)
    with store.read() as unit:
        first = unit.news(2)
    assert list(first.makers) == [sliver(0), sliver(1)]
    with store.write() as unit:
        unit.heard(first.last)
    with place.open().read() as unit:
        assert list(unit.news(10).makers) == [sliver(2), sliver(3), sliver(4)]
    with store.write() as unit:
        unit.heard(first.last - 1)
    with store.read() as unit:
        assert unit.news(10).since == first.last


def test_what_happened_before_the_bookmark_was_there_is_nobodys_to_tell(place: Place) -> None:
    tell(place.open(), sliver(1).text)
    upgrade(place.url)
    seal(place)
    with place.open().read() as unit:
        assert list(unit.news(10).makers) == [sliver(1)]


def test_what_is_fresh_waits_with_all_behind_it(place: Place) -> None:
    store = place.open()
    with store.write() as unit:
        ages = {1: timedelta(seconds=5), 2: timedelta(seconds=1), 3: timedelta(seconds=5)}
        unit.record(replace(event(sliver(one).text), at=NOW - age) for one, age in ages.items())
    seal(place)
    fresh = (NOW - timedelta(seconds=2), NOW)
    with store.read() as unit:
        news = unit.news(10, fresh)
    assert (news.makers, news.last - news.since) == ({sliver(1): ALICE}, 1)
    # what is of the future, by a clock that was set back, waits for nothing
    with store.read() as unit:
        earlier = unit.news(10, (NOW - timedelta(hours=2), NOW - timedelta(hours=1)))
    assert list(earlier.makers) == [sliver(1), sliver(2), sliver(3)]
