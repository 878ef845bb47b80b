"""Where images come from: a directory, a tar file, or a Debian mirror; each becomes one tar."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from gcf_am.errors import ConfigError

# zstd_compression_format.md, Magic_Number; gzip, bzip2 and xz are read by the unpacker itself
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
# What can be built, and the suite it is.
SUITES: Final = {"debian12": "bookworm"}
_MIRROR: Final = re.compile(r"(https?|file|copy):/[!-~]+", re.ASCII)
# A node needs sshd and sudo; who works on one wants the rest, and nodes have no way to fetch it.
_PACKAGES: Final = (
    "ca-certificates", "curl", "ethtool", "iperf3", "iproute2", "iputils-ping", "iputils-tracepath",
    "less", "netbase", "netcat-openbsd", "openssh-server", "procps", "python3-minimal", "sudo",
    "tcpdump", "traceroute", "unzip", "vim-tiny",
)  # fmt: skip


class SourceFailed(Exception):
    """The program that makes the tar failed; in its own words."""


@dataclass(frozen=True, slots=True)
class Source:
    """A tar to be: the file that holds it, or the command that prints it.

    `words` tell the operator where an image is from; a `talks` command tells how far it is.
    """

    words: str
    file: Path | None = None
    command: Sequence[str] = ()
    talks: bool = False

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """The tar; SourceFailed in the end when its program did not end well."""
        if self.file is not None:
            with self.file.open("rb") as stream:
                yield stream
            return
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(  # noqa: S603 - programs of ours, no shell
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=None if self.talks else said,
                env=_environment(),
            )
            assert process.stdout is not None
            try:
                with process.stdout:
                    yield process.stdout
            except BaseException:
                process.terminate()
                raise
            finally:
                status = process.wait()
            if status:
                said.seek(0)
                last = said.read(1 << 16).decode("utf-8", "replace").strip().splitlines()[-1:]
                told = last[0][:300] if last else f"it ended with status {status}"
                raise SourceFailed(f"{Path(self.command[0]).name}: {told}")


def from_path(path: Path, images: Path) -> Source:
    """A directory, or a tar file, plain or packed by gzip, bzip2, xz or zstd.

    Raises ConfigError for what is neither, and for a directory that the `images` lie in.
    """
    place = path.resolve()
    if place.is_dir():
        if images.resolve().is_relative_to(place):
            raise ConfigError(f"{path} holds this home, with its keys: no node may have those")
        return Source(
            str(place),
            command=(
                _program("tar", "tar"), "--create", "--format=pax", "--one-file-system",
                "--numeric-owner", "--xattrs", "--xattrs-include=security.capability",
                f"--directory={place}", "--file=-", ".",
            ),
        )  # fmt: skip
    try:
        with place.open("rb") as file:
            head = file.read(len(_ZSTD))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    if head == _ZSTD:
        unpack = (_program("zstd", "zstd"), "--decompress", "--stdout", "--", str(place))
        return Source(str(place), command=unpack)
    return Source(str(place), file=place)


def from_mirror(kind: str, mirror: str | None) -> Source:
    """A system built by mmdebstrap of Debian's packages, whose signatures it checks.

    Raises ConfigError when the program is missing, or the mirror is no URL.
    """
    if mirror is not None and not _MIRROR.fullmatch(mirror):
        raise ConfigError(f"--mirror {mirror[:200]!r}: a URL like http://deb.debian.org/debian")
    command = [
        _program("mmdebstrap", "mmdebstrap"), "--variant=minbase", "--format=tar",
        f"--include={','.join(_PACKAGES)}", SUITES[kind], "-",
    ]  # fmt: skip
    return Source(
        f"{SUITES[kind]} of {mirror or 'the usual mirror'}",
        command=[*command, mirror] if mirror is not None else command,
        talks=True,
    )


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=_environment()["PATH"])
    if found is None:
        raise ConfigError(f"there is no {name} (Debian: {package})")
    return found


def _environment() -> dict[str, str]:
    """What the programs need of ours: where programs are, and ways through proxies."""
    kept = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin"
    return {**kept, "PATH": path, "LC_ALL": "C.UTF-8"}
