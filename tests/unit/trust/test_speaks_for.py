"""Who speaks for a user has her word for it, or speaks for nobody: FED 4.6, R109 to R121."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from gcf_am.errors import CREDENTIAL_EXPIRED, Forbidden
from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.issue import Identity
from gcf_am.trust.refusal import Refusal
from tests.pki import NOW, Pki, crl, crl_pem
from tests.security.credentials.forge import Forgery
from tests.speaking import speaks_for
from tests.unit.trust.calls import Aggregate

HOUR = timedelta(hours=1)


@pytest.fixture
def portal(aggregate: Aggregate, pki: Pki) -> Identity:
    """A tool, at an aggregate where tools of this federation may speak for users."""
    terms = aggregate.trust.directory / "roots.toml"
    terms.write_text('[root."gcf.local.pem"]\nspeaks_for_tools = ["*"]\n')
    assert aggregate.trust.reload() == ()
    return pki.tool()


def abac(text: str) -> CredentialArgument:
    return Pki.argument(text, "geni_abac", "1")


def mine(pki: Pki) -> str:
    return pki.slice_credential(pki.user("alice"), pki.slice("s1"))


def test_a_tool_acts_as_the_user_who_let_it(
    aggregate: Aggregate, pki: Pki, portal: Identity
) -> None:  # R109
    alice = pki.user("alice")
    word = speaks_for(alice, portal)
    grant = aggregate.call(portal, mine(pki), abac(word), speaking_for=alice.urn)
    assert (grant.subject, grant.tool) == (alice.urn, portal.urn)
    assert len(grant.credentials) == 2
    assert aggregate.call(alice, mine(pki)).tool is None
    # the user's slice lives as long as her own credential says, not as long as her word
    brief = speaks_for(alice, portal, expires=NOW + HOUR)
    grant = aggregate.call(portal, mine(pki), abac(brief), speaking_for=alice.urn)
    assert grant.until > NOW + HOUR


@pytest.mark.parametrize("kind", ["geni_abac", "GENI_ABAC", "abac", "", "geni_unknown"])
def test_the_word_comes_under_many_names(
    aggregate: Aggregate, pki: Pki, portal: Identity, kind: str
) -> None:
    word = Pki.argument(speaks_for(pki.user("alice"), portal, libabac=True), kind, "1")  # R120
    grant = aggregate.call(portal, word, mine(pki), speaking_for=pki.user("alice").urn)
    assert grant.tool == portal.urn


def test_without_the_option_the_word_has_no_effect(
    aggregate: Aggregate, pki: Pki, portal: Identity
) -> None:  # R110, R121
    alice = pki.user("alice")
    word = speaks_for(alice, portal)
    with pytest.raises(Forbidden, match="belongs to"):
        aggregate.call(portal, mine(pki), abac(word))
    with pytest.raises(Forbidden, match="no rights by itself"):
        aggregate.call(portal, abac(word))
    # beside a good one it is ignored, whatever it holds
    assert aggregate.call(alice, abac("nonsense"), mine(pki)).tool is None


def test_what_the_tool_may_by_itself_does_not_count_then(
    aggregate: Aggregate, pki: Pki, portal: Identity
) -> None:  # R119; FED 4.6: the reference goes on as the tool
    alice, own = pki.user("alice"), pki.slice_credential(portal, pki.slice("s1"))
    assert aggregate.call(portal, own).subject == portal.urn
    with pytest.raises(Forbidden, match="send a geni_abac credential"):
        aggregate.call(portal, own, speaking_for=alice.urn)
    with pytest.raises(Forbidden, match="belongs to"):
        aggregate.call(portal, own, abac(speaks_for(alice, portal)), speaking_for=alice.urn)
    with pytest.raises(Forbidden, match="not a credential"):
        aggregate.call(portal, own, abac("nonsense"), speaking_for=alice.urn)


def two_signatures(pki: Pki, portal: Identity) -> str:
    """A genuine signature of mallory's comes first, the one that names alice is broken."""
    forgery = Forgery(speaks_for(pki.user("alice"), portal, signer=pki.user("mallory")))
    forgery.root[1].append(Forgery(speaks_for(pki.user("alice"), portal)).signature)
    forgery.root[1][1].set("{http://www.w3.org/XML/1998/namespace}id", "Sig_other")
    return forgery.text


def changed(pki: Pki, _: Identity) -> str:
    other = pki.user("mallory").certificate.key_id
    return speaks_for(pki.user("alice"), pki.tool("other")).replace(
        pki.user("alice").certificate.key_id, other
    )


def principal(key_id: str, more: str = "") -> str:
    return f"<ABACprincipal><keyid>{key_id}</keyid></ABACprincipal>{more}"


WRONG: dict[str, tuple[str, Callable[[Pki, Identity], str]]] = {
    "R111 another user's": (
        "signed by .*bob, not by .*alice",
        lambda pki, tool: speaks_for(pki.user("bob"), tool),
    ),
    "R112 expired": (
        "expired",
        lambda pki, tool: speaks_for(pki.user("alice"), tool, expires=NOW - HOUR),
    ),
    "R113 to another tool": (
        "not for the key of",
        lambda pki, _: speaks_for(pki.user("alice"), pki.tool("other")),
    ),
    "R114 another role": (
        "the head of a speaks-for credential",
        lambda pki, tool: speaks_for(pki.user("alice"), tool, role="speaks_for"),
    ),
    "R115 another head": (
        "the head of a speaks-for credential",
        lambda pki, tool: speaks_for(
            pki.user("alice"), tool, head=pki.user("bob").certificate.key_id
        ),
    ),
    "R116 two tails": (
        "several tails",
        lambda pki, tool: speaks_for(
            pki.user("alice"), tool, tails=[principal(tool.certificate.key_id)] * 2
        ),
    ),
    "a tail with a role": (
        "without a role",
        lambda pki, tool: speaks_for(
            pki.user("alice"), tool, tails=[principal(tool.certificate.key_id, "<role>r</role>")]
        ),
    ),
    "R117 signed by somebody else": (
        "signed by .*mallory, not by .*alice",
        lambda pki, tool: speaks_for(pki.user("alice"), tool, signer=pki.user("mallory")),
    ),
    "R117 signed with another key than the certificate's": (
        "signature",
        lambda pki, tool: speaks_for(
            pki.user("alice"),
            tool,
            signer=Identity(pki.user("bob").key, pki.user("alice").chain),
        ),
    ),
    "R118 of a user whom nobody here knows": (
        "does not lead to a trusted root",
        lambda _, tool: speaks_for(Pki("other.example").user("alice"), tool),
    ),
    "signed by an authority": (
        "not by .*alice",
        lambda pki, tool: speaks_for(pki.user("alice"), tool, signer=pki.ma),
    ),
    "by the tool itself": (
        "signed by .*portal, not by .*alice",
        lambda pki, tool: speaks_for(pki.user("alice"), tool, signer=tool),
    ),
    "two signatures": ("exactly one signature", two_signatures),
    "changed after signing": ("signature", changed),
    "a credential of privileges": (
        "holds type, expires and abac",
        lambda pki, _: pki.slice_credential(pki.user("alice"), pki.slice("s1")),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_the_users_word_lets_nobody_speak(
    aggregate: Aggregate, pki: Pki, portal: Identity, name: str
) -> None:
    said, make = WRONG[name]
    alice = pki.user("alice")
    with pytest.raises(Forbidden, match=said) as refused:
        aggregate.call(portal, mine(pki), abac(make(pki, portal)), speaking_for=alice.urn)
    if "expired" in name:
        assert refused.value.am_code == CREDENTIAL_EXPIRED
    # one that is right beside it is enough
    words = [abac(make(pki, portal)), abac(speaks_for(alice, portal))]
    assert aggregate.call(portal, mine(pki), *words, speaking_for=alice.urn).tool == portal.urn


def test_only_tools_that_the_operator_lets_speak(aggregate: Aggregate, pki: Pki) -> None:
    alice, portal, other = pki.user("alice"), pki.tool(), pki.tool("other")
    terms = aggregate.trust.directory / "roots.toml"

    def speaks(tool: Identity, *allowed: str) -> bool:
        listed = ", ".join(f'"{one}"' for one in allowed)
        terms.write_text(f'[root."gcf.local.pem"]\nspeaks_for_tools = [{listed}]\n')
        assert aggregate.trust.reload() == ()
        word = abac(speaks_for(alice, tool))
        try:
            aggregate.call(tool, mine(pki), word, speaking_for=alice.urn)
        except Forbidden as refused:
            assert "may not speak for users here" in refused.message  # noqa: PT017
            return False
        return True

    assert not speaks(portal)
    assert speaks(portal, "*")
    assert speaks(portal, str(portal.urn))
    assert not speaks(other, str(portal.urn))
    assert speaks(other, other.certificate.fingerprint.upper())
    assert not speaks(portal, other.certificate.fingerprint)


def test_neither_tool_nor_user_may_be_revoked(
    aggregate: Aggregate, pki: Pki, portal: Identity
) -> None:
    alice = pki.user("alice")
    call = (portal, mine(pki), abac(speaks_for(alice, portal)))
    aggregate.call(*call, speaking_for=alice.urn)
    file = aggregate.trust.directory / "ma.crl"
    file.write_bytes(crl_pem(crl(pki.ma, alice)))
    aggregate.trust.reload()
    with pytest.raises(Forbidden, match="revoked"):
        aggregate.call(*call, speaking_for=alice.urn)
    file.unlink()
    (aggregate.trust.directory / "denied").write_text(str(portal.urn))
    aggregate.trust.reload()
    with pytest.raises(Refusal, match="is refused at this aggregate"):
        aggregate.call(*call, speaking_for=alice.urn)


def test_the_operator_denies_a_users_word(aggregate: Aggregate, pki: Pki, portal: Identity) -> None:
    alice, word = pki.user("alice"), speaks_for(pki.user("alice"), portal)
    digest = aggregate.verifier.speaks_for(
        word, alice.urn, pki.caller(portal, trust=aggregate.trust.current()).chain, NOW
    ).digest
    (aggregate.trust.directory / "denied").write_text(digest)
    aggregate.trust.reload()
    with pytest.raises(Forbidden, match="is refused at this aggregate"):
        aggregate.call(portal, mine(pki), abac(word), speaking_for=alice.urn)


def test_key_ids_are_made_of_keys(pki: Pki) -> None:  # FED 3.2: certificates of old have none
    alice = pki.user("alice").certificate
    extension = alice.parsed.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert alice.key_id == extension.value.digest.hex()
    other = pki.next_key()
    pretending = (
        x509.CertificateBuilder()
        .subject_name(alice.parsed.subject)
        .issuer_name(alice.parsed.issuer)
        .public_key(other.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + HOUR)
        .add_extension(extension.value, critical=False)
        .sign(pki.ma.key, SHA256())
    )
    assert Certificate.read(pretending.public_bytes(Encoding.DER)).key_id != alice.key_id
