"""Writes until its disk is full, goes on when there is room again; run by test_full_disk.

Arguments: database URL; `file`, to be stopped by the operating system at a file's size, or
`pages`, by the database's own limit. Prints what happened as JSON.
"""

import json
import resource
import sys
from pathlib import Path

from gcf_am.errors import DatabaseError
from gcf_am.store import SqlStore, open_store
from gcf_am.store.sqlite import SqliteDatabase
from tests.contract.store.samples import AUTHORITY, event, host, node, slice_key, slice_urn, slots

MANY = 100


def allocate(store: SqlStore) -> None:
    with store.write() as unit:
        key = slice_key(unit)
        made = [node(unit, key, f"n{number}", slots("pc1")) for number in range(MANY)]
        unit.add(made)
        unit.record(event(one.urn.text) for one in made)


def swallow(store: SqlStore) -> str:
    """What a unit says at its end whose caller does not mind that a statement failed."""
    try:
        with store.write() as unit:
            key = slice_key(unit)
            try:
                for _ in range(50):
                    unit.add([node(unit, key, f"n{number}") for number in range(MANY)])
            except DatabaseError:
                unit.record([event("half done")])
    except DatabaseError as error:
        return str(error)
    return ""


def limit(store: SqlStore, kind: str, size: int) -> None:
    """Room for so many bytes, or without end."""
    if kind == "file":
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (size or hard, hard))
        return
    assert isinstance(store._database, SqliteDatabase)
    with store._database._writer.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute(f"PRAGMA max_page_count = {size // 4096 or 2**30}").close()


def held(store: SqlStore) -> tuple[int, int]:
    with store.read() as unit:
        found = unit.slices_named(slice_urn())
        slivers = unit.slivers(found[0].key)
        return len(slivers), unit.held()[host("pc1"), "slots"]


def main(url: str, kind: str) -> None:
    store = open_store(url, authority=AUTHORITY)
    allocate(store)
    file = Path(url.removeprefix("sqlite:///"))
    used = max(one.stat().st_size for one in file.parent.iterdir())
    limit(store, kind, used + 400_000)
    done, error = 1, ""
    while not error and done < 100:
        try:
            allocate(store)
        except DatabaseError as failed:
            error = str(failed)
        else:
            done += 1
    told = {"done": done, "error": error, "swallowed": swallow(store), "full": held(store)}
    limit(store, kind, 0)
    allocate(store)
    sys.stdout.write(json.dumps(told | {"after": held(store), "version": store.held_since(0)[0]}))
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
