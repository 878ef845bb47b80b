"""Whether a file lies on a disk of this machine, as SQLite's WAL needs it (decision 4)."""

import re
from pathlib import Path
from typing import Final

from gcf_am.errors import ConfigError

# File systems whose locks or shared memory do not reach from one machine to another.
_NETWORK: Final = re.compile(
    r"(nfs\d*|cifs|smb\d*|smbfs|9p|afs|ceph|coda|gfs2?|glusterfs|lustre|ncpfs|ocfs2|orangefs|"
    r"beegfs|davfs|fuse\.(sshfs|glusterfs|ceph|ceph-fuse|davfs2?|s3fs|rclone|gcsfuse|smbnetfs))",
    re.ASCII,
)
_MOUNTS: Final = Path("/proc/self/mounts")


def network_file_system(directory: Path, mounts: str) -> str | None:
    """The type of the network file system that holds an absolute directory, None for a local one.

    `mounts` is the text of /proc/self/mounts: device, mount point, type, options, ...; in a
    mount point blanks stand as octal escapes, and of two at one point the later one counts.
    """
    found, deepest = "", -1
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1]))
        depth = len(point.parts)
        if depth >= deepest and directory.is_relative_to(point):
            found, deepest = fields[2], depth
    return found if _NETWORK.fullmatch(found) else None


def require_local_disk(file: Path) -> None:
    """Refuse a database file on a network file system; raises ConfigError naming it.

    Where the system does not tell its mounts there is nothing to judge.
    """
    try:
        mounts = _MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        return
    kind = network_file_system(file.parent.resolve(), mounts)
    if kind is not None:
        raise ConfigError(
            f"url in [store] lies on a network file system ({kind}): SQLite needs a local disk"
        )
