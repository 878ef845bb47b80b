"""What a handler is given beside the call's own arguments."""

from dataclasses import dataclass

from gcf_am.manager.aggregate import Aggregate
from gcf_am.surface.version import SiteFacts


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One aggregate at one URL: `am` does the work, `facts` is what GetVersion tells."""

    am: Aggregate
    facts: SiteFacts
