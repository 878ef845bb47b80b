"""Processes of gcf-am on one home, in whatever number, and a file that says where they answer."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from gcf_am.cli.home import make_home
from gcf_am.config import Config
from gcf_am.store import open_store
from gcf_am.store.log import open_log
from gcf_am.store.tables import EVENTS
from tests.functional.running import BIN, PATIENCE, Running, Slice, configure
from tests.properties.verbs.documents import write_site


@dataclass
class Member:
    """One of them, with all its processes; `urls` are where it answers.

    `words` are those it was started with, on which home where it is not the fleet's.
    """

    process: subprocess.Popen[str]
    urls: tuple[str, ...]
    balanced: bool = True
    words: tuple[str, ...] = ()
    home: Path | None = None

    def stop(self) -> int:
        self.process.terminate()
        return self.wait()

    def kill(self) -> int:
        """All its processes at once."""
        assert os.getpgid(self.process.pid) == self.process.pid
        os.killpg(self.process.pid, signal.SIGKILL)
        return self.wait()

    def wait(self) -> int:
        status = self.process.wait(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status


@dataclass
class Fleet:
    """A home whose site is small, and who serves it."""

    home: Path
    config: Config
    members: list[Member] = field(default_factory=list)
    _known: list[Running] = field(default_factory=list)

    @classmethod
    def make(cls, home: Path, url: str | None = None, **changes: str) -> Fleet:
        """A new home, its database at `url`; `changes` are keys of its configuration."""
        values: dict[tuple[str, str], object] = {("driver", "name"): "simulated"}
        if url is not None:
            values["store", "url"] = url
        config = make_home(home, values)
        (home / "site.xml").write_text(write_site(), "utf-8")
        configure(home, refusals="0", **changes)
        fleet = cls(home, config)
        fleet.note()
        return fleet

    def elsewhere(self, home: Path) -> Path:
        """A home like the fleet's, as on another host, for the same database."""
        own = shutil.ignore_patterns("gcf_am.sqlite*", "simulated", ".lock", ".served", "log")
        shutil.copytree(self.home, home, ignore=own)
        return home

    @property
    def servers(self) -> Path:
        """The file that names the servers."""
        return self.home / "servers.json"

    def start(self, *words: str, balanced: bool = True, home: Path | None = None) -> Member:
        """Start `gcf-am up`, `serve` or `reconcile` and wait until it is ready.

        Only one that is `balanced` is among the servers that clients know.
        """
        command: list[str | Path] = [BIN / "gcf-am", *words, "--home", home or self.home]
        if words[0] != "reconcile":
            command += ["--port", "0"]
        if words[0] == "up":
            command += ["--ch-port", "0"]
        member = self.launched(command, balanced=balanced)
        member.words, member.home = words, home
        return member

    def launched(
        self,
        command: list[str | Path],
        *,
        balanced: bool = True,
        descriptors: tuple[int, ...] = (),
    ) -> Member:
        with (self.home / "log").open("a") as log:
            process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
                pass_fds=descriptors,
            )
        assert process.stdout is not None
        while (line := process.stdout.readline()) and not line.startswith("ready:"):
            continue
        if not line:
            process.wait(PATIENCE)
            process.stdout.close()
            raise AssertionError("no ready line:\n" + self.log())
        urls = tuple(re.findall(r"https://[^\s,]+", line))
        member = Member(process, urls, balanced)
        self.members.append(member)
        self.note()
        return member

    def note(self) -> None:
        """Write down where the aggregate answers; its URL is each member's last."""
        urls = [one.urls[-1] for one in self.members if one.urls and one.balanced]
        new = self.servers.with_suffix(".new")
        new.write_text(json.dumps(urls))
        new.replace(self.servers)

    def gone(self, member: Member) -> None:
        """A member is no more."""
        self.members.remove(member)
        self.note()

    def stop(self) -> list[int]:
        """Stop all, and answer their statuses."""
        for one in self.members:
            one.process.terminate()
        statuses = [one.wait() for one in self.members]
        self.members.clear()
        self._hang_up()
        return statuses

    def kill(self) -> None:
        """End what is left of them."""
        for one in self.members:
            one.kill()
        self.members.clear()
        self._hang_up()

    def held(self) -> dict[tuple[str, str], int]:
        """What is held now."""
        store = open_store(self.config.database_url, authority="gcf.local", busy_seconds=60)
        with closing(store), store.read() as unit:
            return dict(unit.held())

    def events(self) -> int:
        """How many rows the log has: changes, and the ends of calls."""
        with closing(open_log(self.config.database_url)) as log, log.reading() as transaction:
            return int(transaction.read(select(func.count()).select_from(EVENTS)).scalar_one())

    def log(self) -> str:
        return (self.home / "log").read_text("utf-8")

    def running(self, up: Member) -> Running:
        """The same as the other tests know it."""
        clearinghouse, aggregate = up.urls
        self._known.append(Running(self.home, up.process, clearinghouse, aggregate))
        return self._known[-1]

    def _hang_up(self) -> None:
        """Close the connections that the tests' own calls kept."""
        for line in (line for one in self._known for line in one.lines.values()):
            line.close()

    def slices(self, up: Member, count: int) -> list[Slice]:
        """New slices, whose owners take turns."""
        running = self.running(up)
        people = [running.person(name) for name in ("alice", "bob")]
        return [people[number % 2].new_slice() for number in range(count)]
