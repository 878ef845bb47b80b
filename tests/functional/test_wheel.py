"""The wheel and the sdist: what is tracked is in them, and they run where no checkout is."""

import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.functional.running import launched

ROOT = Path(__file__).parents[2]
# built and installed once
pytestmark = [
    pytest.mark.xdist_group("wheel"),
    pytest.mark.skipif(
        shutil.which("git") is None or not (ROOT / ".git").exists(),
        reason="git tells what a checkout holds",
    ),
]
TEMPLATE = """homing_template_version: 2017-10-10
demands: {left: [{inventory_provider: geni, inventory_type: cloud}]}
"""


@dataclass(frozen=True)
class Made:
    """The files of a distribution, and an environment of its own that has only its needs."""

    sdist: Path
    wheel: Path
    bin: Path

    def run(self, place: Path, *command: str) -> str:
        """What a command prints in an environment without variables, far from the checkout."""
        ran = subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=place,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert ran.returncode == 0, f"{command}: {ran.stdout}{ran.stderr}"
        return ran.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Installed as pip would, but with what setup.cfg asks for linked in place of fetched."""
    place = tmp_path_factory.mktemp("dist")
    told = subprocess.run(
        [sys.executable, ROOT / "scripts" / "make_dist", place],
        capture_output=True,
        text=True,
        check=True,
    )
    sdist, wheel = map(Path, told.stdout.splitlines())
    venv.create(place / "venv", symlinks=True)
    (packages,) = (place / "venv" / "lib").glob("python*/site-packages")
    for one in _needs(wheel):
        for name in {file.parts[0] for file in one.files or () if file.parts[0] != ".."}:
            if not (packages / name).exists():
                (packages / name).symlink_to(Path(str(one.locate_file(name))))
    python = place / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-index", str(wheel)], check=True)
    return Made(sdist, wheel, place / "venv" / "bin")


def _needs(wheel: Path) -> list[Distribution]:
    """What a wheel requires without any extra, and what that requires, as it is installed here."""
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        text = archive.read(metadata).decode()
    waiting = [
        (Requirement(line), frozenset({""}))
        for line in re.findall("(?m)^Requires-Dist: (.*)$", text)
    ]
    found: dict[tuple[str, str], Distribution] = {}
    while waiting:
        wanted, extras = waiting.pop()
        if wanted.marker and not any(wanted.marker.evaluate({"extra": one}) for one in extras):
            continue
        for extra in ("", *wanted.extras):
            if (wanted.name, extra) not in found:
                one = found[wanted.name, extra] = distribution(wanted.name)
                waiting += [
                    (Requirement(line), frozenset({"", extra})) for line in one.requires or ()
                ]
    return list({one.name: one for one in found.values()}.values())


def _tracked(*places: str) -> set[str]:
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", *places],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}


def test_the_sdist_is_the_checkout(made: Made) -> None:
    with tarfile.open(made.sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    # what a hosting site or git itself reads concerns nobody else
    wanted = {name for name in _tracked() if not name.startswith(".")}
    assert wanted
    assert not wanted - inside


def test_the_wheel_has_all_of_the_package_and_what_it_reads(made: Made) -> None:
    with zipfile.ZipFile(made.wheel) as archive:
        inside = {
            name for name in archive.namelist() if not name.partition("/")[0].endswith("info")
        }
    read = {f"gcf_am/safexml/xsd/{one.name}" for one in (ROOT / "schemas" / "xsd").iterdir()}
    rspecs = ROOT / "rspecs"
    read |= {
        f"gcf_am/cli/rspecs/{one.relative_to(rspecs)}"
        for one in (*rspecs.glob("*.xml"), *rspecs.glob("requests/*.xml"))
    }
    assert inside == _tracked("gcf_am") | read


def test_what_was_installed_runs_a_slice(made: Made, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    command: list[str | Path] = [made.bin / "gcf-am", "up", "--home", home]
    command += ["--driver", "simulated", "--port", "0", "--ch-port", "0"]
    server = launched(home, [*command, "--homing", "--homing-port", "0"])
    try:
        (tmp_path / "t.yaml").write_text(TEMPLATE, "utf-8")
        omni = ("gcf-omni", "-c", "home/omni_config")
        steps = (
            ("gcf-am", "check-config", "--home", "home"),
            ("gcf-am", "check-rspec", "home/requests/two-nodes.xml"),
            (*omni, "getversion"),
            (*omni, "createslice", "s"),
            (*omni, "allocate", "s", "home/requests/two-nodes.xml"),
            (*omni, "provision", "s", "--wait", "notready"),
            (*omni, "performoperationalaction", "s", "geni_start"),
            (*omni, "status", "s", "--wait", "ready"),
            (*omni, "delete", "s"),
            ("gcf-homing", "solve", "t.yaml", "--ad", "home/site.xml"),
            ("gcf-homing", "plan", "t.yaml", "-c", "home/omni_config", "--url", server.homing_url,
             "--wait"),
        )  # fmt: skip
        for one in steps:
            assert made.run(tmp_path, *one)
    finally:
        ended = server.stop()
    assert ended == 0, server.log()
    assert "Traceback" not in server.log()
    # it was the wheel that ran
    where = made.run(tmp_path, "python", "-c", "import gcf_am; print(gcf_am.__file__)")
    assert str(made.bin.parent) in where


def test_every_module_loads_with_what_is_required(made: Made, tmp_path: Path) -> None:
    """Nothing that only developers install is wanted at run time, extras that are asked for apart."""
    names = sorted(
        file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for file in _tracked("gcf_am")
        if file.endswith(".py") and "/migrations" not in file and not file.endswith("__main__.py")
    )
    missing = made.run(
        tmp_path,
        "python",
        "-c",
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "    except ModuleNotFoundError as error:\n"
        "        print(name, error.name)\n",
        *names,
    )
    # PostgreSQL's driver is an extra, and this module its own part of it
    assert missing.splitlines() == ["gcf_am.store.punctual psycopg"]
