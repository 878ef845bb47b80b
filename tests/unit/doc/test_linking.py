"""Pages that are named become links, and names that no page has end the build."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CONF = 'extensions = ["myst_parser", "doc.linking"]\nhighlight_language = "text"\n'
PAGES = {
    "index.md": "# Index\n\n```{toctree}\nother\nspecs/1.0/approved/0002-request-path\n```\n",
    "other.md": "# The other\n\nSee `doc/index.md`, and specs 0002 and 0002; not 0002, nor `doc/x.txt`.\n",
    "specs/1.0/approved/0002-request-path.rst": "The request's path\n==================\n\nWords.\n",
}


def built(where: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Make a site of PAGES, with other text for some of them."""
    (where / "conf.py").write_text(CONF)
    for name, text in (PAGES | more).items():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_text(text)
    command = [sys.executable, "-m", "sphinx", "-W", "-n", "-q", str(where), str(where / "site")]
    return subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_names_become_links(tmp_path: Path) -> None:
    done = built(tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "other.html").read_text("utf-8")
    links = re.findall(r'<a class="reference internal" href="([^"#]+)">(.*?)</a>', page)
    told = [(to, re.sub("<.*?>", "", words)) for to, words in links]
    body = page.partition("<h1>")[2].partition("</section>")[0]
    assert ("index.html", "Index") in told
    assert body.count("specs/1.0/approved/0002-request-path.html") == 2
    assert "doc/x.txt" in body


@pytest.mark.parametrize(
    ("text", "named"), [("See `doc/nobody.md`.", "nobody"), ("See spec 0099.", "specs/0099")]
)
def test_a_name_that_no_page_has_is_a_warning(tmp_path: Path, text: str, named: str) -> None:
    done = built(tmp_path, **{"other.md": f"# The other\n\n{text}\n"})
    assert done.returncode != 0
    assert f"unknown document: '/{named}'" in done.stderr


def test_the_glossary_leaves_nothing_open() -> None:
    text = (ROOT / "doc" / "glossary.md").read_text("utf-8")
    entries = re.findall(r"^(\S.*)\n  (\S.*)", text, re.MULTILINE)
    assert len(entries) > 50
    assert not re.search(r"\btbd\b", text, re.IGNORECASE)
