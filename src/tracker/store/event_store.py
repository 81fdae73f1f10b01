"""The append-only store of events, in an SQLite file or in a PostgreSQL database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.persistence import PersistenceError

from tracker.model.announcement import Statement
from tracker.model.dataset import Dataset
from tracker.model.dates import instant, moment
from tracker.model.errors import BadRequest
from tracker.model.events import AnyEvent, Recorded, digest
from tracker.model.registry import Registry, Subject
from tracker.store import sqlite
from tracker.store.codec import UPCASTERS, Mapper, Upcasters
from tracker.store.connection_settings import LOCK_SECONDS
from tracker.store.database import (
    NEXT,
    ROWS_PER_BATCH,
    EventLog,
    EventRow,
    LogReader,
    LogWriter,
    Stored,
    in_batches,
    newest_events,
    recording_events,
    refuse_newer,
    stored_of,
)
from tracker.store.errors import StoreUnavailable, explained
from tracker.store.leaves import Appender
from tracker.store.load_plan import (
    BatchEncoder,
    LoadItem,
    LoadPlan,
    LoadPlanner,
    PlannedEvent,
    content_of,
    event_row,
    in_order,
    load_items,
    refuse_other_dataset,
)
from tracker.store.schema import VERSION
from tracker.store.streams import StreamKind, stream_named
from tracker.store.url import Address, SqliteAddress, parse_address

LoadProgress = Callable[[int, int], None]  # events done, events in all

_LOAD_ATTEMPTS = 5  # where the connection breaks


@dataclass(frozen=True)
class Loaded:
    """Result of a load; the positions are of the first and the last event that it added."""

    recorded: int
    amended: int
    unchanged: int
    first: int | None
    last: int | None


class EventStore:
    """Events in the order in which they were recorded; open one with `open_store`."""

    def __init__(self, address: Address, log: EventLog, upcasters: Upcasters = UPCASTERS) -> None:
        self.address, self._log = address, log
        self.mapper = Mapper(upcasters)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._log.close()

    def load(
        self,
        registry: Registry,
        statements: Sequence[Statement],
        *,
        by: str | None = None,
        progress: LoadProgress | None = None,
    ) -> Loaded:
        """Put a dataset on the record: all of it or nothing. Items on the record are not stored again.

        Subjects that are no longer in the registry stay.
        Raises: Conflict, also where the store holds another dataset; BadRequest, StoreBusy, StoreUnavailable.
        """
        return self._put([*registry.subjects(), *statements], by, progress)

    def record(
        self, statements: Sequence[Statement], *, by: str | None = None, progress: LoadProgress | None = None
    ) -> Loaded:
        """Put statements on the record: all of them or none. See `load`."""
        return self._put(statements, by, progress)

    def events(self, after: int = 0, limit: int | None = None) -> Iterator[Recorded]:
        """Events after a position, in order, read in batches."""
        left = limit
        while left is None or left > 0:
            count = ROWS_PER_BATCH if left is None else min(ROWS_PER_BATCH, left)
            with explained(self.address):
                batch = self._log.select_notifications(after, count, inclusive_of_start=False)
            for notification in batch:
                yield self._decoded(notification.id, notification.state)
            if len(batch) < count:
                return
            after = batch[-1].id
            left = None if left is None else left - count

    def stored(self, after: int, limit: int) -> list[Stored]:
        """The next events after a position as stored bytes, for bulk readers; see `decoded`."""
        with explained(self.address):
            return [*map(stored_of, self._log.rows(NEXT.format("?", "?"), (after, limit)))]

    def decoded(self, stored: Stored) -> Recorded:
        """The event of stored bytes, in today's shape. Raises: StoreDamaged, NewerStore."""
        return self._decoded(stored.position, stored.state)

    def schema(self, kind: str) -> int:
        """The schema version in which events of a type are stored today."""
        return self.mapper.upcasters.current(kind)

    def stream(self, kind: StreamKind, name: str) -> list[Recorded]:
        """Events of one subject, announcement, draft or writer, in order; none if it is not on the record."""
        stream = stream_named(kind, name)
        rows = self._select("SELECT position, state FROM event_log WHERE stream = ? ORDER BY number", stream)
        return [self._decoded(row["position"], row["state"]) for row in rows]

    def max_position(self) -> int:
        """Position of the last event; 0 where there is none."""
        return int(self._select("SELECT MAX(position) AS last FROM event_log")[0]["last"] or 0)

    def position_at(self, at: datetime) -> int:
        """Position of the last event recorded at or before an instant; 0 where there is none."""
        if at.tzinfo is None:
            raise BadRequest(f"{at.isoformat()} lacks its offset: write e.g. {at.isoformat()}+00:00")
        sql = "SELECT position FROM event_log WHERE recorded_at <= ? ORDER BY recorded_at DESC, position DESC LIMIT 1"
        rows = self._select(sql, instant(at))
        return int(rows[0]["position"]) if rows else 0

    @contextmanager
    def reading(self) -> Iterator[LogReader]:
        """A snapshot of the store, for queries on its tables."""
        with explained(self.address), self._log.reading() as reader:
            yield reader

    @contextmanager
    def writing(self) -> Iterator[LogWriter]:
        """A transaction with the only right to write. Errors are those of the database: see `explained`."""
        with self._log.writing() as writer:
            refuse_newer(writer.select("SELECT version FROM store_version")[0]["version"], self.address)
            yield writer

    def _put(self, contents: Sequence[Subject | Statement], by: str | None, progress: LoadProgress | None) -> Loaded:
        items = load_items(in_order(contents))
        for _ in range(_LOAD_ATTEMPTS):
            with explained(self.address):
                try:
                    return self._put_once(items, by, progress or (lambda _done, _total: None))
                except PersistenceError as error:
                    if not self._log.outcome_unknown(error):
                        raise
                    # perhaps committed: the next attempt finds what is stored
        raise StoreUnavailable(f"store {self.address}: the connection broke {_LOAD_ATTEMPTS} times: try again")

    def _put_once(self, items: Sequence[LoadItem], by: str | None, progress: LoadProgress) -> Loaded:
        """Plan without a lock; if another writer was faster, plan again within the transaction."""
        seen = self.max_position()
        plan = self._plan(self._log, items)
        if not plan.events:
            return Loaded(0, 0, plan.unchanged, None, None)
        progress(0, len(plan.events))
        with self.writing() as writer:
            end, at = end_of(writer)
            if end != seen:
                plan = self._plan(writer, items)
            positions = _append(writer, end, plan.events, BatchEncoder(self.mapper.upcasters, at, by), progress)
        return Loaded(plan.recorded, plan.amended, plan.unchanged, *positions)

    def _plan(self, reader: LogReader, items: Sequence[LoadItem]) -> LoadPlan:
        streams = [item.stream for item in items if item.statement is None or item.follows is not None]
        names = [item.statement for item in items if item.statement is not None]
        newest = newest_events(reader, streams)
        for item in items:
            if isinstance(item.content, Dataset) and item.stream in newest:
                refuse_other_dataset(item.content, self._content(reader, newest[item.stream].position))

        def unchanged(position: int, expected: str) -> bool:
            return digest(self._content(reader, position)) == expected

        return LoadPlanner(newest, recording_events(reader, names), unchanged).plan(items)

    def _content(self, reader: LogReader, position: int) -> Subject | Statement:
        """The subject or statement that the event at a position put on the record."""
        [row] = reader.select("SELECT state FROM event_log WHERE position = ?", [position])
        return content_of(self.mapper.event(bytes(row["state"]), position))

    def _select(self, sql: str, value: Any = None) -> Sequence[Any]:
        values = [self._log.key(value) if isinstance(value, UUID) else value] if value is not None else []
        with explained(self.address):
            return self._log.select(sql, values)

    def _decoded(self, position: int, state: bytes) -> Recorded:
        return Recorded(position, self.mapper.event(bytes(state), position))


def open_store(
    url: str, *, create: bool = True, upcasters: Upcasters = UPCASTERS, lock_seconds: int = LOCK_SECONDS
) -> EventStore:
    """Open the store at a URL (see `parse_address`), making its tables where `create` is true, or upgrading them.

    Args: lock_seconds: how long to wait for another writer.

    Raises: NewerStore, BadRequest, StoreUnavailable; the last one also where there is no store and none is made.
    """
    address = parse_address(url)
    version = _version(address)
    refuse_newer(version, address)
    if version == 0 and not create:
        raise StoreUnavailable(f"store {address}: there is none yet: load a dataset first")
    if version < VERSION:
        migrate(url)
    with explained(address):
        return EventStore(address, _log(address, lock_seconds, for_reading=not create), upcasters)


def migrate(url: str) -> None:
    """Create or upgrade the tables of a store; safe if several processes do so at once."""
    address = parse_address(url)
    if isinstance(address, SqliteAddress):
        sqlite.migrate(address)
    else:
        from tracker.store import postgres  # its driver takes 0.2 s to import

        postgres.migrate(address)


def _version(address: Address) -> int:
    if isinstance(address, SqliteAddress):
        return sqlite.version(address)
    from tracker.store import postgres

    return postgres.version(address)


def _log(address: Address, lock_seconds: int, *, for_reading: bool) -> EventLog:
    if isinstance(address, SqliteAddress):
        return sqlite.SqliteLog(address, lock_seconds, for_reading=for_reading)
    from tracker.store import postgres

    return postgres.PostgresLog(address, lock_seconds)


def end_of(writer: LogWriter) -> tuple[int, datetime]:
    """The last position, and the time to record at: now, but never earlier than the last event."""
    now = datetime.now(UTC)
    rows = writer.select("SELECT position, recorded_at FROM event_log ORDER BY position DESC LIMIT 1")
    if not rows:
        return 0, now
    return rows[0]["position"], max(now, moment(rows[0]["recorded_at"], UTC))


def _append(
    writer: LogWriter, end: int, events: Sequence[PlannedEvent], encoder: BatchEncoder, progress: LoadProgress
) -> tuple[int | None, int | None]:
    """Append events to the log, whose last position is `end`.

    Returns: the first and the last of their positions, if there are any.
    """
    first, done = None, 0
    leaves = Appender(writer)
    for batch in in_batches(events):
        positions = insert_rows(writer, end, [encoder.row(event) for event in batch])
        leaves.append_leaves((at, encoder.leaf(at, event)) for at, event in zip(positions, batch, strict=True))
        first, end = first or positions[0], positions[-1]
        done += len(batch)
        progress(done, len(events))
    return first, None if first is None else end


def append_events(store: EventStore, writer: LogWriter, end: int, events: Sequence[tuple[AnyEvent, int]]) -> int:
    """Append events, each with its number in its stream, to the log, whose last position is `end`.

    Returns: the last of their positions.
    """
    rows = [event_row(event, number, store.mapper.state(event)) for event, number in events]
    positions = insert_rows(writer, end, rows)
    Appender(writer).append(zip(positions, [row.state for row in rows], strict=True))
    return positions[-1]


def insert_rows(writer: LogWriter, end: int, rows: Sequence[EventRow]) -> list[int]:
    """Insert rows after the last position; returns theirs. Their leaves are the caller's to append."""
    writer.insert(rows)
    inserted = writer.select("SELECT position FROM event_log WHERE position > ? ORDER BY position", (end,))
    return [row["position"] for row in inserted]
