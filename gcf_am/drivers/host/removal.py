"""Removing a tree of files, and nothing else.

What lies under a mount is not part of a tree, even where the mounted file system is the same one
(a bind mount of /usr is; its st_dev tells nothing): a mount is known by its id, and one mount
anywhere in the tree means that nothing is removed at all.
"""

import os
import stat
from collections.abc import Iterator
from itertools import count
from pathlib import Path


class MountInside(OSError):
    """Something is mounted in a tree that was to be removed."""


def remove_tree(path: Path) -> None:
    """Remove the directory and all it holds; well when it is not there. Links are not followed.

    Raises MountInside, before anything is removed, when something is mounted at or below it.
    """
    path = path.absolute()
    if path.is_symlink():
        raise NotADirectoryError(f"{path} is a link")
    mounted = mounts_below(path)
    if mounted:
        raise MountInside(f"{mounted[0]} is mounted")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    try:
        _empty(descriptor)
    finally:
        os.close(descriptor)
    path.rmdir()


def mounts_below(path: Path) -> list[str]:
    """What is mounted at the path or below it, as this process sees it."""
    real = os.fsencode(path.parent.resolve() / path.name)
    lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    points = [_unescaped(line.split(b" ")[4]) for line in lines]
    return [os.fsdecode(one) for one in points if one == real or one.startswith(real + b"/")]


def _empty(top: int) -> None:
    """Remove what a directory holds, however deep: each directory moves up to the top first.

    A rename never crosses a mount, and one level deep needs two descriptors at a time.
    """
    mount = _mount_of(top)
    names = count()
    while entries := os.listdir(top):
        for name in entries:
            if not _is_directory(name, top):
                os.unlink(name, dir_fd=top)
                continue
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
            try:
                if _mount_of(inner) != mount:
                    raise MountInside(f"something is mounted at a directory {name}")
                for below in os.listdir(inner):  # noqa: PTH208 - a descriptor is no path
                    if _is_directory(below, inner):
                        os.rename(below, _free(names, top), src_dir_fd=inner, dst_dir_fd=top)
                    else:
                        os.unlink(below, dir_fd=inner)
            finally:
                os.close(inner)
            os.rmdir(name, dir_fd=top)


def _is_directory(name: str, directory: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode)


def _free(names: Iterator[int], top: int) -> str:
    """A name that the top does not have."""
    return next(name for name in map("moved-{}".format, names) if not _is_there(name, top))


def _is_there(name: str, directory: int) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _mount_of(descriptor: int) -> int:
    text = Path(f"/proc/self/fdinfo/{descriptor}").read_text("ascii")
    return int(next(line for line in text.splitlines() if line.startswith("mnt_id:")).split()[1])


def _unescaped(text: bytes) -> bytes:
    """A path of mountinfo whose blanks and the like are octal numbers there (proc(5))."""
    first, *others = text.split(b"\\")
    return first + b"".join(bytes([int(one[:3], 8)]) + one[3:] for one in others)
