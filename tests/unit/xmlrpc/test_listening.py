"""A socket that whoever started the process gave it, as sd_listen_fds(3) says."""

import os
import subprocess
import sys
from pathlib import Path

from gcf_am.xmlrpc.server import bind, given

ROOT = Path(__file__).parents[3]
ASK = """
import os
from gcf_am.xmlrpc.server import given
try:
    listen = given()
except (OSError, ValueError) as error:
    print(error)
else:
    told = "nothing" if listen is None else listen.getsockname()[1]
    print(told, sorted(one for one in os.environ if one.startswith("LISTEN_")), given())
"""
# the third descriptor is the socket's, the process's number is its own
START = 'exec 3<&{} && LISTEN_PID={} LISTEN_FDS={} exec "{}" -c "$ASK"'


def asked(descriptor: int, *, pid: str = "$$", count: int = 1) -> str:
    command = START.format(descriptor, pid, count, sys.executable)
    return subprocess.run(
        ["/bin/bash", "-c", command],
        env={**os.environ, "ASK": ASK},
        pass_fds=[descriptor],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=True,
    ).stdout.strip()


def test_the_socket_that_was_given_is_taken_once() -> None:
    with bind("127.0.0.1", 0) as listen:
        assert asked(listen.fileno()) == f"{listen.getsockname()[1]} [] None"


def test_what_was_given_to_another_process_is_not_taken() -> None:
    with bind("127.0.0.1", 0) as listen:
        assert asked(listen.fileno(), pid="1").startswith("nothing")
    assert given() is None


def test_one_socket_that_listens_is_wanted(tmp_path: Path) -> None:
    with bind("127.0.0.1", 0) as listen:
        assert "2 sockets were given" in asked(listen.fileno(), count=2)
        listen.close()
    with (tmp_path / "file").open("w+") as file:
        assert "non-socket" in asked(file.fileno())
