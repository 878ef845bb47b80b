"""What a credential says, and writing one that says something else.

Source: GENI credentials (geni_sfa 3).
"""

import secrets
from dataclasses import dataclass, replace

from lxml import etree

from gcf_am.conformance.forging.identity import Identity, write_chain
from gcf_am.conformance.forging.signing import SHA256, XML_ID, Method, parse, sign, write


@dataclass(frozen=True, slots=True)
class Statement:
    """The members of a `credential` element, as texts.

    `privileges` are (name, whether it may be handed on); `ident` is its xml:id.
    """

    owner_gid: str
    owner_urn: str
    target_gid: str
    target_urn: str
    expires: str
    privileges: tuple[tuple[str, bool], ...]
    ident: str = "ref0"
    kind: str = "privilege"


def read_statement(text: str) -> Statement:
    """What the outermost credential of a document says; raises ValueError when it is none."""
    try:
        credential = parse(text).find("credential")
    except etree.XMLSyntaxError as error:
        raise ValueError(f"no credential: {error}") from None
    if credential is None:
        raise ValueError("no credential: it holds no element credential")
    said = {
        name: credential.findtext(name) or ""
        for name in ("owner_gid", "owner_urn", "target_gid", "target_urn", "expires", "type")
    }
    privileges = tuple(
        (one.findtext("name") or "", (one.findtext("can_delegate") or "") in {"true", "1"})
        for one in credential.iterfind("privileges/privilege")
    )
    ident = credential.get(XML_ID, "")
    return Statement(privileges=privileges, ident=ident, kind=said.pop("type"), **said)


def issue(said: Statement, signer: Identity, method: Method = SHA256) -> str:
    """A credential that says this, by itself, signed by whomever."""
    root = etree.Element("signed-credential")
    root.extend((element(said), etree.Element("signatures")))
    return sign(write(root), signer, method)


def delegate(parent: str, said: Statement, signer: Identity, method: Method = SHA256) -> str:
    """A credential that says this and names `parent` as what it was delegated from.

    The parent's root element stays: its signature covers the declarations there.
    """
    root = parse(parent)
    above = root[0]
    root.remove(above)
    child = element(said)
    etree.SubElement(child, "parent").append(above)
    root.insert(0, child)
    return sign(write(root), signer, method)


def handed_on(parent: str, to: Identity) -> Statement:
    """What a delegation of all that the parent gives says, as it should be."""
    said = read_statement(parent)
    taken = {one.get(XML_ID) for one in parse(parent).iter("credential")}
    ident = next(name for n in range(len(taken) + 1) if (name := f"ref{n}") not in taken)
    return replace(said, owner_gid=write_chain(to.chain), owner_urn=to.urn, ident=ident)


def element(said: Statement) -> etree._Element:
    """The statement as a `credential`, in the order of the schema."""
    credential = etree.Element("credential")
    credential.set(XML_ID, said.ident)
    members = {
        "type": said.kind,
        "serial": str(secrets.randbits(63)),
        "owner_gid": said.owner_gid,
        "owner_urn": said.owner_urn,
        "target_gid": said.target_gid,
        "target_urn": said.target_urn,
        "uuid": "",
        "expires": said.expires,
    }
    for name, text in members.items():
        etree.SubElement(credential, name).text = text
    privileges = etree.SubElement(credential, "privileges")
    for name, may_delegate in said.privileges:
        privilege = etree.SubElement(privileges, "privilege")
        etree.SubElement(privilege, "name").text = name
        etree.SubElement(privilege, "can_delegate").text = "true" if may_delegate else "false"
    return credential
