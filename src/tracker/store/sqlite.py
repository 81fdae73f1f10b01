"""The store in an SQLite file: eventsourcing's own recorder, made durable and append-only."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
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

from tracker.store.address import SqliteAddress
from tracker.store.errors import explained
from tracker.store.leaves import fill
from tracker.store.log import INSERT, INSERT_LEAF, INSERT_NODE, WAIT, Found, Leaf, Node, Reader, Row, refuse_newer
from tracker.store.tables import CREATE_VERSION, LEAVES, SQLITE, VERSION

_INSERT_AT = INSERT.replace("recorded_at)", "recorded_at, rowid)").replace("(?,", "(?, ?,")


class _Pool(SQLiteConnectionPool):
    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()  # sets WAL
        connection.cursor().execute("PRAGMA synchronous = FULL")
        return connection


class _Writer:
    def __init__(self, cursor: SQLiteCursor) -> None:
        self._cursor = cursor

    def select(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Found]:
        self._cursor.execute(sql, values)
        found: Sequence[Found] = self._cursor.fetchall()
        return found

    def insert(self, rows: Sequence[Row]) -> None:
        self._cursor.executemany(INSERT, [row.values(_key(row.originator_id)) for row in rows])

    def insert_at(self, positions: Sequence[int], rows: Sequence[Row]) -> None:
        values = [(*row.values(_key(row.originator_id)), at) for at, row in zip(positions, rows, strict=True)]
        self._cursor.executemany(_INSERT_AT, values)

    def insert_merkle(self, leaves: Sequence[Leaf], nodes: Sequence[Node]) -> None:
        self._cursor.executemany(INSERT_LEAF, leaves)
        self._cursor.executemany(INSERT_NODE, nodes)


class SqliteLog(SQLiteApplicationRecorder):
    """The recorder; it never creates tables (see `migrate`)."""

    def __init__(self, address: SqliteAddress) -> None:
        name = str(address.path)
        datastore = SQLiteDatastore(name, lock_timeout=WAIT)
        datastore.pool = _Pool(db_name=name, lock_timeout=WAIT, pool_timeout=WAIT)
        super().__init__(datastore)

    def key(self, stream: UUID) -> str:
        return _key(stream)

    def select(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Found]:
        with self.datastore.transaction(commit=False) as cursor:
            return _Writer(cursor).select(sql, values)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with self.datastore.transaction(commit=False) as cursor:
            yield _Writer(cursor)

    @contextmanager
    def writing(self) -> Iterator[_Writer]:
        """The recorder's own transaction begins as a reader, and may find the lock taken when it first writes."""
        connection = self.datastore.pool.get_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield _Writer(cursor)
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
        except sqlite3.IntegrityError as error:
            raise IntegrityError(error) from error
        finally:
            self.datastore.pool.put_connection(connection)

    def lost(self, error: Exception) -> bool:  # noqa: ARG002  a file is not lost between commit and reply
        return False

    def close(self) -> None:
        self.datastore.close()


def _key(stream: UUID | str) -> str:
    return stream.hex if isinstance(stream, UUID) else stream


def version(address: SqliteAddress) -> int:
    """Version of the store's schema; 0 where there is none."""
    with explained(address):
        if not address.path.exists():
            return 0
        with closing(_connect(address)) as connection:
            return _version(connection)


def migrate(address: SqliteAddress) -> None:
    """Bring the tables to today's version; many processes may do so at once."""
    with explained(address), closing(_connect(address)) as connection:
        _use_wal(connection)
        connection.execute("BEGIN IMMEDIATE")
        before = _version(connection)
        refuse_newer(before, address)
        connection.execute(CREATE_VERSION)
        for step in SQLITE[before:]:
            for statement in step:
                connection.execute(statement)
        if before < LEAVES:
            fill(_Writer(SQLiteCursor(connection.cursor())))
        connection.execute("DELETE FROM store_version")
        connection.execute("INSERT INTO store_version VALUES (?)", (VERSION,))
        connection.execute("COMMIT")


def _connect(address: SqliteAddress) -> sqlite3.Connection:
    connection = sqlite3.connect(address.path, timeout=WAIT, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """The busy timeout does not hold for the change to WAL, so wait here."""
    deadline = time.monotonic() + WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _version(connection: sqlite3.Connection) -> int:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'store_version'").fetchone() is None:
        return 0
    row = connection.execute("SELECT version FROM store_version").fetchone()
    return int(row[0]) if row else 0
