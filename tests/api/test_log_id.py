"""Every answer names its log, and a position beyond its end is refused."""

from pathlib import Path

import httpx
import pytest

from tracker.services import audit


def test_every_answer_names_its_log(client: httpx.Client, full_store: Path) -> None:
    log = audit.head(str(full_store)).log
    for path in ("/api/v1/state/margara", "/api/v1/changes", "/healthz", "/", "/api/v1/nowhere"):
        assert client.get(path).headers["tracker-log"] == log
    assert client.get("/api/v1/state/margara", headers={"If-None-Match": "*"}).headers["tracker-log"] == log


@pytest.mark.parametrize("path", ["/api/v1/changes", "/api/v1/changes/stream"])
def test_a_position_beyond_the_end_is_refused_with_the_id_of_the_log(
    client: httpx.Client, full_store: Path, path: str
) -> None:
    head = audit.head(str(full_store))
    answer = client.get(path, params={"after": head.size + 1})
    assert answer.status_code == 409
    assert str(head.log) in answer.json()["detail"]


def test_the_end_itself_is_not_beyond_it(client: httpx.Client, full_store: Path) -> None:
    assert client.get("/api/v1/changes", params={"after": audit.head(str(full_store)).size}).json() == []


def test_there_is_no_alarm(client: httpx.Client) -> None:
    assert "tracker_log_alarm 0.0" in client.get("/metrics").text
