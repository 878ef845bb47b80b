"""The host driver for the contract, where the machine can have it."""

import os
import shutil
from pathlib import Path

import pytest

from gcf_am.drivers.host.driver import HostDriver, make


def host_driver(directory: Path, **settings: object) -> HostDriver:
    """The driver over this directory; skips with the reason where it cannot work."""
    if os.geteuid() != 0:
        pytest.skip("the host driver needs root")
    for program in ("runc", "sshd", "tini-static"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None:
            pytest.skip(f"the host driver needs {program}")
    images = {"debian": "host", "fedora": "host"}
    return make({"directory": str(directory), "images": images, **settings})
