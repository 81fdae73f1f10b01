"""The public views for SQL and the tables under them: columns with stable names, and instants with an instant type.

The tables hold the intervals that the rule of time makes of the whole record; see `refresh` for when. Beside them
stands the tally of each lane, so that only new statements are looked at where thousands of measures bear on it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    inspect,
    select,
)
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable

from tracker.model.dates import BEGINNING, FOREVER, Instant, instant, moment
from tracker.projections.checkpoint import VIEWS, VIEWS_CHECKPOINT
from tracker.projections.notifications import CHANNEL
from tracker.projections.writer import drop_views, put_rows

VERSION = 10  # one more whenever the tables or views below, or the numbers in a tally, change

_METADATA = MetaData()
LANE = ("subject", "mode", "traffic", "direction")


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text) for name in names]


def _instants(*names: str) -> list[Column[object]]:
    return [Column(name, DateTime(timezone=True)) for name in names]


STATUSES = Table(
    "tracker_status_intervals", _METADATA,
    *_texts("subject", "kind", "mode", "traffic", "direction", "status"), Column("severity", Integer),
    *_texts("otherwise"),
    *_instants("valid_from", "valid_to"), Column("uncertain", Boolean),
    *_texts("cause_measure", "exceptions", "formalities", "exposure", "announcement"),
    Index("tracker_status_intervals_subject", "subject"),
)  # fmt: skip
MEASURES = Table(
    "tracker_measure_intervals", _METADATA,
    *_texts("measure", "title", "authority", "kind", "places", "state", "level", "limits"),
    *_texts("amount", "unit", "hours", "exemptions"),
    *_instants("valid_from", "valid_to"), Column("uncertain", Boolean), *_texts("announcement"),
    Index("tracker_measure_intervals_measure", "measure"),
)  # fmt: skip
PLEDGES = Table(
    "tracker_pledges", _METADATA,
    *_texts("pledge", "kind", "parties", "places", "text"), *_instants("announced"), *_texts("announcement"),
    *_instants("due"), *_texts("outcome"), *_instants("ended"), *_texts("ended_by"), Column("lag_days", Integer),
    Index("tracker_pledges_pledge", "pledge"),
)  # fmt: skip
TALLIES = Table(
    "tracker_lane_tallies", _METADATA, *_texts(*LANE), Column("tally", LargeBinary),
    Index("tracker_lane_tallies_subject", "subject"),
)  # fmt: skip
FILLED = (STATUSES, MEASURES, PLEDGES, TALLIES)
DERIVED = Table(
    VIEWS_CHECKPOINT, _METADATA, Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
)  # fmt: skip

Rows = Iterable[tuple[Any, ...]]


def reached_by(connection: Connection) -> int | None:
    """The position that the tables hold; None where they, or views, are not there, or of another version."""
    names = inspect(connection)
    if DERIVED.name not in names.get_table_names() or not set(VIEWS) <= set(names.get_view_names()):
        return None
    row = connection.execute(select(DERIVED.c.version, DERIVED.c.position)).one_or_none()
    return int(row.position) if row is not None and row.version == VERSION else None


def reach(connection: Connection, position: int) -> None:
    """Store how far the tables have come, and notify listeners on a server."""
    connection.execute(delete(DERIVED))
    connection.execute(insert(DERIVED).values(version=VERSION, position=position))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}, '{position:d}'")


def make(connection: Connection) -> None:
    """Create the tables, empty, and the views in place of any that exist."""
    drop_views(connection)
    _METADATA.drop_all(connection)
    create(connection)


def create(connection: Connection) -> None:
    """Create the tables and the views where there are none."""
    for table in _METADATA.sorted_tables:
        connection.execute(CreateTable(table))
        for index in sorted(table.indexes, key=str):
            index.create(connection)
    for statement in _definitions(connection.dialect.name):
        connection.exec_driver_sql(statement)


def put(connection: Connection, table: Table, rows: Rows) -> None:
    """Put rows in the order of the columns, with instants as numbers."""
    stamps = [number for number, column in enumerate(table.c) if isinstance(column.type, DateTime)]
    zone = "+00:00" if connection.dialect.name == "postgresql" else ""
    put_rows(connection, table, _stamped(rows, stamps, zone) if stamps else rows)


def _stamped(rows: Rows, stamps: Sequence[int], zone: str) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        plain = list(row)
        for number in stamps:
            plain[number] = _stamp(row[number], zone)
        yield tuple(plain)


@lru_cache(maxsize=65_536)
def _stamp(at: Instant | None, zone: str) -> str | None:
    """An instant for a column, as SQLAlchemy writes it; none for the beginning of time and for ever."""
    if at is None or not BEGINNING < at < FOREVER:
        return None
    return moment(at, UTC).replace(tzinfo=None).isoformat(" ", "microseconds") + zone


def instant_of(stamp: datetime | None) -> Instant:
    """The instant that `put` wrote; the beginning of time where the column is empty."""
    if stamp is None:
        return BEGINNING
    return instant(stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC))


class StagingTables:
    """Temporary tables of one connection: filled without holding up others, then copied in one go."""

    def __init__(self, connection: Connection) -> None:
        """Create the tables outside of a transaction, which would hold the lock of all writers."""
        self._connection = connection
        schema = "pg_temp" if connection.dialect.name == "postgresql" else None
        self._tables = {table: self._beside(table, schema) for table in FILLED}

    def _beside(self, table: Table, schema: str | None) -> Table:
        columns = [Column(column.name, column.type) for column in table.c]
        staged = Table(f"staged_{table.name}", MetaData(), *columns, schema=schema, prefixes=["TEMPORARY"])
        cursor = self._connection.connection.cursor()
        cursor.execute(str(CreateTable(staged).compile(dialect=self._connection.dialect)))
        return staged

    def put(self, table: Table, rows: Rows) -> None:
        put(self._connection, self._tables[table], rows)

    def fill(self) -> None:
        """Replace the rows of the tables by the staged ones, in the transaction that has begun."""
        for table, staged in self._tables.items():
            self._connection.execute(delete(table))
            self._connection.execute(insert(table).from_select(list(table.c), select(staged)))


def _definitions(dialect: str) -> Sequence[str]:
    postgres = dialect == "postgresql"
    today = "CURRENT_TIMESTAMP" if postgres else "strftime('%Y-%m-%d %H:%M:%S', 'now')"
    status = ", ".join(column.name for column in STATUSES.c)
    return (  # of constants of this function and of its module only
        f"CREATE VIEW v_status_interval AS SELECT {status} FROM tracker_status_intervals",  # nosec
        "CREATE VIEW v_measure_interval AS SELECT measure, title, authority, kind, places, state, level, limits, "
        "amount, unit, hours, exemptions, valid_from, valid_to, uncertain, announcement FROM tracker_measure_intervals",  # nosec
        "CREATE VIEW v_promise AS SELECT pledge, kind, parties, places, text, announced, announcement, due, "
        f"CASE WHEN outcome = 'open' AND due <= {today} THEN 'overdue' ELSE outcome END AS status, "
        "ended, ended_by, lag_days FROM tracker_pledges",  # nosec
        f"CREATE VIEW v_announcement AS SELECT id, {_instant(dialect, 'announced')} AS announced, parties, speakers, "
        "title, summary, verification, effects, publishers, urls, version, version_kind, retracted, position, "
        f"{_instant(dialect, 'recorded_at')} AS recorded_at, recorded_by, digest FROM tracker_announcements",  # nosec
    )


def _instant(dialect: str, column: str) -> str:
    """A column of microseconds as an instant."""
    if dialect == "postgresql":
        return f"to_timestamp({column} / 1000000.0)"
    return f"strftime('%Y-%m-%d %H:%M:%S', {column} / 1000000, 'unixepoch')"
