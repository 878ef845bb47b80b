import logging
import sys

from gcf_am.app.logs import PlainFormatter

FORMATTER = PlainFormatter("%(levelname)s %(message)s")


def formatted(message: str, *arguments: object) -> str:
    return FORMATTER.format(logging.LogRecord("x", 20, "x", 1, message, arguments, None))


def test_a_message_is_one_line_and_commands_no_terminal() -> None:
    sent = "up\nINFO forged\r\x1b[2J\x9b31m\x7f"
    assert formatted("said %s", sent) == ("INFO said up\\nINFO forged\\x0d\\x1b[2J\\x9b31m\\x7f")


def test_letters_of_every_language_stay() -> None:
    assert formatted("caf\u00e9 \u6d4b\tx") == "INFO caf\u00e9 \u6d4b\tx"


def test_a_traceback_keeps_its_lines_and_nothing_else() -> None:
    try:
        raise ValueError("bad \x1b[2J")
    except ValueError:
        record = logging.LogRecord("x", 40, "x", 1, "failed", (), sys.exc_info())
    text = FORMATTER.format(record)
    assert text.startswith("ERROR failed\nTraceback")
    assert text.endswith("ValueError: bad \\x1b[2J")
