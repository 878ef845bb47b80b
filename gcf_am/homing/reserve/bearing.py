"""The credentials that came with a plan, as calls carry them."""

from gcf_am.client.credential_file import Credential, UnreadableCredential, read_credential
from gcf_am.homing.plans.vault import Credentials
from gcf_am.homing.reserve.controller import Bearer


def readable(credentials: Credentials) -> tuple[Credential, ...]:
    """Credentials as the client sends them; raises UnreadableCredential."""
    return tuple(
        Credential(
            text=one["geni_value"],
            kind=one["geni_type"],
            version=one["geni_version"],
            target=(read := read_credential(one["geni_value"])).target,
            expires=read.expires,
        )
        for one in credentials
    )


def bearer_of(owner: str, credentials: Credentials) -> Bearer:
    """In whose name the plan's calls are made: with a geni_abac credential, in its owner's."""
    try:
        found = readable(credentials)
    except UnreadableCredential:  # those that were taken could be read
        found = ()
    speaks = any(one.kind.lower() == "geni_abac" for one in found)
    return Bearer(found, owner if speaks else "")


def slice_of(credentials: tuple[Credential, ...]) -> str:
    """The slice that a credential is for; empty when none is."""
    targets = (one.target for one in credentials if "+slice+" in one.target.lower())
    return next(targets, "")
