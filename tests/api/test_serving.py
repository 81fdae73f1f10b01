"""`tracker serve`, as a process: it obeys flags and settings, in one process or several."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import EVENTS
from tracker.cli.main import answer

pytestmark = pytest.mark.slow

WEBHOOK = """
[[webhooks]]
url = "https://example.org/hook"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("TRACKER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


@pytest.mark.parametrize("workers", [1, 2])
def test_serve_serves_what_a_flag_names(workers: int, full_store: Path, elsewhere: Path) -> None:
    (elsewhere / "tracker.toml").write_text('events = "files"\nstore = "other.sqlite"\n', encoding="utf-8")
    port = _free_port()
    command = [sys.executable, "-m", "tracker", "--store", str(full_store), "serve", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--workers", str(workers)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        answers = _answers(process, f"http://127.0.0.1:{port}/api/v1/subjects/margara/state?as_of=2025-03-25")
        assert answers.json()["subject"] == "margara"
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert f"http://127.0.0.1:{port}/" in err
    assert "Traceback" not in err
    assert json.loads(out.splitlines()[-1])["path"] == "/api/v1/subjects/margara/state"


def _answers(process: "subprocess.Popen[str]", url: str) -> httpx.Response:
    for _ in range(300):
        assert process.poll() is None, process.communicate()
        try:
            return httpx.get(url, timeout=20)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def test_a_store_that_cannot_be_served_is_told_before_anything_listens(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(["--store", str(elsewhere / "no" / "such" / "folder.sqlite"), "serve"]) == 3
    assert "folder" in capsys.readouterr().err


def test_webhooks_need_a_store(elsewhere: Path) -> None:
    (elsewhere / "tracker.toml").write_text(WEBHOOK, encoding="utf-8")
    assert answer(["--events", str(EVENTS), "serve", "--port", "0"]) == 2
