"""Places what a request wishes for on what the site has left."""

from collections.abc import Mapping, Sequence
from typing import Final

from gcf_am.errors import AmError, InsufficientNodes
from gcf_am.model.placement.attempt import Fit
from gcf_am.model.placement.ledger import Key
from gcf_am.model.placement.plan import plan_of
from gcf_am.model.placement.refusal import refusal
from gcf_am.model.placement.relaxation import relaxation
from gcf_am.model.placement.search import search
from gcf_am.model.placement.shortage import Shortage
from gcf_am.model.placement.tags import tags_for
from gcf_am.model.placement.wish import Wish
from gcf_am.model.site import Site
from gcf_am.model.sliver import Amount, Contents, NodePlacement
from gcf_am.model.topology import Frame, Link, Node

VLAN_TAGS: Final = range(100, 4001)


def place(
    wishes: Sequence[Wish],
    *,
    site: Site,
    held: Mapping[Key, int],
    beside: Sequence[Contents] = (),
    frame: Frame,
    foreign_interfaces: frozenset[str] = frozenset(),
    tags: range = VLAN_TAGS,
    quick: bool = False,
) -> list[Contents]:
    """Where each wish is put and what it then holds, in the order of the wishes.

    `held` are the open holds by (component, dimension) of everybody but the wishes' own slivers,
    `beside` the slice's other live slivers, `foreign_interfaces` the interfaces on other
    aggregates' nodes, which links may name. The same arguments always give the same answer, and
    nothing is changed.

    1. More nodes than all hosts have room for are refused at once, TooBig: so the work is no more
       than the site is large. What else can never be is refused: BadArgs, SearchFailed,
       Unsupported.
    2. Every link has a VLAN tag: VlanUnavailable.
    3. Every node has a host, and every link its ports and wires. A changed sliver stays where it
       is if it can; a node goes where its desires cost least, then where its links can follow;
       shared hosts fill evenly.
    4. What does not fit now is refused with TooBig if it would not fit on the empty site either,
       else with InsufficientNodes or InsufficientBandwidth; text and hint tell what falls short
       and with which smallest change the request would fit now.

    With `quick` less is tried, and what falls short is told without all that.

    Source: AM API v3, Allocate (all or nothing); decisions 3, 8, 10.
    """

    def again(others: Sequence[Wish]) -> Fit | Shortage | None:
        try:
            plan = plan_of(others, site, beside, foreign_interfaces)
        except AmError:
            return None
        return search(plan, site, held, quick=True)

    crowd = _too_many(wishes, site)  # 1
    if crowd is not None:
        if quick:
            raise crowd.error(crowd.message)
        changes = relaxation(wishes, crowd, again)
        raise refusal(crowd, wishes[crowd.number].resource, ever=False, changes=changes)
    plan = plan_of(wishes, site, beside, foreign_interfaces)  # 1
    vlans = tags_for(plan.links, held, tags)  # 2
    found = search(plan, site, held, quick=quick)  # 3
    if not isinstance(found, Fit):
        if quick:
            raise found.error(found.message)
        fit = search(plan, site, {}, afresh=True) if _used(wishes, site, held) else found  # 4
        ever = True if isinstance(fit, Fit) else False if fit.proven else None
        told = found if isinstance(fit, Fit) or not fit.proven else fit
        changes = relaxation(wishes, found, again)
        raise refusal(told, wishes[told.number].resource, ever=ever, changes=changes)
    offers = iter(found.offers)
    links = iter(zip(found.links, vlans, strict=True))
    placed = []
    for wish in wishes:
        if isinstance(wish.resource, Link):
            laid, vlan = next(links)
            placed.append(Contents(wish.resource, *laid.tagged(vlan), frame))
        else:
            host = (offer := next(offers)).host
            placed.append(
                Contents(
                    wish.resource,
                    NodePlacement(
                        host.component_id, offer.sliver_type, offer.disk_image, host.exclusive
                    ),
                    (
                        Amount(host.component_id, "slots", host.slots if host.exclusive else 1),
                        *(Amount(*one.key, one.amount) for one in offer.match.shares),
                    ),
                    frame,
                )
            )
    return placed


def _used(wishes: Sequence[Wish], site: Site, held: Mapping[Key, int]) -> bool:
    """Whether the empty site would be another one."""
    return (
        any(held.values())
        or any(one.keep is not None for one in wishes)
        or not all(host.available for host in site.hosts)
    )


def _too_many(wishes: Sequence[Wish], site: Site) -> Shortage | None:
    """More nodes than all hosts have room for; those beyond are too many."""
    nodes = [number for number, one in enumerate(wishes) if isinstance(one.resource, Node)]
    room = sum(
        1 if host.exclusive else host.slots
        for host in site.hosts
        if host.sliver_types and not host.switch
    )
    # where no host takes anything at all, what is offered is to be told
    if not len(nodes) > room > 0:
        return None
    message = f"{len(nodes)} nodes wanted, room for {room} available"
    return Shortage(
        InsufficientNodes, nodes[room], "nodes", len(nodes), room, message,
        proven=True, excess=tuple(nodes[room:]),
    )  # fmt: skip
