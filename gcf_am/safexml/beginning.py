"""As much of a document as shows what is wrong with it.

libxml2 tells of every fault there is, and for each lxml counts the element's siblings: a document
of some 100 kB with a fault in each element would take a minute, one of 4 MB hours. What a reader
is told ends after some faults anyhow, so that no more of the document need be judged than the
part that holds them.
"""

from copy import deepcopy
from itertools import islice
from typing import Any, Final, cast

from lxml import etree

# Below that many elements and attributes all faults are found in no time.
_SMALL: Final = 1000
_CHUNK: Final = 2048


def beginning(root: etree._Element, judge: etree.XMLSchema, faults: int) -> etree._Element:
    """The document, or its beginning up to where `judge` has found that many faults.

    The beginning is a copy, with the lines of its elements. What follows the last fault is
    missing there: more faults than asked for may come of that, but only behind the others.
    """
    if root.xpath(f"count(.//*) + count(.//@*) < {_SMALL}"):
        return root
    text: bytes = etree.tostring(root)
    end = _end(text, judge, faults)
    return root if end is None else _first(root, _begun(text[:end]))


def _end(text: bytes, judge: etree.XMLSchema, faults: int) -> int | None:
    """Where the faults are that many; None when they are fewer."""
    # read as a stream, a fault costs no more than its message, and without a tree little is kept
    reader = etree.XMLParser(target=cast("Any", _Nothing()), schema=judge, resolve_entities=False)
    for start in range(0, len(text), _CHUNK):
        reader.feed(text[start : start + _CHUNK])
        if len(reader.feed_error_log) >= faults:
            return start + _CHUNK
    return None


class _Nothing:
    """What a parser makes that is only to judge."""

    def close(self) -> None:
        """Nothing."""


def _begun(text: bytes) -> int:
    """How many elements begin there."""
    reader = etree.XMLPullParser(events=("start",), resolve_entities=False)
    reader.feed(text)
    return sum(1 for _ in reader.read_events())


def _first(root: etree._Element, elements: int) -> etree._Element:
    """A copy of the document that ends after that many elements have begun."""
    copy = deepcopy(root)
    cut = next(islice(copy.iter("*"), elements, None), None)
    if cut is None:
        return copy
    parent = cut.getparent()
    assert parent is not None  # the root is the first element
    del parent[parent.index(cut) :]
    for one in (parent, *parent.iterancestors()):
        around = one.getparent()
        if around is not None:
            del around[around.index(one) + 1 :]
    return copy
