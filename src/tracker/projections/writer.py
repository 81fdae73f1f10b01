"""The tables of the read model, and the connection of those who write them: one at a time, all of its work or nothing.

All tables are derived from the log. No key is drawn from a sequence, so that the same log gives the same rows. Every
instant is a whole number of microseconds since 1970-01-01T00:00Z, every position one of the log. `*_to` is exclusive,
and 2^62 where there is no end.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    inspect,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import UserDefinedType

from tracker.model.errors import TrackerError
from tracker.projections.checkpoint import CHECKPOINT, VIEWS
from tracker.projections.connections import explained, open_postgres, open_sqlite
from tracker.store.connection_settings import PROJECTIONS_LOCK, SQLITE_CACHE
from tracker.store.url import Address, PostgresAddress, SqliteAddress

_VALUES = 1000  # about so many in one statement of SQLite: it costs as much as several of them


METADATA = MetaData()
_KEPT = ("announcements", "spans", "speakers", "sources", "effects", "assertions")
_FORMER = (  # tables and views of earlier versions, dropped with theirs
    *(f"tracker_{name}" for name in (*_KEPT, "relations", "recorded", "tracks", "edges")),
    *(f"tracker_kept_{name}" for name in _KEPT),
    *(f"tracker_{name}_new" for name in (*_KEPT, "checkpoint", "registry", "relations", "segments")),
)


class _Json(UserDefinedType[str]):
    """JSON, handed over as the text that it is."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "JSON"


_Id = Text().with_variant(Text(collation="C"), "postgresql")  # sorts as Python and SQLite do
_Content = Text().with_variant(_Json(), "postgresql")


def _texts(*names: str, kind: Any = Text, required: bool = False) -> list[Column[str]]:
    return [Column(name, kind, nullable=not required) for name in names]


def _numbers(*names: str) -> list[Column[int]]:
    """Instants and positions."""
    return [Column(name, BigInteger, nullable=False) for name in names]


def _position_key(name: str) -> Column[int]:
    """A position of the log as a key: in SQLite that of the rows."""
    return Column(name, BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False)


CHECKPOINTS = Table(CHECKPOINT, METADATA, Column("version", Integer, nullable=False), *_numbers("position"))
REGISTRY = Table(  # see `RegistryRow`
    "tracker_registry", METADATA,
    _position_key("position"), *_texts("kind", "id", kind=_Id, required=True), *_texts("name", required=True),
    *_texts("places"), *_numbers("recorded_from", "recorded_to", "recorded_at"), *_texts("recorded_by"),
    *_texts("digest", required=True), *_texts("content", kind=_Content, required=True),
)  # fmt: skip
ANNOUNCEMENTS = Table(  # see `AnnouncementRow`
    "tracker_announcements", METADATA,
    _position_key("recorded_position"), *_texts("id", kind=_Id, required=True), *_numbers("announced"),
    *_texts("parties", "speakers", "title", "summary", "verification", "effects", "publishers", "urls"),
    Column("version", Integer, nullable=False), *_texts("version_kind", required=True),
    Column("retracted", Boolean, nullable=False), *_numbers("position", "recorded_at"), *_texts("recorded_by"),
    *_texts("digest", required=True),
)  # fmt: skip
DENIALS = Table(  # the announcements that in some version deny another
    "tracker_denials", METADATA, *_texts("announcement", "denied", kind=_Id, required=True),
)  # fmt: skip
PRECEDENTS = Table(  # the statements that one comes after, or is related to
    "tracker_precedents", METADATA, *_texts("announcement", "earlier", kind=_Id, required=True),
    Column("said", Boolean, nullable=False),
)  # fmt: skip
SEGMENTS = Table(  # the assertions as columns: see `tracker.timeline.serialisation`
    "tracker_segments", METADATA,
    Column("segment", Integer, primary_key=True, autoincrement=False), Column("name", _Id, primary_key=True),
    Column("rows", Integer, nullable=False), *_texts("type", required=True),
    Column("data", LargeBinary, nullable=False),
)  # fmt: skip
# In PostgreSQL this key is a plain index: a unique one takes twice the time to rebuild in one transaction, for each
# row is compared with the one of the same key that has just been deleted.
ANNOUNCEMENTS.primary_key.ddl_if(dialect="sqlite")
_FIRST_INDEXES = (  # rows are looked up by them while tables are filled
    Index("tracker_registry_kind_id", REGISTRY.c.kind, REGISTRY.c.id),
    Index("tracker_announcements_recorded_position", ANNOUNCEMENTS.c.recorded_position).ddl_if(dialect="postgresql"),
    Index("tracker_denials_announcement", DENIALS.c.announcement),
    Index("tracker_precedents_announcement", PRECEDENTS.c.announcement),
)
_LAST_INDEXES = (Index("tracker_announcements_id", ANNOUNCEMENTS.c.id),)  # sooner made of all rows


def tables_exist(connection: Connection) -> bool:
    """Whether all tables of the read model are there."""
    return METADATA.tables.keys() <= set(inspect(connection).get_table_names())


def create_tables(connection: Connection) -> None:
    """Make the tables, with the indexes that filling them needs."""
    for table in METADATA.tables.values():
        connection.execute(CreateTable(table))
    for index in _FIRST_INDEXES:
        index.create(connection)
    if connection.dialect.name == "postgresql":  # or it would try to compress what is packed already
        connection.exec_driver_sql("ALTER TABLE tracker_segments ALTER COLUMN data SET STORAGE EXTERNAL")


def create_indexes(connection: Connection) -> None:
    """Make the indexes that are missing."""
    for index in (*_FIRST_INDEXES, *_LAST_INDEXES):
        index.create(connection, checkfirst=True)


def create_whole(connection: Connection) -> None:
    """Make the tables with all their indexes, where there are none."""
    create_tables(connection)
    for index in _LAST_INDEXES:
        index.create(connection)


@contextmanager
def without_last_indexes(connection: Connection) -> Iterator[None]:
    """Fill tables without the indexes that filling does not need, where readers are not held up by that."""
    if connection.dialect.name == "sqlite":
        for index in _LAST_INDEXES:
            index.drop(connection, checkfirst=True)
    yield
    create_indexes(connection)


def drop_tables(connection: Connection) -> None:
    """Drop the tables, those of earlier versions, and the views on them."""
    drop_views(connection)
    names = {*METADATA.tables, *_FORMER}
    for name in sorted(names & set(inspect(connection).get_view_names())):  # some tables have been views
        connection.exec_driver_sql(f"DROP VIEW {name}")
    for name in sorted(names):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")


def drop_views(connection: Connection) -> None:
    """Drop the public views; they are made again when the tables under them are derived."""
    for name in VIEWS:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


@contextmanager
def writer(address: Address) -> Iterator[Connection]:
    """A connection on which every transaction waits until no other writer holds the lock of the tables.

    Readers go on meanwhile, with the rows from before.
    Raises: StoreBusy, StoreUnavailable, BadRequest.
    """
    try:
        with _engine(address).connect() as connection:
            yield connection
    except DBAPIError as error:
        raise driver_error(address, error) from error


def put_rows(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert many rows, each in the order of the columns, as fast as the database takes them."""
    names = table.c.keys()
    columns = ", ".join(f'"{name}"' for name in names)
    cursor: Any = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        values, width = chain.from_iterable(rows), len(names)
        while batch := list(islice(values, _VALUES // width * width)):
            marks = ", ".join([f"({', '.join('?' * width)})"] * (len(batch) // width))
            cursor.execute(f"INSERT INTO {table.name} ({columns}) VALUES {marks}", batch)  # nosec  # our own names
        return
    with cursor.copy(f"COPY {table.schema or 'public'}.{table.name} ({columns}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def driver_error(address: Address, error: DBAPIError) -> TrackerError:
    """The store's error for one of SQLAlchemy."""
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
