"""Documents that a command line names."""

from typing import Final

import click

from gcf_am.errors import ConfigError

# As much as an inventory may have: more is never read into memory.
_LARGEST: Final = 64 * 1024 * 1024


def read_file(file: str) -> bytes:
    """What a file, or with `-` standard input, holds; raises ConfigError.

    Of more than 64 MiB one byte more is read, which whoever parses it refuses.
    """
    try:
        with click.open_file(file, "rb") as stream:
            data: bytes = stream.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    return data
