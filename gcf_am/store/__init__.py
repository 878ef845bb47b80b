"""Remembers slices, slivers, holds and events; SQLAlchemy Core over SQLite."""

from gcf_am.store.repository import SqlStore, open_store

__all__ = ["SqlStore", "open_store"]
