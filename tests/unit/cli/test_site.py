"""gcf-am site: imports, tables and pictures."""

import io
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from gcf_am.cli.am import main
from gcf_am.cli.site import adopt
from gcf_am.cli.site_drawing import draw
from gcf_am.cli.site_layout import Box, lay_out, natural
from gcf_am.cli.site_tables import rate, site_tables
from gcf_am.model.site import Host, Port, Site, SliverType, Wire
from gcf_am.rspec.inventory import read_site
from gcf_am.safexml import parse
from gcf_am.urn import Urn

ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "rspecs" / "site.xml"
MANAGER = Urn.of("gcf.local", "authority", "am")
SVG = "{http://www.w3.org/2000/svg}"


def run(*arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    assert result.exit_code == code, result.output
    return result


def foreign(tmp_path: Path) -> Path:
    """Our own site, as another aggregate would advertise it."""
    file = tmp_path / "their ad.xml"
    text = SITE.read_text("utf-8").replace("IDN+gcf.local+", "IDN+else.where+")
    file.write_text(text.replace('exclusive="true"', 'exclusive="True"', 2), "utf-8")
    return file


def test_an_import_tells_what_it_did(tmp_path: Path) -> None:
    place = tmp_path / "site.xml"
    told = run("site", "import", foreign(tmp_path), "-o", place, "--home", tmp_path).output
    assert "20 nodes, 5 switches and 62 links between them" in told
    assert "2       truth values respelled" in told
    assert f"written to {place}" in told
    site = read_site(place.read_bytes(), manager=MANAGER)
    assert site.hosts[0].aliases


def test_an_import_for_programs(tmp_path: Path) -> None:
    out = run(
        "site", "import", foreign(tmp_path), "-o", tmp_path / "x", "--json", "--home", tmp_path
    ).stdout
    told = json.loads(out)
    assert (told["nodes"], told["links"]) == (25, 62)
    assert [one["kind"] for one in told["repairs"]] == ["boolean", "boolean"]
    assert all(one["line"] > 0 for one in told["repairs"])


def test_an_import_to_standard_output(tmp_path: Path) -> None:
    result = run("site", "import", foreign(tmp_path), "-o", "-", "--home", tmp_path)
    read_site(result.stdout_bytes, manager=MANAGER)
    assert "exclusive 'True' is true" in result.stderr


def test_an_authority_and_a_sliver_type_can_be_chosen(tmp_path: Path) -> None:
    file, place = tmp_path / "ad.xml", tmp_path / "made.xml"
    file.write_text(
        '<rspec xmlns="http://www.geni.net/resources/rspec/3" type="advertisement">'
        '<node component_id="urn:publicid:IDN+x+node+a"/></rspec>'
    )
    run("site", "import", file, "-o", place, "--authority", "my.own", "--sliver-type", "box",
        "--home", tmp_path)  # fmt: skip
    (host,) = read_site(place.read_bytes(), manager=Urn.of("my.own", "authority", "am")).hosts
    assert [one.name for one in host.sliver_types] == ["box"]


def test_the_inventory_before_is_kept(tmp_path: Path) -> None:
    place = tmp_path / "site.xml"
    place.write_text("what was there")
    told = run("site", "import", foreign(tmp_path), "-o", place, "--home", tmp_path).output
    assert (tmp_path / "site.xml.before").read_text() == "what was there"
    assert "the one before is" in told
    again = run("site", "import", foreign(tmp_path), "-o", place, "--home", tmp_path).output
    assert "the one before is" not in again
    assert (tmp_path / "site.xml.before").read_text() == "what was there"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<rspec/>", "<rspec> of the namespace (none) is no advertisement"),
        ("", "no XML that is read here"),
    ],
)
def test_other_files_are_refused_with_their_name(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "odd.xml"
    file.write_text(text)
    told = run("site", "import", file, "-o", tmp_path / "x", "--home", tmp_path, code=1).output
    assert "odd.xml: " in told
    assert reason in told
    assert not (tmp_path / "x").exists()


def test_without_a_home_somebody_must_say_where(tmp_path: Path) -> None:
    told = run("site", "import", foreign(tmp_path), "--home", tmp_path / "none", code=1).output
    assert "gcf-am init" in told


def test_a_foreign_file_is_imported_once_and_our_own_served_as_it_is(tmp_path: Path) -> None:
    home = tmp_path / "home"
    name, made = adopt(foreign(tmp_path), home, {})
    assert made is not None
    assert name.startswith("site-their-ad-")
    assert adopt(foreign(tmp_path), home, {}) == (name, None)
    other, _ = adopt(foreign(tmp_path), home, {("aggregate", "authority"): "x.y"})
    assert other != name
    assert adopt(SITE, home, {}) == (str(SITE), None)


def test_a_home_is_made_with_a_foreign_site(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-c", "from gcf_am.cli.am import main; main()"]
    made = subprocess.run(
        [*command, "init", "--home", home, "--site", foreign(tmp_path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "231 components are gcf.local's now" in made.stdout
    assert 'inventory = "site-their-ad-' in (home / "gcf_am.toml").read_text()
    shown = run("site", "show", "--home", home).output
    assert "gcf.local: 20 nodes, 5 switches, 62 links between them" in shown
    assert "240/240" in shown
    # another site later is said to be no part of the configuration
    assert "kept as it is" in run("init", "--home", home, "--site", SITE, code=1).output


def test_tables_are_read_at_80_columns() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    site = read_site(SITE.read_bytes(), manager=MANAGER)
    pc, vm = (next(one for one in site.hosts if one.exclusive is kind and one.sliver_types)
              for kind in (True, False))  # fmt: skip
    wire = next(one for one in site.wires if one.capacity == 10_000_000)
    held = {
        (pc.component_id, "slots"): 1,
        (vm.component_id, "slots"): 3,
        (wire.component_id, "bandwidth"): 5_200_000,
    }
    console.print(site_tables(site, held))
    text = console.export_text()
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "7/8" in text
    assert "237/240" in text
    assert "97 %" in text
    assert "switch-ghent" in text


def test_an_empty_site_has_a_table_and_a_picture() -> None:
    site = Site(MANAGER, (), (), "1")
    run_console = Console(width=80, record=True, quiet=True)
    run_console.print(site_tables(site, {}))
    assert parse(draw(site, {})).tag == f"{SVG}svg"


@pytest.mark.parametrize(
    ("kilobits", "text"),
    [
        (None, "any"), (1, "1 kbit/s"), (1500, "1.5 Mbit/s"), (10_000_000, "10 Gbit/s"),
        (0, "0 kbit/s"),
    ],
)  # fmt: skip
def test_rates_in_words(kilobits: int | None, text: str) -> None:
    assert rate(kilobits) == text


def test_names_sort_as_people_count() -> None:
    assert sorted(["pc10", "pc2", "a", "2", "pc"], key=natural) == ["2", "a", "pc", "pc2", "pc10"]


def generated(hosts: int, tmp_path: Path) -> Site:
    file = tmp_path / f"{hosts}.xml"
    script = ROOT / "scripts" / "make_site"
    subprocess.run(
        [sys.executable, script, "--hosts", str(hosts), "--output", file],
        check=True, capture_output=True,
    )  # fmt: skip
    return read_site(file.read_bytes(), manager=MANAGER)


@pytest.mark.parametrize("hosts", [1, 20, 326])
def test_everything_is_drawn_and_nothing_lies_on_another(hosts: int, tmp_path: Path) -> None:
    site = generated(hosts, tmp_path)
    picture = lay_out(site)
    boxes = [*picture.switches, *picture.nodes]
    assert {one.host.component_id for one in boxes} == site.host.keys()
    _check_apart(boxes)
    for box in boxes:
        assert box.x >= 0
        assert box.x + box.width <= picture.width
        assert box.y >= 0
        assert box.y + box.height <= picture.height
    svg = draw(site, {})
    assert draw(site, {}) == svg
    titles = "\n".join(one.text or "" for one in parse(svg).iter(f"{SVG}title"))
    assert all(name in titles for name in (*site.host, *site.wire))


def _check_apart(boxes: list[Box]) -> None:
    rows: dict[float, list[Box]] = {}
    for one in boxes:
        rows.setdefault(one.y, []).append(one)
    for row in rows.values():
        row.sort(key=lambda box: box.x)
        assert all(a.x + a.width < b.x for a, b in pairwise(row))
    columns = sorted(boxes, key=lambda box: (box.x, box.y))
    for a, b in pairwise(columns):
        assert a.x != b.x or a.y + a.height < b.y


def test_colours_tell_what_is_free() -> None:
    site = read_site(SITE.read_bytes(), manager=MANAGER)
    nodes = [one for one in site.hosts if not one.switch]
    held = {(nodes[0].component_id, "slots"): nodes[0].slots, (nodes[1].component_id, "slots"): 1}
    svg = draw(site, held)
    assert svg.count("#f7cfcf") - 1 == 1
    assert ">free: 18<" in svg
    assert ">taken: 1<" in svg
    assert ">in part: 1<" in svg


def test_names_are_escaped_and_odd_links_drawn() -> None:
    hostile = '</text><script>alert("x")</script>&amp;'
    ports = [Port(f"urn:publicid:IDN+gcf.local+interface+{n}") for n in "abc"]
    hosts = tuple(
        Host(f"urn:publicid:IDN+gcf.local+node+{n}", hostile, exclusive=True, slots=1,
             hardware_types=(hostile,), sliver_types=(SliverType(hostile),), ports=(port,))
        for n, port in enumerate(ports)
    )  # fmt: skip
    lan = Wire("urn:publicid:IDN+gcf.local+link+lan", tuple(one.component_id for one in ports))
    root = parse(draw(Site(MANAGER, hosts, (lan,), "1"), {}))
    assert not list(root.iter(f"{SVG}script"))
    assert hostile in "".join(one.text or "" for one in root.iter(f"{SVG}title"))
    assert len([one for one in root.iter(f"{SVG}path") if "+lan" in (one[0].text or "")]) == 2


def test_a_picture_is_written(tmp_path: Path) -> None:
    place = tmp_path / "site.svg"
    told = run("site", "show", foreign(tmp_path), "--svg", place, "--home", tmp_path).output
    assert f"drawn in {place}" in told
    assert parse(place.read_text("utf-8")).get("width")
    assert "cannot be written" in run(
        "site", "show", foreign(tmp_path), "--svg", tmp_path / "no" / "x", "--home", tmp_path,
        code=1,
    ).output  # fmt: skip
