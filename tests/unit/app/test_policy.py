import logging
from dataclasses import replace as changed
from pathlib import Path

import pytest

from gcf_am.app.policy import policy_of
from gcf_am.config import Config, PolicyConfig
from gcf_am.errors import ConfigError
from gcf_am.policy.rules import NO_RULES

RULE = b"[[quota]]\nname = 'n'\nof = 'nodes'\nper = 'user'\nmost = 3\n"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path)


def test_rules_are_followed_and_a_bad_file_is_told_once(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    file = config.home / "policy.toml"
    file.write_bytes(b"")
    policy = policy_of(config)
    assert policy() == NO_RULES
    file.write_bytes(RULE)
    assert policy().quotas[0].most == 3
    file.write_bytes(RULE.replace(b"most", b"mots"))
    with caplog.at_level(logging.ERROR):
        assert policy().quotas[0].most == 3
        assert policy().quotas[0].most == 3
    [record] = caplog.records
    assert "line 1: [[quota]] has no key mots; did you mean most? (n)" in record.getMessage()
    file.unlink()
    assert policy().quotas[0].most == 3
    file.write_bytes(RULE.replace(b"3", b"4"))
    assert policy().quotas[0].most == 4


def test_a_start_without_a_good_file_is_refused(config: Config) -> None:
    with pytest.raises(ConfigError, match=r"the policy .*policy\.toml cannot be read"):
        policy_of(config)
    (config.home / "policy.toml").write_bytes(b"[quota]")
    with pytest.raises(ConfigError, match=r"policy\.toml: quota must be written"):
        policy_of(config)
    assert policy_of(changed(config, policy=PolicyConfig(file="")))() == NO_RULES
