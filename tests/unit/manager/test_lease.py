from datetime import UTC, datetime, timedelta

import pytest

from gcf_am.errors import OutOfRange
from gcf_am.model.lease import Terms, first_expiry, renewed_expiry

NOW = datetime(2026, 3, 1, 12, 0, 0, 500, tzinfo=UTC)
TERMS = Terms(timedelta(minutes=10), timedelta(hours=2))


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


def whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("wish", "credential", "expires"),
    [
        (None, 60, 10),
        (None, 5, 5),
        (5, 60, 5),
        (60, 600, 60),
        (600, 6000, 120),
        (600, 30, 30),
        (0, 60, 10),
        (-5, 60, 10),
    ],
)
def test_first(wish: float | None, credential: float, expires: float) -> None:
    made = first_expiry(
        TERMS,
        now=NOW,
        credential=minutes(credential),
        wish=None if wish is None else minutes(wish),
    )
    assert made == whole(minutes(expires))


@pytest.mark.parametrize(
    ("wish", "credential", "present", "alap", "expires"),
    [
        (60, 600, 10, False, 60),
        (120, 600, 10, False, 120),
        (121, 600, 10, False, None),
        (60, 30, 10, False, None),
        (5, 600, 60, False, 5),
        (0, 600, 60, False, None),
        (0, 600, 60, True, None),
        (121, 600, 10, True, 120),
        (60, 30, 10, True, 30),
        (60, 30, 50, True, 50),  # lives longer already
        (40, 30, 50, True, 40),  # and is asked to live shorter
    ],
)
def test_renewed(
    wish: float, credential: float, present: float, alap: bool, expires: float | None
) -> None:
    def renewed() -> datetime:
        return renewed_expiry(
            TERMS,
            now=NOW,
            credential=minutes(credential),
            wish=minutes(wish),
            present=whole(minutes(present)),
            alap=alap,
        )

    if expires is None:
        with pytest.raises(OutOfRange) as refused:
            renewed()
        assert str(refused.value.hint).endswith("Z")
    else:
        assert renewed() == whole(minutes(expires))
