"""The site as it is offered: the inventory's, with the images that the driver's operator added."""

import threading
from collections.abc import Callable

from gcf_am.manager.imaging import Imaging
from gcf_am.model.images import with_added
from gcf_am.model.site import DiskImage, Site


class Offering:
    """Answers the site of the moment; made anew only when the inventory or the images changed."""

    def __init__(self, inventory: Callable[[], Site], driver: Imaging) -> None:
        self._inventory = inventory
        self._driver = driver
        self._lock = threading.Lock()
        self._made: tuple[Site, tuple[DiskImage, ...], Site] | None = None

    def __call__(self) -> Site:
        """The site."""
        site, images = self._inventory(), tuple(self._driver.images())
        with self._lock:
            made = self._made
            if made is None or made[0] is not site or made[1] != images:
                made = self._made = site, images, with_added(site, images)
            return made[2]
