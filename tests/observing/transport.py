"""The standard library's XML-RPC client, watched: what is called and what comes back is noted."""

from __future__ import annotations

import ssl
import xmlrpc.client
from typing import Any
from urllib.parse import urlsplit

from gcf_am.xmlrpc.codec import read_call
from gcf_am.xmlrpc.fault import Fault
from tests.observing.aggregate import METHODS, saw_call
from tests.observing.federation import AUTHORITIES, GCF, saw_federation, saw_gcf


class Watched(xmlrpc.client.SafeTransport):
    """A transport that notes every call that was answered with something else than a fault."""

    def single_request(
        self, host: Any, handler: str, request_body: Any, verbose: Any = False
    ) -> Any:
        answer = super().single_request(host, handler, request_body, verbose)
        try:
            name, parameters = read_call(request_body)
        except Fault:
            return answer  # a test's own idea of a call
        noted(urlsplit(handler).path, name, parameters, answer)
        return answer


def noted(path: str, name: str, parameters: list[Any], answers: Any) -> None:
    """Note a call at a path of the aggregate or of the clearinghouse."""
    answer = answers[0] if isinstance(answers, tuple | list) else answers
    last = path.rstrip("/").rpartition("/")[2]
    if last in AUTHORITIES:
        saw_federation(last, name, parameters, answer)
    elif path.rstrip("/") in {"/xmlrpc/am/2", "/2.0"}:
        saw_call("2", name, parameters, answer)
    elif isinstance(answer, dict) and "code" in answer and name in METHODS["3"]:
        saw_call("3", name, parameters, answer)
    elif name in GCF:
        saw_gcf(name, parameters)


def watched_proxy(url: str, context: ssl.SSLContext) -> xmlrpc.client.ServerProxy:
    """A caller whose calls are noted."""
    return xmlrpc.client.ServerProxy(url, transport=Watched(context=context))
