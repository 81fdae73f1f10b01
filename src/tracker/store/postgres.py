"""The store in a PostgreSQL database: eventsourcing's own recorder, without its database functions, append-only."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import InterfaceError, Notification, OperationalError
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import Connection, Cursor
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg_pool import PoolTimeout

from tracker.store.connection_settings import (
    CONNECT_SECONDS,
    LOCK_SECONDS,
    MIGRATION_LOCK,
    configure,
    postgres_options,
)
from tracker.store.database import EVENT_COLUMNS, EventRow, Leaf, LogReader, Node, SqlRow, refuse_newer
from tracker.store.errors import explain, sqlstate
from tracker.store.leaves import fill
from tracker.store.schema import CREATE_VERSION, LEAVES, POSTGRES, VERSION
from tracker.store.url import PostgresAddress

_COPY = f"COPY public.stored_events ({EVENT_COLUMNS}) FROM STDIN".encode()
_COPY_AT = f"COPY public.stored_events ({EVENT_COLUMNS}, notification_id) FROM STDIN".encode()
_RESTART_SEQUENCE = b"SELECT setval(pg_get_serial_sequence('public.stored_events', 'notification_id'), %s)"


class _Datastore(PostgresDatastore):
    def __init__(self, address: PostgresAddress, lock_seconds: int) -> None:
        options = postgres_options(address)
        super().__init__(
            *(options.pop(name, None) for name in ("dbname", "host", "port", "user", "password")),
            connect_timeout=2 * CONNECT_SECONDS,
            max_overflow=9,
            pre_ping=True,
            lock_timeout=lock_seconds,
            enable_db_functions=False,  # with them, readers skip events
        )
        assert isinstance(self.pool.kwargs, dict)
        self.pool.kwargs.update(options, connect_timeout=CONNECT_SECONDS)

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        return partial(configure, durable=True)


class _PostgresWriter:
    def __init__(self, cursor: Cursor[DictRow]) -> None:
        self._cursor = cursor

    def key(self, stream: UUID) -> UUID:
        return stream

    def select(self, sql: str, values: Sequence[Any] = ()) -> Sequence[SqlRow]:
        return self._cursor.execute(_marked(sql), values).fetchall()

    def change(self, sql: str, values: Sequence[Any] = ()) -> None:
        self._cursor.execute(_marked(sql), values)

    def insert(self, rows: Sequence[EventRow]) -> None:
        self._copy(_COPY, rows)

    def insert_at(self, positions: Sequence[int], rows: Sequence[EventRow]) -> None:
        self._copy(_COPY_AT, [(*row, at) for row, at in zip(rows, positions, strict=True)])
        self._cursor.execute(_RESTART_SEQUENCE, (positions[-1],))

    def insert_merkle(self, leaves: Sequence[Leaf], nodes: Sequence[Node]) -> None:
        self._copy(b"COPY public.merkle_leaves (number, position, leaf) FROM STDIN", leaves)
        self._copy(b"COPY public.merkle_nodes (place, hash) FROM STDIN", nodes)

    def _copy(self, sql: bytes, rows: Iterable[Sequence[Any]]) -> None:
        with self._cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)


class PostgresLog(PostgresApplicationRecorder):
    """The recorder; it never creates tables (see `migrate`)."""

    datastore: _Datastore

    def __init__(self, address: PostgresAddress, lock_seconds: int = LOCK_SECONDS) -> None:
        super().__init__(_Datastore(address, lock_seconds))

    def key(self, stream: UUID) -> UUID:
        return stream

    def select(self, sql: str, values: Sequence[Any] = ()) -> Sequence[SqlRow]:
        with self.datastore.cursor() as cursor:
            return _PostgresWriter(cursor).select(sql, values)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        with self.datastore.get_connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            return cursor.execute(_marked(sql), values, binary=True).fetchall()

    def select_notifications(self, *args: Any, **kwargs: Any) -> Sequence[Notification]:
        """Read once: ten attempts of the recorder take 100 s without a server; `pre_ping` mends broken connections."""
        notifications: Sequence[Notification] = super().select_notifications.__wrapped__(self, *args, **kwargs)
        return notifications

    @contextmanager
    def reading(self) -> Iterator[LogReader]:
        with self.datastore.transaction() as cursor:
            cursor.execute(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield _PostgresWriter(cursor)

    @contextmanager
    def writing(self) -> Iterator[_PostgresWriter]:
        """A transaction that locks the table: positions are committed in order, so that no reader skips an event."""
        with self.datastore.transaction(commit=True) as cursor:
            self._lock_table(cursor)
            yield _PostgresWriter(cursor)
            self._notify_channel(cursor)

    def outcome_unknown(self, error: Exception) -> bool:
        if not isinstance(error, OperationalError | InterfaceError) or isinstance(error.__cause__, PoolTimeout):
            return False
        state = sqlstate(error)
        return state is None or state.startswith(("08", "57P"))

    def close(self) -> None:
        self.datastore.close()


def version(address: PostgresAddress) -> int:
    """Version of the store's schema; 0 where there is none."""
    with _connected(address) as connection:
        return _version(connection)


def migrate(address: PostgresAddress) -> None:
    """Upgrade the tables to today's version; safe if several processes do so at once."""
    with _connected(address) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        before = _version(connection)
        refuse_newer(before, address)
        connection.execute(CREATE_VERSION.replace("store_version", "public.store_version").encode())
        for step in POSTGRES[before:]:
            for statement in step:
                connection.execute(statement.encode())
        if before < LEAVES:
            fill(_PostgresWriter(connection.cursor()))
        connection.execute("DELETE FROM public.store_version")
        connection.execute("INSERT INTO public.store_version VALUES (%s)", (VERSION,))


@contextmanager
def _connected(address: PostgresAddress) -> Iterator[Connection[DictRow]]:
    options = postgres_options(address)
    try:
        with psycopg.connect(**options, row_factory=dict_row) as connection:
            configure(connection, durable=True)
            yield connection
    except psycopg.Error as error:
        raise explain(address, error) from error


def _version(connection: Connection[DictRow]) -> int:
    table = connection.execute("SELECT to_regclass('public.store_version') IS NOT NULL AS present").fetchone()
    if not table or not table["present"]:
        return 0
    row = connection.execute("SELECT version FROM public.store_version").fetchone()
    return int(row["version"]) if row else 0


def _marked(sql: str) -> bytes:
    return sql.replace("?", "%s").encode()
