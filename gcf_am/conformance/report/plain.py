"""A stranger's text made fit for a page, for XML, and for people's eyes."""

import html
import re
import unicodedata
from typing import Final

_PERHAPS: Final = re.compile(r"[^\n\t\x20-\x7e]")
# Control characters, what turns or hides text, halves of pairs, odd ends of lines
_HARMFUL: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_NO_XML: Final = "\ufffe\uffff"  # XML 1.0, Char


def plain(text: str, most: int | None = None) -> str:
    """The text with what cannot be seen written as an escape, cut after `most` characters."""
    if most is not None and len(text) > most:
        text = f"{text[:most]}\n[{len(text) - most} more characters: see the JSON report]"
    return _PERHAPS.sub(_shown, text.replace("\r\n", "\n"))


def _shown(found: re.Match[str]) -> str:
    one = found[0]
    if unicodedata.category(one) in _HARMFUL or one in _NO_XML:
        return one.encode("unicode_escape").decode("ascii")
    return one


def escaped(text: str, most: int | None = None) -> str:
    """The same for between tags and for quoted attributes of HTML and XML."""
    return html.escape(plain(text, most))


def line(text: str) -> str:
    """The same on one line."""
    return " ".join(escaped(text).split())
