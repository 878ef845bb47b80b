"""The gate: where SSH logins come in, and from where they go into nodes.

A small process of its own (`python -m gcf_am.drivers.host.gate DIRECTORY`), so that sessions go
on while the aggregate is restarted. It listens on the port of every node in the journal; the far
half of a connection is a socket born in the node's network namespace, so that the machine needs
no address, route or rule towards nodes. Whoever connects to its own socket, `gate` in the
directory, and says an address makes it look at the journal again; it answers with the ports that
could not be opened there, and whether it stays: when no node is left it ends. A node that is
frozen has no port.
"""

import asyncio
import fcntl
import json
import os
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gcf_am.drivers.host.doors import SSH, socket_in
from gcf_am.drivers.host.journal import Journal
from gcf_am.manager.ports import DriverError

SOCKET: Final = "gate"
LOCK: Final = "gate.lock"
_PIECE: Final = 65536
# Connections to one node at a time; sshd itself admits ten that are not logged in.
_MOST: Final = 128
_PATIENCE: Final = 10.0  # seconds


@dataclass(slots=True)
class _Door:
    """An open port: where it leads, and who is passing."""

    net: str
    address: str
    server: asyncio.Server
    passing: set[asyncio.Task[None]] = field(default_factory=set)


class Gate:
    """All open ports of one journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._doors: dict[int, _Door] = {}
        self._looking = asyncio.Lock()
        self.done = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Look at the journal again for one who asks."""
        try:
            address = (await reader.readline()).decode("ascii").strip()
            async with self._looking:
                failed = await self._look(address)
                stays = bool(self._doors or failed)
            writer.write(json.dumps({"failed": failed, "stays": stays}).encode() + b"\n")
            await writer.drain()
        except (OSError, UnicodeDecodeError):
            return
        finally:
            writer.close()
            if not self._doors:
                self.done.set()

    async def _look(self, address: str) -> dict[int, str]:
        """Close ports whose nodes are gone, open those of new ones; answers what failed."""
        try:
            frozen = self._journal.frozen()
            nodes = [one for one in self._journal.standing().values() if one.sliver not in frozen]
        except DriverError as error:
            return {0: str(error)}
        wanted = {one.port: one.net for one in nodes if one.port is not None and one.net}
        for port, door in list(self._doors.items()):
            if (door.net, door.address) != (wanted.get(port), address):
                del self._doors[port]
                door.server.close()
                for task in door.passing:
                    task.cancel()
        failed = {}
        for port in wanted.keys() - self._doors.keys():
            try:
                await self._open(port, wanted[port], address)
            except OSError as error:
                failed[port] = error.strerror or str(error)
        return failed

    async def _open(self, port: int, net: str, address: str) -> None:
        passing: set[asyncio.Task[None]] = set()

        async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is None or len(passing) >= _MOST:
                writer.close()
                return
            passing.add(task)
            try:
                with suppress(OSError, TimeoutError, asyncio.CancelledError):
                    await _pass(reader, writer, Path(net))
            finally:
                passing.discard(task)
                writer.transport.abort()

        server = await asyncio.start_server(enter, address, port, limit=_PIECE)
        self._doors[port] = _Door(net, address, server, passing)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, net: Path) -> None:
    """Carry bytes both ways until both sides have said that they are done."""
    inside = await asyncio.to_thread(socket_in, net)
    try:
        inside.setblocking(False)
        loop = asyncio.get_running_loop()
        await asyncio.wait_for(loop.sock_connect(inside, ("127.0.0.1", SSH)), _PATIENCE)
        from_node, to_node = await asyncio.open_connection(sock=inside, limit=_PIECE)
    except BaseException:
        inside.close()
        raise
    ways = [
        asyncio.create_task(_carry(reader, to_node)),
        asyncio.create_task(_carry(from_node, writer)),
    ]
    try:
        await asyncio.gather(*ways)
    finally:
        for way in ways:
            way.cancel()
        to_node.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
    writer.write_eof()


async def _serve(journal: Journal, listening: socket.socket) -> None:
    gate = Gate(journal)
    server = await asyncio.start_unix_server(gate.answer, sock=listening)
    await gate.done.wait()
    server.close()


def main() -> None:
    """Be the gate of a directory, unless it has one; the caller returns when it listens."""
    directory = Path(sys.argv[1])
    # a socket's path may have 107 bytes: it is named from where it lies
    os.chdir(directory)
    os.umask(0o077)
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    Path(SOCKET).unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(SOCKET)
    listening.listen()
    if os.fork():
        os._exit(0)  # who comes from now on is answered by the child, which has the lock, too
    os.setsid()
    try:
        asyncio.run(_serve(Journal(directory), listening))
    finally:
        Path(SOCKET).unlink(missing_ok=True)
    os._exit(0)  # the last node's removal waits for this; there is nothing to put away


if __name__ == "__main__":
    main()
