"""A private PostgreSQL cluster for tests: made in a temporary folder, stopped and deleted at the end.

`postgres_url` is a fresh database for each test. Without a server binary its tests are skipped, and say so.
"""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest


def _binaries() -> Path | None:
    """The folder of the newest server on this machine."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    folders = [Path(path).parent for path in glob.glob("/usr/lib/postgresql/*/bin/pg_ctl")]  # noqa: PTH207
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


def _unprivileged() -> str | None:
    """The server refuses to run as root: the user to start it as, if that is who we are."""
    if os.getuid() != 0:
        return None
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


class Server:
    """A running cluster, reached over TCP on this machine only."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.port = _free_port()
        self._binaries = binaries
        self._folder = folder
        self._user = _unprivileged()
        self._names = (f"tracker_{number}" for number in count())
        if self._user:
            shutil.chown(folder, self._user)
        self._run(
            "initdb", "-D", str(folder / "data"), "-U", "tracker", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder} -c fsync=off"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "-t", "60", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "-m", "immediate", "stop")

    def url(self, database: str) -> str:
        return f"postgresql://tracker@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = next(self._names)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._binaries / program), *arguments],
            user=self._user,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # no pipe: the server would keep it open
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            log = self._folder / "log"
            raise RuntimeError(f"{program} failed: {log.read_text() if log.exists() else 'no log'}")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server binary (pg_ctl) on this machine: tests against PostgreSQL are skipped")
    folder = Path(tempfile.mkdtemp(prefix="tracker-postgres-"))
    try:
        server = Server(binaries, folder)
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_postgres_url(postgres_server: Server) -> Callable[[], str]:
    """Makes an empty database at each call."""
    return postgres_server.new_database


@pytest.fixture
def postgres_url(new_postgres_url: Callable[[], str]) -> str:
    """An empty database."""
    return new_postgres_url()
