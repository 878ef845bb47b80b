from datetime import UTC, datetime
from pathlib import Path

import alembic.command
import alembic.config
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gcf_am.clearinghouse import database
from gcf_am.clearinghouse.authority import Authority
from gcf_am.clearinghouse.database import open_database
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.revoking import revoke_user
from gcf_am.clearinghouse.tables import Base
from gcf_am.errors import ConfigError
from gcf_am.trust.certificates import write_chain
from gcf_am.trust.issue import make_slice, new_key
from tests.unit.clearinghouse.homes import SetClock, slice_urn, user_urn
from tests.unit.clearinghouse.house import DAY, House


def test_the_migrations_make_the_tables(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "one.sqlite")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_the_file_is_private_and_opens_again(tmp_path: Path) -> None:
    file = tmp_path / "one.sqlite"
    for _ in range(2):
        open_database(file).dispose()
    assert file.stat().st_mode & 0o077 == 0


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "one.sqlite"
    file.write_text("this is a text " * 100)
    with pytest.raises(ConfigError, match="cannot be used"):
        open_database(file)


def first_release(file: Path, home: Path, authority: Authority, now: datetime) -> None:
    """A database as version 0001 left it: three members, and slices of alice's."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    engine = sqlalchemy.create_engine(f"sqlite:///{file}")
    at = int(now.timestamp())
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "0001")
        meta = sqlalchemy.MetaData()
        meta.reflect(connection)
        for number, name in enumerate(("alice", "bob", "carol"), 1):
            urn = user_urn(name)
            connection.execute(
                meta.tables["member"]
                .insert()
                .values(
                    id=number,
                    urn=urn.text,
                    urn_key="+".join(urn.key),
                    certificate=Places(home).pair(name)[0].read_text(),
                    operator=name == "carol",
                    added=at,
                )
            )
        key = new_key().public_key()
        for name, lives in (("One", True), ("old", False)):
            urn = slice_urn(name)
            chain = make_slice(authority.sa, urn, now=now, until=now + 5 * DAY, public_key=key)
            connection.execute(
                meta.tables["slice"]
                .insert()
                .values(
                    urn=urn.text,
                    live_key="+".join(urn.key) if lives else None,
                    uuid=chain[0].uuid,
                    owner_id=1,
                    certificate=write_chain(chain),
                    created=at,
                    expires=at + 5 * 86400 if lives else at,
                )
            )
        connection.execute(
            meta.tables["aggregate"]
            .insert()
            .values(
                urn="urn:publicid:IDN+gcf.local+authority+am",
                urn_key="gcf.local+authority+am",
                url="https://127.0.0.1:8001/",
            )
        )
        connection.execute(
            meta.tables["event"]
            .insert()
            .values(at=at, request_id="r", caller="alice", verb="CreateSlice", subject="one")
        )
    engine.dispose()


def test_what_the_first_release_kept_is_kept(home: Path, authority: Authority) -> None:
    file = Places(home).database
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()
    now = datetime.now(UTC).replace(microsecond=0)
    first_release(file, home, authority, now)
    house = House(home, authority, SetClock(now))
    alice, one = user_urn("alice").text, slice_urn("One").text
    # who made a slice leads it
    mine = house.done("SA", "alice", "lookup_for_member", "SLICE", alice, [], {})
    assert [(row["SLICE_URN"], row["SLICE_ROLE"], row["EXPIRED"]) for row in mine] == [
        (one, "LEAD", False),
        (slice_urn("old").text, "LEAD", True),
    ]
    assert house.service.list_my_slices(house.by("alice"), user_urn("alice")) == [one]
    found = house.done("SA", "alice", "lookup", "SLICE", [], {"match": {"SLICE_URN": one}})
    assert found[one]["SLICE_EXPIRATION"] == f"{now + 5 * DAY:%Y-%m-%dT%H:%M:%SZ}"
    assert house.code("SA", "bob", "get_credentials", one, [], {}) == 2
    assert house.done("SA", "carol", "get_credentials", one, [], {})
    # what certificates told of their members can be looked for
    match = {"match": {"MEMBER_EMAIL": "alice@gcf.local"}}
    [told] = house.done("MA", "carol", "lookup", "MEMBER", [], match).values()
    assert told["MEMBER_UID"] == house.chain("alice")[0].uuid
    assert house.deeds() == 1
    assert house.done("SR", None, "lookup_aggregates", {"filter": ["SERVICE_URL"]}) == [
        {"SERVICE_URL": "https://127.0.0.1:8001/"}
    ]
    # certificates that were issued then can be revoked
    assert revoke_user(home, "bob", clock=house.clock) == 1
    house.close()
