"""The process that unpacks an image: a tar on its standard input into a directory.

The directory is its root (chroot(2)) before it reads the first byte, so that no member, link or
`..` leads anywhere else, whatever the file says; it must be empty. It keeps owners as numbers, modes with setuid,
times and file capabilities. It makes directories, files and links only: device files and pipes
are left out, since a node's /dev is its own, and so are SSH host keys, since every node would
know them. What the image must have is looked for in the same place.

Standard library only, single-threaded; what it did is JSON on standard output, what is wrong one
line on standard error. Imported whole before the root is another.
"""
# pathlib doubles the time such a process takes to start, and modes are what the file says
# ruff: noqa: PTH101, PTH103, PTH108, PTH110, PTH112, PTH114, PTH120, PTH123, PTH208, PTH211

import bz2
import gzip
import io
import json
import lzma
import os
import re
import resource
import stat
import sys
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, Final, NoReturn, Self

from gcf_am.drivers.host.lifeline import end_with_parent

# What the exit status tells: refused for what it holds; no tar, or one that ends early.
REFUSED: Final = 1
BROKEN: Final = 2

# A node has 65536 ids, the last one among them is nobody's.
_LAST_ID: Final = 65535
# What a file costs beside its contents: its inode and its directory's entry.
_FILE: Final = 4096
_CHUNK: Final = 1 << 20
_MEMORY: Final = 1 << 30
_CAPABILITY: Final = "security.capability"
_HOST_KEY: Final = re.compile(r"etc/ssh/ssh_host_[^/]*_key(\.pub)?")
# What starts a node, with what it runs as.
_SSHD: Final = "/usr/sbin/sshd"
_SHELL: Final = "/bin/sh"
# How much may follow an archive's end: tar fills its last record with zeros.
_TAIL: Final = 64
# elf(5): the magic number, and where the machine's is
_ELF: Final = b"\x7fELF"
_MACHINE: Final = slice(18, 20)
_LONGEST: Final = 1 << 16
_NO_TAR: Final = "it is no tar file that can be read"
_DAMAGED: Final = (
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,
    ArithmeticError,
    RecursionError,
)


class Refused(Exception):
    """It is no image, or none that is safe to have."""


class _Member(tarfile.TarInfo):
    """A header that remembers whether the block was seen which ends an archive.

    `tarfile` takes a file that was cut, or damaged, between two members for one that ended.
    """

    ended = False

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        if buf == bytes(tarfile.BLOCKSIZE):
            _Member.ended = True
        return super().frombuf(buf, encoding, errors)


@dataclass(slots=True)
class Taken:
    """What was unpacked: bytes and files, and how many were left out."""

    bytes: int = 0
    files: int = 0
    left_out: int = 0


def main() -> None:
    """Do what the argument says (JSON): `root`, the `limit` in bytes, the `parent` process."""
    told = json.loads(sys.argv[1])
    end_with_parent(told["parent"])
    try:
        sys.stdout.write(json.dumps(_unpack(told)))
    except Refused as error:
        _end(str(error), REFUSED)
    except OSError as error:
        # those of gzip and bz2 have no number: it is the file, not this machine
        if error.errno is not None:
            _end(f"{error.strerror}: {error.filename!r}", REFUSED)
        _end(f"{_NO_TAR}: {error}", BROKEN)
    except _DAMAGED as error:
        _end(f"{_NO_TAR}: {error}", BROKEN)
    except MemoryError:
        _end("unpacking it takes too much memory", REFUSED)


def _unpack(told: Mapping[str, Any]) -> Mapping[str, Any]:
    ours = _machine(sys.executable)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    os.chroot(told["root"])
    os.chdir("/")
    # a second fence, should the first ever be missing: no system that is there is unpacked over
    if os.listdir("/"):
        raise Refused("the directory to unpack into is not empty")
    os.umask(0)
    with open(0, "rb", closefd=False) as stream, _plain(stream) as plain:
        with tarfile.open(fileobj=plain, mode="r|", tarinfo=_Member) as tar:
            taken = take(tar, told["limit"])
        _drain(plain)
    lacking = _lacking(ours)
    if lacking:
        raise Refused(f"it is no root of a system that can be a node: {'; '.join(lacking)}")
    return {
        "bytes": taken.bytes,
        "files": taken.files,
        "left_out": taken.left_out,
        "system": _system(),
    }


def _plain(stream: io.BufferedReader) -> io.BufferedIOBase:
    """The tar without its packing, whose sums are checked; `tarfile` itself checks none."""
    head = stream.peek(6)
    for magic, unpacked in (
        (b"\x1f\x8b", gzip.open),
        (b"BZh", bz2.open),
        (b"\xfd7zXZ\0", lzma.open),
    ):
        if head.startswith(magic):
            return unpacked(stream, "rb")
    return stream


def _drain(plain: io.BufferedIOBase) -> None:
    """Read what follows the end of the archive, so that sums at the very end are checked."""
    for _ in range(_TAIL):
        if not plain.read(_CHUNK):
            return
    raise Refused("there is much more in it behind the end of the tar")


def take(tar: tarfile.TarFile, limit: int) -> Taken:
    """Unpack all of it into the root directory; raises Refused, OSError, TarError."""
    taken = Taken()
    while (member := tar.next()) is not None:
        # each is done with at once; all together may be millions
        tar.members.clear()  # type: ignore[attr-defined]
        taken.bytes += _FILE + (member.size if member.isreg() else 0)
        if taken.bytes > limit:
            raise Refused(f"it holds more than {limit >> 20} MB, which is what there is room for")
        taken.files += 1
        if not _put(tar, member):
            taken.left_out += 1
    if not _Member.ended:
        raise tarfile.ReadError("it ends early, or is damaged")
    return taken


def _put(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bool:
    """Make what the member says; False where it is left out."""
    name = _inside(member.name, member.name)
    if _HOST_KEY.fullmatch(name):
        return False
    path = name or "."  # from the root, which is the present directory, and never beyond it
    if member.isdir():
        _directory(path)
    elif member.isreg() or member.issym() or member.islnk():
        _make_way(path)
        if member.issym():
            os.symlink(member.linkname, path)
        elif member.islnk():
            os.link(_inside(member.linkname, member.name), path, follow_symlinks=False)
            return True  # owner and mode are the other name's
        else:
            _write(path, tar.extractfile(member))
    else:
        return False
    if name:
        _own(path, member)
    return True


def _inside(name: str, member: str) -> str:
    """The path from the root; raises Refused for one that climbs."""
    parts = [one for one in name.split("/") if one not in {"", "."}]
    if ".." in parts:
        raise Refused(f"{member[:200]!r} leads out of the image")
    return "/".join(parts)


def _directory(path: str) -> None:
    if os.path.islink(path) or (os.path.lexists(path) and not os.path.isdir(path)):
        os.unlink(path)
    os.makedirs(path, mode=0o755, exist_ok=True)


def _make_way(path: str) -> None:
    """A place for a file: its directory, and nothing there; the last one of a name counts."""
    os.makedirs(os.path.dirname(path) or ".", mode=0o755, exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)


def _write(path: str, contents: IO[bytes] | None) -> None:
    assert contents is not None  # of a regular file there are some
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags, 0o600), "wb") as file:
        while chunk := contents.read(_CHUNK):
            file.write(chunk)


def _own(path: str, member: tarfile.TarInfo) -> None:
    """Owner, mode, capabilities, time; in this order, since a new owner takes the others away."""
    for number in (member.uid, member.gid):
        if not 0 <= number <= _LAST_ID:
            raise Refused(
                f"{member.name[:200]!r} belongs to {number}; the ids of an image are 0 to {_LAST_ID}"
            )
    os.chown(path, member.uid, member.gid, follow_symlinks=False)
    if member.issym():
        return
    os.chmod(path, stat.S_IMODE(member.mode))
    capability = member.pax_headers.get(f"SCHILY.xattr.{_CAPABILITY}")
    if capability is not None and member.isreg():
        os.setxattr(path, _CAPABILITY, capability.encode("utf-8", "surrogateescape"))
    os.utime(path, (member.mtime, member.mtime))


def _lacking(ours: bytes) -> list[str]:
    """What a node needs and the image has not; words."""
    lacking = []
    if not os.path.isdir("/usr"):
        lacking.append("there is no /usr")
    for program, package in ((_SSHD, " (Debian: openssh-server)"), (_SHELL, "")):
        if not os.access(program, os.X_OK):
            lacking.append(f"there is no {program}{package}")
        elif (machine := _machine(program)) and machine != ours:
            lacking.append(f"{program} is for another kind of processor")
    if os.path.exists(_SSHD) and "sshd" not in [line.split(":")[0] for line in _lines("passwd")]:
        lacking.append("/etc/passwd has no account sshd")
    return lacking


def _machine(program: str) -> bytes:
    """For which processor it is; empty where it is no program but a script."""
    with open(program, "rb") as file:
        head = file.read(_MACHINE.stop)
    return head[_MACHINE] if head.startswith(_ELF) else b""


def _system() -> str:
    """What it calls itself: PRETTY_NAME of os-release(5)."""
    for line in _lines("os-release"):
        key, _, value = line.partition("=")
        if key == "PRETTY_NAME":
            return "".join(one for one in value.strip("\"'") if one.isprintable())[:80]
    return ""


def _lines(name: str) -> list[str]:
    try:
        with open(f"/etc/{name}", encoding="utf-8", errors="replace") as file:
            return file.read(_LONGEST).splitlines()
    except OSError:
        return []


def _end(words: str, status: int) -> NoReturn:
    sys.stderr.write(f"{words}\n")
    sys.exit(status)
