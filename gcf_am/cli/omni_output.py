"""Where results go: tables or JSON on standard output, documents to files."""

import json
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click

from gcf_am.cli.omni_options import Settings
from gcf_am.cli.printable import printable
from gcf_am.client.credential_file import save_credential

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.-]+", re.ASCII)


def complain(sentence: str) -> None:
    """One sentence on standard error."""
    click.echo(f"gcf-omni: {printable(sentence)}", err=True)


def tell(sentence: str) -> None:
    """A line for a person, on standard error so that documents stay clean."""
    click.echo(printable(sentence), err=True)


def emit(value: Any) -> None:
    """JSON on standard output; its escapes keep a terminal safe."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=True, default=str))


def wants_document(settings: Settings) -> bool:
    """Whether a document is asked for instead of a table."""
    return bool(settings.output or settings.outputfile or settings.tostdout)


def deliver(
    settings: Settings, text: str, *, what: str, slice_name: str = "", server: str = ""
) -> None:
    """Give a document (RSpec, version) to a file or to standard output as the options say."""
    if settings.output or settings.outputfile:
        file = _file(settings, what, slice_name, server)
        file.write_text(text, "utf-8")
        tell(f"wrote {file}")
    else:
        click.echo(printable(text, lines=True))


def deliver_credential(settings: Settings, text: str, *, what: str, slice_name: str = "") -> None:
    """Give a credential to a file that only its owner reads, or to standard output."""
    if settings.output or settings.outputfile:
        file = _file(settings, what, slice_name, "")
        save_credential(file, text)
        tell(f"wrote {file}")
    else:
        click.echo(printable(text, lines=True))


def _file(settings: Settings, what: str, slice_name: str, server: str) -> Path:
    """The name that was given, or one that tells slice, kind and server as Omni's do."""
    name = _safe(slice_name.rpartition("+")[2])
    where = _safe(_host(server))
    if settings.outputfile:
        return Path(settings.outputfile.replace("%a", where).replace("%s", name))
    parts = "-".join(part for part in (name, what.partition(".")[0], where) if part)
    return Path(f"{settings.prefix or ''}{parts}.{what.partition('.')[2]}")


def _host(server: str) -> str:
    """A nickname as it is; of a URL host and port."""
    return urlsplit(server).netloc or server


def _safe(text: str) -> str:
    return _UNSAFE.sub("-", text).strip("-.")
