"""The conformance kit, pointed at the aggregate that misbehaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar
from unittest.mock import patch

from gcf_am.clearinghouse.places import Places
from gcf_am.cli.conform_target import Asked, aimed
from gcf_am.cli.home import make_home
from gcf_am.conformance import run as running
from gcf_am.conformance.check import Check
from gcf_am.conformance.lines import Lines
from gcf_am.conformance.run import Run
from gcf_am.conformance.target import Target
from gcf_am.conformance.trial import Trial
from gcf_am.conformance.verdict import Result, Verdict
from tests.functional.running import config_of, let_speak
from tests.sabotage.board import Misbehaviour
from tests.sabotage.server import Sabotaged, sabotaged

T = TypeVar("T")
# How long a check waits for what never comes, in seconds; what does come needs far less.
_HASTE: Final = 8.0
# What catches a misbehaviour; that a check can tell nothing is no catch.
CAUGHT: Final = frozenset({Verdict.FAIL, Verdict.WARN})


class _Hurried(Trial):
    """A check that never waits for longer than the run has patience."""

    def until(self, look: Callable[[], T | None], what: str, seconds: float | None = None) -> T:
        most = self.target.terms.patience
        return super().until(look, what, min(seconds or most, most))


@dataclass
class _Behaved(Run):
    """A run whose checks clean up behind them at an aggregate that behaves again."""

    stack: ExitStack = field(default_factory=ExitStack)

    def _release(self, trial: Trial) -> None:
        self.stack.close()
        super()._release(trial)


@dataclass
class Kit:
    """Tries checks at a server that can misbehave."""

    server: Sabotaged
    target: Target
    lines: Lines

    def tried(self, check: Check, one: Misbehaviour | None = None) -> Result:
        """What comes of a check while the aggregate misbehaves so, or without: as it should."""
        # what checks share they would share with what the aggregate was before
        self.target.shared.clear()
        run = _Behaved(self.target)
        terms = self.target.terms
        if one is not None and one.endless:
            self.target.terms = replace(terms, patience=min(terms.patience, _HASTE))
            run.stack.callback(setattr, self.target, "terms", terms)
        with patch.object(running, "Trial", _Hurried), run.stack:
            if one is not None:
                run.stack.enter_context(self.server.board.on(one))
            result = run.attempt(check, self.lines)
        assert result is not None, "nobody stops it"
        # a connection that was made before would not see what changes in TLS
        if one is not None and one.replaced:
            self.lines.close()
        return result


@contextmanager
def kit(home: Path, *, patience: float) -> Iterator[Kit]:
    """The kit with alice, bob, who may speak for her, and the operator, carol; makes their home.

    It has the federation's root as well. `patience` is for nodes to get ready.
    """
    make_home(home, {("driver", "name"): "simulated", ("listen", "refusals"): 0})
    let_speak(home)
    places = Places(home)
    root = ("authority", places.certs / "ch-cert.pem", places.inner / "ca-key.pem")
    with ExitStack() as ends:
        server = ends.enter_context(sabotaged(home))
        lines = Lines(60.0)
        ends.callback(lines.close)
        target = ends.enter_context(
            aimed(
                Asked(
                    am=server.url,
                    configfile=server.omni_config,
                    second=config_of(home, "bob"),
                    operator=config_of(home, "carol"),
                    slice_credentials=(),
                    user_credential=None,
                    request=None,
                    bound=False,
                    parallel=False,
                    readonly=False,
                    schemas=None,
                    seconds=60.0,
                    patience=patience,
                    certificates=(root,),
                )
            )
        )
        yield Kit(server, target, lines)
