"""How a host's features suit what a node desires (emulab/1, element fd)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gcf_am.model.features import Counts, Feature
from gcf_am.model.placement.ledger import Key
from gcf_am.model.site import Host, Site


@dataclass(frozen=True, slots=True)
class Share:
    """So much of a feature that adds up, in thousandths, and how much its host has in all."""

    key: Key
    amount: int
    limit: int


@dataclass(frozen=True, slots=True)
class Match:
    """What it costs to put a node on a host: the lower, the better it suits.

    `cost` comes with the pair alone; `counted` are features whose cost depends on how many nodes
    of the request get them. `shares` are held on the host.
    """

    cost: float = 0.0
    counted: tuple[Feature, ...] = ()
    shares: tuple[Share, ...] = ()

    def cost_now(self, used: Mapping[str, int]) -> float:
        """The cost when `used` nodes of the request have got each counted feature."""
        return self.cost + sum(
            one.weight
            for one in self.counted
            if (one.counts is Counts.FIRST_FREE) is bool(used.get(one.name))
        )


def match(desires: Sequence[Feature], host: Host, site: Site) -> Match | None:
    """How the host suits; None when a hard desire cannot be met there, however empty it is.

    1. A desire is met by the host's feature of that name; one that adds up, by enough of it.
       An amount is held where either side says that it is no mere wish.
    2. What is not met costs its weight; of an amount, the part that is lacking.
    3. A feature that is had and not desired costs its weight; an amount does not.

    Source: RSpec extension emulab/1, FeatureDesireSpec.
    """
    cost, shares = 0.0, []
    features = site.features[host.component_id]
    for desire in desires:  # 1, 2
        feature = features.get(desire.name)
        if feature is not None and not (desire.adds and feature.adds):
            continue
        has = 0 if feature is None else feature.amount
        hard = desire.hard or (feature is not None and feature.violatable)
        if feature is None or has < desire.amount:
            if hard:
                return None
            cost += (desire.amount - has) / desire.amount if desire.adds else desire.weight
        elif hard and desire.amount:
            shares.append(Share((host.component_id, f"feature:{desire.name}"), desire.amount, has))
    wasted = site.costly[host.component_id]  # 3
    if wasted and desires:
        desired = {one.name for one in desires}
        wasted = tuple(one for one in wasted if one.name not in desired)
    cost += sum(one.weight for one in wasted if one.counts is None)
    counted = tuple(one for one in wasted if one.counts is not None)
    return Match(cost, counted, tuple(shares))


def lack(desires: Sequence[Feature], hosts: Sequence[Host], site: Site) -> str | None:
    """Which desire none of the hosts can meet, in words: what is wanted, what there is."""
    for desire in desires:
        if any(match([desire], host, site) is not None for host in hosts):
            continue
        features = (site.features[host.component_id].get(desire.name) for host in hosts)
        most = max((one.amount for one in features if one is not None), default=None)
        if desire.adds and most is not None:
            return f"{desire.weight:g} of {desire.name!r}, of which the most is {most / 1000:g}"
        return f"feature {desire.name!r}"
    return None
