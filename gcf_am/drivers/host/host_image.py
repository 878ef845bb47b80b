"""The image `host`: the machine's own /usr below a root that is made for nodes.

Of /etc only what programs need to run goes along: no account of a person, no password, no key,
nothing of the machine's network. /root, /home, /var and /opt are empty.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final

from gcf_am.drivers.host.removal import remove_tree

# Names in /etc; what is not there is left out.
_ETC: Final = (
    "alternatives", "bash.bashrc", "ca-certificates.conf", "debian_version", "default/locale",
    "default/useradd", "ethertypes", "host.conf", "inputrc", "iproute2", "ld.so.cache", "ld.so.conf",
    "ld.so.conf.d", "localtime", "login.defs", "nsswitch.conf", "os-release", "pam.conf", "pam.d",
    "profile", "protocols", "rpc", "security", "services", "shells", "skel",
    "ssh/moduli", "ssl/certs", "ssl/openssl.cnf", "sudo.conf", "terminfo", "timezone",
)  # fmt: skip
_EMPTY: Final = (
    "dev", "etc/ssh", "home", "media", "mnt", "opt", "proc", "root", "run", "srv", "sys", "tmp",
    "usr", "var/cache", "var/lib", "var/log", "var/mail", "var/spool", "var/tmp",
)  # fmt: skip
_MODES: Final = {"root": 0o700, "tmp": 0o1777, "var/tmp": 0o1777}
_SCRATCH: Final = ".making-"
_PERSONS: Final = 1000
_NOBODY: Final = 65534
# What this code makes changes with it.
_EDITION: Final = 2


def make_skeleton(directory: Path) -> Path:
    """The root's directory, below `directory`, made when what it comes from has changed.

    An older one stays: nodes read it.
    """
    made = directory / _fingerprint()
    if made.is_dir():
        return made
    directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in directory.glob(f"{_SCRATCH}*"):
            remove_tree(left)  # whoever was at it was killed
        if not made.is_dir():
            scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=directory))
            _fill(scratch)
            scratch.rename(made)
    finally:
        os.close(lock)
    return made


def _fingerprint() -> str:
    """What the skeleton depends on: times of change of all it is copied from."""
    sources = [Path("/etc", name) for name in (*_ETC, "passwd", "group", "sudoers")]
    times = [(str(one), os.lstat(one).st_mtime_ns) for one in sources if _is_there(one)]
    return sha256(repr((_EDITION, times)).encode()).hexdigest()[:16]


def _fill(root: Path) -> None:
    root.chmod(0o755)
    for name in _EMPTY:
        path = root / name
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(_MODES.get(name, 0o755))
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        here = Path("/", name)
        if here.is_symlink():
            (root / name).symlink_to(here.readlink())
    (root / "var/run").symlink_to("/run")
    for name in _ETC:
        _copy(Path("/etc", name), root / "etc" / name)
    _accounts(root / "etc")


def _copy(source: Path, target: Path) -> None:
    if not _is_there(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, ignore=_secrets)
    else:
        shutil.copy2(source, target, follow_symlinks=False)


def _secrets(directory: str, names: list[str]) -> list[str]:
    """What not everybody on the machine may read: old passwords, say."""
    return [one for one in names if not os.lstat(Path(directory, one)).st_mode & stat.S_IROTH]


def _accounts(etc: Path) -> None:
    """The system's own accounts without passwords, and groups without members."""
    users = _lines("/etc/passwd")
    groups = _lines("/etc/group")
    _write(etc / "passwd", [":".join(one) for one in users], 0o644)
    _write(etc / "shadow", [f"{one[0]}:*:19700:0:99999:7:::" for one in users], 0o640)
    _write(etc / "group", [":".join([*one[:3], ""]) for one in groups], 0o644)
    _write(etc / "gshadow", [f"{one[0]}:*::" for one in groups], 0o640)
    _write(etc / "sudoers", ["Defaults env_reset", "root ALL=(ALL:ALL) ALL"], 0o440)
    (etc / "sudoers.d").mkdir(mode=0o750, exist_ok=True)
    with (etc / "sudoers").open("a") as file:
        file.write("@includedir /etc/sudoers.d\n")


def _lines(path: str) -> list[list[str]]:
    fields = [line.split(":") for line in Path(path).read_text("utf-8").splitlines()]
    return [
        one
        for one in fields
        if len(one) > 2 and one[2].isdigit() and (int(one[2]) < _PERSONS or int(one[2]) == _NOBODY)
    ]


def _write(path: Path, lines: list[str], mode: int) -> None:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    path.chmod(mode)


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()
