"""Slices that are to be updated, and those that were: the fixtures of Update and Cancel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.documents import editing
from gcf_am.conformance.documents.reading import Element, Unread, read
from gcf_am.conformance.holding import Holding
from gcf_am.conformance.judged import manifest_of
from gcf_am.conformance.judging import manifests
from gcf_am.conformance.standing import changes, standing
from gcf_am.conformance.verdict import Skipped, Undecided

if TYPE_CHECKING:
    from gcf_am.conformance.trial import Trial

# The change that is asked for: it takes nothing, and shows in the manifest.
ADDED: Final = "added:if0"


@dataclass(frozen=True, slots=True)
class Base:
    """A slice that holds what `request` asks for; `ids` are sliver URNs by client_id.

    `before` is what Status told of each sliver.
    """

    held: Holding
    request: str
    ids: Mapping[str, str]
    before: Mapping[str, Mapping[str, Any]]

    @property
    def slice(self) -> str:
        """The slice's URN."""
        return self.held.urn

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """What calls on the slice carry."""
        return self.held.credentials

    @property
    def urns(self) -> list[str]:
        """The slivers' URNs."""
        return list(self.before)

    @property
    def first(self) -> str:
        """The client_id of the first node."""
        return next(iter(editing.names(self.request)))

    def changed(self, name: str = ADDED) -> str:
        """The same request, with sliver_ids, and one more interface on the first node."""
        return editing.identified(editing.with_interface(self.request, self.first, name), self.ids)

    def unchanged(self) -> str:
        """The same request with sliver_ids."""
        return editing.identified(self.request, self.ids)


def allocated(trial: "Trial", count: int = 1, *, request: str | None = None) -> Base:
    """A slice with so many nodes allocated."""
    wanted = trial.request(count) if request is None else request
    return _base(trial, trial.allocated(request=wanted), wanted)


def provisioned(trial: "Trial", count: int = 1, *, request: str | None = None) -> Base:
    """A slice with so many nodes provisioned."""
    wanted = trial.request(count) if request is None else request
    return _base(trial, trial.provisioned(request=wanted), wanted)


def _base(trial: "Trial", held: Holding, request: str) -> Base:
    try:
        ids = manifests.slivers(read(held.manifest, "manifest"))
    except Unread as error:
        raise Undecided(f"the manifest cannot be read: {error}") from None
    before = standing(trial, held)
    if not set(editing.names(request)) <= set(ids):
        raise Undecided(f"the manifest does not show the slivers of all nodes: {ids}")
    if len(set(ids.values())) < len(ids):
        raise Skipped("several nodes of a slice are one sliver here")
    return Base(held, request, ids, before)


def now(trial: "Trial", base: Base) -> Mapping[str, Mapping[str, Any]]:
    """What Status tells of each sliver now."""
    return standing(trial, base.held)


def update(
    trial: "Trial", base: Base, wanted: str, urns: Sequence[str] | None = None, **options: Any
) -> Answer:
    """Call Update on the slice, or on these slivers."""
    named = [base.slice] if urns is None else list(urns)
    return trial.call("Update", named, base.credentials, wanted, options)


def cancel(trial: "Trial", base: Base, urns: Sequence[str] | None = None, **options: Any) -> Answer:
    """Call Cancel on the slice, or on these slivers."""
    named = [base.slice] if urns is None else list(urns)
    return trial.call("Cancel", named, base.credentials, options)


def provision(trial: "Trial", base: Base) -> Answer:
    """Call Provision on the slice."""
    return trial.call("Provision", [base.slice], base.credentials, dict(GENI3))


def updating(trial: "Trial", count: int = 1) -> Base:
    """A slice with so many nodes provisioned, of which the first is changed: all are updating."""
    base = provisioned(trial, count)
    done(update(trial, base, base.changed()))
    return base


def done(answer: Answer) -> Any:
    """The value of a call that only prepares; Undecided where it failed."""
    if answer.code != 0:
        raise Undecided(f"it could not be brought so far: {answer.brief}")
    return answer.value


def described(trial: "Trial", base: Base, **options: Any) -> Element:
    """The manifest that Describe tells of the slice."""
    answer = trial.call("Describe", [base.slice], base.credentials, {**GENI3, **options})
    return manifest_of(trial, trial.succeeds(answer))


def interfaces(manifest: Element) -> set[str]:
    """The client_ids of all interfaces of nodes that are slivers."""
    return {
        one.get("client_id", "")
        for node in manifest.iterfind("{*}node")
        if node.get("sliver_id")
        for one in node.iterfind("{*}interface")
    }


def unhindered(trial: "Trial", base: Base) -> list[str]:
    """Whether states, times and contents are what they were before a call that was refused."""
    return changes(trial, base.held, base.before)
