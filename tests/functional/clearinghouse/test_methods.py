"""The seven methods and the trust roots over TLS, literally as Omni's framework gcf calls them."""

import shutil
import subprocess
import xmlrpc.client
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gcf_am.clearinghouse.home import add_aggregate
from gcf_am.urn import Urn
from tests.functional.clearinghouse.serving import AUTHORITY, Clearing

ONE = f"{AUTHORITY}slice+one"
ALICE = f"{AUTHORITY}user+alice"


def fault(call: Callable[[], Any]) -> xmlrpc.client.Fault:
    with pytest.raises(xmlrpc.client.Fault) as caught:
        call()
    return caught.value


def test_values_are_bare(clearing: Clearing) -> None:
    urn = Urn.parse(f"{AUTHORITY}authority+am")
    add_aggregate(clearing.home, urn, "https://127.0.0.1:8001/")
    assert clearing.call(None, "GetVersion") == {"gcf-ch_api": 1}
    assert clearing.call(None, "ListAggregates") == [[urn.text, "https://127.0.0.1:8001/"]]
    assert len(clearing.call(None, "get_trust_roots")) == 3
    credential = clearing.call("alice", "CreateSlice", ONE)
    assert isinstance(credential, str)
    assert credential.startswith("<?xml")
    # Omni: what it looks for before it calls a credential one of version 3
    for word in ("signed-credential", "owner_gid", "target_gid", "Signature", "target_urn"):
        assert word in credential
    # Omni sends naive text with a fraction
    until = datetime.now(UTC) + timedelta(days=20)
    assert clearing.call("alice", "RenewSlice", ONE, until.replace(tzinfo=None).isoformat()) is True
    assert clearing.call("alice", "ListMySlices", ALICE) == [ONE]
    own = clearing.call("alice", "CreateUserCredential", clearing.cert("alice").read_text())
    assert f"<target_urn>{ALICE}</target_urn>" in own
    assert clearing.call("alice", "DeleteSlice", ONE) is True
    assert clearing.call("alice", "DeleteSlice", ONE) is False
    assert clearing.call("alice", "ListMySlices", ALICE) == []


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("CreateSlice", [ONE]),
        ("RenewSlice", [ONE, "2030-01-01T00:00:00Z"]),
        ("DeleteSlice", [ONE]),
        ("ListMySlices", [ALICE]),
        ("CreateUserCredential", ["-"]),
    ],
)
def test_without_a_certificate_nothing_is_done(
    shared: Clearing, method: str, arguments: list[str]
) -> None:
    refused = fault(lambda: shared.call(None, method, *arguments))
    assert (refused.faultCode, "needs a client certificate" in refused.faultString) == (3, True)


def test_owners_are_checked_on_every_method(clearing: Clearing) -> None:
    clearing.call("alice", "CreateSlice", ONE)
    later = (datetime.now(UTC) + timedelta(days=20)).isoformat()
    assert fault(lambda: clearing.call("bob", "CreateSlice", ONE)).faultCode == 3
    assert clearing.call("bob", "RenewSlice", ONE, later) is False
    assert clearing.call("bob", "DeleteSlice", ONE) is False
    assert fault(lambda: clearing.call("bob", "ListMySlices", ALICE)).faultCode == 3
    alices = clearing.cert("alice").read_text()
    assert fault(lambda: clearing.call("bob", "CreateUserCredential", alices)).faultCode == 3
    assert clearing.call("carol", "ListMySlices", ALICE) == [ONE]


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("Nothing", [], -32601),
        ("_member", [], -32601),
        ("system.listMethods", [], -32601),
        ("CreateSlice", [], 1),
        ("CreateSlice", [ONE, ONE], 1),
        ("CreateSlice", [7], 1),
        ("CreateSlice", [[ONE]], 1),
        ("CreateSlice", ["one"], 1),
        ("CreateSlice", [f"{AUTHORITY}slice+é"], 1),
        ("RenewSlice", [ONE, "soon"], 1),
        ("RenewSlice", [ONE, 7], 1),
        ("ListMySlices", [{}], 1),
        ("CreateUserCredential", [xmlrpc.client.Binary(b"\xff")], 1),
        ("GetVersion", [{}], 1),
    ],
)
def test_a_wrong_call_is_a_fault_with_a_sentence(
    shared: Clearing, method: str, arguments: list[Any], code: int
) -> None:
    refused = fault(lambda: shared.call("alice", method, *arguments))
    assert refused.faultCode == code
    assert refused.faultString
    assert "Traceback" not in refused.faultString
    assert "/" not in refused.faultString.replace("urn:", "")


def test_state_survives_a_restart(clearing: Clearing) -> None:
    before = clearing.call("alice", "CreateSlice", ONE)
    clearing.stop()
    clearing.start()
    assert clearing.call("alice", "ListMySlices", ALICE) == [ONE]
    after = clearing.call("alice", "CreateSlice", ONE)
    for tag in ("target_gid", "expires", "owner_gid"):
        assert inner(before, tag) == inner(after, tag)


def test_xmlsec1_accepts_the_signature(clearing: Clearing, tmp_path: Path) -> None:
    program = shutil.which("xmlsec1")
    if program is None:
        pytest.skip("xmlsec1 is not installed")
    file = tmp_path / "credential.xml"
    file.write_text(clearing.call("alice", "CreateSlice", ONE))
    command = [
        program,
        "--verify",
        "--node-id",
        "Sig_ref0",
        "--trusted-pem",
        str(clearing.cert("ch")),
        str(file),
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def inner(text: str, tag: str) -> str:
    return text[text.index(f"<{tag}>") : text.index(f"</{tag}>")]
