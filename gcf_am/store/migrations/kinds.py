"""Kinds of columns as the first release on PostgreSQL has them; SQLite's were never changed."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

NUMBER: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")
KEY: Final = sa.String(512).with_variant(sa.Text(collation="C"), "postgresql")


def word(length: int) -> TypeEngine[Any]:
    """A text of about this length."""
    return sa.String(length).with_variant(sa.Text(), "postgresql")
