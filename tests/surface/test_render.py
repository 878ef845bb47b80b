"""Reference and notes come from the declarations alone, complete and the same each time."""

import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from docutils.core import publish_doctree

from gcf_am.surface.elements import Element
from gcf_am.surface.lifecycle import Lifecycle, changed, extended, prototype, published
from gcf_am.surface.registry import SURFACE
from gcf_am.surface.releases import RELEASES, Release
from gcf_am.surface.render import PAGES, Page, notes, reference
from tests.surface.lives import GONE, OLD, R1, R4

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "make_api"


def test_what_is_committed_is_what_would_be_made() -> None:
    # checklist 60, 61, 69, 70, 71, 74; nothing is written: see test_release.py
    done = subprocess.run(
        [sys.executable, SCRIPT, "--check"], cwd="/", capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.parametrize(
    "text",
    [*(reference(one) for one in PAGES), *(notes(one) for one in RELEASES)],
    ids=[*(one.name for one in PAGES), *(one.number for one in RELEASES)],
)
def test_pages_are_restructured_text_without_a_warning(text: str) -> None:
    # checklist 77
    publish_doctree(text, settings_overrides={"halt_level": 2, "report_level": 2})


def test_every_element_has_its_section_with_its_whole_history() -> None:
    # checklist 72
    found: dict[str, list[str]] = {}
    for page in PAGES:
        heading = re.compile(r"(?m)^(\S+/\S+)\n([=~^+'\"-])\2+\n")
        _, *parts = heading.split(reference(page))
        for identity, body in zip(parts[::3], parts[2::3], strict=True):
            assert identity not in found
            found[identity] = re.findall(r"(?m)^- [\d.]+, [a-z]+: ", body)
    assert found == {
        identity: [f"- {one.release.number}, {one.change}: " for one in element.life.transitions]
        for identity, element in SURFACE.items()
    }


def made(**lives: Lifecycle) -> Mapping[str, Element]:
    return {
        f"am/3/{name}".replace("_in_", "/"): Element(name=name, doc="It_ *is*.", life=life)
        for name, life in lives.items()
    }


def test_advice_comes_first_and_says_with_what_it_goes() -> None:
    # checklist 73, 14
    new = Lifecycle(published(R1, "It was new."))
    surface = made(Old=OLD, Old_in_part=new, Gone=GONE)
    text = reference(Page("x", "X", ("am/3",)), surface)
    assert "am/3/Old\n========\n\n**Deprecated.** It is slow. Use ``am/3/Status`` instead." in text
    assert "**Removed.** It is unsafe. Use ``am/3/Status`` instead." in text
    assert "am/3/Old/part\n-------------\n\n**Deprecated** with ``am/3/Old``.\n" in text
    assert r"It\_ \*is\*." in text


def test_notes_tell_first_what_breaks_and_fold_what_goes_together() -> None:
    # checklist 75
    new, other = published(R4, "It was new."), published(R4, "Another reason.")
    born = published(R1, "It was new.")
    surface = made(
        Try=Lifecycle(prototype(R4, "Try it.")),
        New=Lifecycle(new),
        New_in_part=Lifecycle(new),
        New_in_other=Lifecycle(other),
        More=Lifecycle(born, extended(R4, "It does more.")),
        Else=Lifecycle(born, changed(R4, "It is another.", "Look twice.")),
        Gone=GONE,
        Old=OLD,
    )
    text = notes(Release(R4.place, R4.number), surface)
    headings = re.findall(r"(?m)^(\w+)\n=+\n", text)
    assert headings == ["Removed", "Changed", "Extended", "Published", "Prototype"]
    assert "``am/3/New``: It\\_ \\*is\\*. It was new. With it: ``part``.\n" in text
    assert "- ``am/3/New/other``: It\\_ \\*is\\*. Another reason.\n" in text
    assert "Use Look twice. instead" in text
    assert "not out yet" in text


def test_notes_of_a_release_that_changed_nothing() -> None:
    text = notes(Release(9, "9.0", date(2031, 2, 3)), {})
    assert "2031-02-03" in text
    assert text.endswith("Nothing that a client could notice is different.\n")


def test_rendering_twice_gives_the_same() -> None:
    # checklist 76, 78: no date of today, no order by chance, nothing but the surface
    code = (
        "from gcf_am.surface.render import *; import hashlib, sys;"
        "text = ''.join([*map(reference, PAGES), *map(notes, RELEASES), index()]);"
        "heavy = {'lxml', 'sqlalchemy', 'xmlsec', 'OpenSSL', 'twisted'} & set(sys.modules);"
        "print(hashlib.sha256(text.encode()).hexdigest(), sorted(heavy))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert found.pop().endswith(" []\n")
