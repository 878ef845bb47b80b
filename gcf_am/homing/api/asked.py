"""The body of POST /v1/plans, judged. Source: Homing API v1, Create a plan."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn
from uuid import uuid4

import yaml

from gcf_am.errors import did_you_mean
from gcf_am.homing.api.errors import BadRequest
from gcf_am.homing.plans.plan import Asked

LARGEST: Final = 1024 * 1024
MOST: Final = 100
LONGEST_MINUTES: Final = 60
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]{1,255}", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_TRANSACTION: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
_NAME_RULE: Final = (
    "must contain only uppercase and lowercase letters, decimal digits, hyphens, periods, "
    "underscores, and tildes [RFC 3986, Section 2.3]"
)
# The original's clients write limit otherwise.
_SYNONYMS: Final = {"num_solution": "limit", "num_solutions": "limit"}
KEYS: Final = (
    "name",
    "id",
    "transaction_id",
    "files",
    "template_url",
    "template",
    "timeout",
    "limit",
    "credentials",
    "reserve",
)
_CREDENTIAL: Final = {"geni_type", "geni_version", "geni_value"}


def read_asked(
    body: bytes, *, owner: str, transaction_id: str, fetch: Callable[[str], str]
) -> Asked:
    """What is asked for; the template is text from here on. Raises BadRequest.

    `transaction_id` is the header's, the body's wins. `fetch` gets a template_url, and raises
    BadRequest where that is not allowed. Without a name the plan has the start of its id.
    """
    members = _members(body)
    said = {**dict.fromkeys(KEYS), **members}
    id_ = _checked(said["id"], "id", _UUID, "plan_id_type (must be a UUID)")
    id_ = (id_ or str(uuid4())).lower()
    name = _checked(said["name"], "name", _UNRESERVED, f"plan_name_type ({_NAME_RULE})")
    if name is not None and len(name) > 255:
        _wrong("name", name, "plan_name_type (must have at most 255 characters)")
    transaction = said["transaction_id"]
    if transaction is None:
        transaction = transaction_id or None
    rule = "transaction_id_type (must be a UUID, or up to 64 letters, digits and ._:-)"
    return Asked(
        id=id_,
        name=name or f"plan-{id_}",
        owner=owner,
        template=_template(said["template"], said["template_url"], fetch),
        transaction_id=_checked(transaction, "transaction_id", _TRANSACTION, rule) or "",
        files=_files(said["files"]),
        limit=_limit(said["limit"]),
        seconds=_minutes(said["timeout"]) * 60,
        reserve=_flag(said["reserve"]),
        credentials=_credentials(said["credentials"]),
    )


def _members(body: bytes) -> dict[str, Any]:
    """The JSON object; raises BadRequest for anything else, duplicate and unknown keys."""
    try:
        text = body.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except _Duplicate as error:
        where = _line_of(text, error.key)
        raise BadRequest(f"request body has a duplicate key{where}: {error.key[:80]}") from None
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the request body is no JSON: {str(error)[:200]}") from None
    if not isinstance(value, dict):
        raise BadRequest("the request body must be a JSON object")
    members: dict[str, Any] = {}
    for given, one in value.items():
        key = _SYNONYMS.get(given, given)
        if key not in KEYS:
            advice = did_you_mean(given, KEYS) or f"known are {', '.join(KEYS)}"
            raise BadRequest(f"-> {given[:80]} is no key of a plan; {advice}")
        if key in members:
            raise BadRequest(f"-> {given} says limit a second time")
        members[key] = one
    _only_text(members)
    return members


class _Duplicate(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise _Duplicate(key)
        made[key] = value
    return made


def _line_of(text: str, key: str) -> str:
    """Where an object has the key a second time, read by a parser that knows lines."""
    try:
        stack = [yaml.compose(text, Loader=yaml.CSafeLoader)]
    except (yaml.YAMLError, RecursionError, ValueError):
        return ""
    while stack:
        node = stack.pop()
        if isinstance(node, yaml.MappingNode):
            same = [one for one, _ in node.value if one.value == key]
            if len(same) > 1:
                return f" on line {same[1].start_mark.line + 1}"
            stack += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            stack += node.value
    return ""


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def _only_text(value: object) -> None:
    """Half of a pair of surrogates is no character, and NUL is none that databases keep."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= one <= "\udfff" for one in value):
            raise BadRequest("the request body holds a character that is none (NUL or half a pair)")
    elif isinstance(value, dict):
        for key, one in value.items():
            _only_text(key)
            _only_text(one)
    elif isinstance(value, list):
        for one in value:
            _only_text(one)


def _wrong(key: str, value: object, rule: str) -> NoReturn:
    shown = value if isinstance(value, str) else json.dumps(value)
    raise BadRequest(f"-> {key} -> {shown[:200]} did not pass validation against callable: {rule}")


def _checked(value: object, key: str, pattern: re.Pattern[str], rule: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not pattern.fullmatch(value):
        _wrong(key, value, rule)
    return value


def _template(template: object, url: object, fetch: Callable[[str], str]) -> str:
    """Homing API v1: template wins over template_url, one of them is required."""
    if template is None and url is None:
        raise BadRequest("-> template is required, or template_url in its place")
    if template is None:
        if not isinstance(url, str):
            _wrong("template_url", url, "url_type (must be a string)")
        return fetch(url)
    if isinstance(template, str):
        return template
    if not isinstance(template, dict):
        _wrong("template", template, "template_type (must be a string or an object)")
    return json.dumps(template, ensure_ascii=False)


def _files(value: object) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        _wrong("files", value, "files_type (must be an object of strings)")
    return value


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _limit(value: object) -> int:
    if value is None:
        return 1
    number = _number(value)
    if number is None or not 1 <= number <= MOST or number != int(number):
        _wrong("limit", value, f"limit_type (must be a whole number from 1 to {MOST})")
    return int(number)


def _minutes(value: object) -> float:
    if value is None:
        return 1
    number = _number(value)
    if number is None or not 0 < number <= LONGEST_MINUTES:
        _wrong("timeout", value, f"timeout_type (must be minutes, up to {LONGEST_MINUTES})")
    return float(number)


def _flag(value: object) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        _wrong("reserve", value, "reserve_type (must be true or false)")
    return value


def _credentials(value: object) -> tuple[Mapping[str, str], ...]:
    if value is None:
        return ()
    fine = isinstance(value, list) and all(
        isinstance(one, dict)
        and one.keys() == _CREDENTIAL
        and all(isinstance(text, str) for text in one.values())
        for one in value
    )
    if not fine or not isinstance(value, list):
        # never shown: a credential is nobody's to read in an error
        raise BadRequest(
            "-> credentials must be a list of objects of geni_type, geni_version and geni_value"
        )
    return tuple(value)
