"""What worker processes of the tests make; they import this module by name."""

import os
from pathlib import Path

from gcf_am.errors import ConfigError
from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.server import Application, Route, TlsMaterial


def _process(call: Call) -> bytes:
    if call.body == b"die":
        os._exit(3)
    return b"%d" % os.getpid()


def make(material: TlsMaterial, diary: Path) -> Application:
    """An application that answers with its process's id, and writes down its end."""

    def close() -> None:
        (diary / str(os.getpid())).touch()

    return Application({"/": Route(_process)}, lambda: material, close)


def make_nothing() -> Application:
    raise ConfigError("[store] is nowhere to be found")


def die() -> Application:
    os._exit(7)
