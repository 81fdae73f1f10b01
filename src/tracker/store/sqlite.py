"""The store in an SQLite file: eventsourcing's own recorder, made durable and append-only."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
)

from tracker.model.new_files import OWNER_ONLY, new_file
from tracker.store.backoff import wait_until
from tracker.store.connection_settings import LOCK_SECONDS, SQLITE_CACHE
from tracker.store.database import EVENT_COLUMNS, EventRow, Leaf, LogReader, Node, SqlRow, refuse_newer
from tracker.store.errors import explained
from tracker.store.leaves import fill
from tracker.store.schema import CREATE_VERSION, LEAVES, SQLITE, VERSION
from tracker.store.sqlite_files import open_to_read
from tracker.store.url import SqliteAddress

_EVENTS = f"stored_events ({EVENT_COLUMNS})"
_EVENTS_AT = f"stored_events ({EVENT_COLUMNS}, rowid)"
_LEAVES = "merkle_leaves (number, position, leaf)"
_NODES = "merkle_nodes (place, hash)"

ROWS_PER_INSERT = 100  # a statement costs as much as several rows, mostly for its triggers


class _SqlitePool(SQLiteConnectionPool):
    for_reading = False  # also where nothing can be written

    def _create_connection(self) -> SQLiteConnection:
        """A connection that keeps its prepared statements, which the pool's own one does not."""
        seconds = self.lock_timeout or LOCK_SECONDS
        connect = _connect_to_read if self.for_reading else _connect
        connection = connect(Path(self.db_name), seconds, check_same_thread=False)
        connection.execute(f"PRAGMA cache_size = -{SQLITE_CACHE}")
        return SQLiteConnection(connection, max_age=self.max_age)


class _SqliteWriter:
    def __init__(self, cursor: SQLiteCursor) -> None:
        self._cursor = cursor

    def key(self, stream: UUID) -> str:
        return stream.hex

    def select(self, sql: str, values: Sequence[Any] = ()) -> Sequence[SqlRow]:
        self._cursor.execute(sql, values)
        rows: Sequence[SqlRow] = self._cursor.fetchall()
        return rows

    def change(self, sql: str, values: Sequence[Any] = ()) -> None:
        self._cursor.execute(sql, values)

    def insert(self, rows: Sequence[EventRow]) -> None:
        self._insert(_EVENTS, [(row.originator_id.hex, *row[1:]) for row in rows])

    def insert_at(self, positions: Sequence[int], rows: Sequence[EventRow]) -> None:
        placed = zip(rows, positions, strict=True)
        self._insert(_EVENTS_AT, [(row.originator_id.hex, *row[1:], at) for row, at in placed])

    def insert_merkle(self, leaves: Sequence[Leaf], nodes: Sequence[Node]) -> None:
        self._insert(_LEAVES, leaves)
        self._insert(_NODES, nodes)

    def _insert(self, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert ROWS_PER_INSERT rows with each statement, and the rest one by one."""
        marks = f"({', '.join('?' * (into.count(',') + 1))})"
        rest = len(rows) - len(rows) % ROWS_PER_INSERT
        for start in range(0, rest, ROWS_PER_INSERT):
            sql = f"INSERT INTO {into} VALUES {', '.join([marks] * ROWS_PER_INSERT)}"  # nosec  # question marks only
            self._cursor.execute(sql, [*chain.from_iterable(rows[start : start + ROWS_PER_INSERT])])
        self._cursor.executemany(f"INSERT INTO {into} VALUES {marks}", rows[rest:])  # nosec  # question marks only


class SqliteLog(SQLiteApplicationRecorder):
    """The recorder; it never creates tables (see `migrate`)."""

    def __init__(self, address: SqliteAddress, lock_seconds: int = LOCK_SECONDS, *, for_reading: bool = False) -> None:
        """Args: for_reading: open it also where nothing can be written."""
        name = str(address.path)
        datastore = SQLiteDatastore(name, lock_timeout=lock_seconds)
        datastore.pool = pool = _SqlitePool(db_name=name, lock_timeout=lock_seconds, pool_timeout=lock_seconds)
        pool.for_reading = for_reading
        super().__init__(datastore)

    def key(self, stream: UUID) -> str:
        return stream.hex

    def select(self, sql: str, values: Sequence[Any] = ()) -> Sequence[SqlRow]:
        with self.datastore.transaction(commit=False) as cursor:
            return _SqliteWriter(cursor).select(sql, values)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        with self.datastore.transaction(commit=False) as cursor:
            cursor.sqlite_cursor.row_factory = None
            return cursor.sqlite_cursor.execute(sql, values).fetchall()

    @contextmanager
    def reading(self) -> Iterator[LogReader]:
        with self.datastore.transaction(commit=False) as cursor:
            yield _SqliteWriter(cursor)

    @contextmanager
    def writing(self) -> Iterator[_SqliteWriter]:
        """A transaction that takes the lock when it begins; the recorder's own takes it only with the first write."""
        connection = self.datastore.pool.get_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield _SqliteWriter(cursor)
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
        except sqlite3.IntegrityError as error:
            raise IntegrityError(error) from error
        finally:
            self.datastore.pool.put_connection(connection)

    def outcome_unknown(self, error: Exception) -> bool:  # noqa: ARG002  a file always answers a commit
        return False

    def close(self) -> None:
        self.datastore.close()


def version(address: SqliteAddress) -> int:
    """Version of the store's schema; 0 where there is none."""
    with explained(address):
        if not address.path.exists():
            return 0
        with closing(_connect_to_read(address.path)) as connection:
            return _version(connection)


def migrate(address: SqliteAddress) -> None:
    """Upgrade the tables to today's version; safe if several processes do so at once."""
    with suppress(OSError):  # it is there, or SQLite has the words for it
        os.close(new_file(address.path, OWNER_ONLY))
    with explained(address), closing(_connect(address.path)) as connection:
        _use_wal(connection)
        connection.execute("BEGIN IMMEDIATE")
        before = _version(connection)
        refuse_newer(before, address)
        connection.execute(CREATE_VERSION)
        for step in SQLITE[before:]:
            for statement in step:
                connection.execute(statement)
        if before < LEAVES:
            fill(_SqliteWriter(SQLiteCursor(connection.cursor())))
        connection.execute("DELETE FROM store_version")
        connection.execute("INSERT INTO store_version VALUES (?)", (VERSION,))
        connection.execute("COMMIT")


def _connect(path: Path, seconds: float = LOCK_SECONDS, *, check_same_thread: bool = True) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=seconds, isolation_level=None, check_same_thread=check_same_thread)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _connect_to_read(
    path: Path, seconds: float = LOCK_SECONDS, *, check_same_thread: bool = True
) -> sqlite3.Connection:
    connection = open_to_read(path, seconds, check_same_thread=check_same_thread)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. The busy timeout does not hold for that, so wait here."""

    def switched() -> bool:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            return False
        return True

    if not wait_until(switched, LOCK_SECONDS, first=0.002, longest=0.02):
        connection.execute("PRAGMA journal_mode = WAL")  # raises that it is locked


def _version(connection: sqlite3.Connection) -> int:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'store_version'").fetchone() is None:
        return 0
    row = connection.execute("SELECT version FROM store_version").fetchone()
    return int(row[0]) if row else 0
