"""The store in a PostgreSQL database: eventsourcing's own recorder, without its database functions, append-only."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import InterfaceError, Notification, OperationalError
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import Connection, Cursor
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg_pool import PoolTimeout

from tracker.model.errors import BadRequest
from tracker.store.database import COLUMNS, WAIT, Found, Leaf, Node, Reader, Row, refuse_newer
from tracker.store.errors import explain, sqlstate
from tracker.store.leaves import fill
from tracker.store.schema import CREATE_VERSION, LEAVES, POSTGRES, VERSION
from tracker.store.url import FORMS, PostgresAddress

_CONNECT = 5  # seconds to wait for a server
_SETTINGS = (
    b"SET search_path = public",
    b"SELECT set_config('synchronous_commit', 'on', false) "
    b"WHERE current_setting('synchronous_commit') <> 'remote_apply'",  # which is more
    b"SET lock_timeout = '%ds'" % WAIT,
    b"SET idle_in_transaction_session_timeout = '60s'",
)
_COPY = f"COPY public.stored_events ({COLUMNS}) FROM STDIN".encode()
_COPY_AT = f"COPY public.stored_events ({COLUMNS}, notification_id) FROM STDIN".encode()
_GO_ON = b"SELECT setval(pg_get_serial_sequence('public.stored_events', 'notification_id'), %s)"
_MIGRATION = 7_203_115_926_417_309  # the advisory lock under which tables are made


class _Datastore(PostgresDatastore):
    def __init__(self, address: PostgresAddress) -> None:
        options = _options(address)
        super().__init__(
            *(options.pop(name, None) for name in ("dbname", "host", "port", "user", "password")),
            connect_timeout=2 * _CONNECT,
            max_overflow=9,
            pre_ping=True,
            lock_timeout=WAIT,
            enable_db_functions=False,  # with them, readers skip events
        )
        assert isinstance(self.pool.kwargs, dict)
        self.pool.kwargs.update(options, connect_timeout=_CONNECT)

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        return _set_up


class _Writer:
    def __init__(self, cursor: Cursor[DictRow]) -> None:
        self._cursor = cursor

    def key(self, stream: UUID) -> UUID:
        return stream

    def select(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Found]:
        return self._cursor.execute(_marked(sql), values).fetchall()

    def change(self, sql: str, values: Sequence[Any] = ()) -> None:
        self._cursor.execute(_marked(sql), values)

    def insert(self, rows: Sequence[Row]) -> None:
        self._copy(_COPY, rows)

    def insert_at(self, positions: Sequence[int], rows: Sequence[Row]) -> None:
        self._copy(_COPY_AT, [(*row, at) for row, at in zip(rows, positions, strict=True)])
        self._cursor.execute(_GO_ON, (positions[-1],))

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

    def __init__(self, address: PostgresAddress) -> None:
        super().__init__(_Datastore(address))

    def key(self, stream: UUID) -> UUID:
        return stream

    def select(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Found]:
        with self.datastore.cursor() as cursor:
            return _Writer(cursor).select(sql, values)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        with self.datastore.get_connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            return cursor.execute(_marked(sql), values, binary=True).fetchall()

    def select_notifications(self, *args: Any, **kwargs: Any) -> Sequence[Notification]:
        """Without the recorder's ten attempts: with the server down they take 100 s, and `pre_ping` mends the rest."""
        found: Sequence[Notification] = super().select_notifications.__wrapped__(self, *args, **kwargs)
        return found

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with self.datastore.transaction() as cursor:
            cursor.execute(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield _Writer(cursor)

    @contextmanager
    def writing(self) -> Iterator[_Writer]:
        """The lock keeps the order of positions that of commits, so that no reader passes over an event."""
        with self.datastore.transaction(commit=True) as cursor:
            self._lock_table(cursor)
            yield _Writer(cursor)
            self._notify_channel(cursor)

    def lost(self, error: Exception) -> bool:
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
    """Bring the tables to today's version; many processes may do so at once."""
    with _connected(address) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION,))
        before = _version(connection)
        refuse_newer(before, address)
        connection.execute(CREATE_VERSION.replace("store_version", "public.store_version").encode())
        for step in POSTGRES[before:]:
            for statement in step:
                connection.execute(statement.encode())
        if before < LEAVES:
            fill(_Writer(connection.cursor()))
        connection.execute("DELETE FROM public.store_version")
        connection.execute("INSERT INTO public.store_version VALUES (%s)", (VERSION,))


@contextmanager
def _connected(address: PostgresAddress) -> Iterator[Connection[DictRow]]:
    options = _options(address)
    try:
        with psycopg.connect(**options, row_factory=dict_row) as connection:
            _set_up(connection)
            yield connection
    except psycopg.Error as error:
        raise explain(address, error) from error


def _options(address: PostgresAddress) -> dict[str, Any]:
    try:
        return {"connect_timeout": _CONNECT} | conninfo_to_dict(address.url)
    except psycopg.ProgrammingError:  # its message would show the password
        raise BadRequest(f"{address} is not the URL of a PostgreSQL database: {FORMS}") from None


def _set_up(connection: Connection[Any]) -> None:
    connection.autocommit = True
    for setting in _SETTINGS:
        connection.execute(setting)


def _version(connection: Connection[DictRow]) -> int:
    found = connection.execute("SELECT to_regclass('public.store_version') IS NOT NULL AS there").fetchone()
    if not found or not found["there"]:
        return 0
    row = connection.execute("SELECT version FROM public.store_version").fetchone()
    return int(row["version"]) if row else 0


def _marked(sql: str) -> bytes:
    return sql.replace("?", "%s").encode()
