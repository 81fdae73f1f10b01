"""Many clients at once, each with an address of its own: none takes from the others their answers or their time."""

import asyncio
import contextlib
import socket
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp

from tests.api.conftest import make
from tests.api.strangers import as_client, connect, listening
from tracker.api.endpoints import states
from tracker.api.middleware.hosts import AllowedHosts, allowed_hosts
from tracker.api.middleware.limits import STREAMS_OF_ONE
from tracker.api.middleware.rate_limit import RateLimiter
from tracker.api.middleware.read_your_writes import MAX_WAIT, WAITING_OF_ONE
from tracker.model.deadline import check_deadline
from tracker.settings import Settings

PROBES = ("/healthz", "/readyz", "/metrics")


class Held:
    """An answer to /api/v1/state that does not come before it may, and how often it was worked out."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()
        self.count = 0

    def __call__(self, *_: Any) -> list[Any]:
        self.count += 1
        self.begun.release()
        self.go.wait(20)
        return []


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    held = Held()
    monkeypatch.setattr(states, "state_query", held)
    return held


@contextlib.contextmanager
def asking(port: int, client: int, paths: list[str]) -> Any:
    """Questions of one client that are under way at once."""
    with as_client(port, client) as caller, ThreadPoolExecutor(len(paths)) as pool:
        yield [pool.submit(caller.get, path) for path in paths]


def test_an_address_has_a_quarter_of_the_seats_and_probes_need_none(full_store: Path, held: Held) -> None:
    with listening(make(full_store, max_requests=8)) as port, as_client(port, 1) as greedy, as_client(port, 2) as other:
        with asking(port, 1, ["/api/v1/state?limit=1", "/api/v1/state?limit=2"]) as answers:
            assert held.begun.acquire(timeout=20)
            assert not held.begun.acquire(timeout=0.3)  # the second waits for the first, with a seat of its own
            refused = greedy.get("/api/v1/subjects")
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert "your address has 2" in refused.json()["detail"]
            assert other.get("/api/v1/subjects").status_code == 200
            assert [greedy.get(probe).status_code for probe in PROBES] == [200] * 3
            held.go.set()
        assert [answer.result().status_code for answer in answers] == [200, 200]
        assert greedy.get("/api/v1/subjects").status_code == 200


def test_probes_are_answered_when_all_seats_are_taken(full_store: Path, held: Held) -> None:
    with listening(make(full_store, max_requests=4)) as port, contextlib.ExitStack() as stack:
        for client in range(4):
            stack.enter_context(asking(port, client, [f"/api/v1/state?limit={client + 1}"]))
            assert held.begun.acquire(timeout=20)
        other = stack.enter_context(as_client(port, 9))
        assert "the server is busy" in other.get("/api/v1/subjects").json()["detail"]
        assert [other.get(probe).status_code for probe in PROBES] == [200] * 3
        held.go.set()


def test_equal_questions_at_once_are_worked_out_once(full_store: Path, held: Held) -> None:
    with listening(make(full_store)) as port, contextlib.ExitStack() as stack:
        every = [stack.enter_context(asking(port, client, ["/api/v1/state"])) for client in range(5)]
        assert held.begun.acquire(timeout=20)
        time.sleep(0.3)
        held.go.set()
        answers = [answer.result() for answers in every for answer in answers]
        assert [(answer.status_code, answer.text) for answer in answers] == [(200, "[]")] * 5
        assert len({answer.headers["etag"] for answer in answers}) == 1
    assert held.count == 1


def test_work_stops_at_its_deadline(full_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = threading.Event()

    def endless(*_: Any) -> list[Any]:
        try:
            while True:
                check_deadline()
                time.sleep(0.01)
        finally:
            stopped.set()

    monkeypatch.setattr(states, "state_query", endless)
    with listening(make(full_store, timeout=0.3)) as port, as_client(port, 1) as client:
        assert client.get("/api/v1/state").status_code == 504
        assert stopped.wait(2)


def test_an_address_has_few_streams(full_store: Path) -> None:
    with listening(make(full_store)) as port, contextlib.ExitStack() as stack:
        for _ in range(STREAMS_OF_ONE):
            stream = stack.enter_context(connect(port, 1))
            stream.sendall(b"GET /api/v1/changes/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert stream.recv(4096).startswith(b"HTTP/1.1 200")
        for client, status in ((1, b"503"), (2, b"200")):
            stream = stack.enter_context(connect(port, client))
            stream.sendall(b"GET /api/v1/changes/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert stream.recv(4096).split()[1] == status


def test_a_position_beyond_the_end_is_answered_at_once_and_takes_no_seat(full_store: Path) -> None:
    with listening(make(full_store, max_requests=4)) as port, as_client(port, 1) as client, as_client(port, 2) as other:
        begun = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            headers = {"Tracker-After": "9" * 18}
            answers = list(pool.map(lambda _: client.get("/healthz", headers=headers), range(8)))
        assert time.monotonic() - begun < MAX_WAIT
        assert {answer.status_code for answer in answers} == {503}
        assert any("the log ends at position" in answer.json()["detail"] for answer in answers)
        assert other.get("/api/v1/subjects").status_code == 200


def test_few_wait_for_a_position(full_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    application = make(full_store)
    monkeypatch.setattr(type(application.state.server.live), "log_end", property(lambda _: 10**6))  # a replica behind
    with listening(application) as port, contextlib.ExitStack() as stack:
        client, other = (stack.enter_context(as_client(port, number)) for number in (1, 2))
        with ThreadPoolExecutor(WAITING_OF_ONE + 2) as pool:
            begun = time.monotonic()

            def ask(_: int) -> float:
                assert client.get("/api/v1/subjects", headers={"Tracker-After": "999999"}).status_code == 503
                return time.monotonic() - begun

            waits = pool.map(ask, range(WAITING_OF_ONE + 2))
            assert other.get("/api/v1/subjects").status_code == 200
            assert sum(seconds >= MAX_WAIT for seconds in waits) == WAITING_OF_ONE


@pytest.mark.slow
def test_a_locked_store_keeps_no_reader_waiting(own_store: Path) -> None:
    application = make(own_store)
    with listening(application) as port, contextlib.closing(sqlite3.connect(own_store)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        sockets = [_post(port, client) for client in range(50)]
        time.sleep(0.3)
        with as_client(port, 99) as reader:
            begun = time.monotonic()
            for path in ("/api/v1/subjects/margara/state?as_of=2020-01-01", "/api/v1/changes", "/healthz"):
                assert reader.get(path).status_code == 200
            assert time.monotonic() - begun < 2
        lock.rollback()
        for sender in sockets:
            sender.close()


def _post(port: int, client: int) -> socket.socket:
    sender = connect(port, client)
    body = b"{}"
    head = f"POST /api/v1/announcements HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x{client}\r\n"
    sender.sendall(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    return sender


def test_work_counts_and_a_token_has_a_limit_of_its_own(full_store: Path) -> None:
    with listening(make(full_store, read_rate=30)) as port, as_client(port, 1) as greedy, as_client(port, 2) as other:
        statuses = [greedy.get(f"/api/v1/state?as_of=20{day:02}-01-01").status_code for day in range(10, 20)]
        assert statuses[0] == 200
        assert 429 in statuses[:5]  # far fewer than thirty: each takes more than 10 ms of work
        assert greedy.get("/healthz").status_code == 200
        assert greedy.get("/api/v1/drafts", headers={"Authorization": "Bearer none"}).status_code == 429
        assert greedy.get("/api/v1/subjects", headers={"Authorization": "Bearer none"}).status_code == 429
        assert other.get("/api/v1/subjects").status_code == 200


def test_what_is_charged_is_waited_for() -> None:
    now = 0.0
    limiter = RateLimiter(60, clock=lambda: now)
    assert limiter.wait("a") == 0
    limiter.charge("a", 59)
    assert limiter.wait("a") == pytest.approx(1)
    now += 1
    assert limiter.wait("a") == 0
    limiter.charge("a", 10_000)
    now += 61
    assert limiter.wait("a") == 0  # a minute, whatever it was


@pytest.mark.parametrize(
    ("settings", "host", "status"),
    [
        ({}, "localhost:99", 200),
        ({}, "evil.example", 421),
        ({}, "", 421),
        ({"public_url": "https://tracker.example"}, "tracker.example", 200),
        ({"allowed_hosts": ("a.example",)}, "A.example:8000", 200),
        ({"allowed_hosts": ("a.example",)}, "127.0.0.1", 421),
        ({"allowed_hosts": ("*",)}, "evil.example", 200),
        ({"host": "0.0.0.0"}, "evil.example", 200),
    ],
)
def test_only_names_of_the_server_are_answered(settings: dict[str, Any], host: str, status: int) -> None:
    app = AllowedHosts(Response(b""), hosts=allowed_hosts(Settings(**settings)))
    assert [_status(app, path, host) for path in ("/api/v1/subjects", "/healthz")] == [status, 200]


def _status(app: ASGIApp, path: str, host: str) -> int:
    """The status of the answer to a request for a path of a host."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", host.encode())]}

    async def ask() -> None:
        await app(scope, receive, send)

    asyncio.run(ask())
    return int(sent[0]["status"])


def test_names_of_loopback_are_for_loopback() -> None:
    assert allowed_hosts(Settings(host="::1"))[:3] == ("localhost", "127.0.0.1", "[::1]")
    assert allowed_hosts(Settings(host="192.0.2.1")) == ("*",)


@pytest.mark.parametrize(("proxies", "streams"), [((), [200] * 4 + [503] * 2), (("127.0.0.0/8",), [200] * 6)])
def test_forwarded_addresses_count_where_the_proxy_is_trusted(
    proxies: tuple[str, ...], streams: list[int], full_store: Path
) -> None:
    with listening(make(full_store, trusted_proxies=proxies)) as port, contextlib.ExitStack() as stack:
        statuses = []
        for number in range(6):
            stream = stack.enter_context(connect(port, 1))
            forwarded = f"X-Forwarded-For: 192.0.2.{number}\r\nX-Forwarded-Host: evil.example\r\n"
            stream.sendall(f"GET /api/v1/changes/stream HTTP/1.1\r\nHost: localhost\r\n{forwarded}\r\n".encode())
            statuses.append(int(stream.recv(4096).split()[1]))
    assert statuses == streams


@pytest.mark.parametrize(("host", "named"), [("127.0.0.1", [False, False]), ("0.0.0.0", [True, False])])
def test_no_name_gets_into_an_answer_that_is_kept(host: str, named: list[bool], full_store: Path) -> None:
    with listening(make(full_store, allowed_hosts=("*",), host=host)) as port, as_client(port, 1) as client:
        path = "/api/v1/calendar.ics?subject=margara"
        bodies = [client.get(path, headers={"Host": name}).text for name in ("evil.example", "b.example")]
    assert all(f"http://127.0.0.1:{port}/" in body for body in bodies) or any(named)
    assert ["evil.example" in body for body in bodies] == named
