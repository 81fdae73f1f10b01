"""`make advisories` believes a source only where it names what is known, and says so where it asked nobody."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[1] / "scripts/advisories.py"
ADVISORY = {
    "id": "PYSEC-0000-1",
    "summary": "A hole.",
    "details": "",
    "affected": [],
    "modified": "2020-01-01T00:00:00Z",
}


@contextmanager
def source(bad: set[str]) -> Iterator[str]:
    """A server of the OSV interface that knows an advisory about some packages."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = {"vulns": [ADVISORY]} if asked["package"]["name"] in bad else {}
            body = json.dumps(found).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("bad", "code", "said"),
    [
        pytest.param({"jinja2"}, 0, "No known vulnerabilities found", id="nothing known"),
        pytest.param({"jinja2", "numpy"}, 1, "PYSEC-0000-1", id="something known"),
        pytest.param(set(), 3, "it answers, but knows nothing against jinja2==2.4.1", id="an empty mirror"),
    ],
)
def test_a_source_is_believed_only_where_it_names_what_is_known(
    bad: set[str], code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "pinned.txt").write_text("numpy==2.4.6\n")
    with source(bad) as url:
        command = [sys.executable, str(SCRIPT), "--osv-url", url, str(tmp_path / "pinned.txt")]
        unreachable = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1", "PATH": "", "HOME": str(tmp_path)}
        ran = subprocess.run(command, capture_output=True, text=True, env=unreachable)
    assert (ran.returncode, said in ran.stdout + ran.stderr) == (code, True), ran.stdout + ran.stderr
    assert ("NOTHING was checked" in ran.stderr) == (code == 3)
