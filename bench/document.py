"""doc/performance.md: its tables are those of the results, and nobody writes them by hand.

A line `<!-- table: NAME -->` is followed by the table of that name up to `<!-- end -->`; the text
between them is replaced.
"""

import re
from pathlib import Path
from typing import Final

from bench import pictures, tables
from bench.figures import Results

ROOT: Final = Path(__file__).resolve().parent.parent
DOCUMENT: Final = ROOT / "doc" / "performance.md"
PICTURE: Final = ROOT / "doc" / "performance.svg"
RESULTS: Final = ROOT / "bench" / "results.json"
_TABLE: Final = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str, results: Results) -> str:
    """The document with the tables of these results."""

    def table(found: re.Match[str]) -> str:
        return f"{found[1]}{_table(results, found[2])}{found[3]}"

    return _TABLE.sub(table, text)


def _table(results: Results, name: str) -> str:
    match name:
        case "goals":
            return tables.goals(results)
        case "machines":
            return tables.machines(results)
        case _:
            return tables.part(results, name)


def write(results: Results) -> None:
    """Fill the document, and draw the curves where matplotlib is installed."""
    DOCUMENT.write_text(filled(DOCUMENT.read_text("utf-8"), results), "utf-8")
    pictures.draw(results, PICTURE)


if __name__ == "__main__":
    write(Results.read(RESULTS))
