"""The interface of a database to the event store, and the queries that are alike on SQLite and PostgreSQL."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

from tracker.model.errors import NewerStore
from tracker.store.schema import VERSION
from tracker.store.url import Address

if TYPE_CHECKING:
    from eventsourcing.persistence import Notification

ROWS_PER_BATCH = 500  # also the most values in one query

SqlRow = Mapping[str, Any]
T = TypeVar("T")

EVENT_COLUMNS = "originator_id, originator_version, topic, state, statement, digest, recorded_at"  # of stored_events


class Leaf(NamedTuple):
    """A leaf of the Merkle log."""

    number: int  # from 0, without gaps
    position: int  # of its event
    leaf: bytes


Node = tuple[int, bytes]  # the place of a kept hash, and the hash; see `tracker.store.merkle`


class EventRow(NamedTuple):
    """A row of `stored_events`, in the order of INSERT: the recorder's columns, then our own three."""

    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes
    statement: str | None  # the id of an announcement, correction or retraction
    digest: str
    recorded_at: int  # microseconds since the epoch, UTC


NEXT = "SELECT position, type, statement, state FROM event_log WHERE position > {} ORDER BY position LIMIT {}"


class Stored(NamedTuple):
    """An event of the log as stored bytes, with its position, type and statement."""

    position: int
    type: str
    statement: str | None
    state: bytes


stored_of = partial(tuple.__new__, Stored)  # a row of NEXT; equals `Stored._make`, in a third of the time


class LogReader(Protocol):
    """A snapshot of the store."""

    def key(self, stream: UUID) -> Any:
        """A stream's id as the database stores it."""

    def select(self, sql: str, values: Sequence[Any] = ()) -> Sequence[SqlRow]:
        """Rows of a query whose values stand as `?`."""


class LogWriter(LogReader, Protocol):
    """A transaction with the only right to write."""

    def change(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Change rows of the tables beside the log, which itself is append-only."""

    def insert(self, rows: Sequence[EventRow]) -> None: ...

    def insert_at(self, positions: Sequence[int], rows: Sequence[EventRow]) -> None:
        """Insert rows at given positions, all greater than the last one."""

    def insert_merkle(self, leaves: Sequence[Leaf], nodes: Sequence[Node]) -> None: ...


class EventLog(LogReader, Protocol):
    """One of eventsourcing's recorders, opened on a store."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        """Rows of a query as plain tuples, which is faster than `select` for many."""

    def select_notifications(
        self, start: int | None, limit: int, *, inclusive_of_start: bool = True
    ) -> "Sequence[Notification]":
        """Events from a position on, as eventsourcing reads them."""

    def reading(self) -> AbstractContextManager[LogReader]:
        """A snapshot: concurrent writes are not seen."""

    def writing(self) -> AbstractContextManager[LogWriter]:
        """A transaction that commits at the end, or rolls everything back."""

    def outcome_unknown(self, error: Exception) -> bool:
        """Whether the connection broke, so that the transaction may or may not have been committed."""

    def close(self) -> None: ...


class EventRef(NamedTuple):
    """A stored event: its place in the log and in its stream, and the digest of its content."""

    position: int
    number: int
    digest: str


def newest_events(reader: LogReader, streams: Sequence[UUID]) -> dict[UUID, EventRef]:
    """The newest event of each of these streams that has any."""
    newest = {}
    for batch in in_batches(streams):
        sql = (
            "SELECT stream, position, number, digest FROM event_log "
            f"WHERE stream IN ({_marks(batch)}) ORDER BY number"  # nosec  # question marks only
        )
        for row in reader.select(sql, [reader.key(stream) for stream in batch]):
            stream = row["stream"]
            newest[stream if isinstance(stream, UUID) else UUID(stream)] = _event_ref(row)
    return newest


def recording_events(reader: LogReader, ids: Sequence[str]) -> dict[str, EventRef]:
    """The event that recorded each of these statements, for those on the record."""
    recording: dict[str, EventRef] = {}
    for batch in in_batches(ids):
        sql = (
            "SELECT statement, position, number, digest FROM event_log "
            f"WHERE statement IN ({_marks(batch)})"  # nosec  # question marks only
        )
        recording.update((row["statement"], _event_ref(row)) for row in reader.select(sql, batch))
    return recording


def in_batches(items: Sequence[T]) -> Iterator[list[T]]:
    """The items in lists of at most ROWS_PER_BATCH."""
    rest = iter(items)
    while batch := list(islice(rest, ROWS_PER_BATCH)):
        yield batch


def refuse_newer(version: int, address: Address) -> None:
    """Refuse a store whose schema is of a later version. Raises: NewerStore."""
    if version > VERSION:
        raise NewerStore(
            f"store {address} has version {version}, this tracker reads up to {VERSION}: upgrade the tracker"
        )


def _event_ref(row: SqlRow) -> EventRef:
    return EventRef(row["position"], row["number"], row["digest"])


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
