"""What the operator refuses, whoever signed it: the emergency measure."""

import re
from dataclasses import dataclass, field
from typing import Final

from gcf_am.errors import CREDENTIAL_SIGNER_UNTRUSTED, ConfigError
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.terms import read_item
from gcf_am.urn import Urn

FILE: Final = "denied"
_SERIAL: Final = re.compile(r"serial\s+([0-9A-Fa-f:]+)(?:\s+(urn:\S+))?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Denied:
    """URNs, SHA-256 sums of certificates and credentials, and serial numbers of certificates.

    `serials` are (number, URN of the issuer), the URN None where any issuer's is meant.
    """

    sums: frozenset[str] = field(default=frozenset())
    urns: frozenset[Urn] = field(default=frozenset())
    serials: frozenset[tuple[int, Urn | None]] = field(default=frozenset())

    @classmethod
    def read(cls, data: bytes) -> "Denied":
        """Read the file `denied`: an item a line, `#` begins a comment. Raises Refusal.

        An item is a URN, a SHA-256 sum in hexadecimal, or `serial NUMBER` as openssl prints it,
        which the URN of its issuer may follow.
        """
        sums: set[str] = set()
        urns: set[Urn] = set()
        serials: set[tuple[int, Urn | None]] = set()
        for line in data.decode("utf-8", "replace").splitlines():
            item = line.partition("#")[0].strip()
            if not item:
                continue
            try:
                if item[:7].lower() == "serial ":
                    serials.add(_serial(item))
                    continue
                meant = read_item(item, "denied")
            except ConfigError as error:
                raise Refusal("denied.form", str(error)) from error
            if isinstance(meant, Urn):
                urns.add(meant)
            else:
                sums.add(meant)
        return cls(frozenset(sums), frozenset(urns), frozenset(serials))

    @property
    def text(self) -> str:
        """The items, in a fixed order."""
        serials = (f"serial {number:x} {issuer or ''}" for number, issuer in self.serials)
        urns = ("+".join(one.key) for one in self.urns)
        return "\n".join(sorted((*self.sums, *urns, *serials)))

    def check(self, certificate: Certificate, issuer: Certificate) -> None:
        """Raise Refusal when the certificate, which this issuer signed, or whom it names is denied."""
        number = certificate.parsed.serial_number
        if (
            certificate.urn in self.urns
            or certificate.fingerprint in self.sums
            or (number, None) in self.serials
            or (number, issuer.urn) in self.serials
        ):
            raise Refusal(
                "certificate.denied",
                f"{certificate.urn} is refused at this aggregate",
                CREDENTIAL_SIGNER_UNTRUSTED,
            )


def _serial(item: str) -> tuple[int, Urn | None]:
    match = _SERIAL.fullmatch(item)
    if match is None:
        raise ConfigError(f"denied: {item[:80]!r} is not `serial NUMBER [URN of the issuer]`")
    issuer = read_item(match[2], "denied") if match[2] else None
    return int(match[1].replace(":", ""), 16), issuer if isinstance(issuer, Urn) else None
