"""The operator's terminal shows experimenters' names as letters, whatever is in them."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gcf_am.app.aggregate import make_aggregate
from gcf_am.cli.am import main
from gcf_am.cli.home import make_home
from gcf_am.config import read_config
from gcf_am.manager.allocate import allocate
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn

# Clears the screen and turns red on terminals that read 8 bit controls; XML 1.0 allows it.
CONTROL = "\x9b2J\x9b31m"


@pytest.mark.parametrize("name", [CONTROL, "\u202egnp", "a\nurn:publicid:IDN+x+slice+y"])
def test_slivers_are_shown_as_letters(tmp_path: Path, home: Path, name: str) -> None:
    shutil.copytree(home, there := tmp_path / "home")
    now = datetime.now(UTC)
    until = now + timedelta(days=1)
    slice_ = Urn.of("gcf.local", "slice", "s1")
    mallory = Urn.of("gcf.local", "user", "mallory")
    grant = Grant(mallory, "Allocate", "r", now, until, slice_, "uuid")
    aggregate = make_aggregate(read_config(there))
    written = name.replace("\n", "&#10;")
    request = (
        '<rspec xmlns="http://www.geni.net/resources/rspec/3" type="request">'
        f'<node client_id="{written}"/></rspec>'
    )
    allocate(aggregate, grant, request, end_time=None)
    aggregate.store.close()
    shown = CliRunner().invoke(main, ["slivers", "--home", str(there)]).output
    assert "allocated" in shown
    assert all(one == "\n" or one.isprintable() for one in shown)
    assert "\nurn:publicid:IDN+x" not in shown


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("operator") / "home"
    make_home(made, {("driver", "name"): "simulated"})
    return made
