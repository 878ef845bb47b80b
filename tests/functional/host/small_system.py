"""A small system of the machine's own programs: enough to be logged in to, and quickly copied."""

import re
import shutil
import subprocess
from pathlib import Path

from gcf_am.drivers.host.host_image import make_skeleton

_PROGRAMS = (
    "/bin/bash", "/bin/cat", "/bin/ls", "/bin/mkdir", "/bin/sh", "/bin/true", "/usr/bin/hostname",
    "/usr/bin/id", "/usr/bin/tail", "/usr/bin/timeout", "/usr/bin/touch", "/usr/sbin/sshd",
)  # fmt: skip
_FOUND = re.compile(r"(/\S+) \(0x")


def small_system(directory: Path, name: str) -> Path:
    """The root of one that calls itself `name`, below `directory`."""
    root = directory / name
    shutil.copytree(make_skeleton(directory / "skeleton"), root, symlinks=True)
    for link in ("bin", "sbin", "lib", "lib64"):
        if (root / link).is_symlink():
            (root / (root / link).readlink()).mkdir(parents=True, exist_ok=True)
    libraries = subprocess.run(
        ["ldd", *_PROGRAMS], capture_output=True, text=True, check=True
    ).stdout
    for one in {*_PROGRAMS, *_FOUND.findall(libraries)}:
        place = root / one[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(one, place)
    (root / "etc" / "os-release").unlink(missing_ok=True)
    (root / "etc" / "os-release").write_text(f'ID={name}\nPRETTY_NAME="{name} of a test"\n')
    return root
