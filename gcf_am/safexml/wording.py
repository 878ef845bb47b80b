"""What libxml2 says, in words for the person who wrote the document."""

import re
from typing import Final

_NAMESPACE: Final = re.compile(r"\{[^{}'\s]*\}(?=[\w*])")
_WILDCARD: Final = re.compile(r"##other\*?")
_POSITION: Final = re.compile(r", line \d+, column \d+$")

# In order: the first that matches speaks.
_SYNTAX: Final = (
    (r"Document is empty", "the document is empty"),
    (r"Start tag expected, '<' not found", "this is no XML: it does not begin with <"),
    (
        r"Opening and ending tag mismatch: (\S+) line (\d+) and (\S+)",
        r"<\1> of line \2 is closed by </\3>",
    ),
    (r"Premature end of data in tag (\S+) line (\d+)", r"<\1> of line \2 is never closed"),
    (r"Namespace prefix (\S+) (?:on|for) .*", r"the prefix \1 has no xmlns:\1 declaration"),
    (r"ID (\S+) already defined", r"the xml:id \1 stands there twice"),
    (r"Attribute (\S+) redefined", r"the attribute \1 stands there twice"),
    (r"AttValue: .*", "an attribute's value must stand in quotes"),
    (r"Entity '([^']*)' not defined", r"the entity &\1; is not known in XML"),
    (r"xmlParseEntityRef: no name", "an & stands alone; write &amp;"),
    (r"EntityRef: expecting ';'", "an & stands alone; write &amp;"),
    (r"Extra content at the end of the document", "something follows the end of the document"),
    (r"(?:PCDATA|Char) .*invalid.*", "there is a character that XML does not allow"),
    (r"Invalid bytes in character encoding.*", "there are bytes that are not of its encoding"),
    (r"Excessive depth in document.*", "elements lie too deep within one another"),
    (r"Unescaped '<' not allowed in attributes values", "write &lt; for < in an attribute"),
    (
        r"XML declaration allowed only at the start of the document",
        "something stands before <?xml ...?>",
    ),
)

_SCHEMA: Final = (
    (
        r"No matching global declaration available for the validation root\.",
        "this is not the root element of such a document",
    ),
    (
        r"The attribute '([^']*)' is required but missing\.",
        r"the attribute \1 is missing",
    ),
    (r"The attribute '([^']*)' is not allowed\.", r"the attribute \1 is not known here"),
    (
        r"This element is not expected\. Expected is (?:one of )?\( (.*) \)\.",
        r"it may not stand here; expected is \1",
    ),
    (r"This element is not expected\.", "it may not stand here"),
    (
        r"Missing child element\(s\)\. Expected is (?:one of )?\( (.*) \)\.",
        r"a child is missing; expected is \1",
    ),
    (
        r"\[facet 'enumeration'\] The value '(.*)' is not an element of the set \{(.*)\}\.",
        r"'\1' must be one of \2",
    ),
    (r"'(.*)' is not a valid value of the \w+ type 'xs:boolean'\.", r"'\1' must be true or false"),
    (
        r"'(.*)' is not a valid value of the (?:local )?\w+ type(?: 'xs:(\w+)'.*|.*)",
        r"'\1' is not of the type \2",
    ),
    (
        r"Character content is not allowed, because the content type is empty\.",
        "it must be empty",
    ),
    (
        r"Character content other than whitespace is not allowed because .*",
        "text may not stand here",
    ),
    (
        r"Element content is not allowed, because .*",
        "no element may stand in it",
    ),
)
_SUBJECT: Final = re.compile(r"Element '([^']*)'(?:, attribute '([^']*)')?: (.*)", re.DOTALL)
_LONGEST: Final = 300


def syntax_reason(message: str) -> str:
    """Why a document is not well-formed, from libxml2's message."""
    return _say(_POSITION.sub("", message), _SYNTAX)


def schema_reason(message: str) -> tuple[str, str]:
    """The local name of the element at fault, and what is wrong with it."""
    plain = _WILDCARD.sub("an extension", _NAMESPACE.sub("", message.strip()))
    subject = _SUBJECT.match(plain)
    if subject is None:
        return "", _cut(plain)
    element, attribute, rest = subject.groups()
    reason = _say(rest, _SCHEMA)
    if attribute and attribute not in reason:
        reason = f"attribute {attribute}: {reason}"
    return element, reason


def _say(message: str, sayings: tuple[tuple[str, str], ...]) -> str:
    for pattern, words in sayings:
        match = re.fullmatch(pattern, message, re.DOTALL)
        if match is not None:
            return _cut(match.expand(words))
    return _cut(message)


def _cut(text: str) -> str:
    """Messages repeat what the document holds: no more of it than a line of text."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
