"""CreateSliver of version 2: Allocate, Provision and geni_start in one."""

from collections.abc import Iterable
from datetime import datetime

from gcf_am.errors import AlreadyExists
from gcf_am.manager import allocate, provision
from gcf_am.manager.accounts import User, judged
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.expire import expire
from gcf_am.manager.foreseeing import foresee
from gcf_am.manager.report import manifest
from gcf_am.manager.standing import slice_urn
from gcf_am.model.sliver import Sliver
from gcf_am.trust.grant import Grant


def create(
    am: Aggregate, grant: Grant, rspec: str, *, users: tuple[User, ...], end_time: datetime | None
) -> str:
    """Take what a request asks for, and bring it up; answers the manifest.

    All of it happens in one transaction: where any of it fails nothing is left, also when the
    process dies in between. Raises AlreadyExists when the slice has slivers here, and what
    Allocate and Provision raise.

    Source: AM API v2, CreateSliver; AM API facts 12.
    """
    topology = allocate.asked(am.urn, rspec)
    named = judged(users)
    expire(am, grant.at)
    site = am.site()

    def allow(live: Iterable[Sliver]) -> None:
        if any(live):
            raise AlreadyExists(
                f"{slice_urn(grant)} has slivers here already; DeleteSliver ends them"
            )

    foresee(am, grant, topology, site, allow=allow)
    with am.store.write() as unit:
        made = allocate.reserve(am, unit, grant, topology, site, end_time=end_time, allow=allow)
        done = provision.carry_out(
            am, unit, grant, made, site, end_time=end_time, users=named, start=True
        )
    am.wake()
    return manifest(am, done.made, done.live, foreign=True)
