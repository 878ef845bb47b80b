"""An inventory that people wrote: candidates and groups in a file."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from gcf_am.homing.finding import Finding, TemplateErrors
from gcf_am.homing.inventory.provider import Context
from gcf_am.homing.stock import Candidate, Graph, Point
from gcf_am.homing.template.candidates import read_candidate
from gcf_am.homing.template.cursor import Cursor
from gcf_am.homing.template.document import Document, read_document
from gcf_am.homing.terms import InventoryType, Location, LocationKind, Requirement


@dataclass(frozen=True, slots=True)
class Listed:
    """Candidates as they stand in a list, and pre-established groups of their ids.

    `service_type` and `service_id` are attributes like others.
    """

    name: str
    listed: tuple[Candidate, ...]
    together: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def prepare(self, context: Context) -> list[str]:  # noqa: ARG002
        """Nobody is to be asked."""
        return []

    def candidates(self, requirement: Requirement, context: Context) -> list[Candidate]:  # noqa: ARG002
        """Those of the type, and for a service of its types and ids."""
        wanted = [
            ("service_type", requirement.service_types),
            ("service_id", requirement.service_ids),
        ]
        return [
            one
            for one in self.listed
            if one.inventory_type == requirement.inventory_type
            and (
                requirement.inventory_type is InventoryType.CLOUD
                or all(not ids or str(one.attributes.get(name)) in ids for name, ids in wanted)
            )
        ]

    def resolve(self, location: Location, context: Context) -> Point | None:  # noqa: ARG002
        """A host by a candidate's host_id or id."""
        if location.kind is not LocationKind.HOST_NAME:
            return None
        wanted = location.words["host_name"]
        return next(
            (one.point for one in self.listed if one.point and wanted in {one.host_id, one.id}),
            None,
        )

    def network(self, context: Context) -> Graph:  # noqa: ARG002
        """None is known."""
        return Graph()

    def groups(self, context: Context) -> Mapping[str, frozenset[str]]:  # noqa: ARG002
        """As they were written."""
        return self.together


def read_listed(text: str, *, name: str) -> Listed:
    """Read a file with `candidates` (a list of maps) and `groups` (ids by name), YAML or JSON.

    A file whose first line has a column candidate_id is CSV, of candidates alone.
    Raises TemplateErrors.
    """
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    if "candidate_id" in first.replace('"', "").strip().split(","):
        rows = [
            {key: value for key, value in row.items() if key and value}
            for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
        ]
        document = Document(
            {"candidates": rows}, {("candidates", at): (at + 2, 1) for at in range(len(rows))}
        )
    else:
        document = read_document(text)
    findings: list[Finding] = []
    root = Cursor(document, findings, [], document.value)
    told = root.fields(("candidates", "groups"), ("candidates",))
    found = [
        read_candidate(one, provider=name, kind=InventoryType.CLOUD, cost=0.0)
        for one in (told["candidates"].items() if "candidates" in told else [])
    ]
    groups = {
        one.name: frozenset(one.texts())
        for one in (told["groups"].entries("ids") if "groups" in told else ())
    }
    if findings:
        raise TemplateErrors(findings)
    return Listed(name, tuple(one for one in found if one is not None), groups)
