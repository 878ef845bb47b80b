"""Plans that somebody asks for."""

from datetime import UTC, datetime
from typing import Any, Final

from gcf_am.homing.plans.plan import Asked

NOW: Final = datetime(2030, 1, 1, tzinfo=UTC)
ALICE: Final = "urn:publicid:IDN+gcf.local+user+alice"
BOB: Final = "urn:publicid:IDN+gcf.local+user+bob"


def asked(number: int, owner: str = ALICE, **more: Any) -> Asked:
    """The plan of a number."""
    id_ = f"00000000-0000-4000-8000-{number:012d}"
    return Asked(id=id_, name=f"p{number}", owner=owner, template="x", **more)
