"""Images beside the inventory's: who may ask for one, and that nobody gets one unasked."""

import pytest

from gcf_am.errors import Unsupported
from gcf_am.model.images import is_meant, with_added
from gcf_am.model.placement.nodes import Offers
from gcf_am.model.placement.wish import Wish
from gcf_am.model.site import DiskImage, Host, Site, SliverType
from gcf_am.model.topology import Node
from gcf_am.urn import Urn

HOST_IMAGE = "urn:publicid:IDN+am.test+image+host"
ADDED = "urn:publicid:IDN+am.test+image+tiny"
TINY = DiskImage("tiny", "Linux", description="Tiny 1")


def site(*images: DiskImage) -> Site:
    kinds = (SliverType("container", images), SliverType("bare"))
    host = Host("urn:h", "h", False, 9, (), kinds)
    return Site(Urn.parse("urn:publicid:IDN+am.test+authority+am"), (host,), (), "1")


def got(site: Site, wanted: str | None, sliver_type: str = "container") -> str | None:
    node = Node("n", "<node/>", sliver_type=sliver_type, disk_image=wanted)
    return Offers(site).of(Wish(node), node, None)[0].disk_image


@pytest.mark.parametrize(
    ("wanted", "image"),
    [
        ("tiny", ADDED),
        (ADDED, ADDED),
        (ADDED.replace("am.test", "AM.test"), ADDED),
        ("host", HOST_IMAGE),
        (None, HOST_IMAGE),
    ],
)
def test_it_is_asked_for_by_name_or_urn(wanted: str | None, image: str) -> None:
    assert got(with_added(site(DiskImage(HOST_IMAGE)), [TINY]), wanted) == image


@pytest.mark.parametrize("wanted", ["Tiny", "urn:publicid:IDN+other.test+image+tiny", "beos"])
def test_others_are_refused_with_what_there_is(wanted: str) -> None:
    with pytest.raises(Unsupported, match=r"offers: .*\+host, .*\+tiny"):
        got(with_added(site(DiskImage(HOST_IMAGE)), [TINY]), wanted)


def test_a_type_without_images_stays_the_drivers() -> None:
    made = with_added(site(DiskImage(HOST_IMAGE)), [TINY])
    assert got(made, None, "bare") is None
    with pytest.raises(Unsupported, match="offers: none"):
        got(made, "tiny", "bare")


def test_it_is_no_default_even_when_it_is_all_that_is_left() -> None:
    # a policy may bar the inventory's own
    made = site(DiskImage(ADDED, added=True))
    assert got(made, "tiny") == ADDED
    with pytest.raises(Unsupported, match="no disk image by name"):
        got(made, None)


def test_one_that_the_inventory_tells_is_told_once() -> None:
    for name in ("tiny", ADDED):
        before = site(DiskImage(name))
        assert with_added(before, [TINY]).hosts == before.hosts


def test_the_version_tells_the_difference() -> None:
    before = site(DiskImage(HOST_IMAGE))
    assert with_added(before, []) is before
    first, second = with_added(before, [TINY]), with_added(before, [TINY])
    assert first.version == second.version != before.version
    assert is_meant(first.hosts[0].sliver_types[0].images[1], "tiny", "am.test")
