"""Clients of a server with an address of their own each, and servers set up as `tracker serve` does."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from fastapi import FastAPI

from tracker.api.connections import BoundedProtocol


@contextmanager
def listening(application: FastAPI, protocol: type[BoundedProtocol] = BoundedProtocol) -> Iterator[int]:
    """The port of a server with the protocol of `tracker serve`, or one with less patience."""
    with socket.socket() as server_socket:
        server_socket.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            application, http=protocol, ws="none", proxy_headers=False, log_level="critical", access_log=False,
            server_header=False, timeout_graceful_shutdown=2,
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [server_socket]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            yield server_socket.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)


def address(number: int) -> str:
    """The address of a client."""
    return f"127.0.{number // 250}.{number % 250 + 2}"


def connect(port: int, client: int, buffer: int | None = None) -> socket.socket:
    """A connection of one client. Args: buffer: bytes that it takes before it is read from."""
    connection = socket.socket()
    if buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.bind((address(client), 0))
    connection.settimeout(20)
    connection.connect(("127.0.0.1", port))
    return connection


def as_client(port: int, client: int, timeout: float = 20) -> httpx.Client:
    """One client as a caller that reads its answers."""
    transport = httpx.HTTPTransport(local_address=address(client))
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=timeout)


def is_closed(connection: socket.socket, seconds: float) -> bool:
    """Whether the server ends a connection in time; what it has sent is not read before."""
    time.sleep(seconds)
    connection.settimeout(1)
    try:
        while connection.recv(1 << 20):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True
