import pytest
from rich.console import Console

from gcf_am.cli.printable import cell, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢", "plain é 漢"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\x9b31m", "\\x9b31m"),
        ("right\u202eleft", "right\\u202eleft"),
        ("\u2028", "\\u2028"),
        ("\ud800", "\\ud800"),
    ],
)
def test_nothing_commands_a_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_stay_where_they_may() -> None:
    assert printable("a\n\tb\r\x1b", lines=True) == "a\n\tb\\r\\x1b"


def test_cells_are_never_markup(capsys: pytest.CaptureFixture[str]) -> None:
    Console(width=80).print(cell("[bold red]x[/] :smile: [link=file:///]y[/link]"))
    assert capsys.readouterr().out == "[bold red]x[/] :smile: [link=file:///]y[/link]\n"
