"""How `gcf-am` prints tables."""

import sys
from typing import Final

from rich.console import Console, RenderableType

_WIDE: Final = 200


def show(table: RenderableType, *, whole: bool = False) -> None:
    """Print a table; a terminal folds it at its width, unless `whole`: URNs are to be copied."""
    wide = whole or not sys.stdout.isatty()
    Console(width=_WIDE if wide else None, highlight=False).print(table, soft_wrap=wide)
