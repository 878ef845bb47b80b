"""Omni's configuration file: read as Omni reads it, and written for a new experimenter.

Source: Omni's ini format: `[omni]` names the framework and the users, each framework and each
user has a section, `[aggregate_nicknames]` maps `nick = URN, URL`.
"""

import configparser
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gcf_am.errors import ConfigError
from gcf_am.urn import Urn

_LARGEST: Final = 1024 * 1024
_PLACES: Final = (Path("omni_config"), Path("~/.gcf/omni_config"))


@dataclass(frozen=True, slots=True)
class Framework:
    """A clearinghouse and who we are there.

    `ca` holds the certificates that servers are checked against; without it they are not
    checked, as Omni never does.
    """

    name: str
    authority: str
    url: str
    certificate: Path
    key: Path
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who gets an account on nodes: URN and files of SSH public keys."""

    urn: str
    keys: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """An aggregate: where it answers, and its URN where the configuration tells it."""

    url: str
    urn: str = ""


@dataclass(frozen=True, slots=True)
class OmniConfig:
    """What one file says."""

    framework: Framework
    people: tuple[Person, ...] = ()
    aggregates: tuple[str, ...] = ()
    nicknames: Mapping[str, Place] = field(default_factory=dict)

    def place(self, text: str) -> Place:
        """The aggregate of a nickname or URL; raises ConfigError for anything else."""
        known = self.nicknames.get(text.lower())
        if known is not None:
            return known
        if text.lower().startswith("https://"):
            return next((one for one in self.nicknames.values() if one.url == text), Place(text))
        names = ", ".join(self.nicknames) or "none"
        raise ConfigError(f"{text!r} is neither an https:// URL nor a nickname (known: {names})")

    def nickname(self, url: str) -> str:
        """The shortest name a person knows the aggregate by."""
        return next((nick for nick, one in self.nicknames.items() if one.url == url), url)


def find_omni_config(given: Path | None) -> Path:
    """The file that was named, else `omni_config` here, else `~/.gcf/omni_config`."""
    if given is not None:
        return given
    for place in _PLACES:
        if place.expanduser().is_file():
            return place.expanduser()
    places = " or ".join(str(one) for one in _PLACES)
    raise ConfigError(f"no Omni configuration: name it with -c, or put it at {places}")


def read_omni_config(file: Path, *, framework: str | None = None) -> OmniConfig:
    """Read a configuration; `framework` instead of its `default_cf`.

    Raises ConfigError that names the file, the key and what is expected.
    """
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        with file.open(encoding="utf-8") as stream:
            parser.read_string(stream.read(_LARGEST), source=file.name)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {os.strerror(error.errno or 0)}") from error
    except (configparser.Error, UnicodeDecodeError) as error:
        why = " ".join(str(error).split())[:200]  # with the numbers of lines
        raise ConfigError(f"{file} is no Omni configuration: {why}") from error
    try:
        return _read(parser, framework)
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None


def _read(parser: configparser.ConfigParser, framework: str | None) -> OmniConfig:
    name = framework or _get(parser, "omni", "default_cf")
    nicknames = "aggregate_nicknames"
    pairs = parser.items(nicknames) if parser.has_section(nicknames) else []
    return OmniConfig(
        framework=_framework(parser, name),
        people=tuple(
            _person(parser, one) for one in _list(parser.get("omni", "users", fallback=""))
        ),
        aggregates=_list(parser.get("omni", "aggregates", fallback="")),
        nicknames={nick: _nickname(nick, text) for nick, text in pairs},
    )


def _framework(parser: configparser.ConfigParser, name: str) -> Framework:
    kind = _get(parser, name, "type").lower()
    if kind != "gcf":
        raise ConfigError(f"type in [{name}] is {kind!r}; this client speaks with type gcf only")
    url = _get(parser, name, "ch")
    if not url.lower().startswith("https://"):
        raise ConfigError(f"ch in [{name}] must be an https:// URL, not {url!r}")
    ca = parser.get(name, "ca", fallback="")
    return Framework(
        name=name,
        authority=_get(parser, name, "authority").replace("//", ":"),
        url=url,
        certificate=_path(_get(parser, name, "cert")),
        key=_path(_get(parser, name, "key")),
        ca=_path(ca) if ca else None,
    )


def _person(parser: configparser.ConfigParser, name: str) -> Person:
    text = _get(parser, name, "urn")
    try:
        urn = Urn.parse(text)
    except ValueError as error:
        raise ConfigError(f"urn in [{name}]: {error}") from None
    keys = _list(parser.get(name, "keys", fallback=""))
    return Person(urn.text, tuple(map(_path, keys)))


def _nickname(nick: str, text: str) -> Place:
    """Omni: `nick = URN, URL`, where the URN may be left out."""
    parts = [part.strip() for part in text.split(",")]
    url = parts[-1]
    if len(parts) > 2 or not url.lower().startswith("https://"):
        raise ConfigError(f"{nick} in [aggregate_nicknames] must be `URN, URL`, not {text!r}")
    return Place(url, parts[0] if len(parts) == 2 else "")


def _get(parser: configparser.ConfigParser, section: str, key: str) -> str:
    if not parser.has_section(section):
        raise ConfigError(f"there is no section [{section}]")
    value = parser.get(section, key, fallback="").strip()
    if not value:
        raise ConfigError(f"[{section}] needs the key {key}")
    return value


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _path(text: str) -> Path:
    return Path(text).expanduser()


def write_omni_config(
    file: Path,
    *,
    authority: str,
    clearinghouse: str,
    user: str,
    cert: Path,
    key: Path,
    nickname: str,
    aggregate_urn: str,
    aggregate_url: str,
    keys: Sequence[Path] = (),
    ca: Path | None = None,
) -> None:
    """Write the configuration of one experimenter, for Omni and gcf-omni.

    `clearinghouse` is its URL, `user` the experimenter's URN, `keys` files of SSH public keys,
    `ca` what gcf-omni checks servers against. Raises OSError.
    """
    name = user.rpartition("+")[2]
    lines = [
        "# One experimenter's configuration, for Omni and for gcf-omni.",
        "[omni]",
        "default_cf = gcf",
        f"users = {name}",
        f"aggregates = {nickname}",
        "",
        "[gcf]",
        "type = gcf",
        f"authority = {authority}",
        f"ch = {clearinghouse}",
        f"cert = {cert}",
        f"key = {key}",
    ]
    if ca is not None:
        lines += ["# Whom servers must come from; Omni itself does not look.", f"ca = {ca}"]
    lines += ["", f"[{name}]", f"urn = {user}", f"keys = {', '.join(map(str, keys))}", ""]
    lines += ["[aggregate_nicknames]", f"{nickname} = {aggregate_urn},{aggregate_url}"]
    file.write_text("\n".join(lines) + "\n", "utf-8")
