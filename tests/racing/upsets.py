"""What happens to servers amid a race: they are restarted, or killed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from tests.racing.fleet import Fleet, Member


def restart(fleet: Fleet, old: Member) -> Member:
    """The next generation starts, and then the former is told to stop."""
    new = fleet.start(*old.words, balanced=old.balanced, home=old.home)
    assert old.stop() == 0, fleet.log()
    fleet.gone(old)
    return new


def kill(fleet: Fleet, old: Member) -> Member:
    """All its processes are killed, and it is started again."""
    old.kill()
    fleet.gone(old)
    return fleet.start(*old.words, balanced=old.balanced, home=old.home)


def again_and_again(
    fleet: Fleet, upset: Callable[[Fleet, Member], Member], *, seconds: float, pause: float
) -> int:
    """For so long do it to one server after another, with a pause between; answers how often."""
    end, times = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        time.sleep(pause)
        upset(fleet, random.choice([one for one in fleet.members if one.balanced]))
        times += 1
    return times
