"""Drivers are found by name among those installed; auto takes the best that can."""

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from gcf_am.drivers import choose, simulated
from gcf_am.errors import ConfigError
from gcf_am.model.site import Site
from gcf_am.urn import Urn

SITE = Site(Urn.parse("urn:publicid:IDN+am.test+authority+am"), (), (), "1")


class Picky(simulated.SimulatedDriver):
    """A driver whose machine lacks something."""

    name = "picky"

    def probe(self, site: Site) -> Sequence[str]:
        return ["no kernel"]


class Better(simulated.SimulatedDriver):
    """A driver that serves any site."""

    name = "better"


def picky(settings: Mapping[str, object]) -> Picky:
    made = simulated.make(settings)
    return Picky(made._settings, made.world)


def better(settings: Mapping[str, object]) -> Better:
    made = simulated.make(settings)
    return Better(made._settings, made.world)


def offer(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    entries = [EntryPoint(name, value, choose.GROUP) for name, value in values.items()]
    monkeypatch.setattr(choose, "entry_points", lambda group: entries)


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, object]:
    return {"directory": str(tmp_path)}


def test_the_simulated_driver_is_installed(settings: dict[str, object]) -> None:
    chosen = choose.choose("simulated", settings)
    assert (chosen.driver.name, chosen.why) == ("simulated", "as configured")


def test_auto_finds_one(settings: dict[str, object]) -> None:
    assert choose.choose("auto", settings, site=SITE).driver.name == "simulated"


def test_each_driver_has_a_directory_of_its_own_in_the_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    offer(monkeypatch, better=f"{__name__}:better")
    choose.choose("better", {}, home=tmp_path)
    choose.choose("better", {"directory": "else/where"}, home=tmp_path)
    choose.choose("better", {"directory": str(tmp_path / "absolute")}, home=tmp_path / "unused")
    found = {str(one.parent.relative_to(tmp_path)) for one in tmp_path.rglob("world.sqlite")}
    assert found == {"better", "else/where", "absolute"}


def test_an_unknown_name_is_refused_with_those_there_are(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"no driver 'metal' .* auto, host, simulated"):
        choose.choose("metal", settings)


def test_auto_prefers_what_is_real(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    offer(
        monkeypatch,
        simulated="gcf_am.drivers.simulated:make",
        other=f"{__name__}:better",
    )
    chosen = choose.choose("auto", settings, site=SITE)
    assert (chosen.driver.name, chosen.why) == ("better", "since nothing is lacking for it")


def test_auto_passes_over_what_lacks_something(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    offer(
        monkeypatch,
        simulated="gcf_am.drivers.simulated:make",
        absent="gcf_am.no_such_module:make",
        picky=f"{__name__}:picky",
    )
    chosen = choose.choose("auto", settings, site=SITE)
    assert chosen.driver.name == "simulated"
    assert chosen.why.startswith("since absent does not serve here: ")
    assert chosen.why.endswith(" and picky does not serve here: no kernel")


def test_one_that_was_named_is_proved_where_it_is_to_serve(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    offer(monkeypatch, picky=f"{__name__}:picky", better=f"{__name__}:better")
    assert choose.choose("picky", settings, site=SITE).driver.name == "picky"
    with pytest.raises(ConfigError, match="picky does not serve here: no kernel"):
        choose.choose("picky", settings, site=SITE, prove=True)
    assert choose.choose("better", settings, site=SITE, prove=True).why == "as configured"


def test_auto_without_any_that_serves_says_why(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    offer(monkeypatch, picky=f"{__name__}:picky")
    with pytest.raises(ConfigError, match="picky does not serve here: no kernel"):
        choose.choose("auto", settings, site=SITE)
    offer(monkeypatch)
    with pytest.raises(ConfigError, match="none there"):
        choose.choose("auto", settings, site=SITE)


def test_a_driver_whose_parts_are_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    offer(monkeypatch, absent="gcf_am.no_such_module:make")
    with pytest.raises(ConfigError, match="absent cannot be loaded"):
        choose.choose("absent", settings)


def test_wrong_settings_are_named(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"driver\.settings\.speed"):
        choose.choose("simulated", {**settings, "speed": 9})
