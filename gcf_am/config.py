"""The operator's configuration: one TOML file, read once, every key with a sentence.

The dataclasses are the only list of keys: the file that `gcf-am init` writes, the reader and
`gcf-am check-config` all come from them.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, get_origin, get_type_hints
from urllib.parse import urlsplit

from gcf_am.errors import ConfigError, did_you_mean


def _key(default: Any, sentence: str, **rules: Any) -> Any:
    """A configuration key: its default, what it means, and `choices`, `least`, `most`."""
    made: dict[str, Any] = {"metadata": {"sentence": sentence, **rules}}
    if isinstance(default, dict | list):
        return field(default_factory=lambda: type(default)(default), **made)
    return field(default=default, **made)


@dataclass(frozen=True, slots=True)
class AggregateConfig:
    """Who the aggregate is and what it promises."""

    authority: str = _key(
        "gcf.local", "The authority in all URNs made here; letters, digits, dots and hyphens."
    )
    geni_allocate: str = _key(
        "geni_many",
        "Whether a slice may call Allocate again while it has slivers here.",
        choices=("geni_many", "geni_disjoint", "geni_single"),
    )
    geni_single_allocation: bool = _key(
        False, "Whether calls must name all slivers of one state together."
    )
    show_code_version: bool = _key(True, "Whether GetVersion tells the software's version.")
    owners_shut_down: bool = _key(
        False, "Whether a slice's own people may call Shutdown on it, not only operators."
    )
    operators: tuple[str, ...] = _key(
        (), "URNs of those who may act on every slice, Shutdown included."
    )


@dataclass(frozen=True, slots=True)
class ListenConfig:
    """Where the aggregate listens."""

    host: str = _key("127.0.0.1", "The address to bind.")
    port: int = _key(8001, "The port; 0 takes a free one.", least=0, most=65535)
    url: str = _key("", "The URL that GetVersion tells clients; empty: made of host and port.")
    workers: int = _key(2, "Server processes on the one listening socket.", least=1, most=64)
    threads: int = _key(8, "Calls that one process works on at a time.", least=1, most=256)
    queue: int = _key(64, "Calls that may wait beyond that before 503.", least=0, most=10000)
    body_bytes: int = _key(8_000_000, "The largest request, in bytes (413).", least=1024)
    refusals: int = _key(
        120,
        "How many calls of one client, by address and certificate, may be refused in a while"
        " before the rest of them get 503 unread; 0: without end.",
        least=0,
    )
    refusal_seconds: int = _key(60, "How long that while is.", least=1)
    read_seconds: int = _key(30, "How long a client may take to send a request (408).", least=1)
    stop_seconds: int = _key(20, "How long a stop waits for calls in flight.", least=0)
    leave_seconds: int = _key(
        0,
        "How long, before a stop, calls are still answered while /ready says no, for a balancer to"
        " notice: doc/several-processes.md.",
        least=0,
        most=600,
    )


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Where slivers are remembered."""

    url: str = _key(
        "sqlite:///gcf_am.sqlite",
        "sqlite:///FILE, relative to the home, or postgresql://USER@HOST/DATABASE:"
        " doc/postgresql.md.",
    )
    busy_seconds: float = _key(5.0, "How long a call waits for a lock.", least=0)


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """What there is to give."""

    inventory: str = _key(
        "site.xml", "The inventory: an advertisement RSpec v3, re-read when it changes."
    )
    sliver_type: str = _key(
        "default-vm", "What `gcf-am site import` gives to nodes that name no sliver type."
    )


@dataclass(frozen=True, slots=True)
class DriverConfig:
    """What makes slivers true."""

    name: str = _key("auto", "The driver: auto, simulated, or one that was installed.")
    workers: int = _key(8, "Slivers that are worked on at a time.", least=1, most=256)
    settings: dict[str, object] = _key(
        {}, "The driver's own settings: doc/simulated-driver.md, doc/host-driver.md."
    )


@dataclass(frozen=True, slots=True)
class LeaseConfig:
    """How long slivers live, where the policy says nothing else."""

    allocated_minutes: int = _key(10, "Minutes an allocated sliver is held.", least=1)
    allocated_most_minutes: int = _key(120, "To how many minutes it can be renewed.", least=1)
    provisioned_hours: int = _key(168, "Hours a provisioned sliver lives.", least=1)
    provisioned_most_hours: int = _key(720, "To how many hours it can be renewed.", least=1)

    @property
    def allocated(self) -> tuple[timedelta, timedelta]:
        """First and longest life of allocated slivers."""
        return timedelta(minutes=self.allocated_minutes), timedelta(
            minutes=self.allocated_most_minutes
        )

    @property
    def provisioned(self) -> tuple[timedelta, timedelta]:
        """First and longest life of provisioned slivers."""
        return timedelta(hours=self.provisioned_hours), timedelta(hours=self.provisioned_most_hours)


@dataclass(frozen=True, slots=True)
class PolicyConfig:
    """The site's rules: quotas, restrictions, lifetimes."""

    file: str = _key(
        "policy.toml", "Where they stand, re-read when they change: doc/policy.md; empty: none."
    )


@dataclass(frozen=True, slots=True)
class TrustConfig:
    """Whose certificates count."""

    roots: str = _key("trusted_roots", "The directory of trusted roots: doc/trust.md.")
    sha1_roots: tuple[str, ...] = _key(
        (), "Files of roots below which SHA-1 counts; roots.toml there says this and more of each."
    )
    certificate: str = _key("certs/am-cert.pem", "The server's certificate with its chain.")
    key: str = _key("certs/am-key.pem", "The server's private key.")


@dataclass(frozen=True, slots=True)
class RetentionConfig:
    """How long the past is kept: doc/audit.md."""

    audit_days: int = _key(400, "Days that the audit log tells of; 0: all that was.", least=0)
    sliver_days: int = _key(
        400, "Days that ended slivers stay in the database after expiry; 0: for ever.", least=0
    )


@dataclass(frozen=True, slots=True)
class ClearinghouseConfig:
    """The embedded clearinghouse that `gcf-am up` serves beside the aggregate."""

    host: str = _key("127.0.0.1", "The address to bind.")
    port: int = _key(8000, "The port; 0 takes a free one.", least=0, most=65535)


@dataclass(frozen=True, slots=True)
class HomingConfig:
    """Homing, that `gcf-homing serve` and `gcf-am up --homing` serve: doc/homing.md."""

    host: str = _key("127.0.0.1", "The address to bind.")
    port: int = _key(8091, "The port; 0 takes a free one.", least=0, most=65535)
    certificate: str = _key(
        "certs/homing-cert.pem", "Its certificate, also towards aggregates; made where missing."
    )
    key: str = _key("certs/homing-key.pem", "Its private key.")
    aggregates: tuple[str, ...] = _key(
        (), "Where aggregates answer: URN,URL each; empty: those that the clearinghouse here knows."
    )
    template_hosts: tuple[str, ...] = _key(
        (), "Hosts that template_url may lead to, as name or name:port; empty: it is refused."
    )
    places: str = _key(
        "", "A table (CSV) of hosts, CLLI codes, towns and postal codes with coordinates."
    )
    ad_seconds: int = _key(60, "How long an advertisement is used.", least=0)
    ad_timeout_seconds: int = _key(20, "How long an aggregate may take to tell its own.", least=1)
    workers: int = _key(2, "Plans that are worked on at a time.", least=1, most=64)
    attempts: int = _key(3, "How often a plan is reserved, each time elsewhere.", least=1, most=10)
    retain_days: int = _key(30, "Days that plans are kept after their end.", least=1)
    late_errors: bool = _key(
        False, "Whether a wrong template becomes a plan in error, as in Conductor, instead of 400."
    )
    debug: bool = _key(False, "Whether error documents have tracebacks.")
    # tables of their own, which end this one in the file
    aliases: dict[str, object] = _key(
        {"aai": "geni", "sdn-c": "geni"},
        "Other names of inventory providers and controllers, so that templates run unchanged.",
    )
    inventories: dict[str, object] = _key(
        {}, "Inventory providers of your own by name: files with lists of candidates."
    )
    licences: dict[str, object] = _key(
        {}, "Licences that templates may ask for, as SEATS:SHA256 with the sum of the key in hex."
    )
    passwords: dict[str, object] = _key(
        {}, "Users who may come by HTTP Basic, by what `gcf-homing password` prints."
    )


@dataclass(frozen=True, slots=True)
class FederationConfig:
    """The slice authority that is told of slivers."""

    sliver_info: str = _key(
        "", "Its URL (Federation API), like https://ch.example.org:8000/SA; empty: nobody's."
    )
    authority: str = _key(
        "", "Whose slices it knows: the authority of their URNs; empty: the aggregate's own."
    )
    pin: str = _key(
        "certs/ch-cert.pem", "The certificate (PEM) to which its server's must lead, or that it is."
    )


@dataclass(frozen=True, slots=True)
class ApiConfig:
    """Which parts of the surface are offered."""

    prototypes: bool = _key(True, "Whether what is declared a Prototype is served.")


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the operator decides; `home` is the directory that relative paths start from."""

    home: Path
    aggregate: AggregateConfig = field(default_factory=AggregateConfig)
    listen: ListenConfig = field(default_factory=ListenConfig)
    store: StoreConfig = field(default_factory=StoreConfig)
    site: SiteConfig = field(default_factory=SiteConfig)
    driver: DriverConfig = field(default_factory=DriverConfig)
    leases: LeaseConfig = field(default_factory=LeaseConfig)
    policy: PolicyConfig = field(default_factory=PolicyConfig)
    trust: TrustConfig = field(default_factory=TrustConfig)
    retention: RetentionConfig = field(default_factory=RetentionConfig)
    clearinghouse: ClearinghouseConfig = field(default_factory=ClearinghouseConfig)
    federation: FederationConfig = field(default_factory=FederationConfig)
    homing: HomingConfig = field(default_factory=HomingConfig)
    api: ApiConfig = field(default_factory=ApiConfig)

    def path(self, text: str) -> Path:
        """A configured path, from the home."""
        return self.home / text

    @property
    def database_url(self) -> str:
        """The store's URL with a relative SQLite file put into the home."""
        prefix = "sqlite:///"
        url = self.store.url
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            return prefix + str((self.home / url.removeprefix(prefix)).resolve())
        return url


FILE: Final = "gcf_am.toml"
_WORDS: Final = {
    str: "string",
    int: "whole number",
    float: "number",
    bool: "true or false",
    dict: "table",
}


def _sections() -> list[tuple[str, type]]:
    """The tables of the file with their dataclasses, in order."""
    hints = get_type_hints(Config)
    return [(one.name, hints[one.name]) for one in fields(Config) if one.name != "home"]


def _default(one: Field[Any]) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else one.default


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)


def write_template(values: Mapping[tuple[str, str], object]) -> str:
    """The text of a configuration file: every key explained, `values` put in place of defaults."""
    lines = ["# gcf_am: the aggregate's configuration. Every key stands here with its default."]
    for name, section in _sections():
        lines += ["", f"# {section.__doc__}", f"[{name}]"]
        for one in fields(section):
            choices = one.metadata.get("choices")
            more = f" One of: {', '.join(choices)}." if choices else ""
            value = values.get((name, one.name), _default(one))
            if isinstance(value, dict):
                lines += ["", f"# {one.metadata['sentence']}", f"[{name}.{one.name}]"]
                lines += [f"{key} = {_toml(inner)}" for key, inner in value.items()]
            else:
                lines += [f"# {one.metadata['sentence']}{more}", f"{one.name} = {_toml(value)}"]
    return "\n".join(lines) + "\n"


def _checked(where: str, value: object, one: Field[Any], wanted: Any) -> object:
    """The value if it is what the key wants; raises ConfigError naming key and remedy."""
    plain = get_origin(wanted) or wanted
    if plain is float and type(value) is int:
        value = float(value)
    if plain is tuple:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ConfigError(f"{where} must be a list of strings, not {_toml(value)}")
        return tuple(value)
    if type(value) is not plain:
        raise ConfigError(f"{where} must be a {_WORDS[plain]}, not {_toml(value)}")
    choices, least, most = (one.metadata.get(name) for name in ("choices", "least", "most"))
    if choices is not None and value not in choices:
        raise ConfigError(f"{where} must be one of {', '.join(choices)}, not {_toml(value)}")
    if least is not None and isinstance(value, int | float) and value < least:
        raise ConfigError(f"{where} must be at least {least}, not {value}")
    if most is not None and isinstance(value, int | float) and value > most:
        raise ConfigError(f"{where} must be at most {most}, not {value}")
    return value


def read_table(name: str, section: type, table: object) -> Any:
    """The dataclass `section` with what a TOML table says; raises ConfigError naming the key."""
    if not isinstance(table, dict):
        raise ConfigError(f"[{name}] must be a table")
    known = {one.name: one for one in fields(section)}
    hints = get_type_hints(section)
    for key in table:
        if key not in known:
            advice = did_you_mean(key, known)
            raise ConfigError(f"[{name}] has no key {key}{advice and f'; {advice}'}")
    values = {
        key: _checked(f"{key} in [{name}]", value, known[key], hints[key])
        for key, value in table.items()
    }
    try:
        return section(**values)
    except ConfigError as error:  # what a dataclass has against its own values
        raise ConfigError(f"[{name}]: {error}") from None


def read_config(home: Path) -> Config:
    """Read `gcf_am.toml` in the home; raises ConfigError that names file, key and remedy."""
    file = home / FILE
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError(f"there is no {file}: run `gcf-am init --home {home}` first") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is no TOML: {error}") from error
    return judge_config(home, text)


def judge_config(home: Path, text: str) -> Config:
    """The configuration that this text would be in the home; raises ConfigError like read_config."""
    file = home / FILE
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is no TOML: {error}") from error
    sections = dict(_sections())
    for name in tables:
        if name not in sections:
            advice = did_you_mean(name, sections, "[{}]")
            raise ConfigError(
                f"{file} has a table [{name}] that is not known{advice and f'; {advice}'}"
            )
    try:
        made = {
            name: read_table(name, section, tables.get(name, {}))
            for name, section in sections.items()
        }
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None
    return _sound(Config(home=home, **made), file)


def _leads_somewhere(url: str) -> bool:
    """Whether it is https with a host."""
    try:
        split = urlsplit(url)
    except ValueError:
        return False
    return split.scheme == "https" and bool(split.hostname)


def _sound(config: Config, file: Path) -> Config:
    """The configuration if its keys agree with each other."""
    authority = config.aggregate.authority
    # The authority name holds no colon: a colon would make it an authority below another.
    if not authority or not all(c.isascii() and (c.isalnum() or c in ".-") for c in authority):
        raise ConfigError(
            f"{file}: authority in [aggregate] may hold letters, digits, dots and hyphens, "
            f"not {authority!r}"
        )
    if config.listen.url and not _leads_somewhere(config.listen.url):
        raise ConfigError(
            f"{file}: url in [listen] must be like https://am.example.org:8001/, "
            f"not {config.listen.url!r}"
        )
    told = config.federation.sliver_info
    if told and not told.startswith("https://"):
        raise ConfigError(
            f"{file}: sliver_info in [federation] must be like https://ch.example.org:8000/SA, "
            f"not {told!r}"
        )
    leases = config.leases
    if leases.allocated_minutes > leases.allocated_most_minutes:
        raise ConfigError(f"{file}: allocated_minutes exceeds allocated_most_minutes in [leases]")
    if leases.provisioned_hours > leases.provisioned_most_hours:
        raise ConfigError(f"{file}: provisioned_hours exceeds provisioned_most_hours in [leases]")
    return config
