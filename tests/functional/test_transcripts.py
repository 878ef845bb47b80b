"""Every transcript on the pages for experimenters and operators is what happens."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.functional.running import Running
from tests.functional.transcripts import File, Terminal, Typed, agree, steps

DOC = Path(__file__).parents[2] / "doc"
PAGES = sorted(one for one in DOC.glob("**/*.md") if "```console\n" in one.read_text("utf-8"))

# Pages without these begin where somebody has made a home, and serves it.
MAKE_HOMES = ("gcf-am up ", "gcf-am init ")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal in an empty directory."""
    (tmp_path / "terminal").mkdir()
    made = Terminal(tmp_path / "terminal")
    yield made
    for server in made.servers:
        assert server.stop() == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOC)))
def test_a_page_is_what_happens(
    terminal: Terminal, starting: Callable[..., Running], page: Path
) -> None:
    doing = list(steps(page))
    if not any(isinstance(one, Typed) and one.command.startswith(MAKE_HOMES) for one in doing):
        # a server of the page's own, since what it shows tells where nodes go
        server = starting()
        terminal.knows(server)
        (terminal.at / "var").symlink_to(server.home)
    for step in doing:
        terminal.does(step)


def test_the_experimenters_pages_are_among_them() -> None:
    typed = {page.name: sum(isinstance(one, Typed) for one in steps(page)) for page in PAGES}
    assert typed["tutorial.md"] > 20
    assert typed["geni-lib.md"] > 8


def test_blocks_are_read(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Text\n\n```{code-block} xml\n:caption: a.xml\n<a/>\n```\n\n"
        "```console\n$ one\nread\n\n$ two | three\n```\n\n```toml\nx = 1\n```\n",
        "utf-8",
    )
    assert list(steps(page)) == [
        File("a.xml", "<a/>\n"),
        Typed("one", ("read",), 9),
        Typed("two | three", (), 12),
    ]


@pytest.mark.parametrize(
    ("shown", "read", "right"),
    [
        ("a\nb", "a\nb", True),
        ("a  b", "a b ", True),
        ("a\nb", "a", False),
        ("a", "a\nb", False),
        ("a\n...", "a\nb\nc", True),
        ("...\nc", "a\nb\nc", True),
        ("...\nd", "a\nb\nc", False),
        ("until 2026-12-05T16:02:29Z", "until 2030-01-01T00:00:00Z", True),
        ("urn+sliver+17 at 127.0.0.1:8001", "urn+sliver+2 at 127.0.0.1:43210", True),
        ("left ready", "left notready", False),
    ],
)
def test_what_is_read_is_held_against_what_is_shown(shown: str, read: str, *, right: bool) -> None:
    assert agree(tuple(shown.splitlines()), tuple(read.splitlines())) is right
