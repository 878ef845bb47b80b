"""Unpacking an archive into a node. Runs inside the node's view, like `dress`.

Whoever calls this has made the node's root his root and the node's ids his ids: what an archive
can reach is the node's. Still nothing is written outside of the path that was asked for, and an
archive that wants it is refused before anything is. tar, plain or compressed by gzip, bzip2 or
xz, and zip; which one it is, is seen by its content. All belongs to root afterwards. Imports the
standard library only, see `launch`.
"""
# pathlib follows links where it matters that none is followed
# ruff: noqa: PTH101, PTH102, PTH103, PTH108, PTH112, PTH114, PTH118, PTH123, PTH211

import encodings.cp437  # noqa: F401 - imported by zipfile, but too late
import errno
import gzip  # noqa: F401 - by tarfile, likewise
import lzma
import os
import resource
import shutil
import signal
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Final, Self

_MEMORY: Final = 512 << 20
# what is remembered of each has to fit into that memory
_MEMBERS: Final = 200_000
_PIECE: Final = 1 << 20
_LONGEST: Final = 4096  # bytes of a link's target
# a zip archive begins with a member, or with its end where there is none
_ZIP: Final = (b"PK\3\4", b"PK\5\6")
_DAMAGED: Final = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    UnicodeError,
    # an encrypted member, a compression that is not known
    RuntimeError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive.

    `kind` is `directory`, `file`, `link` (symbolic) or `same` (a hard link); `target` is that of
    a link, or the name of the file that it is the same as.
    """

    name: str
    kind: str
    mode: int = 0o644
    changed: float | None = None
    target: str = ""
    read: Callable[[], IO[bytes] | None] | None = None

    @property
    def parts(self) -> Sequence[str]:
        """Its name without what means nothing."""
        return [one for one in self.name.split("/") if one not in {"", "."}]


def confine(seconds: float) -> None:
    """Bound memory and time of this process, the time of its processor with it; the node's disk bounds what it writes."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(int(seconds) + 1)


def unpack(archive: IO[bytes], path: str) -> None:
    """Unpack below the path, which is made where missing; what stands in the way is replaced.

    Raises ValueError naming the member that is refused, OSError otherwise.
    """
    os.umask(0o022)
    try:
        os.makedirs(path, exist_ok=True)
        top = os.path.realpath(path)
        members = list(_members(archive))
        _judge(members, top)
        _write(members, top)
    except _DAMAGED as error:
        raise ValueError(f"the archive is damaged: {error}") from error
    except MemoryError:
        raise ValueError("the archive needs too much memory") from None
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise ValueError("the archive does not fit on the node's disk") from error
        if error.errno is None:  # what gzip and bzip2 say
            raise ValueError(f"the archive is damaged: {error}") from error
        raise


def _members(archive: IO[bytes]) -> Iterator[Member]:
    """The members in order; raises ValueError for what is no archive, or has too many."""
    archive.seek(0)
    if archive.read(4) in _ZIP:
        found = _of_zip(zipfile.ZipFile(archive))
    else:
        archive.seek(0)
        try:
            # it has no file of its own to be closed
            found = _of_tar(tarfile.open(fileobj=archive, mode="r:*", tarinfo=_header()))  # noqa: SIM115
        except tarfile.ReadError:
            raise ValueError("it is neither a tar nor a zip archive") from None
    for number, one in enumerate(found):
        if number == _MEMBERS:
            raise ValueError(f"the archive has more than {_MEMBERS} members")
        yield one


def _of_tar(archive: tarfile.TarFile) -> Iterator[Member]:
    for one in archive:
        if one.isdir():
            kind = "directory"
        elif one.isreg():
            kind = "file"
        elif one.issym():
            kind = "link"
        elif one.islnk():
            kind = "same"
        else:
            raise ValueError(f"{_told(one.name)} is neither a file, a directory, nor a link")

        def read(one: tarfile.TarInfo = one) -> IO[bytes] | None:
            return archive.extractfile(one)

        yield Member(one.name, kind, one.mode, one.mtime, one.linkname, read)
    if not getattr(archive.tarinfo, "ended", False):
        raise tarfile.ReadError("it ends early")


def _header() -> type[tarfile.TarInfo]:
    """A kind of header that tells in `ended` whether the block was read that ends an archive.

    `tarfile` takes what was cut, or damaged, between two members for what ended.
    """

    class Header(tarfile.TarInfo):
        ended = False

        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            if buf and not any(buf):
                cls.ended = True
            return super().frombuf(buf, encoding, errors)

    return Header


def _of_zip(archive: zipfile.ZipFile) -> Iterator[Member]:
    for one in archive.infolist():
        # the upper half is what Unix adds, if the archive is from there
        mode = one.external_attr >> 16
        kind = {
            0: "file",
            stat.S_IFREG: "file",
            stat.S_IFDIR: "directory",
            stat.S_IFLNK: "link",
        }.get(stat.S_IFMT(mode))
        if kind is None:
            raise ValueError(f"{_told(one.filename)} is neither a file, a directory, nor a link")
        target = ""
        if one.is_dir():
            kind = "directory"
        elif kind == "link":
            with archive.open(one) as file:
                target = os.fsdecode(file.read(_LONGEST + 1))

        def read(one: zipfile.ZipInfo = one) -> IO[bytes]:
            return archive.open(one)

        yield Member(one.filename, kind, stat.S_IMODE(mode) or 0o644, None, target, read)


def _judge(members: Sequence[Member], top: str) -> None:
    """Refuse, naming it, what would lie, or lead, outside of `top`."""
    files = {"/".join(one.parts) for one in members if one.kind == "file"}
    for one in members:
        if one.name.startswith("/"):
            raise ValueError(f"{_told(one.name)} has an absolute name")
        if ".." in one.parts:
            raise ValueError(f"{_told(one.name)} leads out of the path")
        if "\0" in one.name or "\0" in one.target:
            raise ValueError(f"{_told(one.name)} is no name of a file")
        if one.kind == "link":
            if not one.target or len(one.target) > _LONGEST:
                raise ValueError(f"{_told(one.name)} links to nothing")
            beside = os.path.join(top, *one.parts[:-1])
            if not _inside(os.path.normpath(os.path.join(beside, one.target)), top):
                raise ValueError(f"{_told(one.name)} links out of the path")
        if one.kind == "same" and "/".join(_parts(one.target)) not in files:
            raise ValueError(f"{_told(one.name)} is the same as a file that is not in the archive")


def _write(members: Sequence[Member], top: str) -> None:
    """Files first, links last: so that nothing is written through a link of the archive."""
    files: dict[str, str] = {}
    for one in members:
        if one.kind == "directory":
            _directory(one, top)
        elif one.kind == "file":
            files["/".join(one.parts)] = _file(one, top)
    for one in members:
        if one.kind == "same":
            _same(one, top, files)
    made = [_link(one, top) for one in members if one.kind == "link"]
    # one may lead out by way of others
    for link in made:
        if not _inside(os.path.realpath(link), top):
            for each in made:
                with suppress(FileNotFoundError):
                    os.unlink(each)
            raise ValueError(f"{_told(os.path.relpath(link, top))} links out of the path")


def _directory(one: Member, top: str) -> None:
    if one.parts:
        place = _place(one, top)
        if not os.path.isdir(place):
            os.mkdir(place)
            os.chmod(place, one.mode & 0o777 | 0o700)
        elif not _inside(os.path.realpath(place), top):
            raise ValueError(f"{_told(one.name)} leads out of the path")


def _file(one: Member, top: str) -> str:
    place = _free(one, top)
    assert one.read is not None
    content = one.read()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(place, flags, 0o600), "wb") as file:
        if content is not None:
            with content:
                shutil.copyfileobj(content, file, _PIECE)
        file.flush()
        os.fchmod(file.fileno(), one.mode & 0o777)
        if one.changed is not None:
            with suppress(OSError, OverflowError, ValueError):
                os.utime(file.fileno(), (one.changed, one.changed))
    return place


def _same(one: Member, top: str, files: Mapping[str, str]) -> None:
    source = files["/".join(_parts(one.target))]
    place = os.path.join(_parent(one, top), one.parts[-1])
    if place != source:
        os.link(source, _free(one, top), follow_symlinks=False)


def _link(one: Member, top: str) -> str:
    place = _free(one, top)
    os.symlink(one.target, place)
    return place


def _free(one: Member, top: str) -> str:
    """The member's place, where nothing is any more."""
    if not one.parts:
        raise ValueError(f"{_told(one.name)} would be in the place of the path")
    place = _place(one, top)
    if os.path.isdir(place) and not os.path.islink(place):
        raise ValueError(f"{_told(one.name)} would be in the place of a directory")
    with suppress(FileNotFoundError):
        os.unlink(place)
    return place


def _place(one: Member, top: str) -> str:
    return os.path.join(_parent(one, top), one.parts[-1])


def _parent(one: Member, top: str) -> str:
    """The directory that the member lies in, made where missing.

    Links that the node has itself, as `/bin`, are followed as long as they stay below.
    """
    here = top
    for part in one.parts[:-1]:
        here = os.path.realpath(os.path.join(here, part))
        if not _inside(here, top):
            raise ValueError(f"{_told(one.name)} leads out of the path")
        if not os.path.isdir(here):
            try:
                os.mkdir(here)
            except FileExistsError:
                raise ValueError(f"{_told(one.name)} lies below what is no directory") from None
    return here


def _inside(place: str, top: str) -> bool:
    return place == top or place.startswith(top if top.endswith("/") else f"{top}/")


def _parts(name: str) -> Sequence[str]:
    return Member(name, "file").parts


def _told(name: str) -> str:
    return f"the archive's member {name[:80]!r}"
