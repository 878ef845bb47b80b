"""The reports there are, by the name the command knows them by."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from gcf_am.conformance.report.as_html import as_html
from gcf_am.conformance.report.as_json import as_json
from gcf_am.conformance.report.as_junit import as_junit
from gcf_am.conformance.report.header import Header
from gcf_am.conformance.verdict import Result

KINDS: Final[Mapping[str, Callable[[Header, Sequence[Result]], str]]] = MappingProxyType(
    {"html": as_html, "junit": as_junit, "json": as_json}
)
