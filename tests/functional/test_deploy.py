"""deploy/: units, image and compose file are held against the commands, and replayed.

There is no container engine and no running systemd here; deploy/README.md says what that leaves
untried.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
import yaml
from click.testing import CliRunner

from gcf_am.cli import am, ch, homing
from gcf_am.cli.home import make_home
from tests.functional.running import PATIENCE, Running, launched
from tests.postgresql import Server, database

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
README = (DEPLOY / "README.md").read_text("utf-8")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
INSTALLED = "/opt/gcf_am/bin/"
PROGRAMS: dict[str, click.Command] = {
    "gcf-am": am.main,
    "gcf-ch": ch.ch,
    "gcf-homing": homing.homing,
}
# The Compose Specification's keys of a service, as far as they are used
SERVICE = {"build", "cap_drop", "command", "depends_on", "entrypoint", "environment", "healthcheck",
           "image", "ports", "read_only", "restart", "security_opt", "stop_grace_period", "tmpfs",
           "volumes"}  # fmt: skip
HEALTH = {"test", "interval", "timeout", "retries"}
CONDITIONS = {"service_healthy", "service_completed_successfully"}
USER = 10001
pytestmark = pytest.mark.xdist_group("deploy")


def _offers(words: list[str]) -> None:
    """A command has the options that it is given: it would tell its help."""
    program, *rest = words
    answer = CliRunner().invoke(PROGRAMS[program], [*rest, "--help"])
    assert answer.exit_code == 0, f"{words}: {answer.output}"


def _instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    lines = [one for one in text.splitlines() if one and not one.startswith("#")]
    return [(word, rest) for word, _, rest in (one.partition(" ") for one in lines)]


def _copied() -> list[str]:
    """What the image's first stage takes of the checkout."""
    names: list[str] = []
    for word, rest in _instructions():
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            assert target.startswith("/src")
            names += sources
    return names


def _compose() -> dict[str, Any]:
    told = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert isinstance(told, dict)
    return told


# systemd


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing")
def test_systemd_has_nothing_against_the_units(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").glob("*.s*"):
        here = f"{Path(sys.executable).parent}/"
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace(INSTALLED, here))
    units = [*tmp_path.glob("*.service"), *tmp_path.glob("*.socket")]
    assert len(units) == len(UNITS) + 1
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    # it only warns of a key that it does not know; the machine's own units are none of ours
    told = [one for one in ran.stderr.splitlines() if any(unit.name in one for unit in units)]
    assert not told
    if ran.returncode:
        pytest.skip(f"systemd-analyze cannot work here: {ran.stderr[:200]}")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_start_commands_that_there_are(unit: Path) -> None:
    (command,) = re.findall(rf"(?m)^ExecStart={INSTALLED}(.*)$", unit.read_text("utf-8"))
    _offers(shlex.split(command))


def test_only_the_host_drivers_unit_is_roots_and_its_nodes_outlive_it() -> None:
    for unit in UNITS:
        text = unit.read_text("utf-8")
        keys = set(re.findall(r"(?m)^(\w+)=", text))
        if unit.name == "gcf-am-host.service":
            assert "\nKillMode=process\n" in text
            # each would give it a mount namespace, or be inherited by its nodes
            assert not {one for one in keys if re.match("Protect|Private|Restrict[A-Z]|System", one)
                        } - {"RestartSec"}  # fmt: skip
            assert not {"User", "NoNewPrivileges", "CapabilityBoundingSet"} & keys
        else:
            assert "\nUser=gcf_am\n" in text
            assert "\nNoNewPrivileges=yes\n" in text
            assert "\nKillMode=mixed\n" in text


def test_roots_own_home_is_made_as_told_and_answers(tmp_path: Path) -> None:
    """The steps of README's "Real nodes", with nodes that are not real, and not as root."""
    (steps,) = re.findall(r"### Real nodes\n.*?\n((?:    [^\n]*\n)+)", README, re.DOTALL)
    common = tmp_path / "gcf_am"
    here = (
        steps.replace("/opt/gcf_am/bin", str(Path(sys.executable).parent))
        .replace("/var/lib/gcf_am_host", str(tmp_path / "host"))
        .replace("/var/lib/gcf_am", str(common))
        .replace("--driver host", "--driver simulated --port 0")
    )
    here = "".join(one for one in here.splitlines(True) if "systemctl" not in one)
    make_home(common, {("driver", "name"): "simulated"})
    ran = subprocess.run(["sh", "-euc", here], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "wrong" not in ran.stdout
    server = launched(tmp_path / "host", ["gcf-am", "serve", "--home", tmp_path / "host"],
                      executable=Path(sys.executable).parent / "gcf-am")  # fmt: skip
    try:
        # those whom the clearinghouse made are served there
        alice = Running(common, server.process, "", server.am_url).person("alice")
        assert alice.am_alone("GetVersion")["code"]["geni_code"] == 0
    finally:
        assert server.stop() == 0, server.log()


def test_readme_has_commands_that_there_are() -> None:
    text = README.replace("\\\n", " ")
    commands = re.findall(rf"(?m)^    (?:.* -- )?{INSTALLED}(gcf-.*)$", text)
    assert len(commands) == 4
    for command in commands:
        _offers(shlex.split(command))
    named = set(re.findall(r"gcf-[\w-]+@?\.(?:service|socket)", text))
    assert named == {one.name for one in (DEPLOY / "systemd").glob("gcf-*")}


# containers


def test_compose_says_only_what_compose_knows() -> None:
    told = _compose()
    assert set(told) == {"x-ours", "services", "volumes"}
    for service in told["services"].values():
        assert set(service) <= SERVICE
        assert set(service.get("healthcheck", HEALTH)) == HEALTH
        for other, how in service.get("depends_on", {}).items():
            assert other in told["services"]
            assert how["condition"] in CONDITIONS
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in told["volumes"]
    assert "healthcheck" in told["services"]["database"]
    build = told["services"]["aggregate"]["build"]
    assert (DEPLOY / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()


def test_images_run_commands_that_there_are() -> None:
    told = dict(_instructions())
    entry, command = (yaml.safe_load(told[one]) for one in ("ENTRYPOINT", "CMD"))
    _offers([*entry, *command])
    for name in ("clearinghouse", "aggregate"):
        service = _compose()["services"][name]
        _offers([*service.get("entrypoint", entry), *service["command"]])
    for line in re.findall(r"gcf-\w+ .*", _prepares().replace("\\\n", " ")):
        _offers(shlex.split(line))
    assert told["USER"] == f"{USER}:{USER}"
    assert f"--uid {USER} " in " ".join(rest for word, rest in _instructions() if word == "RUN")


def test_what_the_image_copies_makes_the_same_wheel(tmp_path: Path) -> None:
    names = _copied()
    allowed = (ROOT / ".dockerignore").read_text("utf-8")
    assert set(names) == set(re.findall(r"(?m)^!(.*)$", allowed))
    for name in names:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, symlinks=True,
                            ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
        else:
            shutil.copy2(ROOT / name, tmp_path / name)
    subprocess.run(
        [sys.executable, "-c",
         "from setuptools import build_meta; build_meta.build_wheel('dist')"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    assert {f"gcf_am/safexml/xsd/{one.name}" for one in (ROOT / "schemas/xsd").iterdir()} <= inside
    assert {"gcf_am/cli/rspecs/site.xml", "gcf_am/store/migrations/env.py"} <= inside


def _prepares() -> str:
    """What the service `home` hands to its shell."""
    (text,) = _compose()["services"]["home"]["command"]
    assert isinstance(text, str)
    return text.replace("$$", "$")


@pytest.fixture
def as_stated() -> Iterator[tuple[Path, dict[str, Any]]]:
    """A home of the image's user, and how to run something as that user.

    The interpreter of the tests may lie where only root gets to: then the machine's own runs the
    same packages.
    """
    if os.geteuid() != 0:
        pytest.skip("only root can run something as another user")
    # pytest's directories are for their owner only
    with tempfile.TemporaryDirectory(prefix="gcf-deploy-") as made:
        place = Path(made)
        place.chmod(0o711)
        home = place / "gcf_am"
        home.mkdir(0o700)
        os.chown(home, USER, USER)
        binaries = place / "bin"
        binaries.mkdir()
        (packages,) = {one for one in sys.path if one.endswith("site-packages")}
        environment = {"PATH": f"{binaries}:/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{packages}",
                       "PYTHONDONTWRITEBYTECODE": "1", "PUBLIC_NAME": "localhost"}  # fmt: skip
        how: dict[str, Any] = {"user": USER, "group": USER, "extra_groups": [], "cwd": home,
                               "env": environment}  # fmt: skip
        python = next((x for x in (sys.executable, "/usr/bin/python3") if _works(x, how)), None)
        if python is None:
            pytest.skip(f"no interpreter here that user {USER} can run these packages with")
        for name, module in (("gcf-am", "am"), ("gcf-ch", "ch"), ("gcf-homing", "homing")):
            program = binaries / name
            program.write_text(
                f"#!{python}\nfrom gcf_am.cli.{module} import main\nif __name__ == '__main__':\n    main()\n"
            )
            program.chmod(0o755)
        yield home, how


def _works(python: str, how: dict[str, Any]) -> bool:
    try:
        ran = subprocess.run([python, "-c", "import gcf_am.cli.serving, psycopg"],
                             capture_output=True, check=False, **how)  # fmt: skip
    except OSError:
        return False
    return ran.returncode == 0


def test_the_compose_files_services_serve_a_slice(
    as_stated: tuple[Path, dict[str, Any]], postgresql: Server
) -> None:
    home, how = as_stated
    services = _compose()["services"]
    with database(postgresql, migrated=False) as socket, ExitStack() as serving:
        # by loopback, which asks for the password that the role has
        url = f"postgresql://aggregate@127.0.0.1:{postgresql.port}{urlsplit(socket).path}"
        how["env"]["PGPASSWORD"] = "a:b/c@d"
        # 1. the home is made, and a second time changes nothing
        script = (_prepares().replace("/srv/gcf_am", str(home)).replace("--driver", "--port 0 --driver")
                  .replace("postgresql://aggregate@database/aggregate", url))  # fmt: skip
        for _ in range(2):
            ran = subprocess.run(["sh", "-euc", script], capture_output=True, text=True,
                                 check=False, timeout=PATIENCE, **how)  # fmt: skip
            assert ran.returncode == 0, ran.stdout + ran.stderr
        assert 'url = "https://localhost:8001/"' in (home / "gcf_am.toml").read_text("utf-8")
        # 2. clearinghouse and aggregate run as they are told to, each by itself
        words = {
            name: [one.replace("/srv/gcf_am", str(home)) for one in services[name]["command"]]
            for name in ("clearinghouse", "aggregate")
        }
        command = ["gcf-ch", *words["clearinghouse"], "--port", "0"]
        clearinghouse = launched(home, command, **how)
        serving.callback(clearinghouse.stop)
        aggregate = launched(home, ["gcf-am", *words["aggregate"]], **how)
        serving.callback(aggregate.stop)
        # 3. an experimenter is served, and both are well; they tell clients of ports to come
        port = re.findall(r"starting on (\d+)", aggregate.log())[-1]
        at = f"https://localhost:{port}/"
        answers = clearinghouse.am_url.replace("0.0.0.0", "localhost")
        both = replace(aggregate, ch_url=answers, am_url=at)
        slice_ = both.person("alice").new_slice()
        slice_.allocate((home / "requests" / "two-nodes.xml").read_text("utf-8"))
        for name, url in (("clearinghouse", both.ch_url), ("aggregate", both.am_url)):
            probe = services[name]["healthcheck"]["test"]
            assert probe[:2] == ["CMD", "python"]
            text = re.sub("https://localhost:800[01]/", url, probe[3])
            subprocess.run([sys.executable, *probe[2:3], text], check=True, cwd=home)
        slice_.done("Delete")
