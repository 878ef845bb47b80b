"""Tar files of systems that are small and can run nothing, and of what no image may hold."""

import io
import os
import tarfile
from pathlib import Path

import pytest

PARTS = ("etc/passwd", "etc/os-release", "usr/sbin/sshd", "bin/sh")
_TEXTS = {
    "etc/passwd": "root:x:0:0::/root:/bin/sh\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n",
    "etc/os-release": 'ID=tiny\nPRETTY_NAME="Tiny \x1b[2JLinux 1"\n',
}


class Member(tarfile.TarInfo):
    """A member with its contents; `more` are TarInfo's attributes."""

    def __init__(self, name: str, kind: bytes, contents: bytes = b"", **more: object) -> None:
        super().__init__(name)
        self.type = kind
        self.contents = contents
        self.size = len(contents)
        for key, one in more.items():
            setattr(self, key, one)


def file(name: str, contents: bytes = b"#!\n", mode: int = 0o755, **more: object) -> Member:
    return Member(name, tarfile.REGTYPE, contents, mode=mode, **more)


def link(name: str, to: str, *, hard: bool = False) -> Member:
    return Member(name, tarfile.LNKTYPE if hard else tarfile.SYMTYPE, linkname=to)


def tar(path: Path, *members: Member, mode: str = "w", without: tuple[str, ...] = ()) -> Path:
    """A tar of a whole system, and these members after it."""
    system = [
        file(name, _TEXTS.get(name, "#!\n").encode(), 0o644 if name.startswith("etc") else 0o755)
        for name in PARTS
        if name not in without
    ]
    with tarfile.open(path, mode, format=tarfile.PAX_FORMAT) as made:  # type: ignore[call-overload]
        for one in (*system, *members):
            # what only says that it is large holds nothing
            made.addfile(one, io.BytesIO(one.contents) if one.contents else None)
    return path


def needs_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("owners of files, and another root, need root")
