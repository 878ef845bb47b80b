"""Homing under another WSGI server: the program of doc/homing.md, with Python's own server."""

import base64
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from gcf_am.homing.api.access import hash_password
from tests.functional.running import PATIENCE, copied

PAGE = Path(__file__).parents[2] / "doc" / "homing.md"
SERVER = """\
from wsgiref.simple_server import make_server

if __name__ == "__main__":
    from homing_wsgi import application, service

    with make_server("127.0.0.1", 0, application) as server:
        print(server.server_port, flush=True)
        for _ in range(3):
            server.handle_request()
    service.close()
"""


def test_the_pages_program_serves(template: Path, tmp_path: Path) -> None:
    home = copied(template, tmp_path / "var")
    text = (home / "gcf_am.toml").read_text("utf-8")
    table = "[homing.passwords]\n"
    assert table in text
    told = f'{table}alice = "{hash_password("open sesame")}"\n'
    (home / "gcf_am.toml").write_text(text.replace(table, told), "utf-8")

    programs = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (program,) = (one for one in programs if "make_homing" in one)
    (tmp_path / "homing_wsgi.py").write_text(program, "utf-8")
    (tmp_path / "serving.py").write_text(SERVER, "utf-8")
    process = subprocess.Popen(
        [sys.executable, "serving.py"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port, process.communicate()[1]
        assert asked(port, "/") == 200
        assert asked(port, "/v1/plans") == 401
        assert asked(port, "/v1/plans", "alice:open sesame") == 200
        _, log = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, log
    finally:
        process.kill()
        process.communicate()


def asked(port: str, path: str, who: str = "") -> int:
    """The status of the answer to a GET."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    if who:
        request.add_header("Authorization", "Basic " + base64.b64encode(who.encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
