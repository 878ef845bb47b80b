"""`gcf-am audit` beside a server at work: each call is on record, and who had what stays known."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from click.testing import CliRunner, Result

from gcf_am.cli.am import main
from gcf_am.clock import format_time, parse_time
from tests.functional.rspecs import component, link, node, request
from tests.functional.running import Person, Running, Slice, eventually, free
from tests.functional.test_expiry import pass_by

KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIFqxb9mDzZ5hQ6Jd8Jf0m1tYkq1rVv0m4yJpQbLz3h5K"
ALICE = "urn:publicid:IDN+gcf.local+user+alice"
USERS = [{"urn": ALICE, "keys": [f"ssh-ed25519 {KEY} alice"]}]


def audit(running: Running, *words: str) -> Result:
    return CliRunner().invoke(main, ["audit", *words, "--home", str(running.home)])


def exported(running: Running, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in audit(running, "export", *words).stdout.splitlines()]


def calls_of(slice_: Slice, count: int) -> list[dict[str, Any]]:
    """The calls on record of a slice, once there are so many: they are written each second."""

    def told() -> list[dict[str, Any]]:
        found = exported(slice_.owner.at)
        mine = [one for one in found if (one["kind"], one["slice"]) == ("call", slice_.urn)]
        # each process writes its own in batches
        return sorted(mine, key=lambda one: one["at"]) if len(mine) >= count else []

    return eventually(told, what=f"{count} calls on record")


def test_each_call_is_one_row_with_decision_and_reason(slice_: Slice, bob: Person) -> None:
    # FED 165; 148 by test_trust
    [urn] = slice_.allocate(request(node("a"))).values()
    slice_.done("Status", urns=[urn])
    assert slice_.refused("Status", by=bob) == 3
    assert slice_.refused("Renew", "2125-01-01T00:00:00Z") == 19
    assert slice_.refused("Renew", "tomorrow") == 1
    slice_.done("Delete")
    rows = calls_of(slice_, 5)
    told = [
        (one["verb"], one["caller"].rpartition("+")[2], one["details"]["code"],
         one["details"]["decision"], one["details"]["reason"])
        for one in rows
    ]  # fmt: skip
    # what could not be decoded is about no slice
    assert told == [
        ("Allocate", "alice", 0, "allow", ""),
        ("Status", "alice", 0, "allow", ""),
        ("Status", "bob", 3, "deny", "owner.urn"),
        ("Renew", "alice", 19, "allow", "OUTOFRANGE"),
        ("Delete", "alice", 0, "allow", ""),
    ]
    assert rows[1]["details"]["slivers"] == [urn]
    assert all(one["details"]["ms"] > 0 for one in rows)
    assert all(re.fullmatch("[0-9a-f]{64}", one["fingerprint"]) for one in rows)
    digests = {one["credentials"] for one in rows if one["details"]["decision"] == "allow"}
    assert [re.fullmatch("[0-9a-f]{64}", one) is not None for one in digests] == [True]
    # the changes are rows of the same requests, by the same certificate
    changes = [one for one in exported(slice_.owner.at) if one["subject"] == urn]
    assert [one["verb"] for one in changes] == ["Allocate", "Delete"]
    assert changes[0]["request"] == rows[0]["request"]
    assert changes[0]["fingerprint"] == rows[0]["fingerprint"]
    numbers = Counter(one["request"] for one in exported(slice_.owner.at) if one["kind"] == "call")
    assert set(numbers.values()) == {1}


def test_who_held_a_component_a_port_and_a_tag_is_known_after_the_end(
    slice_: Slice, bob: Person
) -> None:
    # FED 167
    free(bob, "pc1")
    nodes = [
        node("a", host="pc1", inside='<interface client_id="a:0"><ip address="10.77.66.1"'
             ' netmask="255.255.255.0" type="ipv4"/></interface>'),
        node("b", "b:0", host="pc2"),
    ]  # fmt: skip
    made = slice_.provisioned(request(*nodes, link("lan", "a:0", "b:0")))
    # times are told by the second
    during = format_time(datetime.now(UTC) + timedelta(seconds=1))
    pass_by(parse_time(during))
    [tag] = [
        name
        for one in state(slice_.owner.at)
        if one["sliver"] == made["lan"]
        for name, dimension, _ in one["holds"]
        if dimension == "vlan"
    ]
    slice_.done("Delete")
    free(bob, "pc1")
    for resource in ("pc1", component("pc1"), tag, "10.77.66.1"):
        rows = json.loads(audit(slice_.owner.at, "who", resource, "--at", during, "--json").stdout)
        mine = {one["sliver"] for one in rows if one["slice"] == slice_.urn}
        assert mine == {made["lan" if resource == tag else "a"]}, rows
        assert {one["caller"] for one in rows} == {ALICE}
        assert all(one["until"] for one in rows)
    shown = audit(slice_.owner.at, "who", "pc1", "--at", during).stdout
    assert slice_.urn in shown
    assert made["a"] in shown
    now = json.loads(audit(slice_.owner.at, "who", "pc1", "--json").stdout)
    assert slice_.urn not in {one["slice"] for one in now}
    assert audit(slice_.owner.at, "who", "no-such-thing").stdout == "nobody\n"


def state(running: Running, *words: str) -> list[dict[str, Any]]:
    slivers = json.loads(audit(running, "replay", "--json", *words).stdout)["slivers"]
    assert isinstance(slivers, list)
    return slivers


def test_the_replayed_state_is_what_is_held(slice_: Slice) -> None:
    made = slice_.running(request(node("a", "a:0"), node("b", "b:0"), link("l", "a:0", "b:0")))
    told = json.loads(
        CliRunner().invoke(main, ["slivers", "--json", "--home", str(slice_.owner.at.home)]).stdout
    )
    keys = ("slice", "sliver", "kind", "client_id", "allocation", "operational", "expires", "error")
    held = {one["sliver"]: [one[key] for key in keys] for one in told if one["slice"] == slice_.urn}
    found = {one["sliver"]: [one[key] for key in keys] for one in state(slice_.owner.at)}
    assert {urn: found[urn] for urn in made.values()} == held
    assert made["a"] in audit(slice_.owner.at, "replay").stdout
    assert audit(slice_.owner.at, "replay", "--until", "1999-01-01T00:00:00Z").exit_code == 0
    assert audit(slice_.owner.at, "replay", "--until", "yesterday").exit_code == 2


def test_the_chain_holds_while_the_server_works(slice_: Slice) -> None:
    running = slice_.owner.at
    slice_.allocate(request(node("a")))
    calls_of(slice_, 1)
    noted = audit(running, "head").stdout.strip()
    slice_.call("Status")
    calls_of(slice_, 2)
    proof = audit(running, "verify", "--head", noted)
    assert proof.exit_code == 0, proof.output
    assert "rows, all as they were sealed; head " in proof.stdout
    number, _, digest = noted.partition(":")
    forged = f"{number}:{digest[::-1]}"
    assert audit(running, "verify", "--head", forged).exit_code == 1


def test_nothing_secret_is_on_record(slice_: Slice) -> None:
    """Neither keys nor credentials: nothing of any line of them, in any call or change."""
    running = slice_.owner.at
    made = slice_.provisioned(request(node("a")), geni_users=USERS)
    slice_.done("PerformOperationalAction", "geni_start")
    slice_.until("geni_ready")
    slice_.done("PerformOperationalAction", "geni_update_users", geni_users=USERS)
    slice_.call("Allocate", slice_.credential)
    slice_.call("Status", urns=[*made.values(), slice_.credential])
    calls_of(slice_, 4)
    text = audit(running, "export").stdout
    keys = [one.read_text("utf-8") for one in sorted((running.home / "certs").glob("*.pem"))]
    pieces = {
        line.strip()
        for one in [KEY, slice_.credential, slice_.owner.user_credential, *keys]
        for line in one.splitlines()
        if len(line.strip()) >= 40
    }
    assert len(pieces) > 50
    assert [one for one in pieces if one in text] == []
    assert "PRIVATE KEY" not in text
    assert "<credential" not in text
