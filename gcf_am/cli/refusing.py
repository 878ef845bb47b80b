"""A click group whose commands end with one sentence instead of a traceback."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import click

from gcf_am.cli.printable import printable
from gcf_am.errors import GcfAmError


class Sentence(click.ClickException):
    """What goes to standard error; the exit status is 1, or the program's own."""

    def __init__(self, program: str, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.program = program
        vars(self)["exit_code"] = status  # click declares the class's

    def show(self, file: Any = None) -> None:
        """Print it, harmless for a terminal."""
        click.echo(f"{self.program}: {printable(self.message)}", file=file, err=file is None)


class RefusingGroup(click.Group):
    """Commands found without regard to letter case, under other names too, as Omni's are.

    Subclasses set `program` and `aliases`, and `status`, with which a refusal ends.
    """

    program = ""
    status = 1
    aliases: Mapping[str, str] = MappingProxyType({})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name or alias."""
        name = cmd_name.lower()
        return super().get_command(ctx, self.aliases.get(name, name))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what a person may read becomes a sentence."""
        try:
            return super().invoke(ctx)
        except GcfAmError as error:
            raise Sentence(self.program, str(error), self.status) from error
        except BrokenPipeError:
            raise  # click ends quietly when the reader has gone
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise Sentence(
                self.program, f"{where}{error.strerror or error}", self.status
            ) from error
