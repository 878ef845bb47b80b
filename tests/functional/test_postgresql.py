"""An aggregate whose database is PostgreSQL: the operator's commands, and `up` on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gcf_am.cli.am import main
from gcf_am.config import FILE
from gcf_am.manager.record import Author, Change, write
from gcf_am.store import open_store
from tests.contract.store.samples import AUTHORITY, NOW, node, slice_key, slice_urn, slots
from tests.postgresql import Server

ALICE = f"urn:publicid:IDN+{AUTHORITY}+user+alice"
PASSWORD = "a%3Ab%2Fc%40d"


@pytest.fixture(scope="module")
def url(postgresql: Server) -> Iterator[str]:
    """By loopback, with a password."""
    name = postgresql.make()
    yield postgresql.url_by_tcp(name)
    postgresql.drop(name)


@pytest.fixture(scope="module")
def home(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("postgresql") / "home"
    made = run(home, "init", "--driver", "simulated", "--database-url", url)
    assert made.exit_code == 0, made.output
    assert not list(home.glob("*.sqlite"))
    return home


def run(home: Path, *words: str) -> Result:
    done = CliRunner().invoke(main, [*words, "--home", str(home)])
    assert PASSWORD not in done.output
    assert "a:b/c@d" not in done.output
    assert "Traceback" not in done.output
    return done


def test_every_command_that_looks_into_the_database_does(home: Path, url: str) -> None:
    store = open_store(url, authority=AUTHORITY)
    with store.write() as unit:
        one = node(unit, slice_key(unit), "alpha", slots("pc1"))
        author = Author("Allocate", ALICE, "r", NOW)
        write(unit, author, [Change(None, one)])
    store.close()
    for words, told in (
        (("slivers",), "alpha"),
        (("check-config",), "ok     database"),
        (("doctor",), "database"),
        (("stats",), "slots"),
        (("site", "show"), "20 nodes"),
        (("audit", "verify"), "0 rows"),
        (("audit", "forget-user", ALICE, "--yes"), "1"),
        (("policy", "test", "--events", "2030-01-31"), "calls"),
        (("upgrade-db",), "up to date"),
        (("shutdown", slice_urn().text), "is shut down"),
        (("release", slice_urn().text), "may be used again"),
    ):
        done = run(home, *words)
        assert done.exit_code == 0 or words == ("doctor",), (words, done.output)
        assert told in done.output, words


def test_a_home_keeps_its_database(home: Path, url: str) -> None:
    assert run(home, "init", "--database-url", url).exit_code == 0
    for command in ("init", "up"):
        other = run(home, command, "--database-url", f"{url}2")
        assert other.exit_code == 1
        assert "url in [store] names another database than --database-url" in other.output


def test_a_database_that_cannot_be_used_is_told_before_anything_is_served(
    home: Path, url: str, tmp_path: Path
) -> None:
    file = home / FILE
    kept = file.read_text("utf-8")
    file.write_text(kept.replace(url, f"{url}_none"), "utf-8")
    try:
        for words in (("check-config",), ("slivers",), ("serve",), ("upgrade-db",)):
            done = run(home, *words)
            assert done.exit_code == 1
            assert "names a database that is not there" in done.output, words
    finally:
        file.write_text(kept, "utf-8")
