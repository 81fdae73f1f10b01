"""What the event store needs of a database, alike for both, and the few questions it asks of one."""

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

BATCH = 500  # rows at a time, and values in one question

Found = Mapping[str, Any]
Item = TypeVar("Item")

COLUMNS = "originator_id, originator_version, topic, state, statement, digest, recorded_at"  # of stored_events


class Leaf(NamedTuple):
    """A leaf of the Merkle log."""

    number: int  # from 0, without gaps
    position: int  # of its event
    leaf: bytes


Node = tuple[int, bytes]  # the place of a kept hash, and the hash; see `tracker.store.merkle`


class Row(NamedTuple):
    """An event as the recorder stores it, and what our own columns hold of it; in the order of INSERT."""

    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes
    statement: str | None  # the id of an announcement, correction or retraction
    digest: str
    recorded_at: int  # microseconds since the epoch, UTC


NEXT = "SELECT position, type, statement, state FROM event_log WHERE position > {} ORDER BY position LIMIT {}"


class Stored(NamedTuple):
    """An event of the log as it is stored, and what its columns say of it."""

    position: int
    type: str
    statement: str | None
    state: bytes


stored_of = partial(tuple.__new__, Stored)  # a row of NEXT; as `Stored._make`, in a third of the time


class Reader(Protocol):
    """The store as it is at one moment."""

    def key(self, stream: UUID) -> Any:
        """A stream's id as the database has it."""

    def select(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Found]:
        """Rows of a question whose values stand as `?`."""


class Writer(Reader, Protocol):
    """A transaction in which nobody else writes."""

    def change(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Change rows beside the log, which is only ever added to."""

    def insert(self, rows: Sequence[Row]) -> None: ...

    def insert_at(self, positions: Sequence[int], rows: Sequence[Row]) -> None:
        """Insert rows at given positions, all behind the last."""

    def insert_merkle(self, leaves: Sequence[Leaf], nodes: Sequence[Node]) -> None: ...


class Log(Reader, Protocol):
    """One of eventsourcing's recorders, opened on a store."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        """As `select`, for many rows."""

    def select_notifications(
        self, start: int | None, limit: int, *, inclusive_of_start: bool = True
    ) -> "Sequence[Notification]":
        """The recorder's own way to read the log."""

    def reading(self) -> AbstractContextManager[Reader]:
        """Sees nothing of what others write meanwhile."""

    def writing(self) -> AbstractContextManager[Writer]:
        """Commits at the end, or rolls everything back."""

    def lost(self, error: Exception) -> bool:
        """Whether the connection was lost, so that nobody knows if the transaction was committed."""

    def close(self) -> None: ...


class Head(NamedTuple):
    """The newest event of a stream, or the one that recorded a statement."""

    position: int
    number: int
    digest: str


def heads_of(reader: Reader, streams: Sequence[UUID]) -> dict[UUID, Head]:
    """The newest event of each of these streams that has any."""
    found = {}
    for some in in_batches(streams):
        sql = (
            "SELECT stream, position, number, digest FROM event_log "
            f"WHERE stream IN ({_marks(some)}) ORDER BY number"  # nosec  # question marks only
        )
        for row in reader.select(sql, [reader.key(stream) for stream in some]):
            stream = row["stream"]
            found[stream if isinstance(stream, UUID) else UUID(stream)] = _head(row)
    return found


def statements_of(reader: Reader, ids: Sequence[str]) -> dict[str, Head]:
    """Where each of these statements was recorded, if it was."""
    found: dict[str, Head] = {}
    for some in in_batches(ids):
        sql = (
            "SELECT statement, position, number, digest FROM event_log "
            f"WHERE statement IN ({_marks(some)})"  # nosec  # question marks only
        )
        found.update((row["statement"], _head(row)) for row in reader.select(sql, some))
    return found


def in_batches(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The items, some at a time."""
    rest = iter(items)
    while some := list(islice(rest, BATCH)):
        yield some


def refuse_newer(version: int, address: Address) -> None:
    """Raises: NewerStore."""
    if version > VERSION:
        raise NewerStore(
            f"store {address} has version {version}, this tracker reads up to {VERSION}: upgrade the tracker"
        )


def _head(row: Found) -> Head:
    return Head(row["position"], row["number"], row["digest"])


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
