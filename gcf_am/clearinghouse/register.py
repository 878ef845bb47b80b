"""What the clearinghouse remembers: a database of members, slices, projects, and what was done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from gcf_am.clearinghouse.database import open_database
from gcf_am.clearinghouse.tables import EventRow
from gcf_am.errors import AlreadyExists, DatabaseError
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the record: who did what, under which request id, through which tool."""

    at: datetime
    request_id: str
    caller: str
    verb: str
    subject: str
    tool: str = ""


class Register:
    """The clearinghouse's memory, safe in threads.

    The names of slices and projects live from their creation until they end; then they are free
    for new ones, whose UUIDs are others.
    """

    def __init__(self, file: Path) -> None:
        self._engine = open_database(file)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def unit(self) -> Iterator[Session]:
        """One transaction: commits when the block ends well, else leaves no trace.

        Who begins one waits until no other is open (BEGIN IMMEDIATE), so that what was read stays
        true until the end. Raises AlreadyExists where something that must be unique is there
        already, DatabaseError when the database cannot be used.
        """
        try:
            with Session(self._engine) as session, session.begin():
                yield session
        except IntegrityError as error:
            raise AlreadyExists("it is there already") from error
        except SQLAlchemyError as error:
            raise DatabaseError("the clearinghouse's database cannot be used now") from error


def key_of(urn: Urn) -> str:
    """How a URN is compared (decision 27).

    A project's name has no letter case either: it is a part of its slices' authority.
    """
    key = "+".join(urn.key)
    return key.lower() if urn.kind == "project" else key


def record(session: Session, deed: Deed) -> None:
    """Remember what was done, in the transaction that does it."""
    session.add(
        EventRow(
            at=deed.at,
            request_id=deed.request_id,
            caller=deed.caller,
            verb=deed.verb,
            subject=deed.subject,
            tool=deed.tool,
        )
    )
