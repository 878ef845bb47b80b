"""gcf-omni ssh opens a shell on a real node."""

import json
import subprocess

from tests.functional.rspecs import node, request
from tests.functional.running import BIN, Slice, eventually


def ssh(
    slice_: Slice, *words: str, told: str = "", well: bool = True
) -> subprocess.CompletedProcess[str]:
    config = str(slice_.owner.at.home / "omni_config")
    command = [str(BIN / "gcf-omni"), "-c", config, "ssh", slice_.urn, *words]
    done = subprocess.run(
        command, capture_output=True, text=True, input=told, timeout=300, check=False
    )
    assert not well or done.returncode == 0, done.stderr
    return done


def test_a_shell_with_the_login_of_the_manifest(slice_: Slice) -> None:
    key = (slice_.owner.at.home / "certs" / "alice-ssh.pub").read_text("ascii").strip()
    users = [{"urn": "urn:publicid:IDN+gcf.local+user+alice", "keys": [key]}]
    made = slice_.running(request(node("a"), node("b")), geni_users=users)
    assert ssh(slice_, "a", "--", "hostname; id -un").stdout.split() == ["a", "alice"]
    assert ssh(slice_, made["b"], "--", "hostname").stdout == "b\n"
    # what ssh says and ends with, it says and ends with
    assert ssh(slice_, "a", "--", "echo no >&2; exit 7", well=False).returncode == 7
    # a shell reads what is typed
    assert "typed by alice" in ssh(slice_, "a", told='echo "typed by $(id -un)"\n').stdout

    hosts = slice_.owner.at.home / "omni_config.known_hosts"
    kept = hosts.read_text("ascii")
    assert sorted(line.split()[0].lower() for line in kept.splitlines()) == sorted(
        urn.lower() for urn in made.values()
    )
    # another machine in a node's place is refused
    a, b = sorted(kept.splitlines())
    hosts.write_text(f"{a.split()[0]} {b.partition(' ')[2]}\n", "ascii")
    first = min(made, key=made.__getitem__)
    refused = ssh(slice_, first, "--", "hostname", well=False)
    assert refused.returncode == 255
    assert "Host key verification failed" in refused.stderr
    # of a node that takes the port of one that is gone the key is new, and no drama
    slice_.done("Delete", urns=[made["a"]])
    eventually(lambda: made["a"] not in slice_.slivers(), what="gone")
    again = slice_.running(request(node("c")), geni_users=users)
    assert again.keys() >= {"c"}
    assert ssh(slice_, "c", "--", "hostname").stdout == "c\n"
    told = json.loads(ssh(slice_, "c", "--json").stdout)
    assert (told["user"], told["host"], told["node"]) == ("alice", "127.0.0.1", again["c"])
