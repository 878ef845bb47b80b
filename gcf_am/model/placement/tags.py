"""VLAN tags for links."""

from collections.abc import Mapping, Sequence

from gcf_am.errors import BadArgs, TooBig, VlanUnavailable
from gcf_am.model.placement.ledger import Key
from gcf_am.model.placement.plan import LinkPlan
from gcf_am.model.sliver import LinkPlacement


def tags_for(links: Sequence[LinkPlan], held: Mapping[Key, int], pool: range) -> list[int]:
    """A tag for every link, in their order.

    1. A tag that is asked for, when it is free or the link's own.
    2. The tag a changed link has.
    3. The lowest free one.

    The old tags of all changed links stay taken (decision 3). Raises BadArgs for what is no tag,
    VlanUnavailable when a tag is taken or none is left, TooBig when there never were so many.
    """
    if len(links) > len(pool):
        raise TooBig(f"{len(links)} links are asked for; there are {len(pool)} VLAN tags")
    owner = {old: one for one in links if (old := _old_tag(one)) is not None}
    given: dict[int, LinkPlan] = {}
    asked = [_asked(one, pool) for one in links]
    for one, tag in zip(links, asked, strict=True):
        if tag is None:
            continue
        if tag in given or owner.get(tag, one) is not one or (f"vlan:{tag}", "vlan") in held:
            raise VlanUnavailable(f"{one.wish.title} asks for VLAN tag {tag}, which is taken")
        given[tag] = one  # 1
    free = iter(
        tag
        for tag in pool
        if tag not in given and tag not in owner and not held.get((f"vlan:{tag}", "vlan"))
    )
    tags = []
    for one, tag in zip(links, asked, strict=True):
        chosen = tag or _old_tag(one) or next(free, None)  # 2, 3
        if chosen is None:
            raise VlanUnavailable(f"{one.wish.title} needs a VLAN tag; all {len(pool)} are taken")
        tags.append(chosen)
    return tags


def _asked(plan: LinkPlan, pool: range) -> int | None:
    text = plan.link.vlan
    if text is None or text.lower() in {"", "any"}:
        return None
    if not (text.isascii() and text.isdigit()):
        raise BadArgs(f"{plan.wish.title} asks for VLAN tag {text!r}, which is not a number")
    tag = int(text[:9])
    if tag not in pool:
        raise VlanUnavailable(
            f"{plan.wish.title} asks for VLAN tag {text}; tags from {pool[0]} to {pool[-1]}"
            " can be had"
        )
    return tag


def _old_tag(plan: LinkPlan) -> int | None:
    keep = plan.wish.keep
    return keep.placement.vlan if keep and isinstance(keep.placement, LinkPlacement) else None
