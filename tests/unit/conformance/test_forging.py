"""The kit's forgeries before our own trust room: each is refused for what is wrong with it alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gcf_am.conformance.forging import altering, authority, signing
from gcf_am.conformance.forging.identity import Identity, load_identity, uuid_of
from gcf_am.conformance.forging.speaking import Word, say, word_of
from gcf_am.conformance.forging.statement import (
    Statement,
    delegate,
    handed_on,
    issue,
    read_statement,
)
from gcf_am.trust.caller import Caller
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import Root, TrustSet
from gcf_am.trust.speaks_for import verify_speaks_for
from gcf_am.trust.terms import Terms
from gcf_am.trust.verifier import verify_credential
from tests.pki import NOW, Pki

PKI = Pki()
ALICE = Identity(PKI.user("alice").key, tuple(one.parsed for one in PKI.user("alice").chain))
BOB = Identity(PKI.user("bob").key, tuple(one.parsed for one in PKI.user("bob").chain))
TRUST = TrustSet((Root(PKI.root.certificate, "root.pem", Terms(speaks_for_tools=("*",))),))
SHA1 = TrustSet((Root(PKI.root.certificate, "root.pem", Terms(sha1=True)),))


@pytest.fixture(scope="module")
def genuine() -> str:
    return PKI.slice_credential(PKI.user("alice"), PKI.slice("s1"))


@pytest.fixture(scope="module")
def other() -> str:
    return PKI.slice_credential(PKI.user("alice"), PKI.slice("s2"))


def refused(text: str) -> str:
    """By which rule of the trust room."""
    with pytest.raises(Refusal) as caught:
        verify_credential(text, TRUST, NOW)
    return caught.value.rule


def at(**after: float) -> str:
    return (NOW + timedelta(**after)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_what_was_only_read_and_written_passes(genuine: str) -> None:
    assert (
        verify_credential(altering.unaltered(genuine), TRUST, NOW).target.urn == PKI.slice("s1").urn
    )


@pytest.mark.parametrize("method", [signing.SHA256, signing.EXCLUSIVE, signing.SHA1])
def test_a_delegation_that_is_as_it_should_be_passes(genuine: str, method: signing.Method) -> None:
    made = delegate(genuine, handed_on(genuine, BOB), ALICE, method)
    assert verify_credential(made, SHA1, NOW).owner.urn == PKI.user("bob").urn
    again = delegate(made, handed_on(made, ALICE), BOB, method)
    assert verify_credential(again, SHA1, NOW).owner.urn == PKI.user("alice").urn


ALTERED: list[tuple[str, Callable[[str], str]]] = [
    ("signature.invalid", altering.with_other_byte),
    ("signature.invalid", altering.with_other_signature),
    ("signature.invalid", lambda text: altering.with_member(text, "expires", at(days=9))),
    ("credential.expired", lambda text: altering.with_member(text, "expires", at(hours=-1))),
    ("document.unsigned", altering.without_signatures),
    ("document.xml", altering.cut_off),
]


@pytest.mark.parametrize(("rule", "alter"), ALTERED)
def test_an_altered_copy_is_refused(genuine: str, rule: str, alter: Callable[[str], str]) -> None:
    assert refused(alter(genuine)) == rule


@pytest.mark.parametrize("place", [altering.wrapped, altering.with_second])
def test_an_unsigned_credential_is_not_taken_for_the_signed_one(
    genuine: str, other: str, place: Callable[[str, Statement], str]
) -> None:
    made = place(genuine, read_statement(other))
    assert refused(made) in {"document.schema", "document.shape", "document.stray"}
    # what was signed is still there, whole
    assert "SignatureValue" in made
    assert read_statement(made).target_urn == str(PKI.slice("s2").urn)


DELEGATED: list[tuple[str, Callable[[Statement], Statement]]] = [
    ("credential.expired", lambda said: replace(said, expires=at(hours=-1))),
    ("delegation.expires", lambda said: replace(said, expires=at(days=9))),
    ("credential.owner_urn", lambda said: replace(said, owner_urn=ALICE.urn)),
    ("credential.target_urn", lambda said: replace(said, target_urn=ALICE.urn)),
    # the schema has them as xs:ID
    ("document.schema", lambda said: replace(said, ident="ref0")),
    ("credential.type", lambda said: replace(said, kind="ticket")),
    (
        "chain.untrusted",
        lambda said: replace(said, owner_gid=authority.imitate(BOB, own_key=True).gid),
    ),
    ("signer.ca", lambda said: replace(said, owner_gid=authority.issued_by(BOB).gid)),
    (
        "delegation.privileges",
        lambda said: replace(said, privileges=(*said.privileges, ("authority", False))),
    ),
]


@pytest.mark.parametrize(("rule", "change"), DELEGATED)
def test_a_delegation_with_one_wrong_thing_is_refused(
    genuine: str, rule: str, change: Callable[[Statement], Statement]
) -> None:
    assert refused(delegate(genuine, change(handed_on(genuine, BOB)), ALICE)) == rule


def test_a_delegation_over_another_slice_is_refused(genuine: str, other: str) -> None:
    there = read_statement(other)
    said = replace(
        handed_on(genuine, BOB), target_gid=there.target_gid, target_urn=there.target_urn
    )
    assert refused(delegate(genuine, said, ALICE)) == "delegation.target"


def test_a_delegation_by_another_than_the_owner_is_refused(genuine: str) -> None:
    assert refused(delegate(genuine, handed_on(genuine, BOB), BOB)) == "delegation.signer"


def test_a_delegation_of_what_was_altered_or_is_unsigned_is_refused(genuine: str) -> None:
    altered = altering.with_other_byte(genuine)
    assert refused(delegate(altered, handed_on(altered, BOB), ALICE)) == "signature.invalid"
    made = delegate(genuine, handed_on(genuine, BOB), ALICE)
    assert refused(altering.with_unsigned_parent(made)) == "signature.count"


def test_a_delegation_of_what_may_not_be_handed_on_is_refused() -> None:
    fixed = PKI.slice_credential(PKI.user("alice"), PKI.slice("s1"), delegatable=False,
                                 privileges=["control", "embed"])  # fmt: skip
    assert refused(delegate(fixed, handed_on(fixed, BOB), ALICE)) == "delegation.privileges"


def test_a_credential_by_a_user_is_refused(genuine: str) -> None:
    assert refused(issue(read_statement(genuine), ALICE)) == "signer.authority"


def test_a_credential_by_a_throw_away_authority_is_refused(genuine: str) -> None:
    sa = Identity(
        PKI.sa.key, tuple(one.parsed for one in (PKI.sa.certificate, PKI.root.certificate))
    )
    false = authority.imitate(sa)
    assert false.urn == sa.urn
    assert refused(issue(read_statement(genuine), false)) == "chain.untrusted"


def test_a_signature_by_the_key_beside_it_is_refused(genuine: str) -> None:
    forger = Identity(authority.new_key(), signing.signers(genuine))
    assert [one.serial_number for one in forger.chain] == [
        one.parsed.serial_number for one in PKI.sa.chain
    ]
    made = issue(read_statement(genuine), forger, signing.KEY_BESIDE)
    assert "<Modulus>" in made
    assert refused(made) == "signature.key_value"


def untrusted(chain: tuple[x509.Certificate, ...]) -> str:
    ders = [one.public_bytes(Encoding.DER) for one in chain]
    with pytest.raises(Refusal) as caught:
        Caller.of(ders, TRUST, NOW)
    return caught.value.rule


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ("chain.untrusted", authority.imitate(ALICE)),
        ("chain.untrusted", authority.imitate(ALICE, own_key=True)),
        ("chain.untrusted", authority.self_signed(ALICE)),
        ("signer.ca", authority.issued_by(ALICE)),
    ],
)
def test_a_made_up_caller_has_the_genuine_name_and_no_trust(rule: str, made: Identity) -> None:
    assert made.urn == ALICE.urn
    assert untrusted(made.chain) == rule


ROOT = Identity(PKI.root.key, (PKI.root.certificate.parsed,))
NAME = "urn:publicid:IDN+gcf.local+user+conform"
BETWEEN = authority.certify(f"{NAME}-ca", ROOT, authority=True)


def test_an_authority_certifies_as_it_may() -> None:
    uuid = uuid_of(ALICE.certificate)
    made = authority.certify(NAME, ROOT, uuid=uuid)
    ders = [one.public_bytes(Encoding.DER) for one in made.chain]
    assert str(Caller.of(ders, TRUST, NOW).urn) == NAME
    assert uuid_of(made.certificate) == uuid is not None


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ("certificate.expired", authority.certify(NAME, ROOT, expired=True)),
        ("certificate.urn", authority.certify(None, ROOT)),
        ("signer.namespace", authority.certify(NAME.replace("gcf.local", "other"), ROOT)),
        ("signer.authority", authority.certify(NAME, BETWEEN)),
        ("signer.ca", authority.certify(NAME, ALICE)),
    ],
)
def test_an_authority_certifies_as_it_may_not(rule: str, made: Identity) -> None:
    assert untrusted(made.chain) == rule
    # nothing of it looks as if it had signed itself
    assert all(one.subject != one.issuer for one in made.chain[:-1])


def test_an_authority_below_signs_no_slice_of_its_superior(genuine: str) -> None:
    name = "urn:publicid:IDN+gcf.local:below+authority+sa"
    below = authority.certify(name, ROOT, authority=True)
    assert refused(issue(read_statement(genuine), below)) == "signer.namespace"


@pytest.mark.parametrize("own_key", [True, False])
def test_an_imitation_lacks_nothing_but_trust(own_key: bool) -> None:
    made = authority.imitate(ALICE, own_key=own_key)
    sa = authority.imitate(Identity(ALICE.key, tuple(one.parsed for one in PKI.sa.chain)))
    for chain in (made.chain, sa.chain):
        root = Certificate.read(chain[-1].public_bytes(Encoding.DER))
        ders = [one.public_bytes(Encoding.DER) for one in chain]
        believing = TrustSet((Root(root, "root.pem", Terms()),))
        assert Caller.of(ders, believing, NOW).urn in {PKI.user("alice").urn, PKI.sa.urn}


def test_an_imitation_is_a_chain_of_its_own_that_can_be_expired() -> None:
    made = authority.imitate(ALICE, expired=True)
    for below, above in zip(made.chain, made.chain[1:], strict=False):
        below.verify_directly_issued_by(above)
    top = made.chain[-1]
    top.verify_directly_issued_by(top)
    assert made.certificate.not_valid_after_utc < NOW < top.not_valid_after_utc


def test_an_identity_is_read_from_the_files_it_was_written_to(tmp_path: Path) -> None:
    certificate, key = ALICE.write(tmp_path, "alice")
    assert key.stat().st_mode & 0o777 == 0o600
    read = load_identity(certificate, key)
    assert (read.urn, read.chain) == (ALICE.urn, ALICE.chain)
    alone = Identity(ALICE.key, ALICE.chain[:1])
    assert alone.with_signers(ALICE.gid).chain == ALICE.chain
    assert alone.with_signers(BOB.gid).chain == alone.chain


def speak(word: Word, signer: Identity = ALICE) -> str:
    """By which rule of the trust room; empty when she may be spoken for."""
    tool = Caller.of([one.der for one in PKI.user("bob").chain], TRUST, NOW).chain
    try:
        verify_speaks_for(say(word, signer), PKI.user("alice").urn, tool, TRUST, NOW)
    except Refusal as refusal:
        return refusal.rule
    return ""


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("", {}),
        ("", {"libabac": True}),
        ("speaks_for.expired", {"expires": at(hours=-1)}),
        ("speaks_for.head", {"role": "speaks_for"}),
        ("speaks_for.head", {"head": "0" * 40}),
        ("speaks_for.tool", {"tails": ("0" * 40,)}),
        ("abac.tails", {"tails": ("0" * 40, "1" * 40)}),
    ],
)
def test_her_word_is_taken_only_when_all_of_it_is_right(rule: str, change: dict[str, Any]) -> None:
    assert speak(replace(word_of(ALICE, BOB, at(hours=1)), **change)) == rule


def test_her_word_is_her_own() -> None:
    word = word_of(ALICE, BOB, at(hours=1))
    assert speak(word, BOB) == "speaks_for.user"
    assert speak(word, authority.imitate(ALICE, own_key=True)) == "chain.untrusted"
