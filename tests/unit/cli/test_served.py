import threading
from pathlib import Path

import pytest

from gcf_am.cli.served import (
    Served,
    beside_others,
    forget_served,
    is_served,
    last_served,
    note_served,
    only_one,
    only_up,
)
from gcf_am.errors import ConfigError


def test_any_number_serve_a_home_and_one_has_its_clearinghouse(tmp_path: Path) -> None:
    made: list[str] = []
    with only_up(tmp_path):
        assert not is_served(tmp_path)
        # 1. who comes first makes it
        with beside_others(tmp_path, first=lambda: made.append("first")):
            assert is_served(tmp_path)
            with beside_others(tmp_path, first=lambda: made.append("second")):
                assert made == ["first"]
            with pytest.raises(ConfigError, match="its clearinghouse too"), only_up(tmp_path):
                pass
            # 2. nobody upgrades its database meanwhile
            with pytest.raises(ConfigError, match="is being served already"), only_one(tmp_path):
                pass
        with only_one(tmp_path):
            assert is_served(tmp_path)
    assert not is_served(tmp_path)


def test_what_is_noted_of_a_server_goes_with_it_where_others_go_on(tmp_path: Path) -> None:
    one, other = Served("simulated", ("https://a/",)), Served("simulated", ("https://b/",))
    with beside_others(tmp_path):
        note_served(tmp_path, one)
        forget_served(tmp_path, other)
        assert last_served(tmp_path) == one
        forget_served(tmp_path, one)
        assert last_served(tmp_path) is None
        note_served(tmp_path, other)
    # the last one's stays: with what driver it was served
    forget_served(tmp_path, other)
    assert last_served(tmp_path) == other


def test_who_comes_while_it_is_made_waits(tmp_path: Path) -> None:
    served = threading.Event()

    def serve() -> None:
        with beside_others(tmp_path):
            served.set()

    with only_one(tmp_path):
        thread = threading.Thread(target=serve)
        thread.start()
        assert not served.wait(0.3)
    assert served.wait(60)
    thread.join(60)
