"""Connections whose peers neither send nor take: they end, and others do not notice them."""

import contextlib
import time
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Response

from tests.api.strangers import as_client, connect, is_closed, listening
from tracker.api.connections import BoundedProtocol, Connections

SHORT = 0.4  # seconds
BIG = 4 * 2**20  # bytes of an answer that no kernel holds for a reader that does not read
REQUEST = b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n"


class Impatient(BoundedProtocol):
    """The protocol of `tracker serve`, with shorter times."""

    head_seconds = SHORT
    body_seconds = SHORT
    stall_seconds = SHORT


def application(connections: Connections | None = None) -> FastAPI:
    app = FastAPI()
    app.state.connections = connections or Connections()
    app.state.answered = 0
    body = bytes(BIG)

    @app.get("/big")
    async def big() -> Response:
        app.state.answered += 1
        return Response(body)

    @app.get("/small")
    async def small() -> Response:
        return Response(b"x")

    return app


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return application()


@pytest.fixture(scope="module")
def port(app: FastAPI) -> Iterator[int]:
    with listening(app, Impatient) as port:
        yield port


def test_who_takes_nothing_is_cut_off_and_was_answered_once(app: FastAPI, port: int) -> None:
    before = app.state.answered
    readers = [connect(port, number, 2048) for number in range(20)]
    for reader in readers:
        reader.sendall(REQUEST * 40)
    with as_client(port, 99) as other:
        assert other.get("/small").status_code == 200
    time.sleep(SHORT)
    assert app.state.answered == before + len(readers)  # the requests behind the first wait for its answer to go out
    assert all(is_closed(reader, SHORT) for reader in readers[:1])
    time.sleep(SHORT)
    assert not app.state.connections.open
    for reader in readers:
        reader.close()


def test_who_reads_slowly_gets_all(port: int) -> None:
    with connect(port, 1, 65536) as reader:
        reader.sendall(
            REQUEST + REQUEST.replace(b"/big", b"/small").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        )
        received = bytearray()
        while part := reader.recv(1 << 18):
            received += part
            time.sleep(SHORT / 8 if len(received) < BIG // 8 else 0)
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert len(received) > BIG


def test_requests_sent_in_one_packet_are_all_answered_in_order(port: int) -> None:
    with connect(port, 1) as client:
        client.sendall((b"GET /small HTTP/1.1\r\nHost: x\r\n\r\n" * 30)[:-2] + b"Connection: close\r\n\r\n")
        received = b""
        while part := client.recv(1 << 16):
            received += part
    assert received.count(b"HTTP/1.1 200 OK") == 30


@pytest.mark.parametrize("late", [b"", b"a"])
def test_a_body_that_does_not_come_ends_the_connection_after_the_answer_too(port: int, late: bytes) -> None:
    with connect(port, 1) as client:
        client.sendall(b"GET /small HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
        client.sendall(late)
        assert is_closed(client, SHORT * 1.5)


def test_a_body_that_trickles_ends_the_connection(port: int) -> None:
    with connect(port, 1) as client:
        client.sendall(b"GET /small HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        begun = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for _ in range(50):
                client.sendall(b"a")
                time.sleep(SHORT / 8)
        assert time.monotonic() - begun < SHORT * 4


def test_what_is_owed_in_all_is_bounded_and_the_longest_stalled_goes_first() -> None:
    connections = Connections(unsent=3 * BIG)
    with listening(application(connections)) as port:
        readers = []
        for number in range(5):
            readers.append(connect(port, number, 2048))
            readers[-1].sendall(REQUEST)
            time.sleep(0.2)
        assert sum(protocol.unsent for protocol in list(connections.open)) <= 3 * BIG
        assert is_closed(readers[0], 0)
        assert len(connections.open) >= 2
        for reader in readers:
            reader.close()


def test_one_address_has_a_quarter_of_the_connections_and_a_new_one_takes_the_place_of_an_idle_one() -> None:
    connections = Connections(most=8)
    with listening(application(connections)) as port:
        first = [connect(port, 1) for _ in range(2)]
        with connect(port, 1) as third:
            assert is_closed(third, 0.1)
        others = [connect(port, number) for number in (2, 2, 3, 3, 4, 4)]
        with as_client(port, 9) as newcomer:
            assert newcomer.get("/small").status_code == 200
        assert is_closed(first[0], 0)
        assert len(connections.open) <= 8
        for connection in (*first, *others):
            connection.close()


@pytest.mark.parametrize("trusted", ["127.0.0.3", "127.0.0.0/29"])
def test_a_proxy_that_is_trusted_connects_for_many(trusted: str) -> None:
    connections = Connections(most=8, trusted=(trusted,))
    with listening(application(connections)) as port:
        held = [connect(port, 1) for _ in range(6)]
        time.sleep(0.2)
        assert len(connections.open) == 6
        for connection in held:
            connection.close()


def test_what_is_sent_behind_a_request_is_not_kept_without_end(port: int) -> None:
    sent = 0
    with connect(port, 1, 2048) as client, contextlib.suppress(OSError):
        client.sendall(REQUEST)
        client.settimeout(SHORT / 2)
        while sent < 100 * BIG:
            sent += client.send(bytes(1 << 16))
    assert sent < 5 * BIG
