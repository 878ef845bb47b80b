"""FED 4.4: DTDs, entities, sizes, depth, comments: one parser, one reading."""

import copy

import pytest
from lxml import etree

from gcf_am.trust.credential_document import LARGEST
from tests.pki import Pki
from tests.security.credentials.conftest import Judge
from tests.security.credentials.forge import Forgery


def after_declaration(text: str, addition: str) -> str:
    head, end, rest = text.partition("?>\n")
    return head + end + addition + rest


@pytest.mark.parametrize(
    "declaration",
    [
        "<!DOCTYPE signed-credential>",
        '<!DOCTYPE signed-credential [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE signed-credential SYSTEM "http://127.0.0.1:9/x.dtd">',
        "<!DOCTYPE signed-credential [<!ATTLIST credential id ID #IMPLIED>]>",
        "<!-- c --><!DOCTYPE signed-credential>",
        "\n\n<!DOCTYPE\nsigned-credential>",
    ],
)
def test_document_types(genuine: str, rule: Judge, declaration: str) -> None:
    assert rule(after_declaration(genuine, declaration)) == "document.xml"


def test_entities_without_a_document_type(genuine: str, rule: Judge) -> None:
    assert rule(genuine.replace("<uuid/>", "<uuid>&a;</uuid>")) == "document.xml"
    # the five that XML knows are text like any other, and were not signed
    assert rule(genuine.replace("<uuid/>", "<uuid>&lt;</uuid>")) == "signature.invalid"


@pytest.mark.parametrize("node", ["<!-- c -->", "<?pi x?>"])
def test_comments_and_processing_instructions(genuine: str, rule: Judge, node: str) -> None:
    """Canonicalization drops comments, so a value might be read as another than was signed."""
    for place in ("<uuid/>", "urn:publicid", "</signatures>", "<SignatureValue>", "<X509Data>"):
        changed = genuine.replace(place, f"{node}{place}")
        assert changed != genuine
        assert rule(changed) == "document.comment"
    assert rule(after_declaration(genuine, node)) == "document.comment"
    assert rule(genuine + node) == "document.comment"


def test_xinclude_is_an_element_like_any_other(genuine: str, rule: Judge) -> None:
    include = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/hostname"/>'
    assert rule(genuine.replace("<uuid/>", f"<uuid>{include}</uuid>")) == "document.schema"
    extended = genuine.replace("</privileges>", f"</privileges><extensions>{include}</extensions>")
    assert rule(extended) == "signature.invalid"


def test_too_large(genuine: str, rule: Judge) -> None:
    for size, expected in ((LARGEST - len(genuine), "signature.invalid"), (LARGEST, None)):
        padded = genuine.replace("<uuid/>", f"<uuid>{' ' * (size - 20)}</uuid>")
        assert rule(padded) == (expected or "document.size")
    # bytes count too
    wide = genuine.replace("<uuid/>", f"<uuid>{'é' * (LARGEST // 2)}</uuid>")
    assert len(wide) <= LARGEST
    assert rule(wide) == "document.xml"


def test_too_deep(genuine: str, rule: Judge) -> None:
    deep = "<a>" * 60 + "</a>" * 60
    changed = genuine.replace("</privileges>", f"</privileges><extensions>{deep}</extensions>")
    assert rule(changed) == "document.xml"


def test_too_many_parents(pki: Pki, genuine: str, rule: Judge) -> None:
    forgery = Forgery(genuine)
    inner = forgery.credential
    for number in range(1, 18):
        outer = copy.deepcopy(inner)
        for parent in outer.findall("parent"):
            outer.remove(parent)
        outer.set("{http://www.w3.org/XML/1998/namespace}id", f"ref{number}")
        etree.SubElement(outer, "parent").append(inner)
        inner = outer
    forgery.root.insert(0, inner)
    assert rule(forgery.text) == "document.parents"


def test_too_many_certificates(pki: Pki, forgery: Forgery, rule: Judge) -> None:
    many = pki.sa.certificate.pem * 11
    for name in ("owner_gid", "target_gid"):
        changed = Forgery(forgery.text).set(name, many).sign(pki.sa)
        assert rule(changed.text) == "chain.length"
    users = [pki.renewed(pki.user("u"), new_key=False).certificate for _ in range(11)]
    assert rule(forgery.certificates(*users).text) == "signature.certificates"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("owner_urn", "urn:publicid:IDN+gcf.local+user+bob"),  # R081
        ("owner_urn", " urn:publicid:IDN+gcf.local+user+alice"),
        ("owner_urn", "urn:publicid:IDN+gcf.local+user+alice\n"),
        ("owner_urn", "urn:publicid:IDN+gcf.local+user+alic\u0435"),
        ("owner_urn", "alice"),
        ("target_urn", "urn:publicid:IDN+gcf.local+slice+s2"),  # R082
        ("target_urn", "urn:publicid:IDN+gcf.local+slice+s1\u00a0"),
    ],
)
def test_urns_must_be_those_of_the_certificates(
    pki: Pki, forgery: Forgery, rule: Judge, name: str, value: str
) -> None:
    role = name.partition("_")[0]
    assert rule(forgery.set(name, value).sign(pki.sa).text) == f"credential.{role}_urn"


def test_urns_in_another_case_or_left_out_are_the_same(
    pki: Pki, forgery: Forgery, rule: Judge
) -> None:
    forgery.set("owner_urn", "URN:PUBLICID:idn+GCF.local+USER+Alice")
    forgery.set("target_urn", "")
    assert rule(forgery.sign(pki.sa).text) == "accepted"


@pytest.mark.parametrize("kind", ["abac", "capability", "ticket", "speaksfor"])
def test_other_types_give_no_privileges(pki: Pki, forgery: Forgery, rule: Judge, kind: str) -> None:
    assert rule(forgery.set("type", kind).sign(pki.sa).text) == "credential.type"


def test_legacy_credentials_are_no_xml(pki: Pki, rule: Judge) -> None:
    assert rule(pki.user("alice").chain_pem) == "document.xml"


@pytest.mark.parametrize("text", ["", " ", "x", "<", "<a/>", "\0", "\ud800", "\ufeff<a/>", "&amp;"])
def test_what_is_no_credential_at_all(rule: Judge, text: str) -> None:
    assert rule(text).startswith("document.")


def test_a_byte_order_mark_is_no_part_of_it(genuine: str, rule: Judge) -> None:
    assert rule("\ufeff" + genuine) == "accepted"


def test_an_escaped_credential_is_not_unescaped(genuine: str, rule: Judge) -> None:
    assert rule(genuine.replace("<", "&lt;")) == "document.xml"


@pytest.mark.parametrize("expires", ["", "never", "2131-13-01T00:00:00Z", "99999-01-01T00:00:00Z"])
def test_odd_dates(pki: Pki, forgery: Forgery, rule: Judge, expires: str) -> None:
    changed = forgery.set("expires", expires).sign(pki.sa)
    assert rule(changed.text) in {"document.schema", "document.expires"}


def test_attributes_that_change_types(genuine: str, rule: Judge) -> None:
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    changed = genuine.replace("<uuid/>", f'<uuid {xsi} xsi:nil="false"/>')
    assert rule(changed) in {"document.schema", "document.attribute"}
    xs = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    changed = genuine.replace("<uuid/>", f'<uuid {xsi} {xs} xsi:type="xs:string"/>')
    assert rule(changed) == "document.attribute"
