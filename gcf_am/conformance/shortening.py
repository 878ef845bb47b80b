"""Calls and answers made readable, without what must not be sent around.

Private keys go, credentials are shortened to what they say: whoever holds a whole one could not
use it without the owner's key, and yet it is nobody's business.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xmlrpc.client import Binary

_KEY: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_TOKEN: Final = re.compile(
    r"(?i)\b((?:authorization|token|password|secret|api[_-]?key)\b[\"']?\s*[:=]\s*[\"']?(?:bearer\s+)?)"
    r"[^\s\"'<>&,;]+"
)
# also where the document stands escaped within another one
_CREDENTIAL: Final = re.compile(
    r"(?:(?:<|&lt;)\?xml[^>]*?\?(?:>|&gt;)\s*)?(?:<|&lt;)signed-credential\b.*?"
    r"((?:<|&lt;)/signed-credential\s*(?:>|&gt;)|\Z)",
    re.DOTALL,
)
_SAYS: Final = ("type", "owner_urn", "target_urn", "expires")


def shortened(text: str) -> str:
    """The text without secrets: private keys, tokens, whole credentials."""
    text = _KEY.sub("[a private key]", text)
    text = _CREDENTIAL.sub(_credential, text)
    return _TOKEN.sub(r"\1[a secret]", text)


def without_secrets(value: Any) -> Any:
    """What JSON can hold, each of its texts without secrets."""
    if isinstance(value, str):
        return shortened(value)
    if isinstance(value, Mapping):
        return {name: without_secrets(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(one) for one in value]
    return value


def _credential(match: re.Match[str]) -> str:
    text = match.group()
    said = []
    for name in _SAYS:
        found = re.search(rf"(?:<|&lt;){name}(?:>|&gt;)([^<&]{{1,300}})", text)
        if found is not None:
            said.append(f"{name} {found.group(1).strip()}")
    return f"[a credential of {len(text)} characters: {', '.join(said) or 'unreadable'}]"


def readable(value: object) -> str:
    """A value of XML-RPC as text, secrets removed."""
    return shortened_lines(json.dumps(_plain(value), indent=2, ensure_ascii=False))


def shortened_lines(text: str) -> str:
    """JSON with the ends of lines within its strings shown as such."""
    return text.replace("\\n", "\n").replace('\\"', '"')


def readable_call(method: str, arguments: Sequence[object]) -> str:
    """A call as text, secrets removed."""
    told = ",\n".join(readable(one) for one in arguments)
    return f"{method}({told})"


def _plain(value: object) -> Any:
    if isinstance(value, str):
        return shortened(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    data = value.data if isinstance(value, Binary) else value
    if isinstance(data, bytes):
        return f"[base64] {shortened(data.decode('utf-8', 'replace'))}"
    return f"[{type(value).__name__}] {value}"
