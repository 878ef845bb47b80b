"""XML that means harm is refused in words, in bounded time and memory."""

import json
import socket
import subprocess
import sys
from functools import cache

import pytest

from tests.security.xml import attacks
from tests.unit.rspec.samples import RSPEC

WANTED = {
    name: wanted
    for group in (attacks.REQUESTS, attacks.BYTES, attacks.SITES, attacks.CREDENTIALS)
    for name, (_, wanted) in group.items()
}
# they are all read by one process
pytestmark = pytest.mark.xdist_group("xml-attacks")


@cache
def results() -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.security.xml.attacks"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", WANTED)
def test_it_is_refused_in_words_or_read(name: str) -> None:
    outcome = results()[name]
    if WANTED[name] == attacks.READ:
        assert outcome == attacks.READ
    else:
        assert WANTED[name] in outcome
        assert len(outcome) < 1000


def test_schema_locations_are_not_fetched() -> None:
    """A schema is a file of ours, whatever a document says of where its own are."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        place = f"http://127.0.0.1:{listener.getsockname()[1]}/x.xsd"
        named = f"{RSPEC} {place} {attacks.EMULAB} {place} u {place}"
        more = f'xmlns:i="{attacks.XSI}" i:schemaLocation="{named}"'
        attacks.read(attacks.request(f'<node client_id="a"><a xmlns="u" {more}/></node>', more))
        with pytest.raises(BlockingIOError):
            listener.accept()
