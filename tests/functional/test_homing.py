"""Homing with real aggregates: demands find homes, and slivers there, whatever goes wrong.

The flagship: three demands within 100 km of `me`, at different sites, with the least total
distance. Source: facts of Homing, 187.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from gcf_am.clearinghouse.key_files import load_identity
from gcf_am.cli.homing import homing as command
from gcf_am.client.homing import HomingClient, HomingRefused
from gcf_am.client.transport import Identity
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.issue_credentials import SLICE, delegate_credential
from tests.functional.homes import TEMPLATE, Homes, three_homes
from tests.functional.homing_words import ASKED, NOWHERE, OLDER
from tests.functional.running import (
    BIN,
    PATIENCE,
    Running,
    Slice,
    credential,
    eventually,
    launched,
)
from tests.observing.homing import Watched, saw_request
from tests.speaking import speaks_for

NEAR = {"near-a", "best-b", "near-c"}
PROVISIONED = """
homing_template_version: 2017-10-10
demands:
  only:
  - inventory_provider: aai
    inventory_type: cloud
    attributes: {component_name: far-a}
reservations:
  mine:
    type: instance_reservation
    demands: only
    properties:
      controller: sdn-c
      request: {provision: true, sliver_type: default-vm}
"""
ALLOCATED = PROVISIONED.replace("provision: true, ", "")


@pytest.fixture(scope="module")
def homes(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    with three_homes(template, tmp_path_factory.mktemp("homes")) as made:
        # what is advertised is known from here on
        alice = client(made, "alice")
        plan = alice.awaited(alice.create({"template": TEMPLATE}), 120)
        assert plan["status"] == "done", plan
        yield made


@pytest.fixture
def slice_(homes: Homes) -> Slice:
    return homes.a.person("alice").new_slice()


def gcf_homing(homes: Homes, *arguments: str, fails: bool = False) -> Any:
    """The command as alice gives it; what it printed, as JSON."""
    name, *rest = arguments
    config = str(homes.a.home / "omni_config")
    line = [name, "--url", homes.url, "-c", config, "--json", *rest]
    result = CliRunner().invoke(command, line)
    assert (result.exit_code != 0) == fails, (result.output, result.exception)
    return json.loads(result.stdout) if result.stdout.strip() else None


def planned(homes: Homes, slice_: Slice, tmp_path: Path) -> dict[str, Any]:
    """A plan that was reserved, or not."""
    file = tmp_path / "t.yaml"
    file.write_text(TEMPLATE, "utf-8")
    name = slice_.urn.rpartition("+")[2]
    told: dict[str, Any] = gcf_homing(
        homes, "plan", str(file), "--slice", name, "--reserve", "--wait"
    )
    return told


def places(plan: dict[str, Any]) -> set[str]:
    """The nodes of its first recommendation."""
    return {
        one["candidate"]["candidate_id"].rpartition("+")[2]
        for one in plan["recommendations"][0].values()
    }


def slivers(homes: Homes, slice_: Slice, server: Running) -> dict[str, str]:
    """What the aggregate itself says that the slice has there: states by URN."""
    answer = homes.call(server, "Status", [slice_.urn], [credential(slice_.credential)], {})
    if answer["code"]["geni_code"] == 12:
        return {}
    assert answer["code"]["geni_code"] == 0, answer
    rows = answer["value"]["geni_slivers"]
    return {one["geni_sliver_urn"]: one["geni_allocation_status"] for one in rows}


def everywhere(homes: Homes, slice_: Slice) -> dict[str, str]:
    found: dict[str, str] = {}
    for server in (homes.a, homes.b, homes.c):
        found |= slivers(homes, slice_, server)
    return found


def reserved(plan: dict[str, Any]) -> set[str]:
    return {
        one["attributes"]["reservation"]["sliver_urn"]
        for one in plan["recommendations"][0].values()
    }


def gone(homes: Homes, slice_: Slice, plan: dict[str, Any]) -> None:
    """Delete the plan, and see that nothing is left of it anywhere."""
    gcf_homing(homes, "delete", plan["id"])
    eventually(lambda: not everywhere(homes, slice_), what="given back")


@pytest.mark.xdist_group("homing")
def test_three_slivers_at_three_sites(homes: Homes, slice_: Slice, tmp_path: Path) -> None:
    plan = planned(homes, slice_, tmp_path)
    assert plan["status"] == "done", plan
    assert places(plan) == NEAR
    assert plan["solution"]["optimal"] is True
    held = everywhere(homes, slice_)
    assert set(held) == reserved(plan)
    assert set(held.values()) == {"geni_allocated"}
    assert all(len(slivers(homes, slice_, one)) == 1 for one in (homes.a, homes.b, homes.c))
    # a lease of a minute was renewed to what the others have
    first, *others = sorted(datetime.fromisoformat(one["expires"]) for one in plan["reservations"])
    assert others[-1] - first < timedelta(minutes=5)
    assert "Renew code=0" in homes.a.log()
    assert gcf_homing(homes, "show", plan["id"])["reservations"] == plan["reservations"]
    assert plan["id"] in {one["id"] for one in gcf_homing(homes, "list")}
    gone(homes, slice_, plan)


@pytest.mark.xdist_group("homing")
def test_one_refuses(homes: Homes, slice_: Slice, tmp_path: Path) -> None:
    """Somebody was quicker: the advertisement said that the best node is free."""
    other = homes.a.person("alice").new_slice()
    node = 'client_id="x" exclusive="true" component_id="urn:publicid:IDN+b.example+node+best-b"'
    rspec = (
        '<rspec xmlns="http://www.geni.net/resources/rspec/3" type="request">'
        f'<node {node} component_manager_id="urn:publicid:IDN+b.example+authority+am"/></rspec>'
    )
    taken = homes.call(homes.b, "Allocate", other.urn, [credential(other.credential)], rspec, {})
    assert taken["code"]["geni_code"] == 0, taken
    plan = planned(homes, slice_, tmp_path)
    assert plan["status"] == "done", plan
    assert places(plan) == {"near-a", "second-b", "near-c"}
    assert [one["candidate"].rpartition("+")[2] for one in plan["excluded"]] == ["best-b"]
    assert set(everywhere(homes, slice_)) == reserved(plan)
    gone(homes, slice_, plan)
    homes.call(homes.b, "Delete", [other.urn], [credential(other.credential)], {})


@pytest.mark.xdist_group("homing")
def test_one_is_not_there(homes: Homes, slice_: Slice, tmp_path: Path) -> None:
    homes.relay.closed = True
    try:
        plan = planned(homes, slice_, tmp_path)
    finally:
        homes.relay.closed = False
    assert plan["status"] == "done", plan
    assert places(plan) == {"near-a", "best-b", "second-b"}
    assert set(everywhere(homes, slice_)) == reserved(plan)
    gone(homes, slice_, plan)


@pytest.mark.xdist_group("homing")
def test_one_is_killed_before_it_answers(homes: Homes, slice_: Slice, tmp_path: Path) -> None:
    """It allocates, and dies with the answer on its lips; when it is back the sliver goes."""
    relay = homes.relay
    # Describe is the first connection, Allocate the second
    relay.cut_at = 2
    plans: list[dict[str, Any]] = []

    def plan_it() -> None:
        plans.append(planned(homes, slice_, tmp_path))

    planning = Thread(target=plan_it)
    planning.start()
    assert relay.swallowed.wait(120)
    (orphan,) = eventually(lambda: slivers(homes, slice_, homes.c), what="allocated")
    homes.c.kill()
    relay.hang_up.set()
    planning.join(120)
    (plan,) = plans
    assert plan["status"] == "done", plan
    assert places(plan) == {"near-a", "best-b", "second-b"}
    homes.restart_c()
    eventually(lambda: orphan not in slivers(homes, slice_, homes.c), what="found and given back")
    assert set(everywhere(homes, slice_)) == reserved(plan)
    gone(homes, slice_, plan)


def client(homes: Homes, name: str, url: str = "") -> HomingClient:
    """Somebody of the first installation, with their certificate."""
    person = homes.a.person(name)
    root = homes.a.home / "certs" / "ch-cert.pem"
    return Watched(url or homes.url, Identity(person.cert, person.key, root))


@pytest.mark.xdist_group("homing")
def test_what_another_delegated_is_no_right_of_mine(homes: Homes) -> None:
    """bob's rights in his slice, handed on to the service, are of no use to alice."""
    bob, bobs = client(homes, "bob"), homes.a.person("bob").new_slice()
    person = homes.a.person("bob")
    delegated = delegate_credential(
        bobs.credential,
        load_identity(person.cert, person.key),
        owner=[Certificate.read(bob.certificate())],
        privileges=SLICE,
        expires=datetime.now(UTC) + timedelta(hours=1),
    )
    asked = {"template": TEMPLATE, "reserve": True, "credentials": [credential(delegated)]}
    with pytest.raises(HomingRefused, match=r"credentials -> 0: .*delegated by you"):
        client(homes, "alice").create(asked)
    with pytest.raises(HomingRefused, match="credentials -> 0"):
        client(homes, "alice").create({**asked, "credentials": [credential(bobs.credential)]})
    plan = bob.awaited(bob.create(asked), 120)
    assert plan["status"] == "done", plan
    # it is his, and nobody else sees it
    with pytest.raises(HomingRefused, match="404"):
        client(homes, "alice").show(plan["id"])
    bob.delete(plan["id"])


@pytest.mark.xdist_group("homing")
def test_homing_speaks_for_the_owner(homes: Homes, slice_: Slice) -> None:
    """3.9: her own slice credential and her word; the slivers are hers, the tool is on record."""
    person, alice = homes.a.person("alice"), client(homes, "alice")
    tool = Certificate.read(alice.certificate())
    key = load_identity(person.cert, person.key)
    word = speaks_for(key, replace(key, chain=(tool,)))
    own = credential(slice_.credential)
    # her credential is no right of the service's as long as she has not given her word
    asked = {"template": ALLOCATED, "credentials": [own]}
    plan = alice.awaited(alice.create(asked), 120)
    assert plan["status"] in {"not found", "error"}, plan
    assert not slivers(homes, slice_, homes.a)
    spoken = {"geni_type": "geni_abac", "geni_version": "1", "geni_value": word}
    plan = alice.awaited(alice.create({**asked, "credentials": [own, spoken]}), 120)
    assert plan["status"] == "done", plan
    assert slivers(homes, slice_, homes.a) == dict.fromkeys(reserved(plan), "geni_allocated")
    assert f"{key.urn} by {tool.named} Allocate code=0" in homes.a.log()
    alice.delete(plan["id"])
    eventually(lambda: not slivers(homes, slice_, homes.a), what="given back")
    assert f"{key.urn} by {tool.named} Delete code=0" in homes.a.log()


@pytest.mark.xdist_group("homing")
def test_two_services_of_one_home(homes: Homes) -> None:
    """What one was asked the other tells; each answers the verbs as documented, over TLS."""
    serve: list[str | Path] = [BIN / "gcf-homing", "serve", "--home", homes.a.home, "--port", "0"]
    other = launched(homes.a.home, serve, own_group=True)
    try:
        here, there = client(homes, "alice"), client(homes, "alice", other.am_url)
        plan = here.awaited(here.create({"template": TEMPLATE}), 120)
        assert plan["status"] == "done", plan
        assert there.show(plan["id"])["recommendations"] == plan["recommendations"]
        assert [verb(there, one) for one in ("OPTIONS", "COPY", "FOO", "GET")] == [
            (204, "GET, POST, OPTIONS"),
            (405, "GET, POST, OPTIONS"),
            (405, "GET, POST, OPTIONS"),
            (200, None),
        ]
        there.delete(plan["id"])
        assert plan["id"] not in {one["id"] for one in here.list()}
    finally:
        assert other.stop() == 0, homes.a.log()


def verb(at: HomingClient, method: str) -> tuple[int, str | None]:
    """What /v1/plans answers to it: status and Allow."""
    place = urlsplit(at.url)
    context = at.identity.context()
    line = HTTPSConnection(str(place.hostname), place.port, timeout=PATIENCE, context=context)
    with closing(line):
        line.request(method, "/v1/plans")
        answer = line.getresponse()
        answer.read()
        return answer.status, answer.getheader("Allow")


@pytest.mark.xdist_group("homing")
def test_provisioned_and_started(homes: Homes, slice_: Slice, tmp_path: Path) -> None:
    """166, 167: as the template wants it; then nothing is given back without a word."""
    file = tmp_path / "t.yaml"
    file.write_text(PROVISIONED, "utf-8")
    name = slice_.urn.rpartition("+")[2]
    plan = gcf_homing(homes, "plan", str(file), "--slice", name, "--wait")
    assert plan["status"] == "done", plan
    assert [one["state"] for one in plan["reservations"]] == ["provisioned"]
    (urn,) = reserved(plan)
    assert slivers(homes, slice_, homes.a) == {urn: "geni_provisioned"}

    def started() -> bool:
        (row,) = slice_.done("Status")["geni_slivers"]
        return bool(row["geni_operational_status"] == "geni_ready")

    eventually(started, what="started")
    gcf_homing(homes, "delete", plan["id"], fails=True)
    assert slivers(homes, slice_, homes.a)
    gcf_homing(homes, "delete", plan["id"], "--release")
    eventually(lambda: not slivers(homes, slice_, homes.a), what="given back")


@pytest.mark.xdist_group("homing")
def test_all_that_is_declared_is_read_and_answered(homes: Homes, slice_: Slice) -> None:
    """Every word of templates, every member of a request, every path."""
    alice = client(homes, "alice")
    for number, asked in enumerate(ASKED):
        named = {"id": f"00000000-0000-4000-8000-00000000000{number}"}
        plan = alice.awaited(alice.create({**asked, **named}), 120)
        assert plan["status"] == "error", plan
        alice.delete(plan["id"], release=True)
    plan = alice.awaited(alice.create({"template": NOWHERE}), 120)
    assert plan["status"] == "not found", plan
    alice.delete(plan["id"])
    plan = alice.create({"template": OLDER, "credentials": [credential(slice_.credential)]})
    alice.delete(alice.awaited(plan, 120)["id"])
    for path in ("/", "/v1", "/openapi.json", "/v1/plans/healthcheck"):
        assert spoken(alice, "GET", path, {})
    words = {"Prefer": "wait=60", "transaction-id": "t2"}
    plan = spoken(alice, "POST", "/v1/plans", words, {"template": TEMPLATE})["plan"]
    assert (plan["status"], plan["transaction_id"]) == ("done", "t2")
    alice.delete(plan["id"])


def spoken(
    at: HomingClient, method: str, path: str, headers: dict[str, str], body: Any = None
) -> Any:
    """A request that our client does not make; the answer, which has to be a good one."""
    place = urlsplit(at.url)
    context = at.identity.context()
    line = HTTPSConnection(str(place.hostname), place.port, timeout=PATIENCE, context=context)
    with closing(line):
        data = None if body is None else json.dumps(body)
        line.request(method, path, data, {**headers, "Content-Type": "application/json"})
        answer = line.getresponse()
        told = json.loads(answer.read())
    assert answer.status in {200, 201}, told
    saw_request(method, path, headers, body, answer.status, told)
    return told
