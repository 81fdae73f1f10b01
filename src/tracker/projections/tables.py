"""The tables. All are derived from the log: no key is drawn from a sequence, so that the same log gives the same rows.

Every instant is a whole number of microseconds since 1970-01-01T00:00Z, every position one of the log. `*_to` is
exclusive, and 2^62 where there is no end. Text beside an instant says it as people write it, in the dataset's zone.

`tracker_announcements`, `_spans`, `_speakers`, `_sources`, `_effects` and `_assertions` are views: see `log_views`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import UserDefinedType

from tracker.projections import log_views
from tracker.projections.checkpoint import CHECKPOINT
from tracker.projections.sql_views.names import drop_views

Columns = list[Column[Any]]


class _Json(UserDefinedType[str]):
    """JSON, handed over as the text that it is."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "JSON"


_Id = Text().with_variant(Text(collation="C"), "postgresql")  # sorts as Python and SQLite do
_Content = Text().with_variant(_Json(), "postgresql")


def _ids(*names: str, key: bool = False) -> list[Column[str]]:
    return [Column(name, _Id, primary_key=key, nullable=False) for name in names]


def _texts(*names: str, required: bool = False) -> list[Column[str]]:
    return [Column(name, Text, nullable=not required) for name in names]


def _counts(*names: str, key: bool = False, required: bool = True) -> list[Column[int]]:
    return [Column(name, Integer, primary_key=key, autoincrement=False, nullable=not required) for name in names]


def _numbers(*names: str) -> list[Column[int]]:
    """Instants and positions."""
    return [Column(name, BigInteger, nullable=False) for name in names]


def _json(name: str, required: bool = False) -> Column[str]:
    return Column(name, _Content, nullable=not required)


def _version() -> Columns:
    return [*_ids("announcement", key=True), *_counts("version", key=True)]


def _checkpoint() -> Columns:
    return [*_counts("version"), *_numbers("position")]


def _position() -> Column[int]:
    """Of the log, as a key: in SQLite that of its rows."""
    return Column("position", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False)


def _number() -> Column[int]:
    return Column("number", Integer, primary_key=True, autoincrement=False)


def _recorded() -> Columns:
    """Announcements that are as they were first recorded, and what they assert: see `log_views`.

    Each has a row numbered 0, without a track where it asserts nothing. Tracks and edges are numbers.
    """
    return [
        _position(),
        *_counts("number", key=True),
        *_counts("announced"),
        *_counts("track", "effect", "begins", "ends", required=False),
        *_texts("value"),
    ]


def _tracks() -> Columns:
    return [_number(), *_ids("track")]


def _edges() -> Columns:
    """Where something begins or ends, or when it was announced: the earliest and the latest instant that it may be."""
    return [_number(), *_numbers("earliest", "latest"), *_texts("text")]


def _registry() -> Columns:
    """Every entry that there was, and from which to which position it stood."""
    return [
        _position(),
        *_ids("kind", "id"),
        *_texts("name", required=True),
        *_texts("places"),  # of a measure: where its scope is, separated by spaces
        *_numbers("recorded_from", "recorded_to", "recorded_at"),
        *_texts("recorded_by"),
        *_texts("digest", required=True),
        _json("content", required=True),
    ]


def _announcements() -> Columns:
    """Every version of an announcement, with the statement that made it so: one may have made two."""
    return [
        *_version(),
        *_texts("kind", required=True),  # recorded, corrected or retracted
        *_ids("statement"),  # the id of the announcement, correction or retraction
        *_texts("reason"),
        *_texts("announced", required=True),  # as the statement has it
        *_numbers("announced_earliest", "announced_latest"),
        *_numbers("order_instant"),  # the announcement's place in the order, before its id
        *_numbers("public_from", "position", "recorded_at"),
        *_texts("recorded_by"),
        *_texts("digest", required=True),
        *_texts("summary", "status"),
        _json("content"),  # null where retracted
        _json("correction"),  # the correction or retraction itself
    ]


def _spans() -> Columns:
    """Where a version is the one that counts: spans of announcement time by record time."""
    return [
        *_version(),
        *_counts("span", key=True),
        *_numbers("announced_from", "announced_to", "recorded_from", "recorded_to"),
    ]


def _part() -> Columns:
    """`part`: of the content, or of the statement that corrected or retracted it."""
    return [*_version(), *_ids("part", key=True), *_counts("number", key=True)]


def _speakers() -> Columns:
    return [*_part(), *_ids("party"), *_texts("name", "office")]


def _sources() -> Columns:
    return [
        *_part(),
        *_texts("publisher", required=True),
        *_texts("title", "published", "url", "archived_url", "language", "accessed", "quote", "note"),
    ]


def _relations() -> Columns:
    return [*_version(), *_counts("number", key=True), *_ids("type", "other"), *_texts("note")]


def _effects() -> Columns:
    """`at` is the place, or several separated by spaces; `basis` only where the coder stated it."""
    return [
        *_version(),
        *_counts("number", key=True),
        *_ids("type"),
        *_texts("measure", "instrument", "pledge", "at", "basis"),
        _json("content", required=True),
    ]


def _assertions() -> Columns:
    """Design §5. The last by (order_instant, announcement, effect) that is known and covers an instant holds then."""
    return [
        *_version(),
        *_counts("number", key=True),
        *_ids("track"),
        *_numbers("order_instant"),
        *_counts("effect", "span"),  # numbers in tracker_effects and tracker_spans
        *_texts("value", required=True),
        *_texts("valid_from", "valid_to"),
        *_numbers("valid_from_earliest", "valid_from_latest", "valid_to_earliest", "valid_to_latest"),
        *_numbers("announced_from", "announced_to", "recorded_from", "recorded_to"),
    ]


def _segments() -> Columns:
    """The assertions once more, as columns of numbers: see `tracker.timeline.serialisation`."""
    return [
        *_counts("segment", key=True),
        *_ids("name", key=True),
        *_counts("rows"),
        *_texts("type", required=True),
        Column("data", LargeBinary, nullable=False),
    ]


_COLUMNS: Mapping[str, Callable[[], Columns]] = {
    "checkpoint": _checkpoint,
    "registry": _registry,
    "recorded": _recorded,
    "tracks": _tracks,
    "edges": _edges,
    "kept_announcements": _announcements,
    "kept_spans": _spans,
    "kept_speakers": _speakers,
    "kept_sources": _sources,
    "kept_effects": _effects,
    "kept_assertions": _assertions,
    "relations": _relations,
    "segments": _segments,
}
BY_ANNOUNCEMENT = (*(f"kept_{name}" for name in log_views.NAMES), "relations")
_EARLY = {"registry": ("kind", "id"), "tracks": ("track",), "edges": ("earliest", "latest")}  # filling looks things up
_LATE = {"recorded": ("track",), "kept_assertions": ("track", "order_instant")}  # sooner made of all rows
_BY_KEY = tuple(_LATE)  # tables that SQLite keeps in the order of their key, and not beside it

VIEWS = tuple(f"tracker_{name}" for name in log_views.NAMES)
_ONCE = (*log_views.NAMES, "checkpoint", "registry", "relations", "segments")
FORMER = (*VIEWS, *(f"tracker_{name}_new" for name in _ONCE))  # tables of earlier versions alone: dropped with theirs


class Schema:
    """All of the tables."""

    def __init__(self) -> None:
        self._metadata = MetaData()
        self.tables: Mapping[str, Table] = {
            name: Table(f"tracker_{name}", self._metadata, *columns(), sqlite_with_rowid=name not in _BY_KEY)
            for name, columns in _COLUMNS.items()
        }
        self.checkpoint = self.tables["checkpoint"]
        # In PostgreSQL its key is a plain index: a unique one takes twice the time to make anew in one transaction, for
        # each row is compared with the one of the same key that has just been deleted.
        self.tables["recorded"].primary_key.ddl_if(dialect="sqlite")
        key = self._index("recorded", ("position",)).ddl_if(dialect="postgresql")
        self._early = [key, *(self._index(*each) for each in _EARLY.items())]
        self._late = [self._index(*each) for each in _LATE.items()]

    def _index(self, name: str, indexed: Sequence[str]) -> Index:
        return Index(f"tracker_{name}_{'_'.join(indexed)}", *(self.tables[name].c[column] for column in indexed))

    @property
    def names(self) -> frozenset[str]:
        """Of tables and views."""
        return frozenset((*self._metadata.tables, *VIEWS))

    def there(self, connection: Connection) -> bool:
        """Whether all of the tables and views are."""
        found = inspect(connection)
        return self.names <= {*found.get_table_names(), *found.get_view_names()}

    def views(self, dialect: str) -> list[str]:
        """The statements that make the views."""
        columns = {name: self.tables[f"kept_{name}"].c.keys() for name in log_views.NAMES}
        return list(log_views.definitions(dialect, columns))

    def create(self, connection: Connection) -> None:
        """Make the tables, with the indexes that filling them needs, and the views."""
        for table in self.tables.values():
            connection.execute(CreateTable(table))
        for index in self._early:
            index.create(connection)
        if connection.dialect.name == "postgresql":  # or it would try to compress what is packed already
            connection.exec_driver_sql("ALTER TABLE tracker_segments ALTER COLUMN data SET STORAGE EXTERNAL")
        for statement in self.views(connection.dialect.name):
            connection.exec_driver_sql(statement)

    def create_indexes(self, connection: Connection) -> None:
        """Make those that are not there."""
        for index in (*self._early, *self._late):
            index.create(connection, checkfirst=True)

    @contextmanager
    def without_indexes(self, connection: Connection) -> Iterator[None]:
        """Fill tables without those that filling does not need, where that keeps nobody from reading meanwhile."""
        if connection.dialect.name == "sqlite":
            for index in self._late:
                index.drop(connection, checkfirst=True)
        yield
        self.create_indexes(connection)

    def drop(self, connection: Connection) -> None:
        drop_views(connection)
        for name in set(VIEWS) & set(inspect(connection).get_view_names()):
            connection.exec_driver_sql(f"DROP VIEW {name}")
        self._metadata.drop_all(connection)
        for name in FORMER:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")


LIVE = Schema()

assert LIVE.checkpoint.name == CHECKPOINT
