"""The clearinghouse's own settings: `clearinghouse.toml` in its home."""

import tomllib
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from gcf_am.errors import ConfigError

FILE: Final = "clearinghouse.toml"
_LARGEST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class Settings:
    """What its operator decides.

    `slice_days` is how long a new slice lives, `slice_most_days` how far from now it can be
    renewed; `host` and `port` are where `gcf-ch serve` answers, and `url` is what clients are told
    of that. With `projects` every slice belongs to a project.
    """

    authority: str
    host: str = "127.0.0.1"
    port: int = 8000
    slice_days: int = 10
    slice_most_days: int = 185
    url: str = ""
    projects: bool = False

    @property
    def lives(self) -> tuple[timedelta, timedelta]:
        """How long a new slice lives, and how far from now it can be renewed."""
        return timedelta(days=self.slice_days), timedelta(days=self.slice_most_days)


_WORDS: Final[dict[object, str]] = {str: "string", int: "whole number", bool: "true or false"}
_SAYS: Final = {
    "authority": "The authority in all URNs made here; fixed once certificates exist.",
    "host": "The address that gcf-ch serve binds.",
    "port": "The port that gcf-ch serve binds; 0 takes a free one.",
    "slice_days": "Days a new slice lives.",
    "slice_most_days": "Days from now to which a slice can be renewed.",
    "url": "The URL that clients are told, with a slash at its end; empty: made of host and port.",
    "projects": "Whether every slice must belong to a project.",
}


def write_settings(settings: Settings) -> str:
    """The text of the file, every key explained."""
    lines = ["# gcf_am: the clearinghouse's settings."]
    for one in fields(settings):
        value = getattr(settings, one.name)
        lines += [
            f"# {_SAYS[one.name]}",
            f"{one.name} = {_toml(value)}",
        ]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def read_settings(file: Path) -> Settings:
    """Read the file; raises ConfigError naming file, key and remedy."""
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"there is no {file}: run `gcf-ch init` first") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is no TOML: {error}") from error
    try:
        return _settings(given)
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None


def check_authority(authority: str) -> None:
    """Raise ConfigError for a name that is not one host-like label.

    FED 0.11: a colon would make Omni look for a project.
    """
    if not authority or not all(c.isascii() and (c.isalnum() or c in ".-") for c in authority):
        raise ConfigError(
            f"authority may hold letters, digits, dots and hyphens, not {authority!r}"
        )


def _settings(given: dict[str, Any]) -> Settings:
    known = {one.name: one.type for one in fields(Settings)}
    for key, value in given.items():
        if key not in known:
            raise ConfigError(f"there is no key {key}; the keys are {', '.join(known)}")
        if type(value) is not known[key]:
            raise ConfigError(f"{key} must be a {_WORDS[known[key]]}")
    if "authority" not in given:
        raise ConfigError("the key authority is missing")
    settings = Settings(**given)
    check_authority(settings.authority)
    if not 0 <= settings.port <= _LARGEST_PORT:
        raise ConfigError(f"port must be 0 to {_LARGEST_PORT}")
    if not 0 < settings.slice_days <= settings.slice_most_days:
        raise ConfigError("slice_days must be at least 1 and at most slice_most_days")
    if settings.url and not (settings.url.startswith("https://") and settings.url.endswith("/")):
        raise ConfigError(f"url must be like https://ch.example.org:8000/, not {settings.url!r}")
    return settings
