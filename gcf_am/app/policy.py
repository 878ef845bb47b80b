"""The policy file, read again when it changes."""

from collections.abc import Callable

from gcf_am.app.followed import FollowedFile
from gcf_am.config import Config
from gcf_am.policy.reading import read_rules
from gcf_am.policy.rules import NO_RULES, Rules


def policy_of(config: Config) -> Callable[[], Rules]:
    """The rules as the file says at the moment; raises ConfigError.

    None where the configuration names no file. A file that is named and missing is a mistake to
    be told: nobody is to be without rules because a name is misspelt.
    """
    if not config.policy.file:
        return lambda: NO_RULES
    path = config.path(config.policy.file)
    return FollowedFile(path, "the policy", read_rules, _told)


def _told(rules: Rules) -> str:
    return (
        f"{len(rules.quotas)} quotas, {len(rules.restrictions)} restrictions,"
        f" {len(rules.lifetimes)} lifetimes"
    )
