"""What our schemas say of all mutations, written down: `python -m tests.contract.schemas.verdicts`.

The table has a line for each place of each schema: + for each mutation that is accepted, - for
each that is refused, in the order in which `mutations` makes them. It shows what a change of a
schema does, also where the published schemas are not at hand.
"""

from pathlib import Path
from typing import Final

from lxml import etree

from gcf_am.safexml import load
from tests.contract.schemas.declarations import Schemas
from tests.contract.schemas.mutations import mutations

XSD: Final = Path(__file__).resolve().parents[3] / "schemas" / "xsd"
TABLE: Final = Path(__file__).with_name("verdicts.tsv")
RSPEC: Final = "http://www.geni.net/resources/rspec/3"
DOCUMENTS: Final = {
    "ad": "rspec",
    "request": "rspec",
    "manifest": "rspec",
    "credential": "signed-credential",
}
EXTENSIONS: Final = (
    "delay",
    "emulab",
    "opstate",
    "post-boot-script",
    "preserve",
    "shared-vlan",
    "stitch-0.1",
    "stitch-2",
    "user",
)


def in_rspec(extension: etree._Element) -> etree._Element:
    """The extension's element where extensions stand."""
    root = etree.Element(f"{{{RSPEC}}}rspec")
    root.append(extension)
    return root


def verdicts() -> dict[tuple[str, str], str]:
    """Verdicts by schema and place."""
    found: dict[tuple[str, str], str] = {}
    for name, root in DOCUMENTS.items():
        for place, _, document in mutations(Schemas(XSD / f"{name}.xsd"), root):
            line = found.setdefault((name, place), "")
            found[name, place] = line + "-+"[load(name).valid(document)]
    for name in EXTENSIONS:
        schemas = Schemas(XSD / f"{name}.xsd")
        for top in schemas.tops():
            for place, _, document in mutations(schemas, etree.QName(top.tag).localname):
                line = found.setdefault((name, place), "")
                judged = load("extensions").valid(in_rspec(document))
                found[name, place] = line + "-+"[judged]
    return found


def written(table: dict[tuple[str, str], str]) -> str:
    """The table as text."""
    return "".join(f"{name}\t{place}\t{line}\n" for (name, place), line in sorted(table.items()))


if __name__ == "__main__":
    TABLE.write_text(written(verdicts()), "utf-8")
