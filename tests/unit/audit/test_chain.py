from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gcf_am.audit.chain import Head, Verdict, verify
from gcf_am.audit.event import Event, Kind, write_details
from gcf_am.audit.lines import read_line, write_line
from gcf_am.audit.row import PERSONAL, Row, sealed, without

NOW = datetime(2030, 1, 31, 12, 0, 0, 123456, UTC)
ALICE = "urn:publicid:IDN+gcf.local+user+alice"
TOOL = "urn:publicid:IDN+gcf.local+tool+portal"


def event(number: int) -> Event:
    return Event(
        NOW + timedelta(seconds=number),
        f"r{number}",
        ALICE,
        "Allocate",
        f"urn:publicid:IDN+gcf.local+sliver+{number}",
        "",
        "geni_allocated/geni_pending_allocation it said \u201cno\u201d\n",
        tool=TOOL if number % 2 else "",
        kind=Kind.CHANGE,
        fingerprint="ab" * 32,
        credentials=f"{number:064x}",
        details=write_details({"step": "prepare", "holds": [["c", "slots", number]]}),
    )


@pytest.fixture
def rows() -> list[Row]:
    made: list[Row] = []
    for number in range(1, 8):
        before = made[-1].hash if made else Head().hash
        made.append(sealed(Row(event(number), id=number), number, before))
    return made


def proved(
    rows: list[Row], end: Head | None = None, *noted: Head, base: Head | None = None
) -> Verdict:
    return verify(rows, base=base or Head(), end=end, noted=noted)


def end_of(rows: list[Row]) -> Head:
    return Head(rows[-1].seq or 0, rows[-1].hash)


def test_a_chain_as_it_was_sealed_holds(rows: list[Row]) -> None:
    assert proved(rows, end_of(rows), Head(3, rows[2].hash)) == Verdict(7, end_of(rows))
    assert proved([], Head()) == Verdict(0, Head())


@pytest.mark.parametrize("name", [*PERSONAL, "verb", "subject", "slice", "uuid", "request_id"])
@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_row_that_was_changed_is_named(rows: list[Row], name: str, place: int) -> None:
    changes: dict[str, str] = {name: "another"}
    rows[place] = replace(rows[place], event=replace(rows[place].event, **changes))  # type: ignore[arg-type]  # each is text
    verdict = proved(rows, end_of(rows))
    assert (verdict.seq, verdict.proved) == (place + 1, place)
    assert verdict.what.startswith("was changed:")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("before", "geni_allocated/geni_pending_allocation"),
        ("after", ""),
        ("details", "{}"),
        ("at", NOW),
        ("kind", Kind.NOTE),
    ],
)
def test_states_times_and_details_are_in_the_chain(
    rows: list[Row], name: str, value: object
) -> None:
    changes: dict[str, object] = {name: value}
    rows[2] = replace(rows[2], event=replace(rows[2].event, **changes))  # type: ignore[arg-type]  # of each field's type
    assert proved(rows).seq == 3


def test_a_row_that_was_sealed_anew_is_named_at_the_next(rows: list[Row]) -> None:
    """Who changes a row and its hash too has to change all that follow, and the noted head."""
    forged = replace(rows[2].event, verb="Status")
    rows[2] = sealed(Row(forged), 3, rows[1].hash)
    assert proved(rows).seq == 4
    for place in range(3, 7):
        rows[place] = sealed(Row(rows[place].event), place + 1, rows[place - 1].hash)
    honest = Head(5, "ab" * 32)
    assert proved(rows).seq is None
    verdict = proved(rows, None, honest)
    assert (verdict.seq, verdict.what) == (5, "is not the row that was noted down")


@pytest.mark.parametrize("place", [0, 3, 5])
def test_a_row_that_was_removed_is_named(rows: list[Row], place: int) -> None:
    end = end_of(rows)
    del rows[place]
    verdict = proved(rows, end)
    assert (verdict.seq, verdict.what) == (place + 1, "is missing: it was removed")


def test_a_tail_that_was_cut_off_is_seen_by_the_head(rows: list[Row]) -> None:
    end = end_of(rows)
    assert proved(rows[:5]).seq is None
    for verdict in (proved(rows[:5], end), proved(rows[:5], end_of(rows[:5]), end)):
        assert (verdict.seq, verdict.proved) == (6, 5)
        assert "missing" in verdict.what


def test_a_head_that_names_another_row_is_seen(rows: list[Row]) -> None:
    assert proved(rows, Head(7, "0" * 64)).seq == 7
    assert proved(rows, end_of(rows[:6])).seq == 7


def test_rows_that_changed_places_are_named(rows: list[Row]) -> None:
    rows[2], rows[3] = replace(rows[3], seq=3), replace(rows[2], seq=4)
    verdict = proved(rows, end_of(rows))
    assert verdict.seq == 3
    assert "moved" in verdict.what


def test_a_row_that_was_put_in_is_named(rows: list[Row]) -> None:
    put_in = replace(rows[3], event=event(9), hash="cd" * 32)
    later = [replace(one, seq=(one.seq or 0) + 1) for one in rows[3:]]
    verdict = proved([*rows[:3], put_in, *later])
    assert verdict.seq == 4
    assert "inserted" in verdict.what


def test_what_is_left_is_proved_behind_its_base(rows: list[Row]) -> None:
    base = Head(3, rows[2].hash)
    assert proved(rows[3:], end_of(rows), base=base).proved == 4
    assert proved(rows[3:], base=Head(3, "ab" * 32)).seq == 4
    assert proved(rows[4:], base=base).seq == 4
    assert proved(rows[3:], None, Head(3, "ab" * 32), base=base).seq == 3


def test_what_is_forgotten_of_people_leaves_the_chain_whole(rows: list[Row]) -> None:
    old = rows[1]
    rows[1] = without(rows[1], frozenset({"caller", "credentials"}))
    assert (rows[1].event.caller, rows[1].event.credentials) == ("", "")
    assert rows[1].event.fingerprint == old.event.fingerprint
    assert old.salts["caller"] not in str(rows[1])
    assert proved(rows, end_of(rows)).seq is None
    # neither what took the place of a name nor another name fits
    rows[1] = replace(rows[1], forgotten={**rows[1].forgotten, "caller": "ab" * 32})
    assert proved(rows).seq == 2


def test_the_same_name_is_another_commitment_in_each_row(rows: list[Row]) -> None:
    gone = [without(one, frozenset({"caller"})).forgotten["caller"] for one in rows]
    assert len(set(gone)) == len(rows)


def test_what_is_forgotten_before_it_is_sealed_fits_too() -> None:
    row = without(Row(event(1)), frozenset(PERSONAL))
    assert ALICE not in write_line(sealed(row, 1, Head().hash))
    assert proved([sealed(row, 1, Head().hash)]).proved == 1


def test_lines_are_ascii_and_prove_as_much(rows: list[Row]) -> None:
    text = "\n".join(map(write_line, rows))
    assert text.isascii()
    assert len(text.splitlines()) == len(rows)
    assert proved([read_line(one) for one in text.splitlines()], end_of(rows)).proved == 7


@pytest.mark.parametrize("text", ["", "1", "x:" + "0" * 64, "1:00", "-1:" + "0" * 64])
def test_a_head_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no head"):
        Head.parse(text)


def test_a_head_is_read_as_it_was_written(rows: list[Row]) -> None:
    assert Head.parse(f" {end_of(rows)}\n") == end_of(rows)
