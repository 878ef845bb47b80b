"""Schemas that somebody else keeps, in a folder, and what they have against an RSpec."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

from lxml import etree

from gcf_am.conformance.documents.reading import RSPEC, Unread
from gcf_am.rspec.canonical import tree_of

_FILES: Final = {"request": "request.xsd", "manifest": "manifest.xsd", "ad": "ad.xsd"}
_MOST: Final = 20


def schema_file(folder: Path, kind: str) -> Path:
    """The schema of RSpecs of this kind below the folder; raises Unread when there is none."""
    for file in sorted(folder.rglob(_FILES[kind])):
        if f'targetNamespace="{RSPEC}"' in file.read_text("utf-8", "replace"):
            return file
    raise Unread(f"no {_FILES[kind]} below the folder has the target namespace {RSPEC}")


def others_faults(text: str, kind: str, folder: Path) -> list[str]:
    """What the folder's schema has against the text; raises Unread when it cannot be used.

    It is compiled for each call: one that threads share mixes up what it says (decision 23).
    Nothing is fetched.
    """
    file = schema_file(folder, kind)
    try:
        # the folder is the operator's own, and no text from an aggregate
        parser = etree.XMLParser(no_network=True, resolve_entities=False)
        schema = etree.XMLSchema(etree.parse(str(file), parser))  # noqa: TID251
    except etree.Error as error:
        raise Unread(f"{file.name} cannot be used: {error}") from error
    return [] if schema.validate(tree_of(text)) else list(_told(schema))[:_MOST]


def _told(schema: etree.XMLSchema) -> Iterator[str]:
    for entry in cast("Any", schema.error_log):
        yield f"line {entry.line}: {entry.message}"
