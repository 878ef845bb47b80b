from collections import deque
from threading import Thread

import pytest

from gcf_am.errors import Busy
from gcf_am.store.turn import Turn


def waiting(turn: Turn) -> deque[object]:
    return turn._waiting  # type: ignore[return-value]


def test_turns_come_in_the_order_in_which_they_were_asked_for() -> None:
    turn, order = Turn(), list[int]()

    def take(number: int) -> None:
        with turn.taken(60):
            order.append(number)

    threads = []
    with turn.taken(0):
        for number in range(6):
            threads.append(Thread(target=take, args=(number,)))
            threads[-1].start()
            while len(waiting(turn)) <= number:
                assert threads[-1].is_alive()
    for thread in threads:
        thread.join(60)
    assert order == list(range(6))
    with turn.taken(0):
        pass


def test_who_waited_too_long_is_told_and_stops_no_one() -> None:
    turn = Turn()

    def late() -> None:
        with turn.taken(0.01):
            pytest.fail("the turn was taken twice")

    with turn.taken(0):
        with pytest.raises(Busy):
            late()
        assert not waiting(turn)
    with turn.taken(0):
        pass


def test_an_exception_passes_the_turn_on() -> None:
    turn = Turn()

    def fails() -> None:
        with turn.taken(0):
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    with turn.taken(0):
        pass
