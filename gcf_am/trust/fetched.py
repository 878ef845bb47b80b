"""Roots that a pinned clearinghouse told us: what of its answer is taken, and how it is kept.

Source: FED 3.4 (what a fetched root may be, and when it is given up).
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gcf_am.trust.certificates import Certificate, load_chain
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import Root
from gcf_am.trust.terms import Source, Terms
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Told:
    """A root that a source told; `missed` counts the answers since then that lacked it."""

    certificate: Certificate
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What is kept of a source's answers, the last good one and those before."""

    roots: tuple[Told, ...] = ()

    @classmethod
    def read(cls, data: bytes) -> "Fetched":
        """What `write` wrote; raises Refusal."""
        try:
            rows: list[dict[str, Any]] = json.loads(data)["roots"]
            return cls(tuple(Told(_one(row["pem"]), int(row["missed"])) for row in rows))
        except (ValueError, LookupError, TypeError) as error:
            raise Refusal("fetched.form", "it is not what was written here") from error

    def write(self) -> str:
        """As JSON that a person can read, too."""
        rows = [
            {"urn": one.certificate.named.text, "missed": one.missed, "pem": one.certificate.pem}
            for one in self.roots
        ]
        return json.dumps({"roots": rows}, indent=1) + "\n"


def take(
    answer: Iterable[str],
    source: Source,
    before: Fetched,
    *,
    ours: Urn,
    own: Collection[Certificate],
    now: datetime,
) -> tuple[Fetched, list[str]]:
    """What is kept after an answer of get_trust_roots (PEM), and why the rest of it is refused.

    `ours` is the aggregate, `own` are the roots that the operator put there. A certificate counts
    when

    (1) it can be read, and is no root of the operator's own already;
    (2) it is a CA, and an authority;
    (3) it is valid now;
    (4) its namespace lies within those that the source may tell of;
    (5) its namespace is not ours: nobody outside names our people.

    A root of before that the answer lacks is kept until `forget_after` answers in a row lacked
    it. An answer with nothing that counts changes nothing, like none.
    """
    taken: dict[Certificate, Told] = {}
    problems: list[str] = []
    for text in answer:
        try:
            # (1) readable, and new
            certificates = [one for one in load_chain(text) if one not in own]
            for one in certificates:
                _judge(one, source, ours, now)
                taken[one] = Told(one)
        except Refusal as refusal:
            problems.append(str(refusal))
    if not taken:
        return before, [*problems, "the answer holds no root that could be taken"]
    missing = [
        replace(one, missed=one.missed + 1)
        for one in before.roots
        if one.certificate not in taken and one.missed + 1 < source.forget_after
    ]
    return Fetched((*taken.values(), *missing)), problems


def _judge(one: Certificate, source: Source, ours: Urn, now: datetime) -> None:
    # (2) an authority, (4) for namespaces of the source
    Root(one, "", Terms(namespaces=source.namespaces))
    # (3) in its time
    if not one.not_before <= now < one.not_after:
        raise Refusal("certificate.expired", f"the certificate of {one.urn} is not valid now")
    # (5) nobody's but ours
    if one.named.covers(ours) or ours.covers(one.named):
        raise Refusal("fetched.ours", f"{one.urn} is for the namespace of this aggregate")


def _one(pem: str) -> Certificate:
    (certificate,) = load_chain(pem)
    return certificate
