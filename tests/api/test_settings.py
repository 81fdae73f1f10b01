"""Flags over the environment over tracker.toml over defaults; and `tracker serve` itself."""

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
from tracker.model.errors import BadRequest
from tracker.settings import Settings, in_force, read_settings

FILE = """
port = 7001
workers = 3
cors_origins = ["https://example.org"]

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


def test_the_nearest_word_counts(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().port == 8000
    (elsewhere / "tracker.toml").write_text(FILE, encoding="utf-8")
    assert read_settings().port == 7001
    monkeypatch.setenv("TRACKER_PORT", "7002")
    assert read_settings().port == 7002
    assert read_settings({"port": 7003}).port == 7003
    assert read_settings({"port": None}).port == 7002


def test_every_setting_tells_where_it_comes_from(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "tracker.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.setenv("TRACKER_PORT", "7002")
    found = {each.name: (each.value, each.source) for each in in_force({"host": "0.0.0.0"})}
    assert set(found) == set(Settings.model_fields)
    assert found["host"] == ("0.0.0.0", "flag")
    assert found["port"] == ("7002", "environment, TRACKER_PORT")
    assert found["workers"] == ("3", "tracker.toml")
    assert found["timeout"][1] == "default"
    assert found["webhooks"] == ("https://example.org/hook", "tracker.toml")


def test_config_prints_them_without_secrets(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (elsewhere / "tracker.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.setenv("TRACKER_STORE", "postgresql://user:hunter2@host/name")
    assert answer(["config", "--port", "7003"]) == 0
    said = capsys.readouterr().out
    assert "7003" in said
    assert "whsec_" not in said
    assert "hunter2" not in said
    assert all(name in said for name in Settings.model_fields)


def test_another_file_may_be_named(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "other.toml").write_text("port = 7004", encoding="utf-8")
    monkeypatch.setenv("TRACKER_CONFIG", str(elsewhere / "other.toml"))
    assert read_settings().port == 7004


@pytest.mark.parametrize(
    "text", ["port = 99999", "prot = 1", "port = ", "workers = 0", '[[webhooks]]\nurl = "x"', "[[webhooks]]\nurl = 1"]
)
def test_wrong_settings_are_refused_with_their_name(text: str, elsewhere: Path) -> None:
    (elsewhere / "tracker.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadRequest, match="settings"):
        read_settings()


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


@pytest.mark.parametrize("workers", [1, 2])
def test_serve_serves(workers: int, full_store: Path) -> None:
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
    (elsewhere / "tracker.toml").write_text(FILE.replace("workers = 3", ""), encoding="utf-8")
    assert answer(["--events", str(EVENTS), "serve", "--port", "0"]) == 2
