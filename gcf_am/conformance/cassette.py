"""A run as a file that can be sent around, and judged again offline.

It is JSON: what was asked for, who asked (certificates, no keys, no credentials), and for each
check in order all that it learned, secrets removed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from gcf_am.client.answers import BadAnswer
from gcf_am.conformance.run import Outcome
from gcf_am.conformance.shortening import without_secrets
from gcf_am.conformance.slices import GivenSlices, Pool
from gcf_am.conformance.stand_in import played_person, told_of
from gcf_am.conformance.tape import Playing, Recording
from gcf_am.conformance.target import Target, Terms

FORMAT: Final = "gcf-conform cassette 1"
_LARGEST: Final = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cassette:
    """`checks` are what each check learned, by its id; `verdicts` what was said of it then.

    `run` is what else is told of the run: profile, options, times, whatever the recorder likes.
    """

    url: str
    terms: Terms
    people: Sequence[Mapping[str, Any]]
    operator: Mapping[str, Any] | None
    users: Sequence[Mapping[str, Any]]
    shared: Mapping[str, Any]
    checks: Mapping[str, list[tuple[str, Any]]]
    verdicts: Mapping[str, str]
    run: Mapping[str, Any]

    def target(self, folder: Path, schemas: Path | None = None) -> Target:
        """The aggregate as it was then; `folder` is for its people's files meanwhile."""
        people = [
            played_person(one, folder, f"person-{number}") for number, one in enumerate(self.people)
        ]
        operator = None
        if self.operator is not None:
            operator = played_person(self.operator, folder, "operator")
        return Target(
            url=self.url,
            people=tuple(people),
            pool=Pool(GivenSlices([])),
            terms=replace(self.terms, seconds=1),
            users=tuple(self.users),
            operator=operator,
            schemas=schemas,
            shared=dict(self.shared),
        )

    def tape(self, check: str) -> Playing:
        """What a check learned then."""
        return Playing(list(self.checks[check]))


def recorded(
    target: Target, tapes: Mapping[str, Recording], outcome: Outcome, run: Mapping[str, Any]
) -> Cassette:
    """The cassette of a run that has ended."""
    return Cassette(
        url=target.url,
        terms=target.terms,
        people=[told_of(one) for one in target.people],
        operator=None if target.operator is None else told_of(target.operator),
        users=target.users,
        shared=target.shared,
        checks={one.check.id: tapes[one.check.id].items for one in outcome.results},
        verdicts={one.check.id: str(one.verdict) for one in outcome.results},
        run=run,
    )


def write_cassette(file: Path, cassette: Cassette) -> None:
    """Write it; raises OSError."""
    told = without_secrets({"format": FORMAT, **asdict(cassette)})
    file.write_text(json.dumps(told, indent=1), "utf-8")


def read_cassette(file: Path) -> Cassette:
    """Read one; raises OSError, and BadAnswer for what is none."""
    try:
        with file.open(encoding="utf-8") as stream:
            told = json.loads(stream.read(_LARGEST))
        if told["format"] != FORMAT:
            raise BadAnswer(f"{file} is no cassette of this kind: its format is not {FORMAT!r}")
        terms = Terms(**told["terms"])
        checks = {
            name: [(str(kind), value) for kind, value in items]
            for name, items in told["checks"].items()
        }
        return Cassette(
            told["url"],
            terms,
            told["people"],
            told["operator"],
            told["users"],
            told["shared"],
            checks,
            told["verdicts"],
            told["run"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadAnswer(f"{file} is no cassette: {type(error).__name__}: {error}") from None
