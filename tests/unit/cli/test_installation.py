"""Start-up says clearly when lxml and xmlsec carry different libxml2 libraries."""

import sys
from pathlib import Path

import pytest
from click import Group
from click.testing import CliRunner
from lxml import etree

from gcf_am.cli import am, ch
from gcf_am.cli.installation import check_libraries
from gcf_am.errors import ConfigError

# What xmlsec 1.3 does beside an lxml of another libxml2: seen with lxml 5.4.0.
MISFIT = """
class InternalError(Exception):
    pass
raise InternalError((-1, "lxml & xmlsec libxml2 library version mismatch"))
"""


@pytest.fixture
def misfit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "xmlsec.py").write_text(MISFIT)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "xmlsec", raising=False)


def test_the_installed_pair_fits() -> None:
    check_libraries()


@pytest.mark.usefixtures("misfit")
def test_a_misfit_names_both_libraries_and_what_to_install() -> None:
    with pytest.raises(ConfigError) as refused:
        check_libraries()
    said = str(refused.value)
    assert f"lxml {etree.__version__}" in said
    assert "libxml2 library version mismatch" in said
    assert "pip install --force-reinstall -c constraints.txt lxml xmlsec" in said


@pytest.mark.usefixtures("misfit")
@pytest.mark.parametrize(("program", "command"), [(am.main, "up"), (ch.ch, "serve")])
def test_no_server_starts_with_a_misfit(program: Group, command: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(program, [command, "--home", str(tmp_path / "home")])
    assert result.exit_code == 1
    assert "xmlsec does not fit lxml" in result.output
    assert not (tmp_path / "home").exists()
