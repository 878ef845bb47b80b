"""Logging in with the real ssh, as an experimenter does."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gcf_am.model.sliver import Access, Login


@dataclass(frozen=True, slots=True)
class KeyPair:
    private: Path
    public: str


def new_key_pair(directory: Path) -> KeyPair:
    private = directory / "id"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(private)]
    subprocess.run(make, check=True)
    return KeyPair(private, private.with_suffix(".pub").read_text().strip())


def account(name: str, *keys: KeyPair) -> Login:
    urn = f"urn:publicid:IDN+ch.test+user+{name}"
    return Login(urn, name, tuple(one.public for one in keys))


def command(access: Access, key: KeyPair, name: str, *words: str) -> list[str]:
    options = {
        "BatchMode": "yes",
        "ConnectTimeout": "60",
        "IdentitiesOnly": "yes",
        "LogLevel": "ERROR",
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
    }
    told = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    where = ["-i", str(key.private), "-p", str(access.port), f"{name}@{access.hostname}"]
    return ["ssh", "-F", "none", *told, *where, *words]


def ssh(
    access: Access | None, key: KeyPair, *words: str, name: str = "alice", well: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run a command in the node; `well` asserts that it ended with 0."""
    assert access is not None
    done = subprocess.run(
        command(access, key, name, *words),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert not well or done.returncode == 0, done.stderr
    return done


def says(access: Access | None, key: KeyPair, *words: str, name: str = "alice") -> str:
    """What a command in the node prints."""
    return ssh(access, key, *words, name=name).stdout.strip()


@contextmanager
def session(access: Access, key: KeyPair) -> Iterator[subprocess.Popen[str]]:
    """A session that stays, unless somebody cuts it."""
    words = command(access, key, "alice", "echo in; cat")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as made:
        try:
            assert made.stdout is not None
            assert made.stdout.readline() == "in\n"
            yield made
        finally:
            made.kill()


def is_cut(session: subprocess.Popen[str]) -> bool:
    """Whether a session ends by itself."""
    try:
        session.wait(60)
    except subprocess.TimeoutExpired:
        return False
    return True


def is_let_in(access: Access | None, key: KeyPair, name: str) -> bool:
    done = ssh(access, key, "true", name=name, well=False)
    assert done.returncode == 0 or "Permission denied" in done.stderr, done.stderr
    return done.returncode == 0
