"""Changing credentials: each test makes the forgery that its attack needs.

A Forgery holds the document as a tree; `sign` signs the outermost credential anew with whatever
key the forger has, `text` is what is sent. Ids are found by their `xml:id`.
"""

from collections.abc import Sequence
from typing import Final

from lxml import etree

from gcf_am import safexml
from gcf_am.trust import signatures
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.issue import Identity

DSIG: Final = {"d": signatures.DSIG}
XML_ID: Final = f"{{{signatures.XML}}}id"


class Forgery:
    """A credential that is being changed."""

    def __init__(self, text: str) -> None:
        self.root = safexml.parse(text)

    @property
    def text(self) -> str:
        return etree.tostring(self.root, encoding="unicode")

    @property
    def credential(self) -> etree._Element:
        return self.root[0]

    @property
    def signature(self) -> etree._Element:
        """The signature over the outermost credential."""
        return self.over(self.credential.get(XML_ID, ""))

    def over(self, ident: str) -> etree._Element:
        """The signature over the credential with this id."""
        (found,) = self.find(f".//d:Signature[d:SignedInfo/d:Reference/@URI='#{ident}']")
        return found

    def find(self, path: str) -> Sequence[etree._Element]:
        """The elements at an XPath; `d` is the namespace of signatures."""
        found = self.root.xpath(path, namespaces=DSIG)
        assert isinstance(found, list)
        return [each for each in found if isinstance(each, etree._Element)]

    def one(self, path: str) -> etree._Element:
        (found,) = self.find(path)
        return found

    def get(self, name: str) -> str:
        """The text of a child of the outermost credential."""
        return self.credential.findtext(name, "")

    def set(self, name: str, text: str) -> "Forgery":
        """Change the text of a child of the outermost credential."""
        child = self.credential.find(name)
        assert child is not None
        child.text = text
        return self

    def certificates(self, *chain: Certificate) -> "Forgery":
        """Put these certificates beside the outermost signature."""
        data = self.signature.find(".//d:X509Data", DSIG)
        assert data is not None
        data[:] = []
        for certificate in chain:
            element = etree.SubElement(data, f"{{{signatures.DSIG}}}X509Certificate")
            element.text = "".join(certificate.pem.splitlines()[1:-1])
        return self

    def sign(self, signer: Identity, *, keep_certificates: bool = False) -> "Forgery":
        """Sign the outermost credential, with the signer's certificates beside it."""
        if not keep_certificates:
            self.certificates(*signer.chain)
        self.root = safexml.parse(self.text)
        signatures.sign(self.signature, self.credential, signer.key)
        return self
