"""A private PostgreSQL cluster for tests: made in a temporary folder, stopped and deleted at the end.

`postgres_url` is a fresh database for each test. Without a server binary its tests are skipped, and say so. Every test
with a server is marked `slow`.
"""

import contextlib
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

SERVER_FIXTURES = {"postgres_server", "postgres_pair"}


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Mark the tests that need a server, by a fixture or by a parameter of one."""
    for item in items:
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        if SERVER_FIXTURES.intersection(item.fixturenames) or "postgres" in parameters:
            item.add_marker(pytest.mark.slow)


def server_binaries() -> Path | None:
    """The folder of the newest server on this machine."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    folders = [Path(path).parent for path in glob.glob("/usr/lib/postgresql/*/bin/pg_ctl")]  # noqa: PTH207
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


def unprivileged_user() -> str | None:
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

    def __init__(self, binaries: Path, folder: Path, *, options: str = "-c fsync=off", of: int | None = None) -> None:
        """Args: of: the port of the server that this is to be a streaming replica of, under the name of its folder."""
        self.port = _free_port()
        self._binaries = binaries
        self._folder = folder
        self._options = options
        self._user = unprivileged_user()
        self._names = (f"tracker_{number}" for number in count())
        if self._user:
            shutil.chown(folder, self._user)
        data = str(folder / "data")
        if of is None:
            self._run("initdb", "-D", data, "-U", "tracker", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        else:
            primary = f"host=127.0.0.1 port={of} user=tracker application_name={folder.name}"
            self._run("pg_basebackup", "-D", data, "-d", primary, "-R", "-X", "stream", "-c", "fast", "-N")
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
        options = f"{options} {self._options}"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "-t", "60", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "-m", "immediate", "stop")

    def promote(self) -> None:
        """Make a replica a primary; returns when it is one."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "promote")

    def kill(self) -> None:
        """kill -9 of the server and of every process of it, as if the machine were gone."""
        main = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(main, signal.SIGSTOP)  # so that it has no more children than are read
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        for process in (main, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def url(self, database: str) -> str:
        return f"postgresql://tracker@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = next(self._names)
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def sql(self, *statements: str) -> None:
        """Run statements in the database `postgres`, with all rights."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

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


@contextmanager
def pair(
    binaries: Path,
    *,
    options: str = "-c fsync=off",
    synchronous: bool = True,
    through: Callable[[int], int] | None = None,
) -> Iterator[tuple[Server, Server]]:  # fmt: skip
    """A primary and its streaming replica, in a temporary folder.

    Args: synchronous: whether a commit waits for the replica; through: the port by which that reaches the primary's.
    """
    folder = Path(tempfile.mkdtemp(prefix="tracker-pair-"))
    folder.chmod(0o755)
    running: list[Server] = []
    try:
        for name in ("primary", "replica"):
            (folder / name).mkdir(mode=0o700)
        running.append(Server(binaries, folder / "primary", options=options))
        port = running[0].port
        running.append(Server(binaries, folder / "replica", options=options, of=through(port) if through else port))
        if synchronous:
            running[0].sql("ALTER SYSTEM SET synchronous_standby_names = 'replica'", "SELECT pg_reload_conf()")
        yield running[0], running[1]
    finally:
        for server in running:
            with contextlib.suppress(RuntimeError):  # it was killed
                server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    binaries = server_binaries()
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


@pytest.fixture(scope="session")
def postgres_pair() -> Iterator[tuple[Server, Server]]:
    """A primary and its streaming replica, which is not waited for."""
    binaries = server_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server binary (pg_ctl) on this machine: tests of replicas are skipped")
    with pair(binaries, synchronous=False) as running:
        yield running
