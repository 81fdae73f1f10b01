"""Connections to the database of a store with its driver alone: a cold `tracker state` has no time for more."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from tracker.model.errors import TrackerError
from tracker.store.connection_settings import LOCK_SECONDS, configure, postgres_options
from tracker.store.sqlite_files import open_to_read
from tracker.store.url import Address, PostgresAddress, SqliteAddress

if TYPE_CHECKING:
    import psycopg


class Reader(Protocol):
    """One state of the database; what others commit meanwhile is not seen."""

    def has(self, table: str) -> bool: ...

    def select(self, sql: str) -> Sequence[tuple[Any, ...]]: ...

    def batches(self, sql: str, size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Rows some at a time, for results that are too large to hold."""
        ...

    def blobs(self, table: str, columns: str, data: str) -> Sequence[tuple[Any, ...]]:
        """Rows of columns, in the order of the first, each with a function that gives the bytes of one more.

        From a file, they are read when it is called, so call it before the reader is closed.
        """
        ...


class _SqliteReader:
    def __init__(self, connection: sqlite3.Connection, address: SqliteAddress) -> None:
        self._connection, self._address = connection, address

    def has(self, table: str) -> bool:
        sql = "SELECT 1 FROM sqlite_master WHERE name = ?"
        return self._connection.execute(sql, (table,)).fetchone() is not None

    def select(self, sql: str) -> Sequence[tuple[Any, ...]]:
        with _sqlite_errors(self._address):
            return self._connection.execute(sql).fetchall()

    def batches(self, sql: str, size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
        with _sqlite_errors(self._address):
            cursor = self._connection.execute(sql)
            while rows := cursor.fetchmany(size):
                yield rows

    def blobs(self, table: str, columns: str, data: str) -> Sequence[tuple[Any, ...]]:
        rows = self.select(f"SELECT {columns}, rowid FROM {table} ORDER BY 1")  # nosec  # our own names
        return [(*row, partial(self._blob, table, data, rowid)) for *row, rowid in rows]

    def _blob(self, table: str, column: str, row: int) -> bytes:
        """In two thirds of the time that a SELECT takes, which copies large values once more."""
        with _sqlite_errors(self._address), self._connection.blobopen(table, column, row, readonly=True) as blob:
            return blob.read()


class _PostgresReader:
    def __init__(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
        self._connection = connection

    def has(self, table: str) -> bool:
        return bool(self.select(f"SELECT to_regclass('public.{table}') IS NOT NULL")[0][0])

    def select(self, sql: str) -> Sequence[tuple[Any, ...]]:
        return self._connection.execute(sql.encode(), binary=True).fetchall()  # as text, bytes take twice the room

    def batches(self, sql: str, size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
        with self._connection.cursor(name="batches", binary=True) as cursor:  # a named one stays on the server
            cursor.execute(sql.encode())
            while rows := cursor.fetchmany(size):
                yield rows

    def blobs(self, table: str, columns: str, data: str) -> Sequence[tuple[Any, ...]]:
        rows = self.select(f"SELECT {columns}, {data} FROM {table} ORDER BY 1")  # nosec  # our own names
        return [(*row, partial(bytes, blob)) for *row, blob in rows]


@contextmanager
def reading(address: Address) -> Iterator[Reader]:
    """A reader; it neither waits for writers nor holds them up.

    Raises: StoreUnavailable, StoreBusy, BadRequest.
    """
    if isinstance(address, SqliteAddress):
        with _sqlite_errors(address), closing(open_to_read(address.path)) as file:
            file.execute("BEGIN")  # or each question would see its own state
            yield _SqliteReader(file, address)
        return
    with postgres_errors(address), open_postgres(address) as server:
        server.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield _PostgresReader(server)
        server.execute("ROLLBACK")


@contextmanager
def watching(address: PostgresAddress) -> Iterator[Reader]:
    """A reader each of whose questions sees the newest state.

    Raises: StoreUnavailable, StoreBusy, BadRequest.
    """
    with postgres_errors(address), open_postgres(address) as server:
        yield _PostgresReader(server)


def open_sqlite(address: SqliteAddress) -> sqlite3.Connection:
    """A file that is there, in autocommit mode, for writers; never makes one."""
    return sqlite3.connect(f"{address.path.as_uri()}?mode=rw", uri=True, timeout=LOCK_SECONDS, isolation_level=None)


def open_postgres(address: PostgresAddress) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection in autocommit mode."""
    import psycopg  # takes 0.15 s

    connection = psycopg.connect(**postgres_options(address))
    configure(connection, durable=False)
    return connection


@contextmanager
def _sqlite_errors(address: SqliteAddress) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise explained(address, error) from error


@contextmanager
def postgres_errors(address: PostgresAddress) -> Iterator[None]:
    """Turn what the driver raises into the store's errors."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise explained(address, error) from error


def explained(address: Address, error: Exception) -> TrackerError:
    """The error that says what happened and how to mend it."""
    from tracker.store.errors import explain  # imports eventsourcing

    return explain(address, error)
