"""The site follows both the inventory and the driver's images, and is made anew for neither."""

from dataclasses import dataclass

from gcf_am.app.offering import Offering
from gcf_am.model.site import DiskImage, Host, Site, SliverType
from gcf_am.urn import Urn


@dataclass
class Shelf:
    """A driver's images, and an inventory's site."""

    site: Site
    there: tuple[DiskImage, ...] = ()

    def images(self) -> tuple[DiskImage, ...]:
        return self.there


def site(version: str) -> Site:
    kinds = (SliverType("container", (DiskImage("host"),)),)
    host = Host("urn:h", "h", False, 9, (), kinds)
    return Site(Urn.parse("urn:publicid:IDN+am.test+authority+am"), (host,), (), version)


def test_it_is_made_anew_when_either_changed() -> None:
    shelf = Shelf(site("1"))
    offering = Offering(lambda: shelf.site, shelf)
    assert offering() is shelf.site
    shelf.there = (DiskImage("tiny"),)
    first = offering()
    assert [one.added for one in first.hosts[0].sliver_types[0].images] == [False, True]
    assert offering() is first
    shelf.site = site("2")
    second = offering()
    assert second.version != first.version
    shelf.there = ()
    assert offering() is shelf.site
