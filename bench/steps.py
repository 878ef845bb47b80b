"""Where the time of a call goes, from its bytes to those of its answer, without a server around it.

For each call of a slice's life: how long it takes, how much of that it works and how much it waits
(for the disk, when a change is made to last); and which room of the house the work is in. A
profiler takes that apart; it slows small functions more than large ones, so shares are rough.
"""

import cProfile
import logging
import pstats
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import Any, Final

from bench.client import Failed, is_done
from bench.figures import Figure
from bench.house import furnished
from bench.lifecycle import life
from bench.plan import Plan
from bench.race import rounded
from bench.trust import chain_in
from gcf_am.app.application import make_application
from gcf_am.config import read_config
from gcf_am.xmlrpc.call import Call
from tests.functional.federation import HomePki

VERBS: Final = ("Allocate", "Provision", "Status", "Delete")
# Where a function belongs, by a part of its file's name; the first that fits.
_ROOMS: Final = (
    ("/sqlalchemy/", "SQLAlchemy"),
    ("sqlite3", "database driver"),
    ("psycopg", "database driver"),
    ("/gcf_am/safexml/", "XML"),
    ("lxml", "XML"),
    ("/gcf_am/rspec/", "RSpecs"),
    ("/gcf_am/trust/", "trust"),
    ("/gcf_am/store/", "store"),
    ("/json/", "store"),
    ("/gcf_am/manager/", "manager and model"),
    ("/gcf_am/model/", "manager and model"),
    ("/gcf_am/policy/", "manager and model"),
    ("/gcf_am/audit/", "manager and model"),
    ("/gcf_am/xmlrpc/", "XML-RPC and surface"),
    ("/gcf_am/surface/", "XML-RPC and surface"),
    ("/gcf_am/rpc/", "XML-RPC and surface"),
)
_ELSEWHERE: Final = "Python and others"
_TIMES: Final = 30
_URL: Final = "https://127.0.0.1/"


def measure(plan: Plan) -> Iterator[Figure]:
    """The calls of a lifecycle, in this process; nobody works on the slivers meanwhile."""
    times = 2 if plan.tiny else _TIMES
    for database in plan.databases:
        with furnished(plan.directory, database=database) as home:
            turn = _turn(home)
            with _answering(home) as answer:
                taken = _taken(answer, turn, times)
                shares = _shares(answer, turn, times)
        for verb in VERBS:
            yield Figure(verb, {"database": database}, {**taken[verb], **shares[verb]})


def _turn(home: Path) -> Mapping[str, bytes]:
    """The bodies of the calls, by verb; the slice's credential is signed by the home's authority."""
    pki = HomePki(home)
    made = pki.slice("steps")
    creds = [pki.struct(pki.slice_credential(pki.user("alice"), made))]
    bodies = [one.partition(b"\r\n\r\n")[2] for one in life(_URL, made.urn.text, creds)]
    return dict(zip(VERBS, bodies, strict=True))


@contextmanager
def _answering(home: Path) -> Iterator[Callable[[bytes], bytes]]:
    """The aggregate's application in this process, called by alice."""
    config = read_config(home)
    chain = tuple(chain_in(home / "certs" / "alice-cert.pem"))
    application = make_application(config, _URL, lambda: None)
    # a line for each call would be among the figures
    ours = logging.getLogger("gcf_am")
    level = ours.level
    ours.setLevel(logging.WARNING)
    route = application.routes["/"]

    def answer(body: bytes) -> bytes:
        said = route.answer(Call(body, chain, "/", "127.0.0.1:1"))
        if not is_done(said):
            raise Failed(said[:300].decode())
        return said

    try:
        yield answer
    finally:
        ours.setLevel(level)
        application.close()


def _taken(
    answer: Callable[[bytes], bytes], turn: Mapping[str, bytes], times: int
) -> dict[str, dict[str, float]]:
    walls: dict[str, list[float]] = {verb: [] for verb in turn}
    works: dict[str, list[float]] = {verb: [] for verb in turn}
    for _ in range(times):
        for verb, body in turn.items():
            begin, work = perf_counter(), thread_time()
            answer(body)
            works[verb].append(thread_time() - work)
            walls[verb].append(perf_counter() - begin)
    return {
        verb: {
            "ms": rounded(median(walls[verb]) * 1000),
            "works, ms": rounded(median(works[verb]) * 1000),
        }
        for verb in turn
    }


def _shares(
    answer: Callable[[bytes], bytes], turn: Mapping[str, bytes], times: int
) -> dict[str, dict[str, float]]:
    profiles = {verb: cProfile.Profile(thread_time) for verb in turn}
    for _ in range(times):
        for verb, body in turn.items():
            profiles[verb].runcall(answer, body)
    return {verb: _by_room(profiles[verb]) for verb in turn}


def _by_room(profile: cProfile.Profile) -> dict[str, float]:
    """Percent of the work by room."""
    spent = dict.fromkeys([*(room for _, room in _ROOMS), _ELSEWHERE], 0.0)
    functions: Mapping[tuple[str, int, str], Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for (file, _, name), (_, _, own, _, _) in functions.items():
        where = f"{file} {name}"
        spent[next((room for part, room in _ROOMS if part in where), _ELSEWHERE)] += own
    whole = sum(spent.values()) or 1
    return {f"{room}, %": rounded(100 * own / whole) for room, own in spent.items()}
