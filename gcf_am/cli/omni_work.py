"""What every command on a slice's slivers does: ask, wait, show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gcf_am.cli.omni_aggregates import ask
from gcf_am.cli.omni_options import Settings
from gcf_am.cli.omni_output import deliver, wants_document
from gcf_am.cli.omni_progress import wait
from gcf_am.cli.omni_session import Session, open_session
from gcf_am.cli.tables import heading, make_console, manifest_tables, sliver_tables
from gcf_am.client.aggregate import Aggregate, Credentials
from gcf_am.client.answers import Slivers
from gcf_am.client.omni_config import Place
from gcf_am.client.shown import UnreadableRspec, links_of, names_in, nodes_of
from gcf_am.errors import GcfAmError

_MANIFEST: Final = "manifest-rspec.xml"


@dataclass(frozen=True, slots=True)
class Work:
    """What a command does at one aggregate: whom to ask, about which slice or slivers of it."""

    session: Session
    aggregate: Aggregate
    slice_urn: str
    urns: Sequence[str]
    credentials: Credentials

    def names(self) -> dict[str, str]:
        """client_ids by sliver URN, for tables; none where the aggregate does not tell them."""
        try:
            return names_in(self.aggregate.describe([self.slice_urn], self.credentials).rspec)
        except GcfAmError:
            return {}


def on_slice(
    settings: Settings,
    slice_name: str,
    call: Callable[[Work], Slivers],
    *,
    named: bool = False,
) -> None:
    """Do something with a slice's slivers at each aggregate, and wait where --wait says so.

    With `named` a table's names are asked for first: the answer of `call` does not tell them.
    """
    session = open_session(settings)
    slice_urn = session.slice_urn(slice_name)
    if settings.operator:
        credentials = [session.user_credential()]
    else:
        credentials = [session.slice_credential(slice_urn)]
    known: dict[str, str] = {}

    def work(aggregate: Aggregate, _: Place) -> Slivers:
        task = Work(session, aggregate, slice_urn, session.urns(slice_urn), credentials)
        if named and not settings.json:
            known.update(task.names())
        answer = call(task)
        if not settings.wait:
            return answer
        urns = tuple(one.urn for one in answer.slivers) or task.urns
        names = {**known, **_names(answer)}
        seen = wait(settings, lambda: aggregate.status(urns, credentials), known=names)
        return replace(seen, rspec=answer.rspec)

    ask(session, work, lambda place, answer: _present(session, place, answer, slice_urn, known))


def _names(answer: Slivers) -> dict[str, str]:
    """client_ids by sliver URN, where the answer has a manifest that tells them."""
    try:
        return names_in(answer.rspec) if answer.rspec else {}
    except UnreadableRspec:
        return {}


def _present(
    session: Session, place: Place, answer: Slivers, slice_urn: str, known: Mapping[str, str]
) -> None:
    """Show what a call did: the manifest where a document is wanted, else tables."""
    server = session.config.nickname(place.url)
    if answer.rspec and wants_document(session.settings):
        deliver(session.settings, answer.rspec, what=_MANIFEST, slice_name=slice_urn, server=server)
        return
    console = make_console()
    console.print(heading(f"{slice_urn} at {server}"), soft_wrap=True)
    if not answer.rspec:
        console.print(sliver_tables(answer, known))
        return
    try:
        shown = nodes_of(answer.rspec), links_of(answer.rspec)
    except UnreadableRspec as error:
        console.print(heading(str(error)))
        console.print(sliver_tables(answer, known))
        return
    console.print(sliver_tables(answer, {**known, **names_in(answer.rspec)}))
    if any(shown):
        console.print()
        console.print(manifest_tables(*shown))
