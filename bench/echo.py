"""An XML-RPC echo on the very server that serves the aggregate: what no call can be faster than."""

import html
import xmlrpc.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from bench.client import request
from gcf_am.app.material import Material, trust_of
from gcf_am.config import read_config
from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.codec import XmlLimits, read_call, write_response
from gcf_am.xmlrpc.server import Application, HttpLimits, Route, Workers, bind

# It reads what the aggregate only writes: advertisements of any size.
_LIMITS: Final = XmlLimits(size=256_000_000, tags=1_000_000)
_PIECE: Final = 4_000_000


def make_echo(home: Path) -> Application:
    """It decodes a call and sends back the value of its first parameter; made in its worker."""
    config = read_config(home)

    def answer(call: Call) -> bytes:
        _, values = read_call(call.body, _LIMITS)
        return write_response(values[0])

    return Application({"/": Route(answer)}, Material(config, trust_of(config)))


@contextmanager
def echoing(home: Path) -> Iterator[str]:
    """Serve an echo with a home's certificates and as many workers; yields its URL."""
    listen = bind("127.0.0.1", 0)
    config = read_config(home)
    limits = HttpLimits(
        threads=config.listen.threads, queue=config.listen.queue, body_bytes=_LIMITS.size
    )
    workers = Workers(partial(make_echo, home), listen, limits, count=config.listen.workers)
    workers.start(120)
    try:
        yield f"https://127.0.0.1:{listen.getsockname()[1]}/"
    finally:
        listen.close()
        workers.stop(5)


def like(url: str, call: bytes, answer: bytes) -> bytes:
    """A call of the echo at `url` that is as long as `call`, unless its answer is longer.

    It carries what is answered, so that both write as much, and beside it, so that both read as
    much, as much of the call's own text.
    """
    # by a parser that takes a text of any length, as Python's own clients do
    (answered,), _ = xmlrpc.client.loads(answer)  # noqa: TID251  (it is our own answer)
    value = _in_pieces(answered)
    missing = len(call) - len(request(url, "echo", value, ""))
    # as it is escaped: a credential is full of what must be
    text = html.escape(html.unescape(call.decode()), quote=False)[: max(0, missing)]
    return request(url, "echo", value, html.unescape(text))


def _in_pieces(value: object) -> object:
    """The value with no text so long that no XML parser takes it."""
    if isinstance(value, Mapping):
        return {name: _in_pieces(inner) for name, inner in value.items()}
    if isinstance(value, str) and len(value) > _PIECE:
        return [value[at : at + _PIECE] for at in range(0, len(value), _PIECE)]
    return value
