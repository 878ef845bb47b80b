"""What stands in rspecs/: made by the scripts, valid, and read as it says."""

import subprocess
import sys
from pathlib import Path

import pytest

from gcf_am.rspec.inventory import read_site
from gcf_am.rspec.request import read_request
from gcf_am.urn import Urn
from tests.unit.rspec.samples import MANAGER, RSPECS, assert_valid

REQUESTS = sorted((RSPECS / "requests").glob("*.xml"))


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(RSPECS.parent / "scripts" / script), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("script", ["make_site", "make_examples"])
def test_what_is_there_is_what_the_script_makes(script: str) -> None:
    made = run(script, "--check")
    assert made.returncode == 0, made.stdout + made.stderr


@pytest.mark.parametrize("file", REQUESTS, ids=lambda file: file.stem)
def test_every_request_has_a_manifest_and_both_are_valid(file: Path) -> None:
    request, manifest = file.read_text(), (RSPECS / "manifests" / file.name).read_text()
    assert_valid(request, "request")
    assert_valid(manifest, "manifest")
    asked = read_request(request, manager=MANAGER)
    shown = read_request(manifest, manager=MANAGER, manifest_allowed=True)
    assert [one.client_id for one in shown.resources] == [one.client_id for one in asked.resources]
    assert len(shown.frame.foreign) == len(asked.frame.foreign)


def test_the_site_has_room_for_many_and_two_kinds_of_host() -> None:
    site = read_site((RSPECS / "site.xml").read_bytes(), manager=MANAGER)
    hosts = [one for one in site.hosts if not one.switch]
    assert sum(one.slots for one in hosts if not one.exclusive) >= 200
    assert any(one.exclusive for one in hosts)
    assert len({one.hardware_types for one in hosts}) == 2
    assert len({kind.name for one in hosts for kind in one.sliver_types}) >= 3


@pytest.mark.parametrize("hosts", [1, 7, 200])
def test_sites_of_any_size_can_be_made(hosts: int, tmp_path: Path) -> None:
    file = tmp_path / "site.xml"
    made = run(
        "make_site", "--hosts", str(hosts), "--authority", "x.net:lab", "--output", str(file)
    )
    assert made.returncode == 0, made.stderr
    site = read_site(file.read_bytes(), manager=Urn.of("x.net:lab", "authority", "am"))
    assert len([one for one in site.hosts if not one.switch]) == hosts
