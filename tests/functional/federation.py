"""The authorities of a running installation, whose keys lie in its home: they sign what tests need.

Who wants another federation makes a Pki of its own.
"""

import itertools
from pathlib import Path

from gcf_am.clearinghouse.key_files import load_identity
from gcf_am.clearinghouse.places import Places
from gcf_am.cli.home import PEOPLE
from gcf_am.trust.issue import Identity
from tests.pki import NOW, Pki


class HomePki(Pki):
    """A Pki with the root, SA, MA and people of a home."""

    def __init__(self, home: Path) -> None:
        places = Places(home)
        self.authority = "gcf.local"
        self.now = NOW
        self._numbers = itertools.count(1)
        self.root = load_identity(places.certs / "ch-cert.pem", places.inner / "ca-key.pem")
        self.sa = places.authority("sa")
        self.ma = places.authority("ma")
        self._users = {name: load_identity(*places.pair(name)) for name in PEOPLE}
        self._slices = {}
        self.aggregate: Identity = load_identity(*places.pair("am"))
