"""What `gcf-am policy test` does: reads rules, inventory and store, and changes nothing."""

from datetime import datetime
from pathlib import Path
from typing import Any

from gcf_am.app.aggregate import limits_of, site_of, urn_of
from gcf_am.app.policy import policy_of
from gcf_am.cli.stopping import opened, slice_urn
from gcf_am.clock import SystemClock, format_time
from gcf_am.config import Config, read_config
from gcf_am.errors import AmError, ConfigError
from gcf_am.manager.allocate import asked
from gcf_am.manager.replay import replay
from gcf_am.manager.trial import try_request
from gcf_am.policy.reading import read_rules
from gcf_am.policy.rules import Rules, Who
from gcf_am.urn import Urn


def try_file(
    home: Path, policy: Path | None, request: Path, user: str, slice_name: str
) -> dict[str, Any]:
    """What rules say to a request; raises ConfigError for what cannot be judged."""
    config = read_config(home)
    rules = _rules(config, policy)
    who = Who(_user(user), slice_urn(config, slice_name))
    try:
        topology = asked(urn_of(config), request.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{request} cannot be read: {error}") from error
    with opened(config) as store:
        tried = try_request(
            store, rules, limits_of(config), site_of(config), who, topology, SystemClock().now()
        )
    until = [format_time(one) for one in tried.expires] or ["", ""]
    return {
        "quotas": [
            {
                "rule": one.quota.name,
                "who": one.holder.name,
                "of": one.quota.of,
                "most": one.quota.most,
                "has": one.had,
                "would_have": one.has,
                "broken": "too much" if one.broken(prolongs=False) else "",
            }
            for one in tried.figures
        ],
        "allocated_until": until[0],
        "provisioned_until": until[1],
        **_refusal(tried.refusal),
    }


def try_day(home: Path, policy: Path | None, since: datetime) -> dict[str, Any]:
    """Which of a day's calls rules would have refused."""
    config = read_config(home)
    rules = _rules(config, policy)
    with opened(config) as store:
        found = replay(store, rules, site_of(config), since)
    return {
        "judged": found.judged,
        "refused": [
            {
                "at": format_time(one.at),
                "verb": one.verb,
                "user": one.user.text,
                "slice": one.slice.text,
                "slivers": one.slivers,
                **_refusal(one.refusal),
            }
            for one in found.refused
        ],
    }


def _refusal(error: AmError | None) -> dict[str, Any]:
    if error is None:
        return {"refused": "", "code": 0, "rule": ""}
    return {"refused": error.message, "code": error.code, "rule": error.rule}


def _rules(config: Config, policy: Path | None) -> Rules:
    if policy is None:
        return policy_of(config)()
    try:
        return read_rules(policy.read_bytes())
    except OSError as error:
        raise ConfigError(f"{policy} cannot be read: {error.strerror}") from error
    except ConfigError as error:
        raise ConfigError(f"{policy}: {error}") from None


def _user(text: str) -> Urn:
    try:
        urn = Urn.parse(text)
    except ValueError as error:
        raise ConfigError(f"--user: {error}") from None
    if urn.kind != "user":
        raise ConfigError(f"--user: {urn} is no user")
    return urn
