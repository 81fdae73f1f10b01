"""SQLAlchemy on the database of a store: one writer at a time, all of its work or nothing."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from sqlalchemy import Engine, Table, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tracker.model.errors import TrackerError
from tracker.projections.connections import explained, open_postgres, open_sqlite
from tracker.store.connection_settings import PROJECTIONS_LOCK, SQLITE_CACHE
from tracker.store.url import Address, PostgresAddress, SqliteAddress

_VALUES = 1000  # about so many in one statement of SQLite: it costs as much as several of them


@contextmanager
def writer(address: Address) -> Iterator[Connection]:
    """A connection on which every transaction waits until nobody else writes the tables.

    Readers go on meanwhile, with what was there before.
    Raises: StoreBusy, StoreUnavailable, BadRequest.
    """
    try:
        with _engine(address).connect() as connection:
            yield connection
    except DBAPIError as error:
        raise _said(address, error) from error


def put_rows(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert many rows, each in the order of the columns, as fast as the database takes them."""
    names = table.c.keys()
    columns = ", ".join(f'"{name}"' for name in names)
    cursor: Any = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        values, width = chain.from_iterable(rows), len(names)
        while some := list(islice(values, _VALUES // width * width)):
            marks = ", ".join([f"({', '.join('?' * width)})"] * (len(some) // width))
            cursor.execute(f"INSERT INTO {table.name} ({columns}) VALUES {marks}", some)  # nosec  # our own names
        return
    with cursor.copy(f"COPY {table.schema or 'public'}.{table.name} ({columns}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _said(address: Address, error: DBAPIError) -> TrackerError:
    cause = error.orig
    return explained(address, cause if isinstance(cause, Exception) else error)


def _engine(address: Address) -> Engine:
    return _sqlite(address) if isinstance(address, SqliteAddress) else _postgres(address)


def _sqlite(address: SqliteAddress) -> Engine:
    def connect() -> Any:
        connection = open_sqlite(address)
        connection.execute(f"PRAGMA cache_size = -{SQLITE_CACHE}")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def lock(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres(address: PostgresAddress) -> Engine:
    def connect() -> Any:
        connection = open_postgres(address)
        connection.autocommit = False
        return connection

    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def lock(connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({PROJECTIONS_LOCK})")

    return engine
