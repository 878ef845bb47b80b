"""The slices that checks work in: made at a clearinghouse, or named by their credentials."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from gcf_am.client.clearinghouse import Clearinghouse
from gcf_am.client.credential_file import Credential


@dataclass(frozen=True, slots=True)
class SliceUnderTest:
    """A slice that nothing else uses while a check has it."""

    urn: str
    credential: Credential

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """What calls on the slice carry."""
        return [dict(self.credential.argument())]

    @property
    def expires(self) -> datetime:
        """Until when its credential counts."""
        return self.credential.expires


class SliceSource(Protocol):
    """Where slices come from; for any thread."""

    @property
    def limited(self) -> bool:
        """Whether there are only so many: then one check works at a time."""
        ...

    @property
    def given(self) -> Sequence[SliceUnderTest]:
        """Those that were there before the run, and may have slivers."""
        ...

    def new(self) -> SliceUnderTest | None:
        """A slice that was not handed out before; None where there is none any more."""
        ...

    def end(self, used: SliceUnderTest) -> None:
        """It is not needed any more."""
        ...


@dataclass
class MadeSlices:
    """Slices with names that `name` gives, made at a clearinghouse when they are wanted.

    Nobody else asks the clearinghouse without the `lock`.
    """

    clearinghouse: Clearinghouse
    authority: str
    name: Callable[[], str]
    lock: threading.Lock
    limited: bool = False
    given: tuple[SliceUnderTest, ...] = ()

    def new(self) -> SliceUnderTest:
        """Make one; raises what the clearinghouse's client does."""
        with self.lock:
            urn = f"urn:publicid:IDN+{self.authority}+slice+{self.name()}"
            return SliceUnderTest(urn, self.clearinghouse.create_slice(urn))

    def end(self, used: SliceUnderTest) -> None:
        """Tell the clearinghouse."""
        with self.lock:
            self.clearinghouse.delete_slice(used.urn)


@dataclass
class GivenSlices:
    """Slices of which the credentials were given; they must be empty at the aggregate."""

    credentials: list[Credential]
    limited: bool = True

    @property
    def given(self) -> list[SliceUnderTest]:
        """Those not handed out yet."""
        return [SliceUnderTest(one.target, one) for one in self.credentials]

    def new(self) -> SliceUnderTest | None:
        """The next one."""
        if not self.credentials:
            return None
        credential = self.credentials.pop(0)
        return SliceUnderTest(credential.target, credential)

    def end(self, used: SliceUnderTest) -> None:
        """They live on: they were not made by us."""


@dataclass
class Pool:
    """Slices that are handed out empty, and come back when they are empty again."""

    source: SliceSource
    idle: list[SliceUnderTest] = field(default_factory=list)
    used: list[SliceUnderTest] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lend(self, *, fresh: bool = False) -> SliceUnderTest | None:
        """A slice; `fresh`: one that the aggregate never heard of. None where there is none."""
        with self._lock:
            if self.idle and not fresh:
                return self.idle.pop()
            made = self.source.new()
            if made is not None:
                self.used.append(made)
            return made

    def give_back(self, one: SliceUnderTest) -> None:
        """It is empty, and may be lent again."""
        with self._lock:
            self.idle.append(one)
