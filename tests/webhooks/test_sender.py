"""Webhooks: messages are signed, tried again, and each sent once."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from cloudevents.http import from_json
from standardwebhooks import Webhook, WebhookVerificationError

from tests.api.conftest import Serving
from tests.api.test_feeds import LIFTED
from tests.stores import log_length
from tracker.model.events import Recorded
from tracker.services import records
from tracker.services.live import Live
from tracker.settings import Settings
from tracker.webhooks.outbox import DELIVERED, FAILED, PENDING, Outbox
from tracker.webhooks.sender import KEPT, MAX_EVENTS, Sender, pause

pytestmark = pytest.mark.slow

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver(ThreadingHTTPServer):
    """Somebody who listens to webhooks, and answers as told."""

    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []  # the next ones; then 204

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_address[1]}/hook?x=1"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Rounds:
    """The rounds of a sender, by a clock that goes as told."""

    def __init__(
        self, store: Path, receiver: Receiver, *, sender: Mapping[str, Any] = MappingProxyType({}), **more: Any
    ) -> None:
        self.at = datetime.now(UTC)  # a signature is good for five minutes
        self.store = str(store)
        target = {"url": receiver.url, "secret": SECRET, "subjects": more.pop("subjects", ())}
        self.live = Live.of_store(self.store, lambda: self.at, lambda _: None)
        settings = Settings.model_validate({"webhooks": (target,), "webhook_private": True, **more})
        self.sender = Sender(self.store, self.live, self._log, settings, now=lambda: self.at, **sender)

    def _log(self, after: int, limit: int) -> list[Recorded]:
        return list(records.log(self.store, after, limit))

    def record(self, folder: Path, name: str, text: str) -> None:
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
        records.record(self.store, [folder / f"{name}.toml"])
        time.sleep(0.6)
        self.live.current()
        self.at += timedelta(seconds=1)

    def round(self, later: float = 0) -> int:
        self.at += timedelta(seconds=later)
        self.sender.collect()
        return asyncio.run(self.sender.send())

    @property
    def counts(self) -> dict[str, int]:
        return Outbox(self.store, 0, 0).counts()


def test_what_is_recorded_is_sent_signed_as_a_cloud_event(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    rounds = Rounds(own_store, receiver)
    assert rounds.round(1) == 0
    rounds.record(tmp_path, "turkey-opens", LIFTED)
    while rounds.round(1):
        pass
    headers, body = receiver.got[0]
    Webhook(SECRET).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body + b" ", headers)
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert headers["host"] == receiver.url.split("/")[2]
    events = [from_json(body) for _, body in receiver.got]
    first = next(each for each in events if each["type"] == "tracker.announcement.recorded")
    position = log_length() + 1
    assert (first["subject"], first["id"], first.data["position"]) == ("turkey-opens", f"log-{position}", position)
    changed = {each["subject"]: each.data for each in events if each["type"] == "tracker.status.changed"}
    assert (changed["tr-closure-1993"]["before"], changed["tr-closure-1993"]["after"]) == ("in-force", "lifted")
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == len(receiver.got)
    assert rounds.counts == {DELIVERED: len(receiver.got)}
    assert rounds.round(1) == 0


def test_more_news_than_are_read_at_once_are_all_sent(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    rounds = Rounds(own_store, receiver, subjects=("tr-closure-1993",))
    files = [tmp_path / f"turkey-speaks-{number}.toml" for number in range(MAX_EVENTS + 5)]
    for file in files:
        file.write_text(LIFTED, encoding="utf-8")
    records.record(rounds.store, files)
    time.sleep(0.6)
    rounds.live.current()
    rounds.at += timedelta(seconds=1)
    rounds.sender.collect()
    assert rounds.counts[PENDING] >= len(files)


def test_only_news_about_what_is_asked_for(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    rounds = Rounds(own_store, receiver, subjects=("lachin",))
    rounds.record(tmp_path, "turkey-opens", LIFTED)
    assert rounds.round(1) == 0


def test_an_attempt_that_fails_is_made_again_later(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    rounds = Rounds(own_store, receiver, subjects=("tr-closure-1993",))
    receiver.answers = [500, 500, 302, 302] + [200] * 9
    rounds.record(tmp_path, "turkey-opens", LIFTED)
    assert rounds.round(1) == 2
    assert rounds.counts == {PENDING: 2}
    assert rounds.round(1) == 0  # not yet
    assert rounds.round(10) == 2
    assert rounds.counts == {PENDING: 2}  # a redirection is not followed
    assert rounds.round(30) == 2
    assert rounds.counts == {DELIVERED: 2}
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert sorted(ids) == sorted(3 * sorted(set(ids)))


def test_after_enough_attempts_it_is_given_up(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    rounds = Rounds(own_store, receiver, subjects=("tr-closure-1993",), webhook_attempts=2)
    receiver.answers = [500] * 10
    rounds.record(tmp_path, "turkey-opens", LIFTED)
    assert rounds.round(1) == 2
    assert rounds.round(100_000) == 2
    assert rounds.counts == {FAILED: 2}


def test_who_is_gone_is_not_asked_again(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    rounds = Rounds(own_store, receiver, subjects=("tr-closure-1993",))
    receiver.answers = [410] * 10
    rounds.record(tmp_path, "turkey-opens", LIFTED)
    rounds.round(1)
    assert rounds.counts == {FAILED: 2}


def test_a_private_target_is_refused_unless_it_is_allowed(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    rounds = Rounds(own_store, receiver, webhook_private=False)
    rounds.record(tmp_path, "turkey-opens", LIFTED)
    rounds.round(1)
    assert receiver.got == []
    assert set(rounds.counts) == {FAILED}


def test_news_that_came_while_nobody_served_is_sent_by_the_next(
    own_store: Path, receiver: Receiver, tmp_path: Path
) -> None:
    Rounds(own_store, receiver)
    (tmp_path / "turkey-opens.toml").write_text(LIFTED, encoding="utf-8")
    records.record(str(own_store), [tmp_path / "turkey-opens.toml"])
    rounds = Rounds(own_store, receiver)
    assert rounds.round(1) > 1
    assert any(json.loads(body)["type"] == "tracker.announcement.recorded" for _, body in receiver.got)


def test_old_deliveries_are_deleted_and_those_to_former_targets_given_up(
    own_store: Path, receiver: Receiver, tmp_path: Path
) -> None:
    rounds = Rounds(own_store, receiver, subjects=("tr-closure-1993",))
    receiver.answers = [200, 500]
    rounds.record(tmp_path, "turkey-opens", LIFTED)
    assert rounds.round(1) == 2
    assert rounds.counts == {DELIVERED: 1, PENDING: 1}
    rounds.at += KEPT - timedelta(seconds=10)
    assert rounds.sender.forget() == 0
    rounds.at += timedelta(seconds=20)
    assert rounds.sender.forget() == 1
    assert rounds.counts == {PENDING: 1}  # it is tried on, however old
    Outbox(rounds.store, 0, 0).give_up(("https://example.org/",), 1)
    assert rounds.counts == {FAILED: 1}
    assert rounds.sender.forget() == 1


@pytest.mark.slow
def test_a_slow_target_keeps_no_other_waiting(
    serving: Serving, own_store: Path, receiver: Receiver, tmp_path: Path
) -> None:
    with socket.socket() as deaf:  # it takes connections, and answers none
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        slow = {"url": f"http://127.0.0.1:{deaf.getsockname()[1]}/", "secret": SECRET}
        with serving(webhooks=(slow, {"url": receiver.url, "secret": SECRET}), webhook_private=True):
            for name in ("turkey-opens", "turkey-repeats"):
                before = len(receiver.got)
                (tmp_path / f"{name}.toml").write_text(LIFTED, encoding="utf-8")
                records.record(str(own_store), [tmp_path / f"{name}.toml"])
                until = time.monotonic() + 8  # less than an attempt to deliver takes
                while len(receiver.got) == before:
                    assert time.monotonic() < until
                    time.sleep(0.1)


def test_two_servers_send_everything_once(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    first, second = (Rounds(own_store, receiver, subjects=("tr-closure-1993",)) for _ in range(2))
    first.record(tmp_path, "turkey-opens", LIFTED)
    second.live.current()
    assert first.round(1) + second.round(2) == 2
    assert len(receiver.got) == 2


def test_a_running_server_sends(serving: Serving, own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    target = {"url": receiver.url, "secret": SECRET}
    with serving(webhooks=(target,), webhook_private=True) as client:
        (tmp_path / "turkey-opens.toml").write_text(LIFTED, encoding="utf-8")
        records.record(str(own_store), [tmp_path / "turkey-opens.toml"])
        for _ in range(100):
            if receiver.got:
                break
            time.sleep(0.1)
        assert receiver.got
        assert "tracker_webhook_deliveries_total" in client.get("/metrics").text


def test_a_target_that_is_alive_for_ever_is_given_up(
    own_store: Path, tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sends a header a little at a time, so that no wait between two bytes is long."""
    monkeypatch.setattr(_Handler, "do_POST", _trickle)
    rounds = Rounds(own_store, receiver, sender={"max_seconds": 0.5})
    rounds.record(tmp_path, "turkey-opens", LIFTED)
    assert rounds.round() > 0
    assert set(rounds.counts) == {PENDING}


def _trickle(handler: _Handler) -> None:
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.05)


def test_pauses_grow_and_end() -> None:
    seconds = [pause(attempts) for attempts in range(12)]
    assert 4 <= seconds[0] <= 6
    assert max(seconds) <= 6 * 3600 * 1.2
    assert all(later > 2 * earlier for earlier, later in pairwise(seconds[:6]))
