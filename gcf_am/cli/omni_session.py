"""One run of gcf-omni: the configuration, who we are, and the servers that are asked."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

import click

from gcf_am.cli.omni_options import Settings
from gcf_am.client.aggregate import RSPEC, Aggregate
from gcf_am.client.clearinghouse import Clearinghouse
from gcf_am.client.credential_file import Credential, load_credential
from gcf_am.client.federation import FederationAuthority
from gcf_am.client.omni_config import OmniConfig, Place, find_omni_config, read_omni_config
from gcf_am.client.transport import Endpoint, Identity
from gcf_am.errors import ConfigError
from gcf_am.trust.certificates import load_chain
from gcf_am.trust.refusal import Refusal
from gcf_am.urn import Urn

_SECONDS: Final = 360.0
_LARGEST_KEY: Final = 16 * 1024


@dataclass
class Session:
    """What the commands work with; everything is read or asked for when it is needed."""

    settings: Settings
    _endpoints: dict[str, Endpoint] = field(default_factory=dict, repr=False)

    @cached_property
    def config(self) -> OmniConfig:
        """The Omni configuration; raises ConfigError."""
        file = find_omni_config(self.settings.configfile)
        return read_omni_config(file, framework=self.settings.framework)

    @cached_property
    def identity(self) -> Identity:
        """Our certificate and key, and what servers are checked against."""
        framework = self.config.framework
        return Identity(framework.certificate, framework.key, framework.ca)

    @cached_property
    def certificate(self) -> str:
        """Our certificate with its chain, PEM."""
        file = self.identity.certificate
        try:
            return file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"the certificate {file} cannot be read") from error

    @cached_property
    def user(self) -> Urn:
        """Who we are."""
        try:
            return load_chain(self.certificate)[0].named
        except Refusal as error:
            raise ConfigError(f"the certificate {self.identity.certificate}: {error}") from error

    def endpoint(self, url: str) -> Endpoint:
        """The connection to a server, kept for the whole run."""
        if url not in self._endpoints:
            seconds = self.settings.ssltimeout or _SECONDS
            self._endpoints[url] = Endpoint(url, self.identity, seconds)
        return self._endpoints[url]

    @cached_property
    def clearinghouse(self) -> Clearinghouse:
        """The framework's clearinghouse."""
        return Clearinghouse(self.endpoint(self.config.framework.url))

    def authority(self, name: str) -> FederationAuthority:
        """The clearinghouse's slice or member authority (`SA`, `MA`)."""
        return FederationAuthority(self.endpoint(f"{self.config.framework.url.rstrip('/')}/{name}"))

    def places(self) -> tuple[Place, ...]:
        """The aggregates that are asked: those of -a, of the file, or of the clearinghouse."""
        named = self.settings.aggregate or self.config.aggregates
        if named:
            return tuple(dict.fromkeys(map(self.config.place, named)))
        found = self.clearinghouse.list_aggregates()
        if not found:
            raise ConfigError("the clearinghouse knows no aggregate: name one with -a")
        return found

    def aggregate(self, place: Place) -> Aggregate:
        """The client of one aggregate."""
        return Aggregate(
            self.endpoint(place.url),
            rspec_version=self.settings.rspectype or RSPEC,
            compressed=not self.settings.no_compress,
        )

    def slice_urn(self, text: str) -> str:
        """A slice's URN from its name or URN; raises ConfigError."""
        authority = self.config.framework.authority
        urn = (
            text
            if text.lower().startswith("urn:")
            else f"urn:publicid:IDN+{authority}+slice+{text}"
        )
        try:
            parsed = Urn.parse(urn)
        except ValueError as error:
            raise ConfigError(f"the slice: {error}") from None
        if parsed.kind != "slice" or not parsed.well_named:
            raise ConfigError(
                f"{text!r} is no slice: names have 1 to 19 letters, digits and hyphens, "
                "and do not begin with a hyphen"
            )
        return parsed.text

    def user_urn(self, text: str) -> str:
        """A user's URN from their name or URN."""
        if text.lower().startswith("urn:"):
            return text
        return f"urn:publicid:IDN+{self.config.framework.authority}+user+{text}"

    def slice_credential(self, urn: str) -> Credential:
        """The credential of a slice that is there already.

        CreateSlice is asked for it, which would make a slice that is not there: so ListMySlices
        is asked first.
        """
        if self.settings.slicecredfile is not None:
            return load_credential(self.settings.slicecredfile)
        mine = self.clearinghouse.list_my_slices(self.user.text)
        if not any(_same(one, urn) for one in mine):
            raise ConfigError(f"you have no slice {urn}; `gcf-omni createslice` makes one")
        return self.clearinghouse.create_slice(urn)

    def user_credential(self) -> Credential:
        """Our own credential."""
        if self.settings.usercredfile is not None:
            return load_credential(self.settings.usercredfile)
        return self.clearinghouse.create_user_credential(self.certificate)

    def urns(self, slice_urn: str) -> tuple[str, ...]:
        """What a call is about: the slivers of -u, else the whole slice."""
        return self.settings.sliver_urn or (slice_urn,)

    def users(self) -> list[dict[str, object]]:
        """`geni_users` of the configuration; raises ConfigError naming a key that is missing."""
        return [
            {"urn": one.urn, "keys": [text for file in one.keys for text in _keys(file)]}
            for one in self.config.people
        ]

    def close(self) -> None:
        """Let go of all connections."""
        for endpoint in self._endpoints.values():
            endpoint.close()


def open_session(settings: Settings) -> Session:
    """A session that ends with the command."""
    session = Session(settings)
    click.get_current_context().call_on_close(session.close)
    return session


def _same(one: str, other: str) -> bool:
    try:
        return Urn.parse(one) == Urn.parse(other)
    except ValueError:
        return False


def _keys(file: Path) -> Iterator[str]:
    """The public keys of a file, one a line."""
    try:
        with file.open(encoding="utf-8") as stream:
            text = stream.read(_LARGEST_KEY)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the SSH public key {file} cannot be read") from error
    if "PRIVATE KEY" in text:
        raise ConfigError(f"{file} is a private key; `keys` names public ones")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()
