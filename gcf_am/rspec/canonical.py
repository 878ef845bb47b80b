"""Elements as text that stands alone, and back.

The text of an element is canonical: what is written into a manifest and read again is the same
text. White space between RSpec elements means nothing and is left out; within extensions all
stays as it came.
"""

import re
from copy import deepcopy
from typing import Final

from lxml import etree

from gcf_am.rspec.names import RSPEC
from gcf_am.safexml import parse

# What came in within its limits is larger alone, by no more than its expanded names.
_LIMIT: Final = 64 * 1024 * 1024

# lxml escapes in comments and instructions too, so that with each time there would be more. In
# what it writes, < and > stand nowhere but around them and around tags.
_AS_IT_CAME: Final = re.compile(r"<!--.*?-->|<\?.*?\?>", re.DOTALL)


def alone(element: etree._Element) -> str:
    """The element as a document of its own: canonical XML with the namespaces that it uses."""
    # a copy brings the declarations along that stand on what is around it
    text: bytes = etree.tostring(deepcopy(element), method="c14n2", with_comments=True)
    return _AS_IT_CAME.sub(_unescaped, text.decode())


def _unescaped(found: re.Match[str]) -> str:
    """A comment or instruction without the escapes, which mean themselves there."""
    text = found[0].replace("&lt;", "<").replace("&gt;", ">").replace("&#xD;", "\r")
    return text.replace("&amp;", "&")


def tree_of(xml: str) -> etree._Element:
    """What `alone` wrote, as a tree."""
    return parse(xml, limit=_LIMIT)


def expanded_names(root: etree._Element) -> int:
    """How long all names are together when each brings its namespace.

    `alone` repeats a namespace where siblings use it, so that this bounds what it adds: a short
    document can use a long namespace often.
    """
    return sum(len(str(one.tag)) + sum(len(name) for name in one.attrib) for one in root.iter("*"))


def strip_space(element: etree._Element) -> None:
    """Remove the white space between RSpec elements."""
    for one in element.iter(f"{{{RSPEC}}}*"):
        if _blank(one.text):
            one.text = None
        for child in one:
            if _blank(child.tail):
                child.tail = None


def indent(element: etree._Element, level: int = 0) -> None:
    """Lay RSpec elements out in lines; extensions keep the text they came with."""
    # a comment alone stays alone: around it may be an element in which not even space may stand
    if not _is_rspec(element) or next(element.iterchildren("*"), None) is None:
        return
    inner = "\n" + "  " * (level + 1)
    element.text = inner
    for child in element:
        indent(child, level + 1)
        child.tail = inner
    element[-1].tail = "\n" + "  " * level


def _is_rspec(element: etree._Element) -> bool:
    # the tag of a comment or processing instruction is a function
    return str(element.tag).startswith(f"{{{RSPEC}}}")


def _blank(text: str | None) -> bool:
    return text is None or not text.strip(" \t\r\n")
