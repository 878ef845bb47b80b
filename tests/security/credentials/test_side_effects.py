"""FED 4.4: no subprocess, no file, no network, no forged log lines; expensive work is bounded."""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from gcf_am.errors import Forbidden
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.verifier import Verifier, verify_credential
from tests.pki import NOW, Pki
from tests.security.credentials.conftest import Judge
from tests.security.credentials.forge import XML_ID, Forgery
from tests.unit.trust.calls import Aggregate

_WATCHED = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.", "open")
_seen: dict[int, list[str]] = {}  # what is watched, by thread


def _audit(event: str, args: tuple[object, ...]) -> None:
    seen = _seen.get(threading.get_ident())
    if seen is not None and event.startswith(_WATCHED):
        seen.append(event)


@contextmanager
def watched() -> Iterator[list[str]]:
    """What this thread asks the interpreter to start, open or connect to."""
    if not _installed:  # an audit hook cannot be taken away again
        sys.addaudithook(_audit)
        _installed.append(True)
    thread = threading.get_ident()
    _seen[thread] = []
    try:
        yield _seen[thread]
    finally:
        del _seen[thread]


_installed: list[bool] = []


def test_no_process_no_file_no_network(pki: Pki, genuine: str, rule: Judge, tmp_path: Path) -> None:
    texts = [genuine, pki.delegated(genuine, pki.user("alice"), pki.user("bob"))]
    for ident in ('ref0"; echo x; "', "$(echo x)", "`echo x`", "ref0|echo x"):
        forgery = Forgery(genuine)
        forgery.credential.set(XML_ID, ident)
        forgery.one("//d:Reference").set("URI", f"#{ident}")
        texts.append(forgery.text)
    rule(genuine.replace("<uuid/>", "<uuid> </uuid>"))  # what is imported at first need, is
    with watched() as events:
        for text in texts:
            rule(text)
    assert events == []
    with watched() as events:
        (tmp_path / "file").write_text("seen")
    assert events == ["open"]


def test_schema_locations_are_not_followed(
    forgery: Forgery, pki: Pki, rule: Judge, tmp_path: Path
) -> None:
    """The document may say where its schema is; nobody goes there."""
    fifo = tmp_path / "schema.xsd"
    os.mkfifo(fifo)
    opened: list[int] = []
    reader = threading.Thread(target=lambda: opened.append(os.open(fifo, os.O_WRONLY)))
    reader.start()  # it waits until somebody opens the file to read it
    xsi = "{http://www.w3.org/2001/XMLSchema-instance}"
    forgery.root.set(f"{xsi}noNamespaceSchemaLocation", str(fifo))
    forgery.root.set(f"{xsi}schemaLocation", f"urn:x {fifo}")
    assert rule(forgery.sign(pki.sa).text) == "accepted"
    assert opened == []
    end = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    reader.join()
    os.close(opened[0])
    os.close(end)


def test_no_line_of_the_log_can_be_forged(
    pki: Pki, verifier: Verifier, genuine: str, caplog: pytest.LogCaptureFixture
) -> None:
    aggregate = Aggregate(pki, verifier)
    line = "x\nINFO r-2 am/3/delete: allowed\x1b[2J"
    with caplog.at_level(logging.DEBUG):
        for argument in (
            pki.argument(genuine, kind=line),
            pki.argument(genuine, version=line),
            pki.argument(f"<{line}/>"),
            pki.argument(genuine.replace("<type>privilege", f"<type>{line[:30]}")),
        ):
            with pytest.raises(Forbidden) as error:
                aggregate.call(pki.user("alice"), argument)
            assert "\x1b" not in error.value.message
            assert "\n" not in error.value.message
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 4
    assert all(message.isprintable() for message in messages)


def test_what_is_remembered_is_bounded(pki: Pki, tmp_path: Path) -> None:
    verifier = Verifier(pki.verifier(tmp_path).trust, size=2)
    alice = pki.user("alice")
    texts = [pki.slice_credential(alice, pki.slice(name)) for name in ("a", "b", "c")]
    first = [verifier.credential(text, NOW) for text in texts]
    assert verifier.credential(texts[2], NOW) is first[2]
    assert verifier.credential(texts[0], NOW) is not first[0]


def test_verdicts_of_several_threads_do_not_mix(
    pki: Pki, verifier: Verifier, genuine: str, forgery: Forgery
) -> None:
    """Libraries behind libxml2 keep errors in places that threads may share (decision 23)."""
    trust = verifier.trust.current()
    forged = forgery.sign(pki.user("mallory"), keep_certificates=True).text
    misshapen = genuine.replace("<uuid/>", "")
    expected = {genuine: "accepted", forged: "signature.invalid", misshapen: "document.schema"}

    def judge(text: str) -> str:
        try:
            verify_credential(text, trust, NOW)
        except Refusal as refusal:
            return refusal.rule
        return "accepted"

    texts = list(expected) * 60
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(judge, texts)) == [expected[text] for text in texts]
