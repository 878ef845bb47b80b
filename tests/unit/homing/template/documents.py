"""The documents' own examples, where they lie beside the checkout."""

import re
from pathlib import Path

import pytest

_PLACE = Path(__file__).parents[4].parent / "shared" / "homing-templates"
# how deep each key of Example 1's constraints belongs
_DEPTHS = {"type": 8, "demands": 8, "properties": 8} | dict.fromkeys(
    ("evaluate", "distance", "location", "qualifier", "category"), 10
)


def published(name: str) -> str:
    """A block of the documents as it was published."""
    file = _PLACE / name
    if not file.exists():
        pytest.skip("the documents' examples are not beside this checkout")
    return file.read_text("utf-8")


def repaired() -> str:
    """Example 1 with its white space repaired, and nothing else."""
    text = re.sub(r"candidate_id:\n\s+", "candidate_id: ", published("examples-01.yaml"))
    before, constraints, after = re.split(r"(?m)^(?=constraints:|# Objective)", text)
    lines = []
    for line in constraints.splitlines():
        bare = line.strip()
        if not bare or line.startswith("constraints"):
            lines.append(line)
        elif bare.startswith(("- ", "#")):
            lines.append(" " * 4 + bare)
        else:
            lines.append(" " * _DEPTHS.get(bare.split(":")[0], 12) + bare)
    return before + "\n".join(lines) + "\n" + after


def template(body: str, demands: str = "[a, b, c]") -> str:
    """A template of three demands, with further sections."""
    names = demands.strip("[]").split(", ")
    told = "\n".join(
        f"  {one}: [{{inventory_provider: aai, inventory_type: cloud}}]" for one in names
    )
    return f"homing_template_version: 2017-10-10\ndemands:\n{told}\n{body}"
