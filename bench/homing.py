"""Homing as a service: how long until a plan is solved, and whether it answers meanwhile.

Source: issue 7, Proof; facts of Homing, 4 (G6) and 5 (146, 151).
"""

import http.client
import json
import random
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

from bench.client import Failed
from bench.figures import Figure
from bench.house import furnished
from bench.plan import Plan
from bench.race import rounded
from gcf_am.client.transport import Identity
from gcf_am.homing.plans.plan import Status
from tests.functional.rspecs import RSPEC
from tests.functional.running import Person, start

SOLVED: Final = "a plan posted and solved, its advertisement cached"
ANSWERS: Final = "the plan shown while it is solved"
DEMANDS: Final = 4
NODES: Final = 50
# So many demands, with costs between them, are not solved within seconds.
_HARD: Final = 9
SOLVING: Final = 10
_TURNS: Final = 15
# How often somebody looks who does not want to be in the way.
_LOOK: Final = 0.02
_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Caller:
    """Who asks the service, on a connection that is kept."""

    line: http.client.HTTPSConnection

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """What it answers; raises Failed when that is no success."""
        data = None if body is None else json.dumps(body)
        told = {"Content-Type": "application/json"} if data else {}
        self.line.request(method, path, data, told | headers)
        with self.line.getresponse() as response:
            answer = response.read()
        if response.status >= http.client.BAD_REQUEST:
            raise Failed(f"{method} {path}: {answer[:300]!r}")
        return json.loads(answer) if answer else None

    def post(self, template: str, wait: int = 0) -> dict[str, Any]:
        """A new plan; after so many seconds, or before, if it has ended by then."""
        asked = {"template": template}
        made: dict[str, Any] = self.ask("POST", "/v1/plans", asked, Prefer=f"wait={wait}")["plan"]
        return made


def service(plan: Plan) -> Iterator[Figure]:
    """Both figures, of one installation with an aggregate of 50 nodes."""
    with furnished(plan.directory, database="sqlite") as home:
        (home / "site.xml").write_text(_site(), "utf-8")
        running = start(home, "--homing", "--homing-port", "0")
        try:
            with _calling(running.person("alice"), running.homing_url) as caller:
                yield _solved(caller, 1 if plan.tiny else _TURNS)
                yield _answers(caller, 0.5 if plan.quick else SOLVING)
        finally:
            running.stop()


def _solved(caller: Caller, turns: int) -> Figure:
    # the first one waits for the advertisement and for the solver's start
    took = [_turn(caller) for _ in range(turns + 1)][1:]
    return Figure(SOLVED, {"demands": DEMANDS, "nodes": NODES}, _told(took))


def _turn(caller: Caller) -> float:
    begin = time.perf_counter()
    plan = caller.post(_template(DEMANDS), wait=int(_SECONDS))
    took = time.perf_counter() - begin
    if plan["status"] != "done" or not plan["solution"]["optimal"]:
        raise Failed(f"a plan is {plan['status']}: {plan['message']}")
    caller.ask("DELETE", f"/v1/plans/{plan['id']}")
    return took


def _answers(caller: Caller, seconds: float) -> Figure:
    """While a solver is at work, which would go on for long: then the plan is deleted."""
    plan, took = caller.post(_template(_HARD, apart=True)), []
    path, solving = f"/v1/plans/{plan['id']}", 0.0
    while not solving or time.perf_counter() - solving < seconds:
        sent = time.perf_counter()
        plan = caller.ask("GET", path)["plan"]
        if plan["status"] == "solving":
            took.append(time.perf_counter() - sent)
            solving = solving or sent
        if Status(plan["status"]).final:
            raise Failed(f"the plan ended too soon: {plan['message']}")
        time.sleep(_LOOK)
    caller.ask("DELETE", path)
    return Figure(ANSWERS, {"demands": _HARD, "nodes": NODES}, _told(took))


def _told(took: list[float]) -> dict[str, str | float]:
    return {"ms": rounded(median(took) * 1000), "worst, ms": rounded(max(took) * 1000)}


@contextmanager
def _calling(person: Person, url: str) -> Iterator[Caller]:
    place = urlsplit(url)
    root = person.at.home / "certs" / "ch-cert.pem"
    line = http.client.HTTPSConnection(
        str(place.hostname),
        place.port,
        timeout=_SECONDS,
        context=Identity(person.cert, person.key, root).context(),
    )
    with closing(line):
        yield Caller(line)


def _template(demands: int, *, apart: bool = False) -> str:
    """Demands within 1500 km of `me` at different sites, near to it, or far from each other."""
    names = [f"d{at}" for at in range(demands)]
    listed = ", ".join(names)
    terms = (
        [f"{{distance_between: [{a}, {b}]}}" for a in names for b in names if a < b]
        if apart
        else [f"{{distance_between: [me, {one}]}}" for one in names]
    )
    wanted = ", ".join(
        f"{one}: [{{inventory_provider: geni, inventory_type: cloud}}]" for one in names
    )
    aim = f"{'maximize' if apart else 'minimize'}: {{sum: [{', '.join(terms)}]}}"
    return f"""homing_template_version: 2017-10-10
locations: {{me: {{latitude: 39.0, longitude: -95.0}}}}
demands: {{{wanted}}}
constraints:
  near:
    type: distance_to_location
    demands: [{listed}]
    properties: {{distance: < 1500 km, location: me}}
  apart:
    type: zone
    demands: [{listed}]
    properties: {{qualifier: different, category: complex}}
optimization: {{{aim}}}
"""


def _site() -> str:
    """Nodes at random places in a box around the United States, always the same."""
    numbers = random.Random(1)  # noqa: S311 - the same every time
    names = "urn:publicid:IDN+gcf.local+"
    nodes = "".join(
        f'<node component_id="{names}node+n{at}" component_manager_id="{names}authority+am"'
        f' component_name="n{at}" exclusive="false"><location country="US"'
        f' latitude="{numbers.uniform(25, 49):.4f}" longitude="{numbers.uniform(-124, -67):.4f}"/>'
        '<available now="true"/><hardware_type name="pc"/><sliver_type name="default-vm"/></node>'
        for at in range(NODES)
    )
    return f'<rspec xmlns="{RSPEC}" type="advertisement">{nodes}</rspec>'
