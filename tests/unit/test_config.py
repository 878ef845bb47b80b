from dataclasses import fields
from pathlib import Path

import pytest

from gcf_am.config import FILE, Config, read_config, write_template
from gcf_am.errors import ConfigError


def written(home: Path, text: str) -> Path:
    (home / FILE).write_text(text, "utf-8")
    return home


def test_the_template_is_the_defaults(tmp_path: Path) -> None:
    assert read_config(written(tmp_path, write_template({}))) == Config(tmp_path)


def test_the_template_explains_every_key() -> None:
    lines = write_template({}).splitlines()
    defaults = Config(Path())
    for section in fields(Config)[1:]:
        for key in fields(getattr(defaults, section.name)):
            if isinstance(getattr(getattr(defaults, section.name), key.name), dict):
                assert f"[{section.name}.{key.name}]" in lines
                continue
            place = next(i for i, line in enumerate(lines) if line.startswith(f"{key.name} = "))
            assert lines[place - 1].startswith("# ")


def test_values_put_into_the_template_are_read_back(tmp_path: Path) -> None:
    values: dict[tuple[str, str], object] = {
        ("listen", "port"): 9001,
        ("aggregate", "operators"): ["urn:publicid:IDN+a+user+carol"],
        ("driver", "settings"): {"delay": 0.5, "text": 'say "no" \\ twice'},
    }
    config = read_config(written(tmp_path, write_template(values)))
    assert config.listen.port == 9001
    assert config.aggregate.operators == ("urn:publicid:IDN+a+user+carol",)
    assert config.driver.settings == {"delay": 0.5, "text": 'say "no" \\ twice'}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[listen]\nprot = 1", "no key prot; did you mean port"),
        ("[lisen]\nport = 1", r"\[lisen\] that is not known; did you mean \[listen\]"),
        ('[listen]\nport = "8001"', "port in .listen. must be a whole number"),
        ("[listen]\nport = true", "must be a whole number, not true"),
        ("[listen]\nport = 70000", "at most 65535"),
        ("[listen]\nworkers = 0", "at least 1"),
        ('[aggregate]\ngeni_allocate = "some"', "one of geni_many, geni_disjoint, geni_single"),
        ('[aggregate]\nauthority = "a:b"', "may hold letters, digits"),
        ('[aggregate]\noperators = "carol"', "a list of strings"),
        ("[leases]\nallocated_minutes = 200", "exceeds allocated_most_minutes"),
        ("[leases]\nprovisioned_hours = 2000", "exceeds provisioned_most_hours"),
        ("listen = 1", r"\[listen\] must be a table"),
        ("[listen", "is no TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_the_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        read_config(written(tmp_path, text))


def test_a_home_without_a_file_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gcf-am init"):
        read_config(tmp_path)


def test_relative_databases_lie_in_the_home(tmp_path: Path) -> None:
    assert Config(tmp_path).database_url == f"sqlite:///{(tmp_path / 'gcf_am.sqlite').resolve()}"
