"""Where nodes' control groups lie, in each of the kernel's ways to have them."""

from pathlib import Path

import pytest

from gcf_am.drivers.host import hierarchies

V1 = "3:cpu,cpuacct:/user\n2:memory:/user/shell\n1:pids:/\n0:name=systemd:/init\n"
V2 = "0::/system.slice/gcf-am.service\n"


def v1(root: Path, *controllers: str) -> Path:
    for one in controllers or ("cpu", "memory", "pids"):
        (root / one).mkdir(parents=True)
        (root / one / "cgroup.procs").touch()
    return root


def v2(
    root: Path,
    controllers: str = "cpuset cpu io memory pids",
    passed_on: str = "cpu memory pids",
    **more: str,
) -> Path:
    root.mkdir(exist_ok=True)
    (root / "cgroup.controllers").write_text(f"{controllers}\n")
    (root / "cgroup.subtree_control").write_text(f"{passed_on}\n")
    for name, text in more.items():
        (root / f"cgroup.{name}").write_text(text)
    return root


def hybrid(root: Path) -> Path:
    v2(v1(root) / "unified", "hugetlb", "")
    return root


def test_the_version_is_told(tmp_path: Path) -> None:
    assert hierarchies.version(v1(tmp_path / "1")) == "cgroup v1"
    assert hierarchies.version(v2(tmp_path / "2")) == "cgroup v2"
    assert hierarchies.version(hybrid(tmp_path / "both")) == "cgroup v1 and v2"
    assert hierarchies.version(tmp_path / "none") == ""


@pytest.mark.parametrize("kind", [v1, hybrid])
def test_v1_limits_below_who_starts_the_node(kind: object, tmp_path: Path) -> None:
    assert callable(kind)
    assert hierarchies.place("gcf-a-b", kind(tmp_path)) == "gcf-a-b"


def test_v2_limits_at_the_top(tmp_path: Path) -> None:
    assert hierarchies.place("gcf-a-b", v2(tmp_path)) == "/gcf-a-b"


@pytest.mark.parametrize(
    ("kind", "told", "expected"),
    [
        (v1, V1, ["cpu,cpuacct/user", "memory/user/shell", "pids", "systemd/init"]),
        (v2, V2, ["system.slice/gcf-am.service"]),
        (v2, "0::/\n", ["."]),
        (hybrid, f"1:pids:/\n{V2}", ["pids", "unified/system.slice/gcf-am.service"]),
        (hybrid, "1:pids:/with:colon\n0::/\n", ["pids/with:colon", "unified"]),
    ],
)
def test_a_process_groups_are_found(
    kind: object, told: str, expected: list[str], tmp_path: Path
) -> None:
    assert callable(kind)
    found = hierarchies.groups(told, kind(tmp_path))
    assert list(found) == [tmp_path / one for one in expected]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    assert hierarchies.lacks(v1(tmp_path / "1", "memory", "freezer")).endswith("cpu, pids")
    assert hierarchies.lacks(v2(tmp_path / "2", "cpu memory")).endswith("controller pids")
    assert hierarchies.lacks(tmp_path / "none").endswith("cpu, memory, pids")
    assert hierarchies.version(v2(tmp_path / "without", "hugetlb")) == ""


def test_a_containers_top_group_that_has_processes_passes_nothing_on(tmp_path: Path) -> None:
    machine = v2(tmp_path / "machine", passed_on="", procs="1\n")
    container = v2(tmp_path / "container", passed_on="", procs="1\n", type="domain\n")
    empty = v2(tmp_path / "empty", passed_on="", procs="", type="domain\n")
    done = v2(tmp_path / "done", procs="1\n", type="domain\n")
    assert [hierarchies.lacks(one) for one in (machine, empty, done)] == ["", "", ""]
    assert "topmost" in hierarchies.lacks(container)
