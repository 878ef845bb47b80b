"""Where advertisements and manifests come from."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from gcf_am.client.aggregate import Aggregate
from gcf_am.client.transport import Endpoint
from gcf_am.errors import GcfAmError
from gcf_am.homing.inventory.provider import Context


class NoSlivers(GcfAmError):
    """A source knows of no slivers."""


class Source(Protocol):
    """One aggregate. Every method may be called from several threads at once, and raises
    GcfAmError when there is no answer.
    """

    @property
    def name(self) -> str:
        """What messages call it."""
        ...

    def audience(self, context: Context) -> str:
        """Whose answer it is: those of the same audience are answered the same."""
        ...

    def advertisement(self, context: Context) -> bytes | str:
        """What it offers now."""
        ...

    def manifest(self, slice_urn: str, context: Context) -> bytes | str:
        """The slivers of a slice."""
        ...


@dataclass(frozen=True, slots=True)
class Remote:
    """An aggregate over its AM API; `connect` makes an endpoint for one thread's calls."""

    name: str
    connect: Callable[[Context], Endpoint]

    def audience(self, context: Context) -> str:
        """Each caller's own: what is offered may depend on who asks."""
        return context.caller

    def advertisement(self, context: Context) -> str:
        """ListResources, of what is available."""
        with closing(self.connect(context)) as endpoint:
            return Aggregate(endpoint).list_resources(context.credentials, available=True)

    def manifest(self, slice_urn: str, context: Context) -> str:
        """Describe, of the slice."""
        with closing(self.connect(context)) as endpoint:
            return Aggregate(endpoint).describe([slice_urn], context.credentials).rspec


@dataclass(frozen=True, slots=True)
class Own:
    """An aggregate of this process, asked without a network; or a document that was read.

    `slivers` answers a manifest by the slice's URN, in the context's name.
    """

    name: str
    offers: Callable[[], bytes | str]
    slivers: Callable[[str, Context], bytes | str] | None = None

    def audience(self, context: Context) -> str:  # noqa: ARG002
        """Everybody."""
        return ""

    def advertisement(self, context: Context) -> bytes | str:  # noqa: ARG002
        """Its own."""
        return self.offers()

    def manifest(self, slice_urn: str, context: Context) -> bytes | str:
        """Its own; raises NoSlivers where it was given none."""
        if self.slivers is None:
            raise NoSlivers(f"{self.name} tells of no slivers")
        return self.slivers(slice_urn, context)
