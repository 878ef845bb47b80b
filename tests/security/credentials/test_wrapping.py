"""FED 4.4: the element that was signed is the element that is read."""

import copy
from datetime import timedelta

import pytest
from lxml import etree

from gcf_am.trust import signatures
from tests.pki import NOW, Pki
from tests.security.credentials.conftest import Judge
from tests.security.credentials.forge import XML_ID, Forgery


def evil(forgery: Forgery, ident: str | None) -> etree._Element:
    """A copy of the credential that lasts longer, with this id."""
    element = copy.deepcopy(forgery.credential)
    expires = element.find("expires")
    assert expires is not None
    expires.text = "2131-01-01T00:00:00Z"
    del element.attrib[XML_ID]
    if ident is not None:
        element.set(XML_ID, ident)
    return element


@pytest.mark.parametrize("ident", [None, "ref0", "ref1"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_unsigned_credential_beside_the_signed_one(
    forgery: Forgery, rule: Judge, place: int, ident: str | None
) -> None:  # R085
    forgery.root.insert(place, evil(forgery, ident))
    assert rule(forgery.text) == "document.schema"


@pytest.mark.parametrize("ident", [None, "ref0", "ref1"])
def test_an_unsigned_credential_around_the_signed_one(
    forgery: Forgery, rule: Judge, ident: str | None
) -> None:  # R083, R107
    outer = evil(forgery, ident)
    for wrapper in ("parent", "extensions", "wrapped"):
        changed = Forgery(forgery.text)
        around = copy.deepcopy(outer)
        etree.SubElement(around, wrapper).append(changed.credential)
        changed.root.insert(0, around)
        assert rule(changed.text) in {
            "document.schema",
            "document.id",
            "document.stray",
            "signature.count",
        }


def test_the_signed_credential_inside_the_signature(forgery: Forgery, rule: Judge) -> None:
    for path in ("//d:KeyInfo", "//d:X509Data", "//d:Signature", "//d:SignedInfo"):
        changed = Forgery(forgery.text)
        outer = evil(changed, "other")
        changed.one(path).append(changed.credential)
        changed.root.insert(0, outer)
        assert rule(changed.text) == "document.stray"


def test_a_signature_over_another_element(pki: Pki, forgery: Forgery, rule: Judge) -> None:
    """Even one that the authority made: it says nothing about the credential."""
    extensions = etree.SubElement(forgery.credential, "extensions")
    etree.SubElement(extensions, "other", {XML_ID: "other"})
    forgery.one("//d:Reference").set("URI", "#other")
    forgery.root = Forgery(forgery.text).root
    signatures.sign(forgery.over("other"), forgery.one("//other"), pki.sa.key)
    assert rule(forgery.text) == "signature.count"


@pytest.mark.parametrize("name", ["Id", "ID", "id"])
def test_other_kinds_of_ids_count_as_ids(genuine: str, rule: Judge, name: str) -> None:
    key_info = genuine.replace("<KeyInfo>", f'<KeyInfo {name}="ref0">')
    assert rule(key_info) == "document.id"
    credential = genuine.replace('<credential xml:id="ref0">', f'<credential {name}="ref0">')
    assert rule(credential) == "document.schema"


def test_two_elements_with_one_id(genuine: str, rule: Judge) -> None:  # R084
    assert rule(genuine.replace('"Sig_ref0"', '"ref0"')) == "document.id"
    twice = genuine.replace('xml:id="ref0"', 'xml:id="ref0" xml:id="ref0"')
    assert rule(twice) == "document.xml"


def test_a_credential_without_an_id(genuine: str, rule: Judge) -> None:
    assert rule(genuine.replace(' xml:id="ref0"', "")) == "document.schema"


@pytest.mark.parametrize(
    "ident", ["", "0", "a b", "a:b", "a'b", 'a"b', "a;b", "$(x)", "é", "a" * 65, "../a", "#a"]
)
def test_odd_ids(pki: Pki, forgery: Forgery, rule: Judge, ident: str) -> None:
    forgery.credential.set(XML_ID, ident)
    forgery.one("//d:Reference").set("URI", f"#{ident}")
    assert rule(forgery.text) in {"document.schema", "document.id"}


def test_an_unsigned_document(forgery: Forgery, rule: Judge) -> None:  # R086
    forgery.root.remove(forgery.root[1])
    assert rule(forgery.text) == "document.unsigned"
    etree.SubElement(forgery.root, "signatures")
    assert rule(forgery.text) == "document.schema"


def test_a_second_signature_over_the_same_credential(forgery: Forgery, rule: Judge) -> None:
    again = copy.deepcopy(forgery.signature)
    again.set(XML_ID, "Sig_again")
    forgery.root[1].append(again)
    assert rule(forgery.text) == "signature.count"


def test_a_signature_elsewhere(forgery: Forgery, rule: Judge) -> None:
    extensions = etree.SubElement(forgery.credential, "extensions")
    extensions.append(copy.deepcopy(forgery.signature))
    assert rule(forgery.text) == "document.id"
    del extensions[0].attrib[XML_ID]
    assert rule(forgery.text) == "document.stray"


def test_signatures_and_parents_that_do_not_belong_together(
    pki: Pki, genuine: str, rule: Judge
) -> None:
    delegated = Forgery(pki.delegated(genuine, pki.user("alice"), pki.user("bob")))
    assert rule(delegated.text) == "accepted"
    without = Forgery(delegated.text)
    without.root[1].remove(without.over("ref0"))  # R107: an unsigned parent
    assert rule(without.text) == "signature.count"
    both = Forgery(delegated.text)
    reference = both.over("ref0").find(".//{*}Reference")
    assert reference is not None
    reference.set("URI", "#ref1")
    assert rule(both.text) == "signature.count"


def test_a_wrongly_signed_parent(pki: Pki, genuine: str, rule: Judge) -> None:  # R107
    alice, bob, mallory = pki.user("alice"), pki.user("bob"), pki.user("mallory")
    forged = Forgery(genuine).sign(mallory, keep_certificates=True).text
    assert rule(pki.delegated(forged, alice, bob)) == "signature.invalid"
    own = pki.slice_credential(alice, pki.slice("s1"), signer=alice)
    assert rule(pki.delegated(own, alice, bob)) == "signer.authority"


def test_the_parent_of_another_delegation(pki: Pki, genuine: str, rule: Judge) -> None:
    alice, bob = pki.user("alice"), pki.user("bob")
    short = pki.slice_credential(alice, pki.slice("s1"), expires=NOW + timedelta(hours=1))
    longer = Forgery(pki.delegated(genuine, alice, bob))
    parent = longer.one("//parent")
    parent[:] = [Forgery(short).credential]
    assert rule(longer.text) == "signature.invalid"


def test_delegation_over_another_target(pki: Pki, genuine: str, rule: Judge) -> None:  # R105
    alice, bob, s2 = pki.user("alice"), pki.user("bob"), pki.slice("s2")
    forgery = Forgery(pki.delegated(genuine, alice, bob))
    forgery.set("target_gid", s2.chain[0].pem + s2.chain[1].pem).set("target_urn", s2.urn.text)
    assert rule(forgery.sign(alice).text) == "delegation.target"


class TestReferences:
    @pytest.mark.parametrize(
        "uri",
        [
            "",
            "#",
            "#Sig_ref0",
            "#other",
            "ref0",
            "#xpointer(/)",
            "#xpointer(id('ref0'))",
            "http://127.0.0.1/",
            "file:///",
            "#ref0 ",
            "#REF0",
        ],
    )
    def test_only_to_the_credential_by_its_id(self, genuine: str, rule: Judge, uri: str) -> None:
        changed = genuine.replace('URI="#ref0"', f'URI="{uri}"')
        assert rule(changed) in {"signature.reference", "signature.count"}

    def test_none(self, genuine: str, rule: Judge) -> None:
        assert rule(genuine.replace(' URI="#ref0"', "")) == "signature.reference"

    def test_two(self, forgery: Forgery, rule: Judge) -> None:
        reference = forgery.one("//d:Reference")
        forgery.one("//d:SignedInfo").append(copy.deepcopy(reference))
        assert rule(forgery.text) == "document.shape"

    def test_no_reference_at_all(self, forgery: Forgery, rule: Judge) -> None:
        forgery.one("//d:SignedInfo").remove(forgery.one("//d:Reference"))
        assert rule(forgery.text) == "document.shape"

    @pytest.mark.parametrize("attribute", ["Type", "Id"])
    def test_no_manifests(self, genuine: str, rule: Judge, attribute: str) -> None:
        changed = genuine.replace('URI="#ref0"', f'URI="#ref0" {attribute}="x"')
        assert rule(changed) == "document.shape"

    def test_no_objects(self, genuine: str, rule: Judge) -> None:
        changed = genuine.replace("</KeyInfo>", "</KeyInfo><Object><x/></Object>")
        assert rule(changed) == "document.shape"
