"""One XML-RPC call over TLS with a client certificate; nothing is believed of the other side.

The answer is bounded in size and time, redirects are not followed, proxies are not asked, and
what goes wrong is told in one sentence.
"""

import http.client
import select
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from gcf_am import __version__
from gcf_am.errors import ConfigError, GcfAmError
from gcf_am.xmlrpc.codec import XmlLimits, read_response, write_call
from gcf_am.xmlrpc.fault import Fault, ToldFault

_CHUNK: Final = 65_536
# What servers say of our certificate; what stands before it differs between OpenSSL's versions.
_ALERTS: Final = {
    "ALERT_UNKNOWN_CA": "it does not trust who signed your certificate",
    "ALERT_CERTIFICATE_EXPIRED": "your certificate has expired",
}


class Unreachable(GcfAmError):
    """The server gave no answer we could use: not there, not ours, too slow, not XML-RPC."""


class Faulted(GcfAmError):
    """The server answered with an XML-RPC Fault."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"refused: {reason or 'no reason given'}")
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are to servers (PEM files: certificate with its chain, private key), and what
    their certificates are checked against.

    Without `ca` any server is believed, as Omni does; credentials then go to whoever answers. When
    it is `pinned` it counts as it stands, though it be no root, as with Nobody.
    """

    certificate: Path
    key: Path
    ca: Path | None = None
    pinned: bool = False

    def context(self) -> ssl.SSLContext:
        """The TLS settings; raises ConfigError naming the file that cannot be used."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.pinned:
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        file = self.ca
        try:
            if file is None:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            else:
                context.load_verify_locations(cafile=file)
            file = self.certificate
            context.load_cert_chain(self.certificate, self.key, password=_no_password)
        except FileNotFoundError:
            missing = file if file and not file.exists() else self.key
            raise ConfigError(f"there is no file {missing}") from None
        except (OSError, ssl.SSLError) as error:
            pair = f"{file} and the key {self.key}" if file is self.certificate else f"ca {file}"
            raise ConfigError(f"{pair} cannot be used: {why(error)}") from error
        return context


@dataclass(frozen=True, slots=True)
class Nobody:
    """We show no certificate; the server's must lead to one in the file `pin` (PEM), which counts
    as it stands, though it be no root, and even the server's own.
    """

    pin: Path

    def context(self) -> ssl.SSLContext:
        """The TLS settings; raises ConfigError when the file cannot be used."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        try:
            context.load_verify_locations(cafile=self.pin)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"{self.pin} cannot be used: {why(error)}") from error
        return context


def _no_password() -> str:
    """An encrypted key would make OpenSSL ask on the terminal."""
    raise ConfigError("the private key is encrypted; gcf-omni uses keys without a passphrase")


class Shown(Protocol):
    """Who we are to a server, and whom we believe it to be."""

    def context(self) -> ssl.SSLContext:
        """The TLS settings; raises ConfigError where they cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class Posted:
    """What came back over HTTP; names of `headers` are in small letters."""

    status: int
    reason: str
    headers: Mapping[str, str]
    data: bytes

    def read(self, url: str, largest: int) -> Any:
        """The value that an XML-RPC server at `url` answered.

        Raises Faulted for an XML-RPC Fault, Unreachable for what is no answer.
        """
        if self.status != HTTPStatus.OK:
            said = self.data[:300].decode("utf-8", "replace").strip()
            raise Unreachable(f"{url} answered HTTP {self.status} {said or self.reason}")
        try:
            return read_response(self.data, XmlLimits(size=largest))
        except ToldFault as fault:
            raise Faulted(fault.code, fault.text) from None
        except Fault as fault:
            raise Unreachable(f"{url}: {fault.text}") from None


@dataclass
class Endpoint:
    """A server's URL and how to speak to it.

    `seconds` bounds a whole call, `largest` the answer in bytes. One connection is kept between
    calls; an endpoint is for one thread.
    """

    url: str
    identity: Shown
    seconds: float = 360.0
    largest: int = 64 * 1024 * 1024
    _connection: http.client.HTTPSConnection | None = field(default=None, init=False, repr=False)

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method and return what it answered.

        Raises Faulted for an XML-RPC Fault, Unreachable for everything else that went wrong.
        """
        return self.post(write_call(method, arguments)).read(self.url, self.largest)

    def post(self, body: bytes, content_type: str = "text/xml") -> Posted:
        """Send a body and receive, whatever it is; it is never sent twice. Raises Unreachable."""
        until = time.monotonic() + self.seconds
        try:
            if self._connection is not None and _closed(self._connection):
                self.close()
            return self._send(body, content_type, until)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unreachable(f"{self.url} gave no answer: {why(error)}") from error
        except Unreachable:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(self, body: bytes, content_type: str, until: float) -> Posted:
        connection = self._connection
        if connection is None:
            host, port, _ = parts_of(self.url)
            connection = http.client.HTTPSConnection(
                host, port, timeout=self.seconds, context=self.identity.context()
            )
            self._connection = connection
        headers = {"Content-Type": content_type, "User-Agent": f"gcf-omni/{__version__}"}
        connection.request("POST", parts_of(self.url)[2], body, headers)
        response = connection.getresponse()
        data = bytearray()
        while chunk := response.read1(_CHUNK):
            data += chunk
            if len(data) > self.largest:
                raise Unreachable(f"{self.url} answered with more than {self.largest} bytes")
            if time.monotonic() > until:
                raise Unreachable(f"{self.url} did not end its answer in {self.seconds:g} seconds")
        response.close()  # read1 does not tell the connection that this was all
        if response.will_close:
            self.close()
        told = {name.lower(): value for name, value in response.getheaders()}
        return Posted(response.status, response.reason, told, bytes(data))


def _closed(connection: http.client.HTTPSConnection) -> bool:
    """Whether the server has ended a connection that waits for its next call.

    Between calls a server has nothing to say: what can be read is the end.
    """
    return connection.sock is None or bool(select.select([connection.sock], [], [], 0)[0])


def parts_of(url: str) -> tuple[str, int, str]:
    """Host, port and path of an https URL; raises ConfigError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        host, port, parts = None, 0, urlsplit("")
    if parts.scheme != "https" or not host or parts.username is not None:
        raise ConfigError(f"{url!r} is no URL of the form https://host:port/")
    return host, port, parts.path or "/"


def why(error: BaseException) -> str:
    """An error of the network or of TLS in a few words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        for alert, words in _ALERTS.items():
            if (error.reason or "").endswith(alert):
                return words
        return f"TLS failed ({(error.reason or 'no reason').lower().replace('_', ' ')})"
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
