"""Regular expressions that somebody else wrote.

Python's matcher goes back and tries again: with repetitions in repetitions for longer than
anybody waits. Such expressions are refused when a template is read.
"""

import re
from typing import Final

_LONGEST: Final = 200
_MOST_REPEATS: Final = 2
_MOST_CHOICES: Final = 3
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_QUANTIFIER: Final = re.compile(r"[*+?]|\{\d*,?\d*\}", re.ASCII)


def read_pattern(text: object) -> re.Pattern[str]:
    """Read `/pattern/flags` or a pattern alone; raises ValueError saying what is wrong.

    1. Its form and length.
    2. What it may hold.
    3. Its syntax.
    """
    # 1.
    if not isinstance(text, str) or not text:
        raise ValueError("regex wants an expression like /^SRIOV$/i")
    flags = re.NOFLAG
    if text.startswith("/"):
        text, _, letters = text[1:].rpartition("/")
        for letter in letters:
            if letter not in _FLAGS:
                raise ValueError(f"{letter!r} is no flag of an expression; use i, m, s or x")
            flags |= _FLAGS[letter]
    if len(text) > _LONGEST:
        raise ValueError(f"an expression has at most {_LONGEST} characters")
    # 2.
    _refuse_slow(text)
    # 3.
    try:
        return re.compile(text, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text[:60]!r} is no regular expression: {error}") from None


def _refuse_slow(text: str) -> None:
    """Refuse a repeated group that repeats or chooses in itself, many repetitions, and
    references back.
    """
    groups = [0]  # of each open group: 1, it holds a quantifier or such a group; 2, it chooses
    repeats = choices = 0
    at = 0
    closed = 0  # what stands before is a group that holds these
    while at < len(text):
        letter = text[at]
        quantifier = _QUANTIFIER.match(text, at)
        if letter == "\\":
            if text[at + 1 : at + 2].isdigit():
                raise ValueError("an expression may not refer back to what a group matched")
            closed, at = 0, at + 2
            continue
        if letter == "[":
            closed, at = 0, _after_class(text, at)
            continue
        if letter == "(":
            if text.startswith(("(?P=", "(?("), at):
                raise ValueError("an expression may not refer back to what a group matched")
            groups.append(0)
            # what follows ( is no quantifier but says what kind of group it is
            at += 2 if text.startswith("(?", at) else 1
            continue
        if letter == ")" and len(groups) > 1:
            closed = groups.pop()
            groups[-1] |= bool(closed)
            choices += closed > 1
        elif letter == "|":
            groups[-1] |= 2
            closed = 0
        elif quantifier is not None:
            if closed and quantifier[0] != "?":
                raise ValueError(
                    "in an expression a repeated group may not itself hold *, +, ?, {} or |"
                )
            groups[-1] |= 1
            repeats += quantifier[0] != "?"
            choices += quantifier[0] == "?"
            at = quantifier.end()
            # a lazy or possessive one
            at += text[at : at + 1] in {"?", "+"}
            closed = 0
            continue
        else:
            closed = 0
        at += 1
    if repeats > _MOST_REPEATS or choices > _MOST_CHOICES:
        raise ValueError(
            f"an expression holds at most {_MOST_REPEATS} of *, +, {{}}, and {_MOST_CHOICES} of ?, (|)"
        )


def _after_class(text: str, at: int) -> int:
    """Where a [class] that begins there has ended; its first ] counts as a letter."""
    at += 2 if text.startswith("[^", at) else 1
    at += text.startswith("]", at)
    while at < len(text) and text[at] != "]":
        at += 2 if text[at] == "\\" else 1
    return at + 1
