"""What stands in for credentials and keys when a cassette is played: no secret is kept in one.

The kit then signs with a key that it makes up; nothing of that is sent to anybody.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from gcf_am.client import transport
from gcf_am.client.credential_file import Credential, read_credential
from gcf_am.conformance.forging.identity import Identity, write_chain
from gcf_am.conformance.forging.statement import Statement, issue, read_statement
from gcf_am.conformance.target import Person


def said_by(credential: Credential) -> dict[str, Any]:
    """What a credential says, without its certificates and signatures; raises ValueError."""
    said = read_statement(credential.text)
    return {
        "owner_urn": said.owner_urn,
        "target_urn": said.target_urn,
        "expires": said.expires,
        "privileges": [list(one) for one in said.privileges],
    }


def stand_in(told: Mapping[str, Any], owner: Identity) -> Credential:
    """A credential that says the same, signed by its owner: good for nothing."""
    text = issue(
        Statement(
            owner_gid=owner.gid,
            owner_urn=told["owner_urn"],
            target_gid=owner.gid,
            target_urn=told["target_urn"],
            expires=told["expires"],
            privileges=tuple((str(name), bool(given)) for name, given in told["privileges"]),
        ),
        owner,
    )
    return read_credential(text)


def told_of(person: Person) -> dict[str, Any]:
    """What a cassette keeps of somebody: the certificates, and what the user credential says."""
    # the file may hold the key as well: only what is a certificate is taken
    chain = x509.load_pem_x509_certificates(person.shown.certificate.read_bytes())
    return {
        "urn": person.urn,
        "certificates": write_chain(chain),
        "credential": said_by(person.credential()),
    }


def played_person(told: Mapping[str, Any], folder: Path, name: str) -> Person:
    """Somebody of a cassette, with a key that is not theirs."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = Identity(key, tuple(x509.load_pem_x509_certificates(told["certificates"].encode())))
    certificate, file = who.write(folder, name)
    credential = stand_in(told["credential"], who)
    return Person(told["urn"], transport.Identity(certificate, file), lambda: credential)
