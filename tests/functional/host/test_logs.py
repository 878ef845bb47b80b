"""The log of a whole life tells each step, and nothing that is secret."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.functional.host.logins import KeyPair
from tests.functional.rspecs import link, node, request
from tests.functional.running import Running, Slice, eventually

STEPS = ("prepare", "start", "update_users", "restart", "stop", "destroy")


def secrets(home: Path, *files: Path) -> Iterator[str]:
    """Parts of every private key there is: any line of one would do harm."""
    for file in (*home.rglob("*-key.pem"), *home.rglob("host_key"), *files):
        for line in file.read_text("ascii").splitlines():
            # the first line of OpenSSH's format is the same for all keys
            if not line.startswith("-----") and not line.startswith("b3BlbnNzaC1rZXktdjE"):
                yield line[:24]


def test_each_step_is_told_and_no_key_is(
    served: Running, slice_: Slice, alice_key: KeyPair
) -> None:
    users = [{"urn": "urn:publicid:IDN+gcf.local+user+alice", "keys": [alice_key.public]}]
    inside = '<interface client_id="{0}:0"/>'
    lan = request(
        node("a", inside=inside.format("a")),
        node("b", inside=inside.format("b")),
        link("lan", "a:0", "b:0"),
    )
    made = slice_.running(lan, geni_users=users)
    keys = list(secrets(served.home, alice_key.private))
    assert len(keys) > 20
    slice_.done("PerformOperationalAction", "geni_update_users", geni_users=users)
    slice_.until("geni_ready")
    slice_.done("PerformOperationalAction", "geni_restart")
    slice_.until("geni_ready")
    slice_.done("PerformOperationalAction", "geni_stop")
    slice_.until("geni_notready")
    slice_.done("Delete")

    def ended(step: str) -> bool:
        line = rf" {re.escape(slice_.urn)} {re.escape(made['a'])} {step} \d+\.\d{{3}} s done$"
        return re.search(line, served.log(), re.MULTILINE) is not None

    for step in STEPS:
        eventually(partial(ended, step), what=f"told: {step}")
    log = served.log()
    assert "PRIVATE KEY" not in log
    assert "<signed-credential" not in log
    assert [one for one in keys if one in log] == []
