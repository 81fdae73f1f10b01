"""What an outsider can do to a server without a token: nothing that takes it from others or says too much."""

import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from tracker.api.connections import BoundedProtocol

SLOW = 0.4  # seconds


class Impatient(BoundedProtocol):
    """The protocol of `tracker serve`, with a shorter deadline."""

    head_seconds = SLOW


@pytest.fixture(scope="module")
def port(application: FastAPI) -> Iterator[int]:
    """A server set up as `tracker serve` does it, with less patience."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            application, http=Impatient, log_level="critical", access_log=False, lifespan="off", server_header=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(20)


def raw(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """Everything that comes back for these bytes, until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except OSError:
                break
            time.sleep(pause)
        found = b""
        while True:
            try:
                some = connection.recv(65536)
            except ConnectionResetError:
                return found
            if not some:
                return found
            found += some


GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
TRICKLE = [GET, *[b"X: y\r\n"] * 30]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([], id="says nothing"),
        pytest.param([b"GE"], id="stops in the first word"),
        pytest.param([GET], id="stops before the end"),
        pytest.param(TRICKLE, id="a header now and then"),
        pytest.param([GET + b"\r\n", GET], id="stops in its second request"),
    ],
)
def test_a_request_that_never_ends_is_given_up(port: int, parts: list[bytes]) -> None:
    answer = raw(port, *parts, pause=SLOW / 8)
    assert answer.count(b"HTTP/1.1 200") == (1 if len(parts) == 2 else 0)


def test_a_connection_that_rests_between_requests_is_kept(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        opened = client.get("/healthz").extensions["network_stream"].get_extra_info("client_addr")
        time.sleep(SLOW * 2)
        again = client.get("/healthz").extensions["network_stream"].get_extra_info("client_addr")
        assert again == opened


def test_those_who_wait_do_not_keep_others_waiting(port: int) -> None:
    waiting = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    try:
        for each in waiting:
            each.sendall(b"GET / HTTP/1.1\r\n")
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=10).status_code == 200
    finally:
        for each in waiting:
            each.close()


STATE = b"GET /api/v1/subjects/margara HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(b"nonsense\r\n\r\n", 400, id="no HTTP"),
        pytest.param(STATE + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400, id="two lengths"),
        pytest.param(STATE + b"Content-Length: -1\r\n\r\n", 400, id="a length below nothing"),
        pytest.param(STATE + b"Content-Length: 99999999999\r\n\r\n", 413, id="a length beyond what is taken"),
        pytest.param(STATE + b"Content-Length: 999999999999999999999\r\n\r\n", 400, id="a length beyond all"),
        pytest.param(STATE + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 400, id="another encoding"),
        pytest.param(STATE + b"X: " + b"a" * 200_000 + b"\r\n\r\n", 400, id="a long header"),
        pytest.param(STATE + b"X\x00: a\r\n\r\n", 400, id="a header with NUL"),
        pytest.param(STATE + b" folded: a\r\n\r\n", 200, id="a folded header"),
        pytest.param(
            b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 414, id="long path"
        ),
        pytest.param(
            b"GET /?" + b"a&" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 414, id="query"
        ),
        pytest.param(
            b"BREW /api/v1/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405, id="a strange method"
        ),
        pytest.param(b"TRACE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405, id="TRACE"),
        pytest.param(
            b"GET http://elsewhere/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            404,
            id="a proxy's",
        ),
    ],
)
def test_what_is_no_proper_request_is_refused(port: int, request_: bytes, status: int) -> None:
    answer = raw(port, request_)
    assert answer.startswith(b"HTTP/1.1 %d" % status), answer[:300]
    assert b"Traceback" not in answer
    assert b"uvicorn" not in answer.lower()


CHUNKED = b"POST /api/v1/nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_body_in_pieces_is_not_taken_for_ever(port: int) -> None:
    piece = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    answer = raw(port, CHUNKED, *[piece] * 200)
    assert answer[:12] in (b"HTTP/1.1 404", b"HTTP/1.1 405", b"HTTP/1.1 413", b""), answer[:300]


PATHS = [
    "/%2e%2e/%2e%2e/etc/passwd", "/static/x/..%2f..%2fpages.py", "/static/..%2f..%2f/etc/passwd", "/static/%00",
    "/subjects/%ff%fe", "/subjects/%0d%0aSet-Cookie:%20a=b", "/announcements/%3Cscript%3Ealert(1)%3C/script%3E",
    "/%E2%80%AE", "//evil.example/", "/\\evil.example", "/api/v1/docs/..%2f..%2fapplication.py", "/api/v1/%2e%2e",
    "/api/v1/announcements/" + "a" * 3000, "/fragment/%22onload=x",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_a_hostile_path_leads_nowhere_and_is_not_sent_back_as_markup(port: int, method: str, path: str) -> None:
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    answer = raw(port, head.encode())
    status, _, rest = answer.partition(b"\r\n")
    head_, _, body = rest.partition(b"\r\n\r\n")
    assert status.split()[1] in (b"400", b"404", b"405", b"414"), answer[:300]
    assert b"set-cookie" not in head_.lower()
    assert b"location:" not in head_.lower()
    assert b"x-content-type-options: nosniff" in head_.lower()
    assert b"content-security-policy: default-src 'none'" in head_.lower()
    assert b"<script>alert" not in body or b"content-type: application/problem+json" in head_.lower()
    assert b"root:" not in body
    assert method != "HEAD" or body == b""


@pytest.mark.parametrize("value", ["bytes=0-99", "bytes=-1", "bytes=9-1", "bytes=0-1,2-3" + ",4-5" * 3000, "lines=1"])
def test_a_part_of_an_answer_is_the_whole_of_it(client: httpx.Client, value: str) -> None:
    whole = client.get("/api/v1/subjects/margara")
    part = client.get("/api/v1/subjects/margara", headers={"Range": value})
    assert (part.status_code, part.content) == (200, whole.content)


def test_many_ranges_of_a_file_are_no_amplifier(client: httpx.Client) -> None:
    page = client.get("/about").text
    style = page[page.index('href="/static/') + 6 :].partition('"')[0]
    whole = client.get(style)
    ranges = "bytes=" + ",".join("0-" for _ in range(2000))
    part = client.get(style, headers={"Range": ranges, "Accept-Encoding": "identity"})
    assert part.status_code in (200, 206, 400, 416)
    assert len(part.content) <= 2 * max(len(whole.content), 1000)


@pytest.mark.parametrize("path", ["/", "/api/v1/state", "/healthz", "/api/v1/nothing", "/metrics", "/api/v1/docs"])
def test_every_answer_has_the_headers_that_keep_a_page_from_harm(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    policy = {each.split()[0]: each for each in headers["content-security-policy"].split(";")}
    assert policy["script-src"] == " script-src 'self'"
    assert policy["frame-ancestors"] == " frame-ancestors 'none'"
