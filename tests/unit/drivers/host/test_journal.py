"""The journal: what was written is read again by every process, seats and ports are given once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from gcf_am.drivers.host.journal import Journal, Made, Process, tag_of
from gcf_am.drivers.host.network import Nic
from gcf_am.manager.ports import DriverError
from gcf_am.model.sliver import Login

URN = "urn:publicid:IDN+am.test+sliver+{}"


def made(name: str = "a", **more: object) -> Made:
    sliver = URN.format(name)
    return replace(Made(sliver, tag_of(sliver), "node", 1), **more)  # type: ignore[arg-type]


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    whole = made(
        built=True,
        image="host",
        seat=3,
        port=22001,
        nics=(("a:0", Nic("eth1", "02:00:00:00:00:01", ("10.0.0.1/24",), 1400)),),
        logins=(Login("urn:publicid:IDN+ch.test+user+alice", "alice", ("key",)),),
        ends=(("a:0", URN.format("b")), ("c:0", None)),
        process=Process(7, 11, "boot"),
    )
    Journal(tmp_path).put(whole)
    assert Journal(tmp_path).find(whole.sliver) == whole
    assert Journal(tmp_path).standing() == {whole.sliver: whole}


def test_an_owner_stays_and_is_nobody_elses(tmp_path: Path) -> None:
    owner = Journal(tmp_path / "one").owner
    assert Journal(tmp_path / "one").owner == owner
    assert Journal(tmp_path / "other").owner != owner
    assert len(owner) == 6


def test_tags_fit_into_names() -> None:
    tags = {tag_of(URN.format(number)) for number in range(1000)}
    assert len(tags) == 1000
    assert {len(tag) for tag in tags} == {10}
    assert all(tag.isascii() and tag.isalnum() and tag == tag.lower() for tag in tags)


def test_seats_and_ports_are_given_once_and_again_when_free(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    ports = range(5, 8)
    given = [journal.seat(made(name), ports) for name in "abc"]
    assert [(one.seat, one.port) for one in given] == [(0, 5), (1, 6), (2, 7)]
    with pytest.raises(DriverError, match="every port"):
        journal.seat(made("d"), ports)
    journal.put(given[1].destroyed(2))
    assert journal.find(given[1].sliver) == given[1].destroyed(2)
    again = journal.seat(made("d"), ports)
    assert (again.seat, again.port) == (1, 6)


def test_a_port_that_is_of_no_use_is_passed_over(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    one = journal.seat(made(), range(5, 8))
    two = journal.seat(one, range(5, 8))
    three = journal.seat(two, range(5, 8))
    assert [one.port, two.port, three.port] == [5, 6, 7]
    assert journal.seat(three, range(5, 8)).port == 5
    assert three.seat == one.seat


def test_one_works_on_a_sliver_at_a_time_in_whatever_thread(tmp_path: Path) -> None:
    journals = [Journal(tmp_path), Journal(tmp_path)]
    inside, most, count = 0, 0, threading.Lock()

    def work(number: int) -> None:
        nonlocal inside, most
        with journals[number % 2].alone("tag"):
            with count:
                inside += 1
                most = max(most, inside)
            journals[0].put(made(generation=number))
            with count:
                inside -= 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(40)))
    assert most == 1


def test_others_work_meanwhile(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with journal.alone("one"), journal.alone("other"):
        pass
