"""What a check says of what came back: a judgment's faults are what was there instead."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gcf_am.client.answers import BadAnswer, inflated
from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.documents.reading import Element, Unread, read
from gcf_am.conformance.judging.advertised import manager_urn
from gcf_am.conformance.verdict import Failed, Undecided

if TYPE_CHECKING:
    from gcf_am.conformance.trial import Trial

_SHOWN = 5


def faultless(trial: "Trial", expected: str, faults: Sequence[str]) -> None:
    """The rule held when there are no faults; otherwise the first few of them tell why not."""
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    trial.expect(not faults, expected, "; ".join(faults[:_SHOWN]) + more)


def manifest_of(trial: "Trial", value: Any) -> Element:
    """The manifest in a value; the rule did not hold where it is none."""
    text = value.get("geni_rspec") if isinstance(value, dict) else value
    return document(trial, text, "manifest")


def document(trial: "Trial", text: object, kind: str) -> Element:
    """A document read; the rule did not hold where it cannot be."""
    try:
        return read(text, kind)
    except Unread as error:
        trial.expect(False, f"a {kind} RSpec of version 3", error)
        raise


def unpacked(trial: "Trial", told: object, expected: str) -> str:
    """A document that was to come compressed; the rule did not hold where it did not."""
    packed = told if isinstance(told, str) and not told.lstrip().startswith("<") else ""
    trial.expect(bool(packed), expected, told)
    try:
        return inflated(packed)
    except BadAnswer as error:
        raise Failed(expected, f"{error}: {packed[:60]}") from None


def manager(trial: "Trial") -> str:
    """The aggregate's URN: GetVersion's, or what its advertisement calls its manager."""
    urn = trial.abilities.urn
    if not manager_urn(urn):
        return urn
    nodes = trial.ad.nodes
    return nodes[0].manager if nodes else trial.cannot_tell("the aggregate's URN is told nowhere")


def comes(
    trial: "Trial", look: Callable[[], bool], expected: str, seconds: float | None = None
) -> None:
    """What must come after a while; the rule did not hold when patience ends."""
    try:
        trial.until(lambda: look() or None, expected, seconds)
    except Undecided as undecided:
        raise Failed(expected, undecided.reason) from None


def is_free(trial: "Trial", component: str) -> bool:
    """Whether the advertisement, asked now, says that a component can be had."""
    options = {**GENI3, "geni_available": False, "geni_compressed": False}
    answer = trial.call("ListResources", trial.listing_credentials(), options)
    ad = document(trial, trial.succeeds(answer), "ad")
    for node in ad.iterfind("{*}node"):
        if node.get("component_id") == component:
            told = node.find("{*}available")
            return told is not None and told.get("now") in {"true", "1"}
    return False
