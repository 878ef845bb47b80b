"""FED 4.4: who may sign what; forged names; expiry; replay; one URN from two roots."""

from datetime import timedelta
from pathlib import Path

import pytest

from gcf_am.errors import Forbidden
from gcf_am.trust import issue
from gcf_am.trust.issue import Identity
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn
from tests.pki import NOW, WEEK, Pki, SliceCertificate, key
from tests.security.credentials.conftest import Judge
from tests.security.credentials.forge import Forgery
from tests.unit.trust.calls import Aggregate

DAY = timedelta(days=1)


def ca(pki: Pki, urn: str, number: int) -> Identity:
    """A CA with this URN, signed by the root."""
    own = key("signers", number)
    certificate = issue.certify(
        Urn.parse(f"urn:publicid:IDN+{urn}"),
        own.public_key(),
        signer=pki.root,
        now=NOW,
        until=NOW + DAY,
        path_length=0,
    )
    return Identity(own, (certificate,))


def test_a_user_signs_no_slice_credentials(pki: Pki, rule: Judge) -> None:  # R079, R080
    alice, mallory, s1 = pki.user("alice"), pki.user("mallory"), pki.slice("s1")
    for signer in (alice, mallory):
        text = pki.slice_credential(alice, s1, signer=signer)
        assert rule(text) == "signer.authority"


def test_nor_does_one_who_was_made_a_ca(pki: Pki, rule: Judge) -> None:
    user = ca(pki, "gcf.local+user+mallory", 1)
    text = pki.slice_credential(pki.user("alice"), pki.slice("s1"), signer=user)
    assert rule(text) == "signer.authority"


@pytest.mark.parametrize("name", ["am", "cm", "ma", "ca", "ch", "saa", "s"])
def test_authorities_of_other_kinds_sign_no_slice_credentials(
    pki: Pki, rule: Judge, name: str
) -> None:
    signer = ca(pki, f"gcf.local+authority+{name}", 2)
    text = pki.slice_credential(pki.user("alice"), pki.slice("s1"), signer=signer)
    assert rule(text) == "signer.kind"


def test_an_aggregates_own_certificate_signs_nothing(pki: Pki, rule: Judge) -> None:
    text = pki.slice_credential(pki.user("alice"), pki.slice("s1"), signer=pki.server("am"))
    assert rule(text) == "signer.kind"


def test_the_slice_authority_signs_no_user_credentials(pki: Pki, rule: Judge) -> None:
    alice = pki.user("alice")
    as_slice = SliceCertificate(alice.chain)
    assert rule(pki.slice_credential(alice, as_slice)) == "signer.kind"
    assert rule(pki.user_credential(alice)) == "accepted"


def test_the_root_may_sign_itself(pki: Pki, rule: Judge) -> None:
    text = pki.slice_credential(pki.user("alice"), pki.slice("s1"), signer=pki.root)
    assert rule(text) == "accepted"


@pytest.mark.parametrize("name", ["gcf.local:other", "gcf.loca", "gcf.local2"])
def test_an_authority_of_another_namespace(
    pki: Pki, tmp_path: Path, name: str
) -> None:  # R078, and the prefix trick
    other = Pki(name) if ":" not in name else None
    signer = other.sa if other else ca(pki, f"{name}+authority+sa", 3)
    text = pki.slice_credential(pki.user("alice"), pki.slice("s1"), signer=signer)
    verifier = pki.verifier(tmp_path / "both", *([other] if other else []))
    with pytest.raises(Refusal) as error:
        verifier.credential(text, NOW)
    assert error.value.rule == "signer.namespace"


def test_a_federated_authority_mints_no_users_of_ours(pki: Pki, tmp_path: Path) -> None:
    """decision 25: refused already at the door, before she has a name."""
    other = Pki("other.example")
    mallory = other.next_key()
    minted = issue.certify(
        pki.user("alice").urn,
        mallory.public_key(),
        signer=other.ma,
        now=NOW,
        until=NOW + DAY,
    )
    verifier = pki.verifier(tmp_path / "both", other)
    with pytest.raises(Refusal) as error:
        verifier.caller([minted.der, other.ma.certificate.der], NOW)
    assert error.value.rule == "signer.namespace"


def test_a_target_that_was_never_certified(pki: Pki, genuine: str, rule: Judge) -> None:
    # R058, R059
    other = Pki("other.example")
    strangers = {"owner_gid": other.user("alice").chain_pem, "target_gid": other.root.chain_pem}
    for name, gid in strangers.items():
        forgery = Forgery(genuine).set(name, gid).sign(pki.sa)
        assert rule(forgery.text) == "chain.untrusted"


def test_a_self_signed_target(pki: Pki, forgery: Forgery, rule: Judge) -> None:
    own = issue.certify(
        pki.slice("s1").urn,
        key("signers", 4).public_key(),
        signer=None,
        own_key=key("signers", 4),
        now=NOW,
        until=NOW + DAY,
    )
    assert rule(forgery.set("target_gid", own.pem).sign(pki.sa).text) == "chain.untrusted"


class TestTime:
    """Expired or not yet valid: the credential, the owner, the target, the signer, the root."""

    def judged(self, verifier: Verifier, text: str, now: timedelta) -> str:
        with pytest.raises(Refusal) as error:
            verifier.credential(text, NOW + now)
        return error.value.rule

    def test_the_credential(self, verifier: Verifier, genuine: str) -> None:
        assert self.judged(verifier, genuine, WEEK) == "credential.expired"

    def test_owner_target_and_signer(self, pki: Pki, verifier: Verifier) -> None:  # R060
        alice, s1 = pki.user("alice"), pki.slice("s1", until=NOW + DAY)
        short_target = pki.slice_credential(alice, s1)
        assert self.judged(verifier, short_target, 2 * DAY) == "certificate.expired"
        long = pki.slice_credential(alice, pki.slice("s2"), expires=NOW + timedelta(days=9999))
        assert self.judged(verifier, long, issue.USER_LIFE + DAY) == "certificate.expired"
        signer = ca(pki, "gcf.local+authority+sa", 5)
        brief = pki.slice_credential(alice, pki.slice("s2"), signer=signer)
        assert self.judged(verifier, brief, 2 * DAY) == "certificate.expired"
        assert verifier.credential(brief, NOW).until == NOW + DAY

    def test_the_root(self, pki: Pki, verifier: Verifier, genuine: str) -> None:
        late = Forgery(genuine).set("expires", "2099-01-01T00:00:00Z").sign(pki.sa).text
        assert self.judged(verifier, late, issue.ROOT_LIFE + DAY) == "certificate.expired"

    def test_before_its_time(self, verifier: Verifier, genuine: str) -> None:
        assert self.judged(verifier, genuine, -DAY) == "certificate.early"


class TestReplay:
    """A stolen credential, or a second owner of a name."""

    def test_a_stolen_credential_is_of_no_use(
        self, pki: Pki, verifier: Verifier, genuine: str
    ) -> None:
        with pytest.raises(Forbidden, match="belongs to"):
            Aggregate(pki, verifier).call(pki.user("mallory"), genuine)

    def test_nor_with_a_certificate_of_the_same_name(
        self, pki: Pki, verifier: Verifier, genuine: str
    ) -> None:
        namesake = pki.user("alice", ma=pki.root)
        with pytest.raises(Forbidden, match="another certificate with your URN"):
            Aggregate(pki, verifier).call(namesake, genuine)

    def test_a_slice_made_again_under_an_old_name(self, pki: Pki, verifier: Verifier) -> None:
        alice, old = pki.user("alice"), pki.slice("s1")
        bob = pki.user("bob")
        new = pki.slice("s1", again=True)
        aggregate = Aggregate(pki, verifier)
        grant = aggregate.call(bob, pki.slice_credential(bob, new), about=new.urn)
        assert grant.slice_uuid != old.uuid
        with pytest.raises(Forbidden, match="earlier slice"):
            aggregate.call(alice, pki.slice_credential(alice, old), about=new.urn, uuid=new.uuid)


def test_one_byte_changed_anywhere_that_was_signed(genuine: str, rule: Judge) -> None:  # R075
    start, end = genuine.index("<privileges>"), genuine.index("</privileges>")
    for place in range(start + 40, end, 17):
        changed = genuine[:place] + chr(ord(genuine[place]) ^ 1) + genuine[place + 1 :]
        assert rule(changed) != "accepted"


def test_a_changed_signature_value(forgery: Forgery, rule: Judge) -> None:  # R076
    value = forgery.one("//d:SignatureValue")
    text = "".join((value.text or "").split())
    swapped = text[:20] + ("A" if text[20] != "A" else "B") + text[21:]
    for changed in (swapped, text[::-1], "", "AAAA", "!", text[:-8]):
        value.text = changed
        assert rule(forgery.text) == "signature.invalid"
