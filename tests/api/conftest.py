"""A real server on a store with the real record: uvicorn in a thread, asked over TCP."""

import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from tracker import serve
from tracker.cli.main import answer
from tracker.settings import Settings

EVENTS = Path(__file__).parents[2] / "events"
Serving = Callable[..., AbstractContextManager[httpx.Client]]


@contextmanager
def running(application: ASGIApp) -> Iterator[httpx.Client]:
    """A client of an application that is served on a port of its own."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(application, log_level="error", access_log=False, timeout_graceful_shutdown=5)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(20)


def make(store: Path, **settings: Any) -> FastAPI:
    return serve.create(Settings(store=str(store), access_log=False, **{"read_rate": 0, **settings}))


@pytest.fixture(scope="session")
def application(full_store: Path) -> FastAPI:
    return make(full_store, cors_origins=("https://example.org",))


@pytest.fixture(scope="session")
def client(application: FastAPI) -> Iterator[httpx.Client]:
    """A client of the server on the real record."""
    with running(application) as found:
        yield found


@pytest.fixture
def serving(own_store: Path) -> Serving:
    """Serves a copy of the real record with other settings."""

    def with_settings(**settings: Any) -> AbstractContextManager[httpx.Client]:
        return running(make(own_store, **settings))

    return with_settings


@pytest.fixture(scope="session")
def tracker_cli(full_store: Path) -> Callable[..., Any]:
    """What the command line answers in JSON."""

    def run(*args: str) -> Any:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = answer(["--store", str(full_store), *args, "--json"])
        assert code == 0, err.getvalue()
        return json.loads(out.getvalue())

    return run
