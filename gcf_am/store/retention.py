"""What is let go of after its time: ended slivers, and frames of nobody."""

from datetime import datetime

from sqlalchemy import delete, exists, select

from gcf_am.model.states import AllocationState
from gcf_am.store.tables import FRAMES, SHARES, SLIVERS
from gcf_am.store.transaction import Transaction


def remove_ended(transaction: Transaction, before: datetime, limit: int) -> int:
    """Remove records of slivers that are over and would have expired before; answers how many.

    What their driver still has to destroy stays. Their URNs are not used again: the counter goes on.
    """
    over = (
        select(SLIVERS.c.urn)
        .where(
            SLIVERS.c.allocation == AllocationState.UNALLOCATED.value,
            SLIVERS.c.expires < before,
            SLIVERS.c.step.is_(None),
        )
        .order_by(SLIVERS.c.expires)
        .limit(limit)
        # another process may be at it, too
        .with_for_update(skip_locked=True)
    )
    urns = list(transaction.read(over).scalars())
    if urns:
        transaction.write(delete(SHARES).where(SHARES.c.sliver.in_(urns)))
        transaction.write(delete(SLIVERS).where(SLIVERS.c.urn.in_(urns)))
    return len(urns)


def remove_frames(transaction: Transaction, after: str, limit: int) -> str | None:
    """Remove what no sliver points to from a page of frames behind the digest `after`.

    Answers the page's last digest, None when there was no page.
    """
    page = select(FRAMES.c.digest).where(FRAMES.c.digest > after).order_by(FRAMES.c.digest)
    digests: list[str] = list(transaction.read(page.limit(limit)).scalars())
    if not digests:
        return None
    # a unit that is about to point to one has it locked; from now on none can
    locked = select(FRAMES.c.digest).where(FRAMES.c.digest.in_(digests))
    free = list(transaction.read(locked.with_for_update(skip_locked=True)).scalars())
    nobodys = (
        ~exists().where(SLIVERS.c.frame == FRAMES.c.digest),
        ~exists().where(SLIVERS.c.pending_frame == FRAMES.c.digest),
    )
    transaction.write(delete(FRAMES).where(FRAMES.c.digest.in_(free), *nobodys))
    return digests[-1]
