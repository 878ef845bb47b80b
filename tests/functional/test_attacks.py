"""Every row of FED 4.4 once more, against the running server: refused by name, and nothing done.

What is tried is Allocate, which would reserve a node. tests/security/credentials has the same
attacks in all their variations, against the verifier alone; what needs trust roots to change is
in test_trust.
"""

import copy
import xmlrpc.client
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from gcf_am.trust import issue, signatures
from tests.functional.answers import checked
from tests.functional.federation import HomePki
from tests.functional.forgeries import (
    DAY,
    Forge,
    beside,
    ca,
    flip,
    forged,
    gid,
    same_id,
    signed_by,
    slice_by,
    stranger,
    user_by,
    without_signatures,
    wrapped,
)
from tests.functional.rspecs import example
from tests.functional.running import Person, Running, Slice, credential, proxy
from tests.pki import NOW, WEEK, key, write_identity
from tests.security.credentials.forge import XML_ID, Forgery
from tests.security.credentials.test_keys import key_value

FORBIDDEN, NOTHING_THERE = 3, 12
INVALID, EXPIRED, MISMATCH, UNTRUSTED = 20, 21, 22, 23
LATE = "2131-01-01T00:00:00Z"
DSIG = signatures.DSIG
MORE = "http://www.w3.org/2001/04/xmldsig-more#"


@pytest.fixture(scope="module")
def mine(alice: Person, pki: HomePki) -> Slice:
    certificate = pki.slice("credentials")
    return Slice(alice, certificate.urn.text, pki.slice_credential(pki.user("alice"), certificate))


def text_of(change: Callable[[str], str]) -> Forge:
    """The genuine credential with its text changed."""

    def make(pki: HomePki) -> str:
        genuine = pki.slice_credential(pki.user("alice"), pki.slice("credentials"))
        changed = change(genuine)
        assert changed != genuine
        return changed

    return make


def replacing(old: str, new: str) -> Forge:
    return text_of(lambda text: text.replace(old, new, 1))


def method(element: str, algorithm: str) -> Forge:
    return forged(lambda _, one: one.one(f"//d:{element}").set("Algorithm", algorithm))


def _throw_away_key(pki: HomePki, forgery: Forgery) -> None:
    """Mallory's key first, the authority's certificate after it."""
    mallory = pki.user("bob")
    forgery.set("expires", LATE)
    forgery.one("//d:KeyInfo").insert(0, key_value(mallory))
    forgery.sign(mallory, keep_certificates=True)


def _bare_key(pki: HomePki, forgery: Forgery) -> None:
    forgery.one("//d:KeyInfo")[:] = [key_value(pki.user("bob"))]
    forgery.root = Forgery(forgery.text).root
    signatures.sign(forgery.signature, forgery.credential, pki.user("bob").key)


def _named_key(_: HomePki, forgery: Forgery) -> None:
    method = etree.SubElement(forgery.one("//d:KeyInfo"), f"{{{DSIG}}}RetrievalMethod")
    method.set("URI", "#ref0")


def _two_signers(pki: HomePki, forgery: Forgery) -> None:
    forgery.set("expires", LATE).sign(pki.user("bob"))
    forgery.certificates(*pki.sa.chain, *pki.user("bob").chain)


def _shadow(pki: HomePki, forgery: Forgery) -> None:
    """A user's signature, with all of her chain beside it."""
    forgery.set("expires", LATE).sign(pki.user("bob"))


def _inside_the_signature(_: HomePki, forgery: Forgery) -> None:
    evil = Forgery(forgery.text).set("expires", LATE).credential
    evil.set(XML_ID, "evil")
    forgery.one("//d:KeyInfo").append(forgery.credential)
    forgery.root.insert(0, evil)


def _second_signature(_: HomePki, forgery: Forgery) -> None:
    again = copy.deepcopy(forgery.signature)
    again.set(XML_ID, "Sig_again")
    forgery.root[1].append(again)


def _second_reference(_: HomePki, forgery: Forgery) -> None:
    forgery.one("//d:SignedInfo").append(copy.deepcopy(forgery.one("//d:Reference")))


def _other_reference(pki: HomePki, forgery: Forgery) -> None:
    """What the authority signed is no credential."""
    extensions = etree.SubElement(forgery.credential, "extensions")
    etree.SubElement(extensions, "other", {XML_ID: "other"})
    forgery.set("expires", LATE).one("//d:Reference").set("URI", "#other")
    forgery.root = Forgery(forgery.text).root
    signatures.sign(forgery.over("other"), forgery.one("//other"), pki.sa.key)


def _too_many_parents(_: HomePki, forgery: Forgery) -> None:
    inner = forgery.credential
    for number in range(1, 18):
        outer = copy.deepcopy(inner)
        for parent in outer.findall("parent"):
            outer.remove(parent)
        outer.set(XML_ID, f"ref{number}")
        etree.SubElement(outer, "parent").append(inner)
        inner = outer
    forgery.root.insert(0, inner)


def _an_elliptic_name(pki: HomePki, forgery: Forgery) -> None:
    forgery.set("expires", LATE)
    forgery.one("//d:SignatureMethod").set("Algorithm", f"{MORE}ecdsa-sha256")


def _sha1(_: HomePki, forgery: Forgery) -> None:
    forgery.one("//d:SignatureMethod").set("Algorithm", f"{DSIG}rsa-sha1")
    forgery.one("//d:DigestMethod").set("Algorithm", f"{DSIG}sha1")


def _two_names(pki: HomePki) -> str:
    """The authority's own mistake: a certificate with alice's name and another's."""
    alice = pki.user("alice").certificate
    names = [
        x509.UniformResourceIdentifier(one.urn.text) for one in (pki.user("bob"), pki.user("alice"))
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(alice.parsed.subject)
        .issuer_name(pki.ma.certificate.parsed.subject)
        .public_key(alice.public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + WEEK)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(pki.ma.key, SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode() + pki.ma.chain_pem


def _injected_name(pki: HomePki) -> str:
    """An e-mail address that some readers take for a name."""
    odd = f"bob@x, URI:{pki.urn('user', 'alice')}"
    made = issue.certify(
        pki.urn("user", "bob"),
        pki.user("alice").key.public_key(),
        signer=pki.ma,
        now=NOW,
        until=NOW + WEEK,
        email=odd,
    )
    return made.pem + pki.ma.chain_pem


def _namesake(pki: HomePki) -> str:
    """Alice's name from another authority of the federation, with another key."""
    root_made = issue.make_user(pki.root, "alice", now=NOW, key=key(pki.authority, 5))
    return pki.slice_credential(root_made, pki.slice("credentials"))


ATTACKS: dict[str, tuple[int, Forge]] = {
    # KeyValue, other keys in KeyInfo
    "a throw-away key before the authority's certificate": (UNTRUSTED, forged(_throw_away_key)),
    "a bare key": (INVALID, forged(_bare_key)),
    "a key to be fetched": (INVALID, forged(_named_key)),
    # several certificates, order games
    "certificates of two signers": (UNTRUSTED, forged(_two_signers)),
    "a user's signature with her authority's certificate": (UNTRUSTED, forged(_shadow)),
    # wrapping
    "wrapped": (INVALID, forged(wrapped)),
    "an unsigned one beside": (INVALID, forged(beside)),
    "the signed one in the signature": (INVALID, forged(_inside_the_signature)),
    "without signatures": (INVALID, forged(without_signatures)),
    "a second signature": (INVALID, forged(_second_signature)),
    # ids
    "no id": (INVALID, replacing(' xml:id="ref0"', "")),
    "one id twice": (INVALID, forged(same_id)),
    "an id of another kind": (INVALID, replacing("<KeyInfo>", '<KeyInfo Id="ref0">')),
    # references
    "no reference": (INVALID, replacing(' URI="#ref0"', "")),
    "two references": (INVALID, forged(_second_reference)),
    "a reference to the whole document": (INVALID, replacing('URI="#ref0"', 'URI=""')),
    "a reference by XPointer": (
        INVALID,
        replacing('URI="#ref0"', "URI=\"#xpointer(id('ref0'))\""),
    ),
    "a reference to elsewhere": (
        INVALID,
        replacing('URI="#ref0"', 'URI="http://127.0.0.1:9/x"'),
    ),
    "a reference to something else": (INVALID, forged(_other_reference)),
    "a manifest": (
        INVALID,
        replacing('URI="#ref0"', f'URI="#ref0" Type="{DSIG}Manifest"'),
    ),
    # transforms
    "XSLT": (INVALID, method("Transform", "http://www.w3.org/TR/1999/REC-xslt-19991116")),
    "XPath": (INVALID, method("Transform", "http://www.w3.org/TR/1999/REC-xpath-19991116")),
    "base64": (INVALID, method("Transform", f"{DSIG}base64")),
    "canonical with comments": (
        INVALID,
        method("CanonicalizationMethod", f"{signatures.C14N}#WithComments"),
    ),
    "a comment in a value": (INVALID, replacing("urn:publicid", "urn:<!-- c -->publicid")),
    "a processing instruction": (INVALID, replacing("<uuid/>", "<?pi x?><uuid/>")),
    # XML
    "a document type": (INVALID, replacing("?>\n", "?>\n<!DOCTYPE signed-credential>")),
    "entities": (
        INVALID,
        replacing("?>\n", '?>\n<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;&b;">]>'),
    ),
    "XInclude": (
        INVALID,
        replacing(
            "<uuid/>",
            '<uuid><x:include xmlns:x="http://www.w3.org/2001/XInclude" href="x"/></uuid>',
        ),
    ),
    "too large": (INVALID, replacing("<uuid/>", f"<uuid>{' ' * 262_144}</uuid>")),
    "too deep": (
        INVALID,
        replacing(
            "</privileges>",
            f"</privileges><extensions>{'<a>' * 60}{'</a>' * 60}</extensions>",
        ),
    ),
    "too many parents": (INVALID, forged(_too_many_parents)),
    "too many certificates": (
        INVALID,
        gid("owner_gid", lambda pki: pki.user("alice").certificate.pem * 11),
    ),
    # weak and confused algorithms
    "MD5": (INVALID, method("SignatureMethod", f"{MORE}rsa-md5")),
    "HMAC with the public key": (INVALID, method("SignatureMethod", f"{DSIG}hmac-sha1")),
    "DSA": (INVALID, method("SignatureMethod", f"{DSIG}dsa-sha1")),
    "SHA-1 below a root without it": (INVALID, forged(_sha1, signed=True)),
    "another kind of key": (INVALID, forged(_an_elliptic_name)),
    "the signature of another": (INVALID, forged(flip)),
    # who signs
    "signed by a user": (UNTRUSTED, signed_by(lambda pki: pki.user("bob"))),
    "signed by its owner": (UNTRUSTED, signed_by(lambda pki: pki.user("alice"))),
    "signed by an aggregate": (UNTRUSTED, signed_by(lambda pki: pki.aggregate)),
    "signed by the member authority": (UNTRUSTED, signed_by(lambda pki: pki.ma)),
    "signed by an authority of a part": (
        UNTRUSTED,
        signed_by(lambda pki: ca(pki, "gcf.local:lab+authority+sa")),
    ),
    "signed by an authority of a name that begins alike": (
        UNTRUSTED,
        signed_by(lambda pki: ca(pki, "gcf.loca+authority+sa")),
    ),
    "signed by a stranger": (UNTRUSTED, signed_by(lambda pki: stranger(pki).sa)),
    "an owner whom a stranger certified": (
        UNTRUSTED,
        gid("owner_gid", lambda pki: stranger(pki).user("alice").chain_pem),
    ),
    "an owner whom a user certified": (
        UNTRUSTED,
        gid("owner_gid", user_by(lambda pki: pki.user("bob"))),
    ),
    # times
    "expired": (
        EXPIRED,
        lambda pki: pki.slice_credential(
            pki.user("alice"), pki.slice("credentials"), expires=NOW - DAY
        ),
    ),
    "a later end than was signed": (INVALID, forged(lambda _, one: one.set("expires", LATE))),
    "the owner's certificate expired": (
        EXPIRED,
        gid("owner_gid", user_by(lambda pki: pki.ma, now=-WEEK * 4)),
    ),
    "the target's certificate expired": (
        EXPIRED,
        gid("target_gid", slice_by(lambda pki: pki.sa, now=-WEEK * 4)),
    ),
    "the owner's certificate not valid yet": (
        INVALID,
        gid("owner_gid", user_by(lambda pki: pki.ma, now=timedelta(hours=1))),
    ),
    # whose it is
    "another's": (
        MISMATCH,
        lambda pki: pki.slice_credential(pki.user("bob"), pki.slice("credentials")),
    ),
    "another's of the same name": (MISMATCH, _namesake),
    # shell and files
    "a shell in the id": (
        INVALID,
        text_of(lambda text: text.replace("ref0", "ref0&quot;; x; &quot;")),
    ),
    "a path in the id": (INVALID, text_of(lambda text: text.replace("ref0", "../ref0"))),
    # two readings
    "an owner's name that is another's": (
        MISMATCH,
        forged(lambda pki, one: one.set("owner_urn", pki.urn("user", "bob").text), signed=True),
    ),
    "a target's name that is another's": (
        MISMATCH,
        forged(lambda pki, one: one.set("target_urn", pki.urn("slice", "x").text), signed=True),
    ),
    "a letter that looks alike": (
        MISMATCH,
        forged(
            lambda pki, one: one.set("owner_urn", one.get("owner_urn").replace("a", "\u0430")),
            signed=True,
        ),
    ),
    "blanks around a name": (
        MISMATCH,
        forged(lambda pki, one: one.set("owner_urn", f" {one.get('owner_urn')}"), signed=True),
    ),
    # odd certificates
    "a certificate with two names": (INVALID, gid("owner_gid", _two_names)),
    "a name in an e-mail address": (MISMATCH, gid("owner_gid", _injected_name)),
    "a huge certificate": (
        INVALID,
        gid("owner_gid", lambda pki: f"-----BEGIN CERTIFICATE-----\n{'A' * 30_000}\n"
            "-----END CERTIFICATE-----\n"),
    ),
    # what is no credential
    "no XML": (INVALID, lambda _: "geni_sfa"),
    "a lone surrogate": (INVALID, lambda _: "<a>&#xD800;</a>"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_and_nothing_is_done(mine: Slice, pki: HomePki, name: str) -> None:
    am_code, make = ATTACKS[name]
    item = credential(make(pki))
    answer = mine.owner.am("Allocate", mine.urn, [item], example("one-node"), {})
    assert answer["code"]["geni_code"] == FORBIDDEN
    assert answer["code"]["am_code"] == am_code, answer["output"]
    assert mine.call("Status")["code"]["geni_code"] == NOTHING_THERE


def test_more_than_a_call_may_bring(mine: Slice) -> None:
    for items in (mine.creds * 33, [credential(mine.credential + " " * 200_000)] * 6):
        answer = mine.owner.am("Allocate", mine.urn, items, example("one-node"), {})
        assert answer["code"]["geni_code"] == FORBIDDEN
    assert mine.call("Status")["code"]["geni_code"] == NOTHING_THERE


def test_a_name_of_ours_from_another_of_our_authorities(
    running: Running, pki: HomePki, mine: Slice, tmp_path: Path
) -> None:
    """FED 4.4, replay: a stolen credential with a certificate of the owner's name."""
    namesake = issue.make_user(pki.root, "alice", now=NOW, key=pki.next_key())
    files = write_identity(namesake, tmp_path, "namesake")
    with proxy(running.am_url, *files, running.home / "certs" / "ch-cert.pem") as aggregate:
        answer = checked(aggregate.Allocate(mine.urn, mine.creds, example("one-node"), {}))
    assert answer["code"]["geni_code"] == FORBIDDEN
    assert answer["code"]["am_code"] == MISMATCH
    assert mine.call("Status")["code"]["geni_code"] == NOTHING_THERE


def test_a_log_line_is_nobodys_to_write(running: Running, alice: Person, mine: Slice) -> None:
    forged_line = "INFO gcf_am.access: forged"
    calls: tuple[tuple[str, tuple[object, ...]], ...] = (
        ("Status", ([f"urn:publicid:IDN+x+slice+s\n{forged_line}"], mine.creds, {})),
        (f"No\n{forged_line}", ()),
        ("Status", ([mine.urn], [credential(f"<a>\n{forged_line}</a>")], {})),
    )
    with alice.proxy(running.am_url) as aggregate:
        for name, arguments in calls:
            try:
                getattr(aggregate, name)(*arguments)
            except xmlrpc.client.Fault as fault:
                assert "Traceback" not in fault.faultString  # noqa: PT017
    assert not [line for line in running.log().splitlines() if line.startswith(forged_line)]
