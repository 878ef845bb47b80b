"""Archives are unpacked below a path; those that want to reach beyond it are not."""

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gcf_am.drivers.host.archives import unpack
from tests.unit.drivers.host.alone import alone


def tar(*members: tuple[str, bytes | dict[str, object]], how: str = "w") -> io.BytesIO:
    """An archive; a member is a file's content, or what differs from a plain file's header."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=how) as archive:  # type: ignore[call-overload]
        for name, told in members:
            header = tarfile.TarInfo(name)
            if isinstance(told, bytes):
                header.size = len(told)
                archive.addfile(header, io.BytesIO(told))
            else:
                for key, value in told.items():
                    setattr(header, key, value)
                archive.addfile(header)
    return made


def zipped(*members: tuple[str, bytes, int]) -> io.BytesIO:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content, mode in members:
            header = zipfile.ZipInfo(name)
            header.external_attr = mode << 16
            archive.writestr(header, content)
    return made


def link(target: str) -> dict[str, object]:
    return {"type": tarfile.SYMTYPE, "linkname": target}


def same(target: str) -> dict[str, object]:
    return {"type": tarfile.LNKTYPE, "linkname": target}


def tree(directory: Path) -> dict[str, bytes | str | None]:
    """Names to contents, targets of links, None for directories."""
    found: dict[str, bytes | str | None] = {}
    for one in sorted(directory.rglob("*")):
        name = str(one.relative_to(directory))
        if one.is_symlink():
            found[name] = str(one.readlink())
        else:
            found[name] = None if one.is_dir() else one.read_bytes()
    return found


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """Where it is unpacked; beside it lies what must not be touched."""
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "kept").write_bytes(b"kept")
    return tmp_path / "top"


def untouched(top: Path) -> bool:
    return tree(top.parent / "beside") == {"kept": b"kept"}


@pytest.mark.parametrize("how", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar_by_its_content_whatever_its_name(top: Path, how: str) -> None:
    archive = tar(
        ("./", {"type": tarfile.DIRTYPE, "mode": 0o700}),
        ("bin/run", {"mode": 0o4755, "mtime": 1000}),
        ("deep/er/file", b"content" * 1000),
        ("lib", link("deep/er")),
        ("up/here", link("../bin/run")),
        ("deep/twin", same("deep/er/file")),
        how=how,
    )
    for _ in range(2):  # again, over itself
        unpack(archive, str(top))
        assert tree(top) == {
            "bin": None,
            "bin/run": b"",
            "deep": None,
            "deep/er": None,
            "deep/er/file": b"content" * 1000,
            "deep/twin": b"content" * 1000,
            "lib": "deep/er",
            "up": None,
            "up/here": "../bin/run",
        }
    run = (top / "bin/run").stat()
    assert (stat.S_IMODE(run.st_mode), run.st_mtime) == (0o755, 1000)
    assert (top / "deep/twin").samefile(top / "deep/er/file")


def test_nothing_is_imported_in_the_nodes_view(top: Path) -> None:
    made = {how: tar(("f\u00fcr", b"x"), how=how) for how in ("w", "w:gz", "w:bz2", "w:xz")}
    made["zip"] = io.BytesIO()
    with zipfile.ZipFile(made["zip"], "w") as archive:
        for how in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            archive.writestr(f"{how}", b"x" * 100, how)
    for number, one in enumerate(made.values()):
        (top.parent / str(number)).write_bytes(one.getvalue())
        alone(
            "from gcf_am.drivers.host.archives import unpack",
            f"unpack(open({str(top.parent / str(number))!r}, 'rb'), {str(top)!r})",
        )
    assert len(tree(top)) == 5


def test_zip_with_links_and_modes(top: Path) -> None:
    archive = zipped(
        ("a/", b"", 0),
        ("a/script", b"#!/bin/sh\n", stat.S_IFREG | 0o755),
        ("a/plain", b"x", stat.S_IFREG),
        ("to", b"a/plain", stat.S_IFLNK | 0o777),
    )
    unpack(archive, str(top))
    assert tree(top) == {
        "a": None,
        "a/plain": b"x",
        "a/script": b"#!/bin/sh\n",
        "to": "a/plain",
    }
    modes = [stat.S_IMODE((top / "a" / one).stat().st_mode) for one in ("script", "plain")]
    assert modes == [0o755, 0o644]
    unpack(zipped(), str(top))


ESCAPES: dict[str, Callable[[], io.BytesIO]] = {
    "../beside/new": lambda: tar(("fine", b""), ("../beside/new", b"x")),
    "a/../../beside/new": lambda: tar(("a/../../beside/new", b"x")),
    "/new": lambda: tar(("/new", b"x")),
    "../new": lambda: zipped(("fine", b"", 0), ("../new", b"x", 0)),
    "/etc/new": lambda: zipped(("/etc/new", b"x", 0)),
    "out": lambda: tar(("fine", b""), ("out", link("../beside"))),
    "abs": lambda: tar(("abs", link("/etc/passwd"))),
    "zout": lambda: zipped(("zout", b"../beside", stat.S_IFLNK | 0o777)),
    "d/e": lambda: tar(("d/d", link("..")), ("d/e", link("d/.."))),
    "twin": lambda: tar(("twin", same("../beside/kept"))),
    "stranger": lambda: tar(("stranger", same("etc/passwd"))),
    "null": lambda: tar(("null", {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3})),
    "disk": lambda: tar(("disk", {"type": tarfile.BLKTYPE})),
    "pipe": lambda: tar(("pipe", {"type": tarfile.FIFOTYPE})),
    "zpipe": lambda: zipped(("zpipe", b"", stat.S_IFIFO | 0o644)),
    "gone": lambda: tar(("gone", link(""))),
}


@pytest.mark.parametrize("name", ESCAPES)
def test_what_reaches_beyond_is_refused_by_name_and_nothing_stays(name: str, top: Path) -> None:
    with pytest.raises(ValueError, match="the archive's member") as refused:
        unpack(ESCAPES[name](), str(top))
    assert repr(name) in str(refused.value)
    assert untouched(top)
    # one that leads out by way of another is found when it is there; what may stay leads nowhere
    assert [one for one in tree(top) if one != "d"] == []


def test_nothing_is_written_through_a_link_of_the_archive(top: Path) -> None:
    # 1. a file below what is a link in the same archive
    with pytest.raises(ValueError, match="'a' would be in the place of a directory"):
        unpack(tar(("b/c", b""), ("a", link("b")), ("a/file", b"x")), str(top))
    assert tree(top) == {"a": None, "a/file": b"x", "b": None, "b/c": b""}
    # 2. a link that stands there already, and leads out
    (top / "old").symlink_to("../beside")
    with pytest.raises(ValueError, match="'old/new' leads out"):
        unpack(tar(("old/new", b"x")), str(top))
    with pytest.raises(ValueError, match="'old' leads out"):
        unpack(tar(("old", {"type": tarfile.DIRTYPE})), str(top))
    # 3. a file in a link's place replaces it
    (top / "kept").symlink_to("../beside/kept")
    unpack(tar(("kept", b"mine")), str(top))
    assert tree(top)["kept"] == b"mine"
    assert untouched(top)


def test_a_link_of_the_node_that_stays_inside_is_followed(top: Path) -> None:
    (top / "usr" / "bin").mkdir(parents=True)
    (top / "bin").symlink_to("usr/bin")
    unpack(tar(("bin", {"type": tarfile.DIRTYPE}), ("bin/tool", b"x")), str(top))
    assert (top / "bin").is_symlink()
    assert (top / "usr/bin/tool").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (io.BytesIO(b""), "neither a tar nor a zip"),
        (io.BytesIO(b"#!/bin/sh\necho hello\n" * 100), "neither a tar nor a zip"),
        (io.BytesIO(b"PK\3\4" + bytes(100)), "damaged"),
        (io.BytesIO(tar(("a", bytes(20000)), how="w:gz").getvalue()[:-30]), "damaged"),
        (io.BytesIO(tar(("a", b"x" * 20000)).getvalue()[:9000]), "damaged"),
        (io.BytesIO(tar(("a", b"x" * 512), ("b", b"")).getvalue()[:1024]), "damaged"),
    ],
    ids=("empty", "script", "zip", "gzip", "tar", "between"),
)
def test_what_is_no_archive_or_a_part_of_one_is_told(
    archive: io.BytesIO, why: str, top: Path
) -> None:
    with pytest.raises(ValueError, match=why):
        unpack(archive, str(top))


NAMES = some.lists(some.sampled_from(["a", "b", "..", ".", "", "c"]), min_size=1, max_size=4).map(
    "/".join
)
MEMBERS = some.lists(
    some.tuples(NAMES, some.one_of(some.just(b"new"), NAMES.map(link), NAMES.map(same))),
    max_size=6,
)


@given(members=MEMBERS)
@settings(derandomize=True, deadline=None, max_examples=150)
def test_whatever_is_in_it_nothing_is_touched_or_pointed_to_outside(
    tmp_path_factory: pytest.TempPathFactory,
    members: list[tuple[str, bytes | dict[str, object]]],
) -> None:
    home = tmp_path_factory.mktemp("home")
    top = home / "top"
    (home / "beside").mkdir()
    (home / "beside" / "kept").write_bytes(b"kept")
    try:
        unpack(tar(*members), str(top))
    except (ValueError, OSError):
        pass
    else:
        reached = [one.resolve() for one in top.rglob("*")]
        assert all(one.is_relative_to(top) for one in reached)
    assert untouched(top)
    assert sorted(one.name for one in home.iterdir()) == ["beside", "top"]
