"""The inventory file, read again when it changes."""

from functools import partial
from pathlib import Path

from gcf_am.app.followed import FollowedFile
from gcf_am.model.site import Site
from gcf_am.rspec.inventory import read_site
from gcf_am.urn import Urn


class InventoryFile(FollowedFile[Site]):
    """Answers the site as the file says."""

    def __init__(self, path: Path, manager: Urn) -> None:
        """Read the file; raises ConfigError when it is no inventory."""
        read = partial(read_site, manager=manager)
        super().__init__(path, "the inventory", read, lambda site: f"{len(site.hosts)} hosts")
