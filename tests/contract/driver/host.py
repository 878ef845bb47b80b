"""The host driver as tests make it."""

from pathlib import Path

from gcf_am.drivers.host.driver import HostDriver, make


def host_driver(directory: Path, **settings: object) -> HostDriver:
    """The driver over this directory, which has two images by two names."""
    images = {"debian": "host", "fedora": "host"}
    return make({"directory": str(directory), "images": images, **settings})
