"""Reading trees whose shape must be exactly one: nothing extra, nothing twice, nothing between."""

from lxml import etree

from gcf_am.trust.refusal import Refusal


def children(element: etree._Element, *names: str) -> tuple[etree._Element, ...]:
    """The element's children, which must be exactly these, in this order, in its namespace."""
    namespace = etree.QName(element).namespace
    wanted = [str(etree.QName(namespace, name)) for name in names]
    if [child.tag for child in element] != wanted:
        raise Refusal("document.shape", f"{local(element)} must hold exactly {', '.join(names)}")
    only_blanks_between(element)
    return tuple(element)


def content(element: etree._Element) -> str:
    """The element's text, which must be all that it holds."""
    if len(element):
        raise Refusal("document.shape", f"{local(element)} must hold nothing but text")
    return element.text or ""


def only_attributes(element: etree._Element, *names: str) -> None:
    """Refuse attributes with other local names than these."""
    for attribute in element.attrib:
        if etree.QName(attribute).localname not in names:
            raise Refusal("document.shape", f"{local(element)} has an odd attribute")


def only_blanks_between(element: etree._Element) -> None:
    """Refuse text between the element's children."""
    for text in (element.text, *(child.tail for child in element)):
        if text is not None and text.strip():
            raise Refusal("document.shape", f"{local(element)} holds text between elements")


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(element).localname
