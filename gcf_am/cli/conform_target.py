"""The aggregate to judge and who asks it, from Omni configurations."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final

import click

from gcf_am.cli.omni_options import Settings
from gcf_am.cli.omni_session import Session
from gcf_am.cli.reading import read_file
from gcf_am.client.credential_file import Credential, load_credential
from gcf_am.conformance.slices import GivenSlices, MadeSlices, Pool, SliceSource
from gcf_am.conformance.target import Person, Target, Terms
from gcf_am.errors import ConfigError

_KINDS: Final = ("authority", "expired", "nameless")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options of `gcf-conform run` say."""

    am: str
    configfile: Path | None
    second: Path | None
    operator: Path | None
    slice_credentials: tuple[Path, ...]
    user_credential: Path | None
    request: Path | None
    bound: bool
    parallel: bool
    readonly: bool
    schemas: Path | None
    seconds: float
    patience: float
    certificates: tuple[tuple[str, Path, Path], ...] = ()


@contextmanager
def aimed(asked: Asked) -> Iterator[Target]:
    """The target of a run; raises ConfigError."""
    seed = secrets.token_hex(8)
    lock = Lock()
    with ExitStack() as ends:

        def session(file: Path | None, credential: Path | None = None) -> Session:
            settings = Settings(configfile=file, usercredfile=credential, ssltimeout=asked.seconds)
            opened = Session(settings)
            ends.callback(opened.close)
            return opened

        mine = session(asked.configfile, asked.user_credential)
        people = [_person(mine, lock)]
        if asked.second is not None:
            people.append(_person(session(asked.second), lock))
            if people[0].urn == people[1].urn:
                raise ConfigError(f"--second is the same user, {people[0].urn}: it takes another")
        yield Target(
            url=mine.config.place(asked.am).url,
            people=tuple(people),
            pool=Pool(_slices(mine, asked, seed, lock)),
            terms=Terms(
                seed=seed,
                readonly=asked.readonly,
                request=None if asked.request is None else _text(asked.request),
                bound=asked.bound,
                seconds=asked.seconds,
                patience=asked.patience,
            ),
            users=tuple(mine.users()),
            operator=None if asked.operator is None else _person(session(asked.operator), lock),
            schemas=asked.schemas,
            certificates={
                kind: replace(mine.identity, certificate=certificate, key=key)
                for kind, certificate, key in asked.certificates
            },
        )


def certificates(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, Path, Path], ...]:
    """Read `KIND=CERT,KEY`."""
    found = []
    for value in values:
        kind, _is, files = value.partition("=")
        certificate, _and, key = files.partition(",")
        if kind not in _KINDS or not (Path(certificate).is_file() and Path(key).is_file()):
            raise click.BadParameter(
                f"{value!r} is not KIND=CERT,KEY: one of {', '.join(_KINDS)}, and two files"
            )
        found.append((kind, Path(certificate), Path(key)))
    return tuple(found)


def _person(session: Session, lock: Lock) -> Person:
    @cache
    def asked() -> Credential:
        return session.user_credential()

    def credential() -> Credential:
        # the clearinghouse's endpoint is for one thread at a time
        with lock:
            return asked()

    return Person(session.user.text, session.identity, credential)


def _slices(session: Session, asked: Asked, seed: str, lock: Lock) -> SliceSource:
    if asked.slice_credentials:
        return GivenSlices([load_credential(one) for one in asked.slice_credentials])
    count = iter(range(10**9))
    # of 19 characters: as long as a slice's name may be (GENI identifiers)
    return MadeSlices(
        session.clearinghouse,
        session.config.framework.authority,
        lambda: f"Conform-{seed[:6]}-{next(count):04}",
        lock,
    )


def _text(file: Path) -> str:
    return read_file(str(file)).decode("utf-8", "replace")
