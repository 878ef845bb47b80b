"""Finding room: choose, lock what was chosen, count again, and choose again if it is gone."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, TypeVar

from gcf_am.errors import Busy
from gcf_am.manager.ports import Unit
from gcf_am.model.sliver import Contents
from gcf_am.urn import Urn

T = TypeVar("T")
Held = Mapping[tuple[str, str], int]

_ROUNDS: Final = 8


def with_room(
    unit: Unit,
    choose: Callable[[Held], T],
    chosen: Callable[[T], Iterable[Contents]],
    *,
    without: Collection[Urn] = (),
) -> T:
    """What `choose` answers for the holds of all others, when it is still to be had.

    The slice's row is locked already; the rows of the components come next, in id order, before
    the holds that count are summed (decision 1). `chosen` are the contents in an answer,
    `without` the slivers whose own holds do not stand in their way. Raises what `choose` raises,
    and Busy when others are faster again and again.
    """
    locked: set[str] = set()
    held = unit.held(without=without)
    for _ in range(_ROUNDS):
        answer = choose(held)
        amounts = {(hold.component, hold.dimension) for one in chosen(answer) for hold in one.holds}
        wanted = {component for component, _ in amounts}
        if wanted <= locked:
            return answer
        unit.lock_components(sorted(wanted - locked))
        locked |= wanted
        now_held = unit.held(without=without)
        # what others took or gave back elsewhere makes no difference to it
        if all(now_held.get(one) == held.get(one) for one in amounts):
            return answer
        held = now_held
    raise Busy("the components asked for change hands too quickly; try again")
