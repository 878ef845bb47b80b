"""Trust that changes while the aggregate runs: roots, revocation lists, denials, speaking tools.

One installation with two processes that serve, whose trust roots these tests change.
"""

import sqlite3
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from gcf_am.trust import issue
from gcf_am.trust.issue import Identity
from tests.functional.answers import checked
from tests.functional.federation import HomePki
from tests.functional.rspecs import example
from tests.functional.running import (
    BIN,
    GENI3,
    Running,
    configure,
    copied,
    credential,
    eventually,
    let_speak,
    proxy,
    start,
)
from tests.pki import NOW, Pki, crl, crl_pem, key, write_identity
from tests.speaking import speaks_for

ALLOWED: Final = 12  # Status of a slice without slivers
FORBIDDEN: Final = 3
WORKERS: Final = 2
LOOKS_EVERY: Final = 1.0  # seconds, as gcf_am.app.application has them
# one installation for all of these
pytestmark = pytest.mark.xdist_group("trust")


@dataclass(frozen=True)
class Live:
    """The installation, its authorities' keys, and calls on connections of their own."""

    at: Running
    pki: HomePki
    folder: Path

    @property
    def roots(self) -> Path:
        return self.at.home / "trusted_roots"

    def connect(self, who: Identity) -> xmlrpc.client.ServerProxy:
        name = f"{who.urn.authority}-{who.urn.name}-{who.certificate.fingerprint[:8]}"
        files = write_identity(who, self.folder, name)
        return proxy(self.at.am_url, *files, self.at.home / "certs" / "ch-cert.pem")

    def call(self, who: Identity, method: str, *args: object) -> dict[str, Any]:
        with self.connect(who) as aggregate:
            return checked(getattr(aggregate, method)(*args))

    def everywhere(self, change: Callable[[], object], said: str) -> None:
        """Change something; returns when each process that serves goes by it, and the log says so.

        Whoever is asked looks first, if the last look was long enough ago. Lines cannot be counted:
        processes that do not serve look, too.
        """
        before = self.at.log().count(said)
        change()
        changed = time.monotonic()

        def heard() -> bool:
            with self.connect(self.pki.user("alice")) as aggregate:
                aggregate.GetVersion()
            looked = time.monotonic() > changed + LOOKS_EVERY
            return looked and self.at.log().count(said) > before

        eventually(heard, what=said)


@pytest.fixture(scope="module")
def live(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    home = copied(template, tmp_path_factory.mktemp("trust") / "home")
    configure(home, workers=str(WORKERS))
    running = start(home)
    yield Live(running, HomePki(home), tmp_path_factory.mktemp("people"))
    assert running.stop() == 0, running.log()


def status(live: Live, who: Identity, slice_urn: object, *texts: str, **options: object) -> Any:
    """The code of Status, and what was said."""
    items = [credential(text) for text in texts]
    answer = live.call(who, "Status", [str(slice_urn)], items, options)
    return answer["code"]["geni_code"], answer["output"]


def socket_of(server: xmlrpc.client.ServerProxy) -> object:
    """What the client keeps open between calls."""
    connection = server("transport")._connection[1]
    return None if connection is None else connection.sock


def test_a_root_comes_and_goes_and_open_connections_stay(live: Live) -> None:
    other = Pki("other.example")
    zoe, s1 = other.user("zoe"), other.slice("s1")
    alice = live.pki.user("alice")
    mine = live.pki.slice("stays")
    creds = [credential(live.pki.slice_credential(alice, mine))]
    file = live.roots / "other.pem"
    with live.connect(alice) as kept:

        def is_well() -> None:
            answer = kept.Status([mine.urn.text], creds, {})
            assert isinstance(answer, dict)
            assert answer["code"]["geni_code"] == ALLOWED

        is_well()
        socket = socket_of(kept)
        added = f"trusted: {other.root.urn} from other.pem"
        live.everywhere(lambda: file.write_text(other.root.certificate.pem), added)
        is_well()
        hers = [credential(other.slice_credential(zoe, s1))]
        with live.connect(zoe) as open_:

            def code() -> object:
                answer = open_.Status([s1.urn.text], hers, {})
                assert isinstance(answer, dict)
                return answer["code"]["geni_code"]

            assert code() == ALLOWED
            file.unlink()
            # she is still connected, and nobody any more
            eventually(lambda: code() == FORBIDDEN, what="forgotten")
        is_well()
        assert socket_of(kept) is socket


def test_a_root_that_becomes_garbage_keeps_what_it_was(live: Live) -> None:
    alice, s1 = live.pki.user("alice"), live.pki.slice("garbage")
    file = live.roots / "ch-cert.pem"
    good = file.read_bytes()
    try:
        said = "ch-cert.pem: a certificate in it is missing, cut off or damaged"
        live.everywhere(lambda: file.write_bytes(good[:200]), said)
        text = live.pki.slice_credential(alice, s1)
        assert status(live, alice, s1.urn, text)[0] == ALLOWED
        command: list[str | Path] = [BIN / "gcf-am", "check-config", "--home", live.at.home]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        assert told.returncode == 1
        assert "ch-cert.pem: a certificate in it is missing" in told.stdout
    finally:
        file.write_bytes(good)


def test_a_second_root_for_our_namespace_is_refused(live: Live) -> None:
    twin = issue.make_root("gcf.local", now=NOW, key=key("twin", 9))
    file = live.roots / "aaa.pem"
    try:
        said = "and neither vouches for the other: aaa.pem is refused"
        live.everywhere(lambda: file.write_text(twin.certificate.pem), said)
        assert "aaa.pem and ch-cert.pem are for the same namespace" in live.at.log()
        ma = issue.make_authority(twin, "ma", now=NOW, key=key("twin", 10))
        minted = issue.make_user(ma, "alice", now=NOW, key=live.pki.user("alice").key)
        alice, s1 = live.pki.user("alice"), live.pki.slice("twin")
        text = live.pki.slice_credential(minted, s1)
        code, output = status(live, alice, s1.urn, text)
        assert (code, "does not lead to a trusted root" in output) == (FORBIDDEN, True)
    finally:
        file.unlink()


def test_who_is_denied_is_refused_at_once_on_an_open_connection(live: Live) -> None:
    eve, s1 = live.pki.user("eve"), live.pki.slice("denied")
    text = live.pki.slice_credential(eve, s1)
    other = live.pki.slice_credential(live.pki.user("alice"), s1)
    with live.connect(eve) as kept:

        def ask() -> Any:
            return kept.Status([s1.urn.text], [credential(text)], {})

        assert ask()["code"]["geni_code"] == ALLOWED
        command: list[str | Path] = [BIN / "gcf-am", "trust", "deny", eve.urn.text]
        command += ["--home", live.at.home]
        subprocess.run(command, check=True, capture_output=True)
        eventually(lambda: ask()["code"]["geni_code"] == FORBIDDEN, what="denied")
        assert "is refused at this aggregate" in ask()["output"]
    assert status(live, live.pki.user("alice"), s1.urn, other)[0] == ALLOWED


# ------------------------------------------------------------------------------ revocation


@dataclass(frozen=True)
class Role:
    """A call in which one certificate has this role; `revoked` by `issuer`."""

    revoked: Identity
    issuer: Identity
    caller: Identity
    slice_urn: str
    credentials: tuple[dict[str, str], ...]
    options: dict[str, object]


def _role(
    pki: HomePki,
    revoked: Identity,
    issuer: Identity,
    caller: Identity,
    text: str,
    word: str = "",
    **options: object,
) -> Role:
    words = ({"geni_type": "geni_abac", "geni_version": "1", "geni_value": word},) if word else ()
    return Role(
        revoked, issuer, caller, pki.slice("roles").urn.text, (credential(text), *words), options
    )


def roles(pki: HomePki) -> dict[str, Role]:
    """Every certificate of a call: FED 3.6."""
    s1 = pki.slice("roles")
    bob = pki.user("bob")
    peer, old, giver, spoken = (pki.user(name) for name in ("peer", "old", "giver", "spoken"))
    renewed = pki.renewed(old)
    sa = issue.make_authority(pki.root, "sa", now=NOW, key=key("roles", 1))
    ma = issue.make_authority(pki.root, "ma", now=NOW, key=key("roles", 2))
    member = issue.make_user(ma, "member", now=NOW, key=key("roles", 3))
    portal, fine = pki.tool("portal"), pki.tool("fine")
    target = pki.slice("roles", sa=pki.sa)
    of_slice = Identity(key(pki.authority, 0), target.chain)
    given = pki.delegated(pki.slice_credential(giver, s1), giver, bob, privileges=("control",))
    alices = pki.slice_credential(pki.user("alice"), s1)
    return {
        "TLS peer": _role(pki, peer, pki.ma, peer, pki.slice_credential(peer, s1)),
        "owner": _role(pki, old, pki.ma, renewed, pki.slice_credential(old, s1)),
        "target": _role(pki, of_slice, pki.sa, bob, pki.slice_credential(bob, target)),
        "signer": _role(pki, sa, pki.root, bob, pki.slice_credential(bob, s1, signer=sa)),
        "authority of the owner": _role(
            pki, ma, pki.root, member, pki.slice_credential(member, s1)
        ),
        "owner of the parent": _role(pki, giver, pki.ma, bob, given),
        "tool": _role(
            pki,
            portal,
            pki.ma,
            portal,
            alices,
            speaks_for(pki.user("alice"), portal),
            geni_speaking_for=pki.user("alice").urn.text,
        ),
        "user spoken for": _role(
            pki,
            spoken,
            pki.ma,
            fine,
            pki.slice_credential(spoken, s1),
            speaks_for(spoken, fine),
            geni_speaking_for=spoken.urn.text,
        ),
    }


ROLES: Final = (
    "TLS peer",
    "owner",
    "target",
    "signer",
    "authority of the owner",
    "owner of the parent",
    "tool",
    "user spoken for",
)


@pytest.fixture(scope="module")
def tools(live: Live) -> None:
    """Tools of this federation may speak for users."""
    live.everywhere(lambda: let_speak(live.at.home), "from ch-cert.pem tools *")


@pytest.fixture(scope="module")
def revoked(live: Live, tools: None) -> dict[str, tuple[Role, int]]:
    """Each role with the code of its call before everything was revoked; by then it is."""
    del tools
    found = roles(live.pki)
    assert tuple(found) == ROLES
    before = {name: (one, ask(live, one)["code"]["geni_code"]) for name, one in found.items()}

    def revoke() -> None:
        for issuer in (live.pki.root, live.pki.sa, live.pki.ma):
            mine = [one.revoked for one in found.values() if one.issuer is issuer]
            (live.roots / f"{issuer.urn.name}.crl").write_bytes(crl_pem(crl(issuer, *mine)))

    live.everywhere(revoke, "the revocation list of CN=gcf.local.authority.ma is out of date")
    return before


def ask(live: Live, role: Role) -> dict[str, Any]:
    return live.call(role.caller, "Status", [role.slice_urn], list(role.credentials), role.options)


@pytest.mark.parametrize("name", ROLES)
def test_a_revoked_certificate_counts_in_no_role(
    live: Live, revoked: dict[str, tuple[Role, int]], name: str
) -> None:
    role, before = revoked[name]
    assert before == ALLOWED
    answer = ask(live, role)
    assert (answer["code"]["geni_code"], answer["code"]["am_code"]) == (FORBIDDEN, 23)
    assert "revoked" in answer["output"]


# ------------------------------------------------------------------------------ speaking tools


def events(live: Live, subject: str) -> list[tuple[str, str, str]]:
    """Verb, caller and tool of what happened to a sliver."""
    with closing(sqlite3.connect(live.at.home / "gcf_am.sqlite")) as database:
        rows = database.execute(
            "SELECT verb, caller, tool FROM events WHERE subject = ? ORDER BY id", (subject,)
        )
        return [(verb, caller, tool) for verb, caller, tool in rows]


def test_a_tool_acts_for_a_user_and_both_are_on_record(live: Live, tools: None) -> None:
    # R109, R110, R111; FED 4.6
    del tools
    pki, alice, tool = live.pki, live.pki.user("carol"), live.pki.tool("web")
    s1 = pki.slice("spoken")
    word = {"geni_type": "geni_abac", "geni_version": "1", "geni_value": speaks_for(alice, tool)}
    creds = [word, credential(pki.slice_credential(alice, s1))]
    as_alice = {"geni_speaking_for": alice.urn.text}
    for options in ({}, {"geni_speaking_for": pki.user("bob").urn.text}):
        answer = live.call(tool, "Allocate", s1.urn.text, creds, example("one-node"), options)
        assert answer["code"]["geni_code"] == FORBIDDEN
    made = live.call(tool, "Allocate", s1.urn.text, creds, example("one-node"), as_alice)
    assert made["code"]["geni_code"] == 0, made["output"]
    urn = made["value"]["geni_slivers"][0]["geni_sliver_urn"]
    # it is alice's, who goes on in person; the tool alone is nobody
    own = creds[1:]
    assert live.call(alice, "Describe", [urn], own, dict(GENI3))["code"]["geni_code"] == 0
    assert live.call(tool, "Delete", [urn], own, {})["code"]["geni_code"] == FORBIDDEN
    assert live.call(alice, "Delete", [urn], own, {})["code"]["geni_code"] == 0
    assert events(live, urn)[:1] == [("Allocate", alice.urn.text, tool.urn.text)]
    assert ("Delete", alice.urn.text, "") in events(live, urn)
    assert f"{alice.urn} by {tool.urn} Allocate code=0" in live.at.log()


def test_getversion_tells_whether_tools_may_speak(live: Live, alice: Any, tools: None) -> None:
    del tools
    word = {"geni_type": "geni_abac", "geni_version": "1"}
    value = live.call(live.pki.user("alice"), "GetVersion")["value"]
    assert word in value["geni_credential_types"]
    assert value["geni_handles_speaksfor"] is True
    # the shared installation lets none
    value = alice.am("GetVersion")["value"]
    assert word not in value["geni_credential_types"]
    assert value["geni_handles_speaksfor"] is False


# ------------------------------------------------------------------------------ slices again


def test_another_slice_of_the_same_name_is_another_slice(live: Live) -> None:
    """FED 4.4: every call of the new slice's owner is blind to what the old one has."""
    pki, alice, bob = live.pki, live.pki.user("alice"), live.pki.user("bob")
    old = pki.slice("reborn")
    olds = [credential(pki.slice_credential(alice, old))]
    made = live.call(alice, "Allocate", old.urn.text, olds, example("one-node"), {})
    urn = made["value"]["geni_slivers"][0]["geni_sliver_urn"]
    new = pki.slice("reborn", again=True)
    assert (new.urn, new.uuid != old.uuid) == (old.urn, True)
    news = [credential(pki.slice_credential(bob, new))]
    later = (NOW + timedelta(hours=1)).isoformat()

    def codes(by: Identity, creds: list[dict[str, str]], named: str) -> list[int]:
        calls: list[tuple[Any, ...]] = [
            ("Status", [named], creds, {}),
            ("Describe", [named], creds, dict(GENI3)),
            ("Renew", [named], creds, later, {}),
            ("Provision", [named], creds, dict(GENI3)),
            ("PerformOperationalAction", [named], creds, "geni_start", {}),
            ("Cancel", [named], creds, {}),
            ("Delete", [named], creds, {}),
        ]
        return [live.call(by, *call)["code"]["geni_code"] for call in calls]

    # by the slice's name nothing is there; by the sliver's own name it is another's
    describe_is_empty = [12, 0, 12, 12, 12, 12, 12]
    assert codes(bob, news, new.urn.text) == describe_is_empty
    assert codes(bob, news, urn) == [FORBIDDEN] * 7
    # and the old slice's owner has lost nothing
    assert live.call(alice, "Status", [urn], olds, {})["code"]["geni_code"] == 0
    assert live.call(alice, "Delete", [urn], olds, {})["code"]["geni_code"] == 0
