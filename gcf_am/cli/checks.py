"""What `gcf-am check-config` looks at, one finding each."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from gcf_am.app.aggregate import chosen_driver, operators_of, site_of
from gcf_am.app.material import read_material, trust_of
from gcf_am.app.policy import policy_of
from gcf_am.config import Config, read_config
from gcf_am.errors import ConfigError, GcfAmError
from gcf_am.store.upgrade import check
from gcf_am.trust.certificates import load_chain

_SOON: Final = timedelta(days=30)


def findings(home: Path) -> Iterator[tuple[str, str]]:
    """Yields (what was looked at, what is wrong with it or the empty string)."""
    try:
        config = read_config(home)
    except ConfigError as error:
        yield "configuration", str(error)
        return
    yield "configuration", ""
    looks: tuple[tuple[str, Callable[[Config], str]], ...] = (
        ("operators", _operators),
        ("trust roots", _roots),
        ("server certificate and key", _certificate),
        ("private key's permissions", _permissions),
        ("inventory", _inventory),
        ("policy", _policy),
        ("driver", _driver),
        ("database", _database),
    )
    for what, look in looks:
        try:
            yield what, look(config)
        except GcfAmError as error:
            yield what, str(error)


def _operators(config: Config) -> str:
    operators_of(config)
    return ""


def _roots(config: Config) -> str:
    directory = config.path(config.trust.roots)
    try:
        store = trust_of(config)
    except ConfigError as error:
        return f"{directory}: {error}"
    trusted, now = store.current(), datetime.now(UTC)
    files = {root.file for root in trusted.roots}
    lost = [
        f"sha1_roots in [trust]: {directory} has no usable root {name}"
        for name in config.trust.sha1_roots
        if name not in files
    ]
    ending = [
        f"{root.file}: {root.urn} ends at {root.certificate.not_after:%Y-%m-%d %H:%M} UTC"
        for root in trusted.roots
        if root.certificate.not_after < now + _SOON
    ]
    stale = [
        f"the revocation list of {one.issuer.rfc4514_string()} is out of date"
        for one in trusted.revocations.stale(now)
    ]
    return "; ".join([*store.problems, *lost, *ending, *stale])


def _certificate(config: Config) -> str:
    material = read_material(config)
    leaf = load_chain(material.certificate)[0]
    if leaf.not_after < datetime.now(UTC) + _SOON:
        return (
            f"{config.trust.certificate} ends at {leaf.not_after:%Y-%m-%d %H:%M} UTC: "
            f"`gcf-am init --home {config.home}` makes a new one where this home's root signed it"
        )
    return ""


def _permissions(config: Config) -> str:
    key = config.path(config.trust.key)
    mode = key.stat().st_mode & 0o777
    return f"{key} can be read by others: chmod 600 {key}" if mode & 0o077 else ""


def _inventory(config: Config) -> str:
    return "" if site_of(config).hosts else "it has no node to give"


def _policy(config: Config) -> str:
    policy_of(config)
    return ""


def _driver(config: Config) -> str:
    try:
        site = site_of(config)
    except GcfAmError:
        return "it needs an inventory that can be used"
    return "; ".join(chosen_driver(config, site).driver.probe(site))


def _database(config: Config) -> str:
    check(config.database_url)
    return ""
