"""An image is unpacked as it is and where it belongs, or refused; never anything beside it."""

import gzip
import os
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from gcf_am.drivers.host.intake import Note, take_in
from gcf_am.drivers.host.sources import Source, from_path
from gcf_am.errors import ConfigError
from tests.unit.drivers.host.systems import PARTS, Member, file, link, needs_root, tar

ROOM = 1 << 30


@pytest.fixture(autouse=True)
def _root() -> None:
    needs_root()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "images" / "new" / "root"
    made.mkdir(parents=True)
    return made


def taken(path: Path, root: Path, limit: int = ROOM) -> Note:
    return take_in(from_path(path, root), root, limit)


def emptied(root: Path) -> Path:
    shutil.rmtree(root)
    root.mkdir()
    return root


def refusal(path: Path, root: Path, limit: int = ROOM) -> str:
    with pytest.raises(ConfigError) as refused:
        taken(path, root, limit)
    # nothing but the root was made
    assert [one.name for one in root.parents[1].iterdir()] == ["new"]
    text = str(refused.value)
    assert "\n" not in text
    return text


def test_owners_modes_times_links_and_capabilities_are_kept(tmp_path: Path, root: Path) -> None:
    capability = b"\x01\x00\x00\x02\x00\x20\x00\x00" + bytes(12)
    members = (
        Member("./spool", tarfile.DIRTYPE, mode=0o2775, uid=8, gid=65534),
        file("./usr/bin/raised", b"12345", 0o4755, uid=0, gid=42, mtime=1234567890),
        link("usr/bin/other", "usr/bin/raised", hard=True),
        link("usr/away", "/usr/lib"),
        file("/usr/bin/able", pax_headers={
            "SCHILY.xattr.security.capability": capability.decode("latin-1"),
            "SCHILY.xattr.user.other": "x",
        }),
    )  # fmt: skip
    note = taken(tar(tmp_path / "all.tar", *members), root)
    spool, raised = (os.lstat(root / name) for name in ("spool", "usr/bin/raised"))
    assert (stat.S_IMODE(spool.st_mode), spool.st_uid, spool.st_gid) == (0o2775, 8, 65534)
    assert (stat.S_IMODE(raised.st_mode), raised.st_uid, raised.st_gid) == (0o4755, 0, 42)
    assert raised.st_mtime == 1234567890
    assert os.lstat(root / "usr/bin/other").st_ino == raised.st_ino
    assert (root / "usr/away").readlink() == Path("/usr/lib")
    assert os.getxattr(root / "usr/bin/able", "security.capability") == capability
    assert os.listxattr(root / "usr/bin/able") == ["security.capability"]
    assert stat.S_IMODE(root.stat().st_mode) == 0o755
    assert (note.files, note.left_out) == (len(PARTS) + len(members), 0)
    # what is no text is no text of the system's name either
    assert note.system == "Tiny [2JLinux 1"
    assert note.bytes >= 5


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_however_it_is_packed(tmp_path: Path, root: Path, mode: str) -> None:
    assert taken(tar(tmp_path / "packed", mode=mode), root).files == len(PARTS)
    assert (root / "usr/sbin/sshd").read_bytes() == b"#!\n"


def test_packed_by_zstd_or_a_directory(tmp_path: Path, root: Path) -> None:
    first = root.parent / "first"
    first.mkdir()
    note = taken(tar(tmp_path / "plain.tar", file("usr/bin/raised", b"1", 0o4711, gid=7)), first)
    assert taken(first, root).files > note.files  # its directories, too
    found = os.lstat(root / "usr/bin/raised")
    assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o4711, 7)
    if shutil.which("zstd") is None:
        pytest.skip("there is no zstd")
    subprocess.run(["zstd", "-q", tmp_path / "plain.tar"], check=True)
    again = root.parent / "again"
    again.mkdir()
    assert taken(tmp_path / "plain.tar.zst", again).files == note.files


@pytest.mark.parametrize(
    "bad",
    [
        file("../escaped"),
        file("usr/../../escaped"),
        Member("usr/../../escaped", tarfile.DIRTYPE),
        link("srv/escaped", "../../../../../etc/passwd", hard=True),
        link("srv/escaped", "usr/../../secret", hard=True),
    ],
    ids=("file", "through", "directory", "hard", "hard-through"),
)
def test_what_climbs_is_refused(tmp_path: Path, root: Path, bad: Member) -> None:
    (root.parents[1].parent / "secret").write_text("s")
    assert f"{bad.name!r} leads out of the image" in refusal(tar(tmp_path / "bad.tar", bad), root)


def test_links_lead_nowhere_but_into_the_image(tmp_path: Path, root: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    members = (
        link("away", str(outside)),
        link("up", "../../../.."),
        Member(str(outside)[1:], tarfile.DIRTYPE),
        file("away/file"),
        file("up/above"),
        file(f"{outside}/absolute"),
    )
    taken(tar(tmp_path / "links.tar", *members), root)
    assert list(outside.iterdir()) == []
    inside = root / str(outside)[1:]
    assert sorted(one.name for one in inside.iterdir()) == ["absolute", "file"]
    assert (root / "above").exists()
    # nor does a hard link's other name
    secret = outside / "secret"
    secret.write_text("s")
    again = root.parent / "again"
    again.mkdir()
    bad = tar(tmp_path / "hard.tar", link("usr/got", str(secret), hard=True))
    with pytest.raises(ConfigError, match="No such file"):
        taken(bad, again)
    assert secret.stat().st_nlink == 1


def test_devices_pipes_and_host_keys_are_left_out(tmp_path: Path, root: Path) -> None:
    members = (
        Member("dev/null", tarfile.CHRTYPE, devmajor=1, devminor=3, mode=0o666),
        Member("srv/disk", tarfile.BLKTYPE, devmajor=8, devminor=0),
        Member("run/pipe", tarfile.FIFOTYPE),
        file("etc/ssh/ssh_host_rsa_key"),
        file("./etc/ssh/ssh_host_ed25519_key.pub"),
        file("etc/ssh/kept"),
    )
    assert taken(tar(tmp_path / "devices.tar", *members), root).left_out == 5
    found = [one for one in root.rglob("*") if not one.is_dir()]
    assert all(stat.S_ISREG(os.lstat(one).st_mode) for one in found)
    assert [one.name for one in root.glob("etc/ssh/*")] == ["kept"]


@pytest.mark.parametrize("owner", [65536, 1896053708, -1])
def test_an_owner_that_no_node_has_is_named(tmp_path: Path, root: Path, owner: int) -> None:
    bad = file("srv/thing", uid=owner) if owner > 0 else Member("srv/thing", b"0", gid=owner)
    told = refusal(tar(tmp_path / "owner.tar", bad), root)
    assert f"'srv/thing' belongs to {owner}" in told
    assert "0 to 65535" in told


def test_a_bomb_ends_where_there_is_no_room(tmp_path: Path, root: Path) -> None:
    packed = tmp_path / "bomb.tar.gz"
    big = file("srv/zero", bytes(1 << 20))
    with gzip.open(packed, "wb") as out:
        out.write(tar(tmp_path / "bomb.tar", big).read_bytes())
    assert "more than 0 MB" in refusal(packed, root, 1 << 19)
    assert not (root / "srv/zero").exists()
    # nor does it help to hold nothing but names, or to be said to be large
    assert "more than 0 MB" in refusal(
        tar(tmp_path / "many.tar", *(file(f"srv/many/{number}", b"") for number in range(200))),
        emptied(root),
        1 << 19,
    )
    sparse = Member("srv/huge", tarfile.GNUTYPE_SPARSE, size=1 << 40)
    assert "more than 1024 MB" in refusal(tar(tmp_path / "sparse.tar", sparse), emptied(root))


def test_memory_has_an_end_too(tmp_path: Path, root: Path) -> None:
    # a header's extension that is as long as it says would be read at once
    header = Member("pax", tarfile.XHDTYPE, size=3 << 30).tobuf(tarfile.USTAR_FORMAT)
    file_ = tmp_path / "memory.tar"
    with file_.open("wb") as out:
        out.write(header)
        out.truncate(len(header) + (3 << 30))
    assert "takes too much memory" in refusal(file_, root)


def test_what_was_cut_or_damaged_is_no_image(tmp_path: Path, root: Path) -> None:
    whole = tar(tmp_path / "whole.tar").read_bytes()
    second = whole.index(b"etc/os-release")
    damaged = bytearray(whole)
    damaged[second + 200] ^= 1
    for name, data in {
        "in a header": whole[: second + 100],
        "between two members": whole[:second],
        "in a member": whole[: second + 512 + 10],
        "damaged": bytes(damaged),
        "nothing": b"",
        "no tar": b"PK\3\4" + bytes(3000),
        "packed": gzip.compress(whole)[:-200],
        "packed, damaged": gzip.compress(whole)[:-100] + bytes(100),
    }.items():
        (tmp_path / "cut.tar").write_bytes(data)
        assert "no tar file that can be read" in refusal(tmp_path / "cut.tar", emptied(root)), name


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("usr/sbin/sshd", "there is no /usr/sbin/sshd (Debian: openssh-server)"),
        ("bin/sh", "there is no /bin/sh"),
        ("etc/passwd", "/etc/passwd has no account sshd"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, root: Path, part: str, words: str) -> None:
    assert words in refusal(tar(tmp_path / "less.tar", without=(part,)), root)


def test_a_system_for_another_processor_is_none(tmp_path: Path, root: Path) -> None:
    other = bytearray(Path("/bin/sh").read_bytes()[:64])
    other[18:20] = b"\x28\x00" if other[18:20] != b"\x28\x00" else b"\x3e\x00"
    bad = tar(tmp_path / "arm.tar", file("bin/sh", bytes(other)), without=("bin/sh",))
    assert "/bin/sh is for another kind of processor" in refusal(bad, root)


def test_names_are_told_harmless(tmp_path: Path, root: Path) -> None:
    told = refusal(tar(tmp_path / "ugly.tar", file("../\x1b[2J\nroot")), root)
    assert "'../\\x1b[2J\\nroot' leads out" in told


def test_nothing_is_unpacked_over_what_is_there(tmp_path: Path, root: Path) -> None:
    (root / "bin").mkdir()
    (root / "bin" / "sh").write_text("mine")
    assert "is not empty" in refusal(tar(tmp_path / "whole.tar"), root)
    assert [(one.name, one.read_text()) for one in (root / "bin").iterdir()] == [("sh", "mine")]
    assert [one.name for one in root.iterdir()] == ["bin"]


def test_a_program_that_fails_is_told_in_its_own_words(root: Path) -> None:
    command = ("/bin/sh", "-c", "echo first >&2; echo the mirror is gone >&2; exit 3")
    with pytest.raises(ConfigError, match="from there: sh: the mirror is gone"):
        take_in(Source("from there", command=command), root, ROOM)


def test_a_directory_that_holds_the_home_is_refused(tmp_path: Path, root: Path) -> None:
    with pytest.raises(ConfigError, match="holds this home"):
        from_path(tmp_path, root)
