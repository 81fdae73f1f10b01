"""A server of files that somebody edits: it reads them again, and keeps the last good record while one is wrong."""

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import running
from tracker import serve
from tracker.settings import Settings

FIORDLAND = Path(__file__).parents[2] / "examples" / "fiordland"
STATEMENT = """
announced = 2031-09-01
summary = "Skalmark spoke."
by = [{ party = "SK" }]
source = [{ publisher = "The Bugle" }]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIORDLAND, tmp_path / "events"))


@pytest.fixture
def client(folder: Path) -> Iterator[httpx.Client]:
    settings = Settings(events=folder, access_log=False)
    with running(serve.create(settings, lambda: datetime(2031, 10, 1, 12, tzinfo=UTC))) as client:
        yield client


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_edited_file_is_read_again(client: httpx.Client, folder: Path) -> None:
    first = client.get("/api/v1/announcements")
    events = len(client.get("/api/v1/changes").json())
    said = folder / "2031" / "said.toml"
    said.write_text(STATEMENT, encoding="utf-8")
    until(lambda: client.get("/api/v1/announcements/said").status_code == 200)
    assert len(client.get("/api/v1/changes").json()) == events + 1
    before = client.get("/position").json()
    said.write_text(STATEMENT.replace("spoke", "said something"), encoding="utf-8")
    until(
        lambda: client.get("/api/v1/announcements/said").json()["announcement"]["title"] == "Skalmark said something."
    )
    after = client.get("/position").json()
    assert (after["position"], after["problem"]) == (before["position"], None)
    assert after["revision"] != before["revision"]
    said.unlink()
    until(lambda: client.get("/api/v1/announcements/said").status_code == 404)
    held = {"If-None-Match": first.headers["etag"]}
    assert client.get("/api/v1/announcements", headers=held).status_code == 304


def test_a_name_in_the_registry_is_seen_though_no_event_was_added(client: httpx.Client, folder: Path) -> None:
    registry = folder / "registry" / "all.toml"
    held = {"If-None-Match": client.get("/api/v1/subjects").headers["etag"]}
    assert client.get("/api/v1/subjects", headers=held).status_code == 304
    registry.write_text(registry.read_text().replace("Stillwater Bridge", "Still Water Bridge"), encoding="utf-8")
    until(lambda: client.get("/api/v1/subjects", headers=held).status_code == 200)
    assert "Still Water Bridge" in client.get("/subjects/stillwater-bridge").text


def test_while_a_file_is_wrong_the_last_good_record_answers_and_everybody_is_told(
    client: httpx.Client, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert client.get("/healthz").json()["detail"] is None
    good = client.get("/api/v1/announcements").json()
    said = folder / "2031" / "said.toml"
    said.write_text(STATEMENT.replace("SK", "SKK"), encoding="utf-8")
    until(lambda: client.get("/healthz").json()["detail"] is not None)
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
        assert "said.toml:4: " in answer.json()["detail"]
        assert "answers rest on the files as they were before this" in answer.json()["detail"]
    assert "said.toml:4: " in capfd.readouterr().err
    assert client.get("/api/v1/announcements").json() == good
    for page in ("/", "/promises", "/subjects/stillwater-bridge"):
        assert "said.toml:4: " in client.get(page).text
    assert "said.toml:4: " in client.get("/position").json()["problem"]
    said.write_text(STATEMENT, encoding="utf-8")
    until(lambda: client.get("/api/v1/announcements/said").status_code == 200)
    assert client.get("/healthz").json()["detail"] is None
    assert "said.toml" not in client.get("/promises").text
