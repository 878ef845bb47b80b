"""Files in a node's root: its name, its login service, its accounts. Runs inside the node's view.

Whoever calls this has made the node's root his root and the node's ids his ids, so that whatever
links the experimenter made lead nowhere but to the experimenter's own files. Only the standard
library is imported: it runs in small processes of their own. Written whole by renaming; called
again it ends in the same state.
"""
# pathlib doubles the time such a process takes to start
# ruff: noqa: PTH101, PTH103, PTH104, PTH108, PTH110, PTH112, PTH113, PTH114, PTH123, PTH208

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

KEYS: Final = "/etc/ssh/experimenters"
CONFIG: Final = "/etc/ssh/sshd_node_config"
HOST_KEY: Final = "/etc/ssh/ssh_host_ed25519_key"
_SUDOERS: Final = "/etc/sudoers.d/experimenters"
_FIRST_UID: Final = 20000
# Of a file that the experimenter may have written, this many characters are read at most.
_LONGEST: Final = 1 << 22
_SSHD: Final = f"""\
# Written when the node starts; the node's own changes belong elsewhere.
Port 22
HostKey {HOST_KEY}
AuthorizedKeysFile {KEYS}/%u .ssh/authorized_keys
AuthenticationMethods publickey
PermitRootLogin prohibit-password
UsePAM no
UseDNS no
PidFile none
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
"""


def dress(told: Mapping[str, Any]) -> None:
    """Do what is told of `hostname`, `hosts`, `machine_id`, `host_key`, `logins`; OSError.

    `logins` are (login name, public keys) and mean all there shall be.
    """
    os.umask(0o022)
    if "hostname" in told:
        for place, mode in _PLACES.items():
            os.makedirs(place, exist_ok=True)
            os.chmod(place, mode)
        _write("/etc/hostname", told["hostname"] + "\n")
        _write("/etc/hosts", told["hosts"])
        _write("/etc/machine-id", told["machine_id"] + "\n", 0o444)
        _write(HOST_KEY, told["host_key"], 0o600)
        _write(CONFIG, _SSHD)
        if not os.path.lexists("/etc/resolv.conf"):
            _write("/etc/resolv.conf", "# this node has no way to a name server\n")
    _accounts(told["logins"])


_PLACES: Final = {"/etc/ssh": 0o755, "/var/log": 0o755, "/tmp": 0o1777, "/var/tmp": 0o1777}  # noqa: S108


def _accounts(logins: Sequence[tuple[str, Sequence[str]]]) -> None:
    os.makedirs(KEYS, mode=0o755, exist_ok=True)
    wanted = {name: tuple(keys) for name, keys in logins}
    ours = set(os.listdir(KEYS))
    users = _table("/etc/passwd")
    taken = {line[0] for line in users} - ours
    for name in wanted:
        if name in taken:
            raise FileExistsError(f"the image has an account {name} of its own")
    # First: who is not wanted any more has no key from here on. As long as an account may be there
    # its file is, too: it tells our accounts from the image's, should this end half way.
    for name in ours ^ wanted.keys():
        _take_keys(f"{KEYS}/{name}")
    gone = {line[0] for line in users if line[0] in ours - wanted.keys()}
    uids = {line[0]: int(line[2]) for line in users}
    uids |= _new_uids([name for name in wanted if name not in uids], set(uids.values()))
    shell = next((one for one in ("/bin/bash", "/bin/sh") if os.path.exists(one)), "/bin/sh")
    lines = {
        name: {
            "/etc/passwd": f"{name}:x:{uid}:{uid}::/home/{name}:{shell}",
            "/etc/shadow": f"{name}:*:19700:0:99999:7:::",
            "/etc/group": f"{name}:x:{uid}:",
            "/etc/gshadow": f"{name}:!::",
        }
        for name, uid in uids.items()
        if name in wanted
    }
    for file, mode in (("group", 0o644), ("gshadow", 0o640), ("passwd", 0o644), ("shadow", 0o640)):
        path = f"/etc/{file}"
        _merge(path, mode, gone, {name: line[path] for name, line in lines.items()})
    sudoers = [f"{name} ALL=(ALL:ALL) NOPASSWD:ALL" for name in wanted]
    os.makedirs("/etc/sudoers.d", mode=0o750, exist_ok=True)
    _write(_SUDOERS, "\n".join([*sudoers, ""]), 0o440)
    for name, keys in wanted.items():
        _home(f"/home/{name}", uids[name])
        # an account can be logged in to when all else is there
        _write(f"{KEYS}/{name}", "\n".join([*keys, ""]))
    for name in ours - wanted.keys():
        with suppress(FileNotFoundError):
            os.unlink(f"{KEYS}/{name}")


def _take_keys(path: str) -> None:
    try:
        _write(path, "")
    except OSError:
        os.unlink(path)  # a full disk has room for that


def _new_uids(names: Iterable[str], taken: set[int]) -> dict[str, int]:
    """User ids for new accounts: of the home that a name left behind, or free ones."""
    found: dict[str, int] = {}
    for name in names:
        uid = _FIRST_UID
        while uid in taken:
            uid += 1
        left = _owner(f"/home/{name}")
        if left is not None and left >= _FIRST_UID and left not in taken:
            uid = left
        found[name] = uid
        taken.add(uid)
    return found


def _owner(path: str) -> int | None:
    try:
        return os.lstat(path).st_uid
    except FileNotFoundError:
        return None


def _home(path: str, uid: int) -> None:
    """Make the home if it is missing, with the files a new account gets."""
    if os.path.lexists(path):
        return
    making = f"{path}.making"
    os.makedirs(making, mode=0o700, exist_ok=True)
    for name in os.listdir("/etc/skel") if os.path.isdir("/etc/skel") else ():
        source = f"/etc/skel/{name}"
        if os.path.isfile(source) and not os.path.islink(source):
            with open(source, encoding="utf-8", errors="surrogateescape") as file:
                _write(f"{making}/{name}", file.read(_LONGEST))
            os.chown(f"{making}/{name}", uid, uid)
    os.chown(making, uid, uid)
    os.rename(making, path)


def _table(path: str) -> list[list[str]]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read(_LONGEST)
    except FileNotFoundError:
        return []
    return [line.split(":") for line in text.splitlines() if line.count(":") > 1]


def _merge(path: str, mode: int, gone: set[str], lines: Mapping[str, str]) -> None:
    """Leave others' lines, in their order; drop those of `gone`; add those that are missing."""
    kept = [one for one in _table(path) if one[0] not in gone]
    there = {one[0] for one in kept}
    new = [line for name, line in lines.items() if name not in there]
    _write(path, "\n".join([*map(":".join, kept), *new, ""]), mode)


def _write(path: str, text: str, mode: int = 0o644) -> None:
    """Write a file whole; a link in its place is replaced, not followed.

    One that is right already is left: a node whose disk is full can still be started.
    """
    making = f"{path}.new"
    with suppress(FileNotFoundError):
        os.unlink(making)
    content = text.encode("utf-8", "surrogateescape")
    if _is_right(path, content, mode):
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(making, flags, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
    os.rename(making, path)


def _is_right(path: str, content: bytes, mode: int) -> bool:
    try:
        found = os.lstat(path)
    except OSError:
        return False
    if found.st_mode != stat.S_IFREG | mode or found.st_uid or found.st_size != len(content):
        return False
    with open(path, "rb") as file:
        return file.read() == content
