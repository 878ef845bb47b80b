"""The refusal of what does not fit: what falls short, whether it ever could fit, what would help."""

from collections.abc import Sequence

from gcf_am.errors import AmError, TooBig
from gcf_am.model.placement.change import Change, in_words
from gcf_am.model.placement.shortage import Shortage
from gcf_am.model.topology import Link, Node, Resource


def refusal(
    short: Shortage, resource: Resource, *, ever: bool | None, changes: Sequence[Change] | None
) -> AmError:
    """The error for a shortage, with the same as a struct in its hint.

    `ever` tells whether the empty site has room, None where that was too hard to decide.
    `changes` are what would help, None where nothing was found.
    """
    error: type[AmError] = TooBig if ever is False else short.error
    begin = "more is asked for than this aggregate has: " if ever is False else ""
    end = f"; it would fit {in_words(changes)}" if changes else ""
    return error(f"{begin}{short.message}{end}", hint=_struct(short, resource, ever, changes or ()))


def _struct(
    short: Shortage, resource: Resource, ever: bool | None, changes: Sequence[Change]
) -> dict[str, object]:
    """The member `gcfam_shortage`, as the surface declares it."""
    return {
        "gcfam_shortage": {
            "element": resource.client_id,
            "kind": _kind(resource),
            "resource": short.what,
            "wanted": f"{short.wanted:.12g}",
            "available": f"{short.available:.12g}",
            "ever": {True: "yes", False: "no", None: "unknown"}[ever],
            "relaxation": [
                {
                    "change": one.kind.value,
                    "element": one.element.client_id,
                    "kind": _kind(one.element),
                    **({"value": one.value} if one.value else {}),
                }
                for one in changes
            ],
        }
    }


def _kind(resource: Node | Link) -> str:
    return "node" if isinstance(resource, Node) else "link"
