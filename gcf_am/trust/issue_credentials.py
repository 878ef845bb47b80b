"""Making credentials: signed statements that an owner has privileges over a target.

Source: GENI credentials (geni_sfa 3); FED 4.1 and 4.5 (what the clients in the field read).
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from lxml import etree

from gcf_am import safexml
from gcf_am.clock import format_time
from gcf_am.trust.certificates import Certificate, write_chain
from gcf_am.trust.issue import Identity
from gcf_am.trust.privileges import SLICE_PRIVILEGES, USER_PRIVILEGES, Privilege
from gcf_am.trust.signatures import C14N, DSIG, ENVELOPED, RSA_SHA256, SHA256, XML, sign

_DEFAULT: Final[Any] = {None: DSIG}  # lxml's None for the default namespace
_ID: Final = f"{{{XML}}}id"

SLICE: Final = tuple(Privilege(name, delegatable=True) for name in SLICE_PRIVILEGES)
USER: Final = tuple(Privilege(name) for name in USER_PRIVILEGES)


def issue_credential(
    signer: Identity,
    *,
    owner: Sequence[Certificate],
    target: Sequence[Certificate],
    privileges: Iterable[Privilege],
    expires: datetime,
) -> str:
    """A credential that gives the owner privileges over the target.

    `owner` and `target` are chains, leaf first. The text begins with an XML declaration, since
    Omni looks for it.
    """
    over = (write_chain(target), target[0].named.text)
    statement = _statement("ref0", owner, over, privileges, expires)
    root = _element("signed-credential", statement, _element("signatures"))
    return _sign_first(root, "ref0", signer)


def delegate_credential(
    credential: str,
    holder: Identity,
    *,
    owner: Sequence[Certificate],
    privileges: Iterable[Privilege],
    expires: datetime,
) -> str:
    """A credential by which its holder hands privileges on to another owner.

    The text of `credential` is trusted to be well-formed; nothing else of it is judged here.
    Its root element stays, since the signature below covers the declarations there.
    """
    root = safexml.parse(credential)
    parent = root[0]
    taken = {element.get(_ID) for element in root.iter("credential")}
    ident = next(name for n in range(len(taken) + 1) if (name := f"ref{n}") not in taken)
    over = (parent.findtext("target_gid", ""), parent.findtext("target_urn", ""))
    statement = _statement(ident, owner, over, privileges, expires)
    root.remove(parent)
    statement.append(_element("parent", parent))
    root.insert(0, statement)
    return _sign_first(root, ident, holder)


def _statement(
    ident: str,
    owner: Sequence[Certificate],
    target: tuple[str, str],
    privileges: Iterable[Privilege],
    expires: datetime,
) -> etree._Element:
    statement = _element(
        "credential",
        _element("type", text="privilege"),
        _element("serial", text=str(secrets.randbits(63))),
        _element("owner_gid", text=write_chain(owner)),
        _element("owner_urn", text=owner[0].named.text),
        _element("target_gid", text=target[0]),
        _element("target_urn", text=target[1]),
        _element("uuid"),
        _element("expires", text=format_time(expires)),
        _element("privileges", *map(_privilege, privileges)),
    )
    statement.set(_ID, ident)
    return statement


def _privilege(privilege: Privilege) -> etree._Element:
    can_delegate = "true" if privilege.delegatable else "false"
    return _element(
        "privilege",
        _element("name", text=privilege.name),
        _element("can_delegate", text=can_delegate),
    )


def _sign_first(root: etree._Element, ident: str, signer: Identity) -> str:
    """Add a signature over the first credential, and write the document."""
    signature = _dsig(
        "Signature",
        _dsig(
            "SignedInfo",
            _dsig("CanonicalizationMethod", Algorithm=C14N),
            _dsig("SignatureMethod", Algorithm=RSA_SHA256),
            _dsig(
                "Reference",
                _dsig("Transforms", _dsig("Transform", Algorithm=ENVELOPED)),
                _dsig("DigestMethod", Algorithm=SHA256),
                _dsig("DigestValue"),
                URI=f"#{ident}",
            ),
        ),
        _dsig("SignatureValue"),
        # no KeyValue: a bare key is what forgers put there
        _dsig("KeyInfo", _dsig("X509Data", *map(_x509_certificate, signer.chain))),
    )
    signature.set(_ID, f"Sig_{ident}")
    root[1].append(signature)
    # read again, so that what is signed is what a reader of the text will see
    document = safexml.parse(etree.tostring(root, encoding="unicode"))
    sign(document[1][-1], document[0], signer.key)
    return '<?xml version="1.0"?>\n' + etree.tostring(document, encoding="unicode") + "\n"


def _x509_certificate(certificate: Certificate) -> etree._Element:
    element = _dsig("X509Certificate")
    element.text = "\n".join(certificate.pem.splitlines()[1:-1])
    return element


def _dsig(name: str, *children: etree._Element, **attributes: str) -> etree._Element:
    element = etree.Element(f"{{{DSIG}}}{name}", attributes, nsmap=_DEFAULT)
    element.extend(children)
    return element


def _element(name: str, *children: etree._Element, text: str | None = None) -> etree._Element:
    element = etree.Element(name)
    element.text = text
    element.extend(children)
    return element
