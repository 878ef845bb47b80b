"""What a WSGI application answers, whatever it does. Source: PEP 3333."""

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus

from gcf_am.xmlrpc.server.gateway import answer

Start = Callable[..., Callable[[bytes], object]]


def test_an_answer_is_taken_whole() -> None:
    def app(_environ: object, start: Start) -> Iterable[bytes]:
        write = start("404 Not Here", [("X-One", "1"), ("Content-Length", "99")])
        write(b"first ")
        return [b"second ", b"third"]

    reply = answer(app, {})
    assert (reply.status, reply.phrase, reply.body) == (404, "Not Here", b"first second third")
    # the server tells the length that it is
    assert reply.headers == [("X-One", "1")]


def test_what_was_begun_may_begin_anew() -> None:
    def app(_environ: object, start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        start("500 Oh", [], (ValueError, ValueError(), None))
        return []

    assert answer(app, {}).status == HTTPStatus.INTERNAL_SERVER_ERROR


def test_bodies_are_closed_though_they_fail() -> None:
    closed = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            raise RuntimeError("inner words")

        def close(self) -> None:
            closed.append(True)

    def app(_environ: object, start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        return Body()

    reply = answer(app, {})
    assert reply.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert b"inner" not in reply.body
    assert b"tell the operator the number" in reply.body
    assert closed == [True]
