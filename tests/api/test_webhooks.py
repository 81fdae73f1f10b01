"""News to webhooks: signed, tried again, put down, and never into private networks unless that is allowed."""

import asyncio
import contextlib
import ipaddress
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cloudevents.http import from_json
from standardwebhooks import Webhook, WebhookVerificationError

from tests.api.conftest import Serving
from tests.api.test_feeds import LIFTED
from tracker.model.events import Recorded
from tracker.services import records
from tracker.services.live import Live
from tracker.settings import Settings
from tracker.webhooks import post
from tracker.webhooks.addresses import ForbiddenTarget, is_public, place
from tracker.webhooks.outbox import DELIVERED, FAILED, PENDING
from tracker.webhooks.post import PostOffice, wait

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime.now(UTC)


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


class Office:
    """A post office whose clock goes as told."""

    def __init__(self, store: Path, receiver: Receiver, **more: Any) -> None:
        self.at = NOW
        self.store = str(store)
        target = {"url": receiver.url, "secret": SECRET, "subjects": more.pop("subjects", ())}
        self.live = Live.of_store(self.store, lambda: self.at, lambda _: None)
        settings = Settings.model_validate({"webhooks": (target,), "webhook_private": True, **more})
        self.post = PostOffice(self.store, self.live, self._log, settings, now=lambda: self.at)

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
        self.post.collect()
        return asyncio.run(self.post.carry())

    @property
    def counts(self) -> dict[str, int]:
        return self.post._deliveries.counts()


def test_what_is_recorded_is_sent_signed_as_a_cloud_event(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    office = Office(own_store, receiver)
    assert office.round(1) == 0
    office.record(tmp_path, "turkey-opens", LIFTED)
    while office.round(1):
        pass
    headers, body = receiver.got[0]
    Webhook(SECRET).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body + b" ", headers)
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert headers["host"] == receiver.url.split("/")[2]
    events = [from_json(body) for _, body in receiver.got]
    first = next(each for each in events if each["type"] == "tracker.announcement.recorded")
    assert (first["subject"], first["id"], first.data["position"]) == ("turkey-opens", "log-426", 426)
    changed = {each["subject"]: each.data for each in events if each["type"] == "tracker.status.changed"}
    assert (changed["tr-closure-1993"]["before"], changed["tr-closure-1993"]["after"]) == ("in-force", "lifted")
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == len(receiver.got)
    assert office.counts == {DELIVERED: len(receiver.got)}
    assert office.round(1) == 0


def test_only_news_about_what_is_asked_for(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    office = Office(own_store, receiver, subjects=("lachin",))
    office.record(tmp_path, "turkey-opens", LIFTED)
    assert office.round(1) == 0


def test_an_attempt_that_fails_is_made_again_later(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    office = Office(own_store, receiver, subjects=("tr-closure-1993",))
    receiver.answers = [500, 500, 302, 302] + [200] * 9
    office.record(tmp_path, "turkey-opens", LIFTED)
    assert office.round(1) == 2
    assert office.counts == {PENDING: 2}
    assert office.round(1) == 0  # not yet
    assert office.round(10) == 2
    assert office.counts == {PENDING: 2}  # a redirection is not followed
    assert office.round(30) == 2
    assert office.counts == {DELIVERED: 2}
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert sorted(ids) == sorted(3 * sorted(set(ids)))


def test_after_enough_attempts_it_is_given_up(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    office = Office(own_store, receiver, subjects=("tr-closure-1993",), webhook_attempts=2)
    receiver.answers = [500] * 10
    office.record(tmp_path, "turkey-opens", LIFTED)
    assert office.round(1) == 2
    assert office.round(100_000) == 2
    assert office.counts == {FAILED: 2}


def test_who_is_gone_is_not_asked_again(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    office = Office(own_store, receiver, subjects=("tr-closure-1993",))
    receiver.answers = [410] * 10
    office.record(tmp_path, "turkey-opens", LIFTED)
    office.round(1)
    assert office.counts == {FAILED: 2}


def test_a_private_target_is_refused_unless_it_is_allowed(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    office = Office(own_store, receiver, webhook_private=False)
    office.record(tmp_path, "turkey-opens", LIFTED)
    office.round(1)
    assert receiver.got == []
    assert set(office.counts) == {FAILED}


def test_news_that_came_while_nobody_served_is_sent_by_the_next(
    own_store: Path, receiver: Receiver, tmp_path: Path
) -> None:
    Office(own_store, receiver)
    (tmp_path / "turkey-opens.toml").write_text(LIFTED, encoding="utf-8")
    records.record(str(own_store), [tmp_path / "turkey-opens.toml"])
    office = Office(own_store, receiver)
    assert office.round(1) > 1
    assert any(json.loads(body)["type"] == "tracker.announcement.recorded" for _, body in receiver.got)


def test_two_servers_send_everything_once(own_store: Path, receiver: Receiver, tmp_path: Path) -> None:
    first, second = (Office(own_store, receiver, subjects=("tr-closure-1993",)) for _ in range(2))
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


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "ff02::1", "240.0.0.1", "192.0.2.1",
        # what Python 3.11 calls global: a network's own NAT64, the forms that only wrap an address of IPv4, site-local
        # addresses, and what IANA keeps for documentation and protocols
        "64:ff9b:1::7f00:1", "::7f00:1", "::ffff:0:7f00:1", "::5efe:7f00:1", "2a01::5efe:7f00:1", "fec0::1", "3fff::1",
        "5f00::1", "192.0.0.8", "192.88.99.1", "2002:a9fe:a9fe::1", "2001:0:53aa:64c::80ff:fffe",
    ],
)  # fmt: skip
def test_addresses_that_only_the_server_can_reach_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_a_name_that_leads_elsewhere_the_second_time_is_only_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: what was checked is what is connected to."""
    answers = ["93.184.216.34", "127.0.0.1"]

    async def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), 443))]

    async def ask() -> Any:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        return await place("https://rebinding.example/hook", private=False)

    found = asyncio.run(ask())
    assert found.url == "https://93.184.216.34:443/hook"
    assert found.named == "rebinding.example"


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]

    async def ask() -> Any:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        return await place("https://both.example/", private=False)

    with pytest.raises(ForbiddenTarget):
        asyncio.run(ask())


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "http://user:pw@example.org/", "http:///x", "file:///etc/passwd"]
)
def test_only_plain_web_addresses_are_targets(url: str) -> None:
    with pytest.raises(ForbiddenTarget):
        asyncio.run(place(url, private=True))


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "[::]", "[::ffff:7f00:1]", "[::1]"],
)
def test_no_spelling_of_this_machine_is_a_target(host: str) -> None:
    with pytest.raises((ForbiddenTarget, OSError)):
        asyncio.run(place(f"http://{host}:8000/hook", private=False))


def test_a_target_that_is_alive_for_ever_is_given_up(
    own_store: Path, tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sends a header a little at a time, so that no wait between two bytes is long."""
    monkeypatch.setattr(post, "WHOLE", 0.5)
    monkeypatch.setattr(_Handler, "do_POST", _trickle)
    office = Office(own_store, receiver)
    office.record(tmp_path, "turkey-opens", LIFTED)
    assert office.round() > 0
    assert set(office.counts) == {PENDING}


def _trickle(handler: _Handler) -> None:
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.05)


def test_waits_grow_and_end() -> None:
    waits = [wait(attempts) for attempts in range(12)]
    assert 4 <= waits[0] <= 6
    assert max(waits) <= 6 * 3600 * 1.2
    assert all(later > 2 * earlier for earlier, later in pairwise(waits[:6]))
