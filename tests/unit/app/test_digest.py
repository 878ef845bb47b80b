"""What is kept of a large inventory is all of it."""

from pathlib import Path

import pytest

from gcf_am.app.digest import name_of, read_digest, write_digest
from gcf_am.model.site import Site
from gcf_am.rspec.inventory import read_site
from gcf_am.rspec.site_import import import_site
from gcf_am.urn import Urn

MANAGER = Urn.of("gcf.local", "authority", "am")
ROOT = Path(__file__).resolve().parents[3]
LARGE = sorted((ROOT.parent / "shared" / "rspec-corpus" / "large").glob("*.xml"))


def whole(site: Site) -> None:
    name = name_of(site.template, MANAGER)
    assert read_digest(name, write_digest(name, site)) == site


@pytest.mark.parametrize("file", ["site.xml", "host.xml"])
def test_a_site_comes_back(file: str) -> None:
    whole(read_site((ROOT / "rspecs" / file).read_bytes(), manager=MANAGER))


@pytest.mark.skipif(not LARGE, reason="the sites of the field are not here")
@pytest.mark.parametrize("file", LARGE, ids=lambda file: file.stem)
def test_sites_of_the_field_come_back(file: Path) -> None:
    whole(import_site(file.read_bytes(), manager=MANAGER).site)


def test_names_tell_inventories_and_managers_apart() -> None:
    other = Urn.of("other.example", "authority", "am")
    names = {name_of(data, of) for data in (b"a", b"b") for of in (MANAGER, other)}
    assert len(names) == 4
    site = read_site((ROOT / "rspecs" / "site.xml").read_bytes(), manager=MANAGER)
    assert read_digest(name_of(b"a", MANAGER), write_digest(name_of(b"b", MANAGER), site)) is None
