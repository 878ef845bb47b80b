"""Keeps a node's console: appends what its standard input brings to the file that is its output.

There is one for each node, run by its path (`python -I -S keeper.py`): it imports next to nothing,
which is half the memory of what starts it.
"""

import os
import time

# bytes; some thousand lines of sshd's
MOST = 512 << 10
# Seconds between two readings of a pipe that holds 64 KiB: what this costs is not counted as the
# node's, so it has to be little.
_PAUSE = 0.05
_PIECE = 1 << 16


def keep(reading: int, file: int, most: int = MOST) -> None:
    """Append what can be read to the file until its end, dropping the older half when too long."""
    size = os.fstat(file).st_size
    while piece := os.read(reading, min(_PIECE, most // 2)):
        if size + len(piece) > most:
            newest = os.pread(file, most // 2, max(0, size - most // 2))
            os.ftruncate(file, 0)
            size = os.pwrite(file, newest, 0)
        size += os.pwrite(file, piece, size)
        time.sleep(_PAUSE)


if __name__ == "__main__":
    keep(0, 1)
