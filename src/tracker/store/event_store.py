"""The append-only store of events, in an SQLite file or a PostgreSQL database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self
from uuid import UUID

from eventsourcing.persistence import PersistenceError

from tracker.model.announcement import Statement
from tracker.model.dates import instant, moment
from tracker.model.errors import BadRequest, Conflict
from tracker.model.events import (
    AnyEvent,
    DraftEvent,
    Recorded,
    SubjectEvent,
    digest,
    statement_of,
)
from tracker.model.registry import Dataset, Registry, Subject
from tracker.model.vocabulary import SubjectKind
from tracker.store import sqlite
from tracker.store.codec import Mapper
from tracker.store.connection_settings import LOCK_SECONDS
from tracker.store.database import (
    BATCH,
    NEXT,
    Log,
    Reader,
    Stored,
    Writer,
    heads_of,
    in_batches,
    refuse_newer,
    statements_of,
    stored_of,
)
from tracker.store.errors import StoreUnavailable, explained
from tracker.store.leaves import Appender
from tracker.store.load_plan import Entry, Plan, Planner, Wanted, in_order, wanted
from tracker.store.row_encoding import Stamp
from tracker.store.schema import VERSION
from tracker.store.streams import stream_named
from tracker.store.upcasters import UPCASTERS, Upcasters
from tracker.store.url import Address, SqliteAddress, parse_address

Progress = Callable[[int, int], None]  # events done, events in all

_ATTEMPTS = 5


@dataclass(frozen=True)
class Loaded:
    """What a load did; the positions are of the first and the last event that it added."""

    recorded: int
    amended: int
    unchanged: int
    first: int | None
    last: int | None


class EventStore:
    """Events in the order in which they were recorded; open one with `open_store`."""

    def __init__(self, address: Address, log: Log, upcasters: Upcasters = UPCASTERS) -> None:
        self.address = address
        self._log = log
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
        progress: Progress | None = None,
    ) -> Loaded:
        """Put a dataset on the record: all of it or nothing, and what is there already only once.

        Subjects that are no longer in the registry stay.
        Raises: Conflict, BadRequest, StoreBusy, StoreUnavailable.
        """
        return self._put([*registry.subjects(), *statements], by, progress)

    def record(
        self, statements: Sequence[Statement], *, by: str | None = None, progress: Progress | None = None
    ) -> Loaded:
        """The same for statements alone."""
        return self._put(statements, by, progress)

    def events(self, after: int = 0, limit: int | None = None) -> Iterator[Recorded]:
        """Events behind a position, in order, read in batches."""
        left = limit
        while left is None or left > 0:
            count = BATCH if left is None else min(BATCH, left)
            with explained(self.address):
                batch = self._log.select_notifications(after, count, inclusive_of_start=False)
            for found in batch:
                yield self._decoded(found.id, found.state)
            if len(batch) < count:
                return
            after = batch[-1].id
            left = None if left is None else left - count

    def stored(self, after: int, limit: int) -> list[Stored]:
        """The next events behind a position as they are stored, for those who read many at once; see `decoded`."""
        with explained(self.address):
            return [*map(stored_of, self._log.rows(NEXT.format("?", "?"), (after, limit)))]

    def decoded(self, stored: Stored) -> Recorded:
        """Raises: StoreDamaged, NewerStore."""
        return self._decoded(stored.position, stored.state)

    def schema(self, kind: str) -> int:
        """In which schema events of a type are stored today."""
        return self.mapper.upcasters.current(kind)

    def stream(self, kind: SubjectKind | Literal["announcement", "draft"], name: str) -> list[Recorded]:
        """Events of one subject, announcement or draft, in order; none if it is not on the record."""
        stream = stream_named(kind, name)
        found = self._select("SELECT position, state FROM event_log WHERE stream = ? ORDER BY number", stream)
        return [self._decoded(row["position"], row["state"]) for row in found]

    def max_position(self) -> int:
        """Position of the last event; 0 where there is none."""
        return int(self._select("SELECT MAX(position) AS last FROM event_log")[0]["last"] or 0)

    def position_at(self, at: datetime) -> int:
        """Position of the last event recorded at or before an instant; 0 where there is none."""
        if at.tzinfo is None:
            raise BadRequest(f"{at.isoformat()} lacks its offset: write e.g. {at.isoformat()}+00:00")
        sql = "SELECT position FROM event_log WHERE recorded_at <= ? ORDER BY recorded_at DESC, position DESC LIMIT 1"
        found = self._select(sql, instant(at))
        return int(found[0]["position"]) if found else 0

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """The store as it is at one moment, for questions about its Merkle log."""
        with explained(self.address), self._log.reading() as reader:
            yield reader

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """A transaction in which nobody else writes. Errors are those of the database: see `explained`."""
        with self._log.writing() as writer:
            refuse_newer(writer.select("SELECT version FROM store_version")[0]["version"], self.address)
            yield writer

    def _put(self, contents: Sequence[Subject | Statement], by: str | None, progress: Progress | None) -> Loaded:
        items = wanted(in_order(contents))
        for _ in range(_ATTEMPTS):
            with explained(self.address):
                try:
                    return self._put_once(items, by, progress or _silent)
                except PersistenceError as error:
                    if not self._log.lost(error):
                        raise  # otherwise perhaps after the commit: look again
        raise StoreUnavailable(f"store {self.address}: the connection broke {_ATTEMPTS} times: try again")

    def _put_once(self, items: Sequence[Wanted], by: str | None, progress: Progress) -> Loaded:
        """Plan while others may write; if somebody did, plan again when nobody can."""
        seen = self.max_position()
        plan = self._plan(self._log, items)
        if not plan.entries:
            return Loaded(0, 0, plan.unchanged, None, None)
        progress(0, len(plan.entries))
        with self.writing() as writer:
            end, at = end_of(writer)
            if end != seen:
                plan = self._plan(writer, items)
            positions = _append(writer, end, plan.entries, Stamp(self.mapper.upcasters, at, by), progress)
        return Loaded(plan.recorded, plan.amended, plan.unchanged, *positions)

    def _plan(self, reader: Reader, items: Sequence[Wanted]) -> Plan:
        streams = [item.stream for item in items if item.statement is None or item.follows is not None]
        names = [item.statement for item in items if item.statement is not None]
        known = heads_of(reader, streams)
        for item in items:
            if isinstance(item.content, Dataset) and item.stream in known:
                self._keep_timezone(item.content, self._content(reader, known[item.stream].position))

        def same(position: int, mark: str) -> bool:
            return digest(self._content(reader, position)) == mark

        return Planner(known, statements_of(reader, names), same).plan(items)

    def _content(self, reader: Reader, position: int) -> Subject | Statement:
        """What the event at a position put on the record."""
        [row] = reader.select("SELECT state FROM event_log WHERE position = ?", [position])
        return content(self.mapper.event(bytes(row["state"]), position))

    def _keep_timezone(self, dataset: Dataset, before: Subject | Statement) -> None:
        if isinstance(before, Dataset) and before.timezone != dataset.timezone:
            raise Conflict(
                f'[dataset] timezone = "{dataset.timezone}", but the store was loaded with "{before.timezone}": a new '
                "one would move every recorded date. Put it back, or load into a new store; nothing was loaded"
            )

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
    found = _version(address)
    refuse_newer(found, address)
    if found == 0 and not create:
        raise StoreUnavailable(f"store {address}: there is none yet: load a dataset first")
    if found < VERSION:
        migrate(url)
    with explained(address):
        return EventStore(address, _log(address, lock_seconds), upcasters)


def migrate(url: str) -> None:
    """Make or upgrade the tables of a store; harmless if they are up to date or another process is at it."""
    address = parse_address(url)
    if isinstance(address, SqliteAddress):
        sqlite.migrate(address)
    else:
        from tracker.store import postgres  # its driver takes 0.2 s to import

        postgres.migrate(address)


def content(event: AnyEvent) -> Subject | Statement:
    """What an event put on the record.

    Raises: ValueError for one about a draft, which put nothing there.
    """
    if isinstance(event, DraftEvent):
        raise ValueError(f"{event.type} puts nothing on the record")
    return event.subject if isinstance(event, SubjectEvent) else statement_of(event)


def _version(address: Address) -> int:
    if isinstance(address, SqliteAddress):
        return sqlite.version(address)
    from tracker.store import postgres

    return postgres.version(address)


def _log(address: Address, lock_seconds: int) -> Log:
    if isinstance(address, SqliteAddress):
        return sqlite.SqliteLog(address, lock_seconds)
    from tracker.store import postgres

    return postgres.PostgresLog(address, lock_seconds)


def end_of(writer: Writer) -> tuple[int, datetime]:
    """The last position, and the time to record at: now, but never before the last event's."""
    now = datetime.now(UTC)
    last = writer.select("SELECT position, recorded_at FROM event_log ORDER BY position DESC LIMIT 1")
    if not last:
        return 0, now
    return last[0]["position"], max(now, moment(last[0]["recorded_at"], UTC))


def _append(
    writer: Writer, end: int, entries: Sequence[Entry], stamp: Stamp, progress: Progress
) -> tuple[int | None, int | None]:
    """Put entries behind the last position.

    Returns: the first and the last one of theirs, if there are any.
    """
    first, done = None, 0
    leaves = Appender(writer)
    for some in in_batches(entries):
        writer.insert([stamp.row(entry) for entry in some])
        found = writer.select("SELECT position FROM event_log WHERE position > ? ORDER BY position", (end,))
        positions = [row["position"] for row in found]
        leaves.append_leaves((at, stamp.leaf(at, entry)) for at, entry in zip(positions, some, strict=True))
        first, end = first or positions[0], positions[-1]
        done += len(some)
        progress(done, len(entries))
    return first, None if first is None else end


def _silent(done: int, total: int) -> None:
    pass
