"""The turns that are neither action nor wait: every state has its row, and no dead end."""

import pytest

from gcf_am.model.states import CHANGED, OPERATIONAL, OperationalState

O = OperationalState  # noqa: E741 - as in the tables


@pytest.mark.parametrize("state", OperationalState)
def test_changed_contents(state: OperationalState) -> None:
    after = CHANGED[state]
    # a wait state: the driver is at work
    assert OPERATIONAL[after].waits
    expected = {
        O.PENDING_ALLOCATION: O.PENDING_ALLOCATION,
        O.NOTREADY: O.PENDING_ALLOCATION,
        O.FAILED: O.PENDING_ALLOCATION,
        O.READY: O.CONFIGURING,
        O.CONFIGURING: O.CONFIGURING,
        O.UPDATING_USERS: O.CONFIGURING,
        O.STOPPING: O.STOPPING,
    }
    assert after is expected[state]
