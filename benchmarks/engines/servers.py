"""PostgreSQL and MariaDB on private servers, started in a temporary folder and stopped at the end."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from tests.postgres import Server, server_binaries

from engines import COLUMNS, Clustered, Ints, NotHere, Reduced
from engines.embedded import EVERY, FILTER, ONE, REDUCED
from tracker.model.dates import FOREVER, Instant
from tracker.timeline.knowledge import Known

MEMORY = (
    "shared_buffers = '2GB'", "max_parallel_workers_per_gather = 2", "max_wal_size = '8GB'",
    "maintenance_work_mem = '1GB'", "autovacuum = off",
)  # fmt: skip
RANGES = """
    valid @> {at}::bigint AND announced @> {announced}::bigint AND recorded @> {recorded}::bigint
"""


@contextmanager
def _postgres() -> Iterator[psycopg.Connection[Any]]:
    found = server_binaries()
    if found is None:
        raise NotHere("no PostgreSQL server binary (pg_ctl) on this machine")
    folder = Path(tempfile.mkdtemp(prefix="tracker-bench-"))
    try:
        server = Server(found, folder)
        try:
            with psycopg.connect(server.url("postgres"), autocommit=True) as first:
                for setting in MEMORY:
                    first.execute(f"ALTER SYSTEM SET {setting}".encode())
            server.stop()
            server.start()
            with psycopg.connect(server.new_database(), autocommit=True) as connection:
                connection.execute("SET work_mem = '512MB'")
                connection.execute("SET jit = off")  # slower here, and slower still for one track
                connection.prepare_threshold = 0
                yield connection
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Postgres:
    """Prepared statements; answers in binary."""

    def __init__(self, connection: psycopg.Connection[Any], data: Clustered, where: str) -> None:
        self._connection, self._data = connection, data
        names = where.format(at="%(at)s", announced="%(announced)s", recorded="%(recorded)s")
        self._every = EVERY.format(filter=names)
        self._reduced = REDUCED.format(every=self._every).replace("% 1009", "%% 1009")
        # GiST compares like with like only, and the driver would send a small number as a smallint.
        self._one = ONE.format(filter=names, track="%(track)s::int")

    def _asked(self, sql: str, at: Instant, known: Known, **more: int) -> Any:
        clocks = {"at": at, "announced": known.announced_by, "recorded": known.recorded_by, **more}
        return self._connection.cursor(binary=True).execute(sql.encode(), clocks)

    def every(self, at: Instant, known: Known) -> Ints:
        return self._data.scattered(self._asked(self._every, at, known).fetchall())

    def reduced(self, at: Instant, known: Known) -> Reduced:
        return tuple(int(number) for number in self._asked(self._reduced, at, known).fetchone())

    def one(self, track: int, at: Instant, known: Known) -> int:
        found = self._asked(self._one, at, known, track=track).fetchone()
        return found[0] if found else -1


def _copied(connection: psycopg.Connection[Any], data: Clustered) -> None:
    names = ", ".join(f"{name} BIGINT" for name in COLUMNS)
    connection.execute(f"CREATE UNLOGGED TABLE assertions (track INTEGER, place BIGINT, {names})".encode())
    with connection.cursor() as cursor, cursor.copy(b"COPY assertions FROM STDIN") as copy:
        for text in csv_pieces(data, "\t"):
            copy.write(text)


@contextmanager
def postgres(data: Clustered) -> Iterator[Postgres]:
    """Plain columns and a B-tree by track and place that covers the question."""
    with _postgres() as connection:
        _copied(connection, data)
        covered = ", ".join(COLUMNS)
        connection.execute(
            f"CREATE UNIQUE INDEX by_track ON assertions (track, place DESC) INCLUDE ({covered})".encode()
        )
        connection.execute("VACUUM ANALYZE assertions")
        yield Postgres(connection, data, FILTER)


@contextmanager
def postgres_ranges(data: Clustered) -> Iterator[Postgres]:
    """Three ranges and a GiST index over track and validity."""
    with _postgres() as connection:
        _copied(connection, data)
        connection.execute(
            b"""
            CREATE UNLOGGED TABLE spans AS SELECT track, place, int8range(begins_latest, ends_latest) AS valid,
                int8range(announced_from, announced_to) AS announced, int8range(recorded_from, recorded_to) AS recorded
            FROM assertions
        """
        )
        connection.execute("DROP TABLE assertions")
        connection.execute("ALTER TABLE spans RENAME TO assertions")
        connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        connection.execute("CREATE INDEX by_validity ON assertions USING gist (track, valid)")
        connection.execute("VACUUM ANALYZE assertions")
        yield Postgres(connection, data, RANGES)


def csv_pieces(data: Clustered, comma: str, *columns: np.ndarray, size: int = 200_000) -> Iterator[bytes]:
    """The rows as text, in pieces."""
    chosen = columns or (data.track, data.place, *data.columns.values())
    for start in range(0, len(data.track), size):
        lists = [column[start : start + size].tolist() for column in chosen]
        yield ("\n".join(comma.join(map(str, row)) for row in zip(*lists, strict=True)) + "\n").encode()


EPOCH = datetime(1990, 1, 1, tzinfo=UTC)  # of positions: one a second, since record time is a timestamp there


class MariaDb:
    """A system-versioned table with an application-time period, asked FOR SYSTEM_TIME AS OF."""

    def __init__(self, connection: Any, data: Clustered) -> None:
        self._cursor, self._data = connection.cursor(), data

    def _filled(self, sql: str, at: Instant, known: Known, track: int = 0) -> str:
        recorded = _position(known.recorded_by)
        where = (
            f"valid_from <= '{_moment(at)}' AND '{_moment(at)}' < valid_to AND announced_from <= "
            f"'{_moment(known.announced_by)}' AND '{_moment(known.announced_by)}' < announced_to"
        )
        return sql.format(filter=where, track=track).replace(
            "FROM assertions", f"FROM assertions FOR SYSTEM_TIME AS OF TIMESTAMP '{recorded}'"
        )

    def every(self, at: Instant, known: Known) -> Ints:
        self._cursor.execute(self._filled(EVERY, at, known))
        return self._data.scattered(self._cursor.fetchall())

    def reduced(self, at: Instant, known: Known) -> Reduced:
        self._cursor.execute(self._filled(REDUCED.format(every=EVERY), at, known))
        return tuple(int(number) for number in self._cursor.fetchone())

    def one(self, track: int, at: Instant, known: Known) -> int:
        self._cursor.execute(self._filled(ONE, at, known, track))
        found = self._cursor.fetchone()
        return found[0] if found else -1


def _moment(at: Instant) -> str:
    """As DATETIME(6); without an end, the last one that there is."""
    if at >= FOREVER - 1:
        return "9999-12-31 23:59:59.999999" if at >= FOREVER else "9999-12-31 23:59:59.999998"
    return str(datetime(1970, 1, 1) + timedelta(microseconds=at))


def _position(position: int) -> str:
    """As TIMESTAMP(6), which ends in 2038."""
    if position >= FOREVER - 1:
        return "2038-01-19 03:14:07.999999" if position >= FOREVER else "2038-01-19 03:14:07.000000"
    return str((EPOCH + timedelta(seconds=position)).replace(tzinfo=None))


@contextmanager
def mariadb(data: Clustered) -> Iterator[MariaDb]:
    server = shutil.which("mariadbd") or shutil.which("mysqld")
    if server is None:
        raise NotHere("no MariaDB server (mariadbd) on this machine: `apt-get install mariadb-server`")
    try:
        import pymysql
    except ImportError:
        raise NotHere("PyMySQL is not installed: `pip install -e '.[bench]'`") from None
    folder = Path(tempfile.mkdtemp(prefix="tracker-bench-"))
    process = None
    try:
        process, address = _started(server, folder)
        with closing(pymysql.connect(unix_socket=address, user="root", autocommit=True, local_infile=True)) as found:
            _load_mariadb(found, data, folder)
            yield MariaDb(found, data)
    finally:
        if process:
            process.terminate()
            process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _started(server: str, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    user = "mysql" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    root = [f"--user={user}"] if user else []
    install = shutil.which("mariadb-install-db") or "mysql_install_db"
    data, address = f"--datadir={folder / 'data'}", str(folder / "socket")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [install, "--no-defaults", data, "--auth-root-authentication-method=normal", *root], check=True, **quiet
    )
    options = ["--skip-networking", f"--socket={address}", f"--pid-file={folder / 'pid'}", "--local-infile=1",
               "--innodb-buffer-pool-size=4G", "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=1G",
               "--skip-log-bin", "--default-time-zone=+00:00", "--tmp-table-size=1G",
               "--max-heap-table-size=1G"]  # fmt: skip
    process = subprocess.Popen([server, "--no-defaults", data, *options, *root], **quiet)
    for _ in range(300):
        with socket.socket(socket.AF_UNIX) as door:
            if door.connect_ex(address) == 0:
                return process, address
        time.sleep(0.1)
    process.terminate()
    raise NotHere(f"{server} did not start within 30 s")


def _load_mariadb(connection: Any, data: Clustered, folder: Path) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE DATABASE bench")
    cursor.execute("USE bench")
    cursor.execute("""
        CREATE TABLE assertions (
            track INT NOT NULL, place INT NOT NULL,
            valid_from DATETIME(6) NOT NULL, valid_to DATETIME(6) NOT NULL,
            announced_from DATETIME(6) NOT NULL, announced_to DATETIME(6) NOT NULL,
            row_start TIMESTAMP(6) GENERATED ALWAYS AS ROW START, row_end TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
            PERIOD FOR validity (valid_from, valid_to), PERIOD FOR SYSTEM_TIME (row_start, row_end),
            PRIMARY KEY (track, place)
        ) ENGINE = InnoDB WITH SYSTEM VERSIONING
    """)
    cursor.execute("SET system_versioning_insert_history = 1")
    cursor.execute("SET unique_checks = 0")
    moments = [_texts(data.columns[name], _moment) for name in COLUMNS[:4]]
    positions = [_texts(data.columns[name], _position) for name in COLUMNS[4:]]
    path = folder / "rows.csv"
    with path.open("wb") as file:
        file.writelines(csv_pieces(data, "\t", data.track, data.place, *moments, *positions))
    cursor.execute(
        f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE assertions "
        "(track, place, valid_from, valid_to, announced_from, announced_to, row_start, row_end)"
    )
    path.unlink()
    cursor.execute("ANALYZE TABLE assertions")
    cursor.fetchall()


def _texts(column: Ints, told: Any) -> np.ndarray:
    values, numbers = np.unique(column, return_inverse=True)
    return np.array([told(value) for value in values.tolist()], object)[numbers]
