"""What became different since the last release, and which record of the next one says so.

Facts on lifecycle 2.6: what a client could notice needs a record; what was released is never
edited or deleted, only followed by more.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from gcf_am.surface.lifecycle import Change
from gcf_am.surface.snapshot import Plainly

Needs = Change | None
Rule = Callable[[Any, Any], Needs]


def _grows(old: Any, new: Any) -> Needs:
    """More than before is an extension; anything less breaks somebody."""
    if old is None or new is None:
        return Change.CHANGE
    return Change.EXTEND if set(old) <= set(new) else Change.CHANGE


def _answers(old: Any, new: Any) -> Needs:
    """Clients have to expect another answer; that one is never given again breaks nobody."""
    return Change.EXTEND if set(new) - set(old) else None


def _allows(_old: bool, new: bool) -> Needs:
    return Change.EXTEND if new else Change.CHANGE


def _demands(_old: bool, new: bool) -> Needs:
    return Change.CHANGE if new else Change.EXTEND


def _may_be_left_out(_old: bool, new: bool) -> Needs:
    """Who was told that it may be missing is not surprised that it never is."""
    return Change.CHANGE if new else None


def _adds(old: Any, _new: Any) -> Needs:
    return Change.EXTEND if old is None else Change.CHANGE


# What a difference in a member of the shape needs; any other member needs `changed`.
_RULES: Final[dict[str, Rule]] = {
    "answered": _allows,
    "answers": _answers,
    "errors": _answers,
    "hint": _adds,
    "implemented": _allows,
    "kinds": _grows,
    "match": _allows,
    "must_match": _demands,
    "needs": _grows,
    "needs_on_slice": _grows,
    "optional": _may_be_left_out,
    "optional_options": _allows,
    "public": _allows,
    "required": _demands,
    "takes": _grows,
    "update": _allows,
    "who": _grows,
}


def undeclared_changes(before: Plainly, now: Plainly) -> list[str]:
    """What of `now` no record accounts for, since the release that `before` was frozen with.

    (1) What was there is there; what goes away is marked removed.
    (2) Records that came out stand as they were, and others follow them.
    (3) New records name the release that `now` is made for.
    (4) A difference in shape has a record that is big enough.
    (5) What is new and demanded of clients changes what it belongs to.
    """
    old, new, release = before["elements"], now["elements"], now["release"]
    found: list[str] = []
    for identity in sorted(old.keys() | new.keys()):
        if identity not in new:
            # (1) gone
            found.append(f"{identity} is gone: declare it, and mark it removed")
        elif identity not in old:
            found += _new(identity, old, new, release)
        else:
            found += _edited(identity, old[identity], new[identity], release)
    return found


def _new(identity: str, old: Plainly, new: Plainly, release: str) -> Iterator[str]:
    one = new[identity]
    # (3) new records
    if any(record["release"] != release for record in one["history"]):
        yield f"{identity} is new: its records begin in {release}"
    # (5) demanded of clients
    parent = identity.rpartition("/")[0]
    if one["shape"].get("required") and parent in old:
        yield from _lacking(
            parent, new[parent], release, Change.CHANGE, f"it demands {identity} now"
        )


def _edited(identity: str, old: Plainly, new: Plainly, release: str) -> Iterator[str]:
    # (2) old records
    kept = len(old["history"])
    if new["history"][:kept] != old["history"]:
        yield f"{identity}: a record that is out was edited; add another"
        return
    # (3) new records
    for record in new["history"][kept:]:
        if record["release"] != release:
            yield f"{identity}: {record['change']} names {record['release']}, not {release}"
    # (4) shape
    if old["kind"] != new["kind"]:
        yield f"{identity} was a {old['kind']} and is a {new['kind']}: take another id"
        return
    was, is_ = old["shape"], new["shape"]
    for name in sorted(was.keys() | is_.keys()):
        before, after = was.get(name), is_.get(name)
        if before != after:
            needs = _RULES.get(name, _always)(before, after)
            what = f"{name} was {before!r} and is {after!r}"
            yield from _lacking(identity, new, release, needs, what)


def _always(_old: Any, _new: Any) -> Needs:
    return Change.CHANGE


def _lacking(identity: str, told: Plainly, release: str, needs: Needs, what: str) -> Iterator[str]:
    """The complaint, unless a record of the release is big enough; `changed` always is."""
    if needs is None:
        return
    enough = {needs, Change.CHANGE}
    if not any(r["release"] == release and r["change"] in enough for r in told["history"]):
        yield f"{identity}: {what}, which needs a record: {needs} in {release}"
