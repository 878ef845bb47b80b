"""Words from servers, made harmless for a terminal."""

import unicodedata

from rich.text import Text

# Cc: control characters; Cf: what turns or hides text; Cs: halves of pairs; Zl, Zp: line ends
_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str, *, lines: bool = False) -> str:
    r"""The text with every character that could command a terminal written out, as `\x1b`.

    With `lines`, ends of lines and tabs stay.
    """
    kept = "\n\t" if lines else ""
    return "".join(
        one
        if one in kept or unicodedata.category(one) not in _HARMFUL
        else one.encode("unicode_escape", "surrogatepass").decode("ascii")
        for one in text
    )


def cell(text: str, style: str = "") -> Text:
    """The text as rich shows it: as it is, never as markup."""
    return Text(printable(text), style=style)
