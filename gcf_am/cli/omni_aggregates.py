"""Asking each aggregate the same, and reporting what each of them said."""

from collections.abc import Callable
from typing import TypeVar

import click

from gcf_am.cli.omni_output import complain, emit
from gcf_am.cli.omni_session import Session
from gcf_am.client.aggregate import Aggregate
from gcf_am.client.answers import CallRefused, Slivers, Version
from gcf_am.client.omni_config import Place
from gcf_am.errors import ConfigError, GcfAmError

_T = TypeVar("_T", str, bool, Slivers, Version)


def ask(
    session: Session,
    work: Callable[[Aggregate, Place], _T],
    show: Callable[[Place, _T], None],
) -> None:
    """Let `work` ask each aggregate, `show` what it said.

    With --json one object is printed, by aggregate URL: `code`, `value`, `output`. What one
    aggregate refuses does not keep the others from being asked; it is told in a sentence and
    ends the command with status 1.
    """
    answers: dict[str, object] = {}
    failed = False
    places = session.places()
    named = session.settings.outputfile
    if named and len(places) > 1 and "%a" not in named:
        raise ConfigError("--outputfile needs %a in the name when several aggregates are asked")
    for place in places:
        try:
            answer = work(session.aggregate(place), place)
        except GcfAmError as error:
            failed = True
            answers[place.url] = _refusal(error)
            name, said = session.config.nickname(place.url), str(error)
            complain(said if said.startswith(name) else f"{name}: {said}")
            continue
        answers[place.url] = {"code": 0, "value": _value(answer), "output": ""}
        if not session.settings.json:
            show(place, answer)
    if session.settings.json:
        emit(answers)
    if failed:
        raise click.exceptions.Exit(1)


def _value(answer: object) -> object:
    """The answer's value as the aggregate sent it."""
    return answer.value if isinstance(answer, Slivers | Version) else answer


def _refusal(error: GcfAmError) -> dict[str, object]:
    """An answer that is none has code null: no aggregate sends that."""
    if isinstance(error, CallRefused):
        return {"code": error.code, "value": error.hint, "output": error.output}
    return {"code": None, "value": "", "output": str(error)}
