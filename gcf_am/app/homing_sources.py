"""Whom Homing asks, and who it is to them."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from gcf_am.clearinghouse.home import aggregates_of
from gcf_am.client.transport import Endpoint
from gcf_am.config import Config
from gcf_am.errors import ConfigError
from gcf_am.homing.finding import TemplateErrors
from gcf_am.homing.inventory.fitting import Advertised
from gcf_am.homing.inventory.gather import gather
from gcf_am.homing.inventory.geni import Aggregates
from gcf_am.homing.inventory.listed import read_listed
from gcf_am.homing.inventory.places import Places, read_places
from gcf_am.homing.inventory.provider import Context, Inventory
from gcf_am.homing.inventory.sources import Remote, Source
from gcf_am.homing.stock import Stock
from gcf_am.homing.terms import Template
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.list_resources import list_resources
from gcf_am.trust.directory import TrustStore
from gcf_am.urn import Urn

GENI: Final = "geni"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Who Homing is to aggregates, and the roots that theirs must lead to."""

    certificate: Path
    key: Path
    trust: TrustStore = field(repr=False)

    def context(self) -> ssl.SSLContext:
        """The TLS settings of the moment; raises ConfigError."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        roots = b"".join(root.certificate.der for root in self.trust.current().roots)
        try:
            context.load_verify_locations(cadata=roots)
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError("certificate and key in [homing] cannot be used") from error
        return context


@dataclass(frozen=True, slots=True)
class Directory:
    """Where aggregates answer: what the configuration says, else what the clearinghouse here
    knows at the moment.
    """

    config: Config

    def urls(self) -> Mapping[str, str]:
        """URLs by URN; raises ConfigError."""
        told = self.config.homing.aggregates
        if not told:
            return aggregates_of(self.config.home)
        found = {}
        for one in told:
            urn, _, url = one.partition(",")
            try:
                found[Urn.parse(urn).text] = url.strip()
            except ValueError as error:
                raise ConfigError(f"aggregates in [homing]: {error}") from None
            if not url.strip().startswith("https://"):
                raise ConfigError(f"aggregates in [homing] must be URN,URL each, not {one!r}")
        return found

    def url_of(self, urn: str) -> str | None:
        """Where one answers; None where nobody knows."""
        wanted = Urn.parse(urn)
        return next((url for one, url in self.urls().items() if Urn.parse(one) == wanted), None)


@dataclass(frozen=True, slots=True)
class Near:
    """Our own aggregate: its advertisement comes without a call, the same for everybody."""

    name: str
    aggregate: Aggregate
    remote: Remote

    def audience(self, context: Context) -> str:  # noqa: ARG002  (Source)
        """Everybody."""
        return ""

    def advertisement(self, context: Context) -> str:  # noqa: ARG002  (Source)
        """What is available now."""
        return list_resources(self.aggregate, only_available=True)

    def manifest(self, slice_urn: str, context: Context) -> str:
        """The slivers of a slice: whether the caller may see them is judged there."""
        return self.remote.manifest(slice_urn, context)


@dataclass
class Gathering:
    """Asks the aggregates of the directory; new ones are asked from the next plan on."""

    config: Config
    outgoing: Outgoing
    directory: Directory
    own: Aggregate
    seats: Callable[[str, str], int]
    _known: tuple[Mapping[str, str], Inventory] | None = field(default=None, init=False)

    def __call__(self, template: Template, context: Context) -> Stock:
        """All that the template can be solved with."""
        settings = self.config.homing
        names = (GENI, *settings.aliases)
        inventory, controller = self._inventory(), Advertised(GENI)
        return gather(
            template,
            {**dict.fromkeys(names, inventory), **lists_of(self.config)},
            dict.fromkeys(names, controller),
            replace(context, timeout=float(settings.ad_timeout_seconds)),
            places=places_of(self.config),
            seats=self.seats,
        )

    def _inventory(self) -> Inventory:
        urls = self.directory.urls()
        if self._known is None or self._known[0] != urls:
            sources = [self._source(urn, url) for urn, url in urls.items()]
            table = places_of(self.config)
            known = {urn: point for urn in urls if (point := table.of_host(urn)) is not None}
            seconds = float(self.config.homing.ad_seconds)
            self._known = (urls, Aggregates(sources, kept=seconds, places=known))
        return self._known[1]

    def _source(self, urn: str, url: str) -> Source:
        remote = Remote(urn, lambda context: Endpoint(url, self.outgoing, context.timeout))
        return Near(urn, self.own, remote) if Urn.parse(urn) == self.own.urn else remote


def lists_of(config: Config) -> dict[str, Inventory]:
    """The operator's own inventories by name, as their files are now; raises ConfigError."""
    found: dict[str, Inventory] = {}
    for name, told in config.homing.inventories.items():
        file = config.path(str(told))
        try:
            found[name] = read_listed(file.read_text("utf-8"), name=name)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{name} in [homing.inventories]: {file} cannot be read") from error
        except TemplateErrors as errors:
            raise ConfigError(f"{name} in [homing.inventories]: {file}: {errors}") from None
    return found


def places_of(config: Config) -> Places:
    """The operator's table of places; raises ConfigError."""
    if not config.homing.places:
        return Places()
    file = config.path(config.homing.places)
    try:
        return read_places(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"places in [homing]: {file} cannot be read") from error
