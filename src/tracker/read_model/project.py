"""From the next events of the log to rows and columns, in the transaction that also moves the checkpoint."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from itertools import chain
from typing import Any

from sqlalchemy import ColumnClause, Text, cast, column, delete, select, table
from sqlalchemy.engine import Connection

from tracker.model.dates import zone
from tracker.model.events import AnnouncementRecorded, Recorded, StatementEvent, SubjectRegistered
from tracker.model.problem import BadRequest
from tracker.model.registry import Dataset
from tracker.model.vocabulary import SubjectKind
from tracker.read_model import entries
from tracker.read_model.database import put_rows
from tracker.read_model.log_views import NAMES
from tracker.read_model.rows import Row, announcement_rows, event_of
from tracker.read_model.singles import Singles
from tracker.read_model.source import EventSource
from tracker.read_model.tables import BY_ANNOUNCEMENT, LIVE
from tracker.store.log import Stored
from tracker.timeline.assertions import assertions_of
from tracker.timeline.merge import Segment, merged
from tracker.timeline.table import Assertions
from tracker.timeline.versions import Version, concerns, versions

BATCH = 20_000  # events in one transaction, or announcements of which rows are put at a time
PIECE = 500  # events that are read at a time where nobody waits in between: no more than the cache holds
GENERAL = 1000  # of them at most that are not as quickly taken in as most are

_RECORDED = "AnnouncementRecorded"
_QUICK = frozenset((_RECORDED, *entries.TYPES))


def in_pieces(source: EventSource, until: int) -> Iterator[Sequence[Stored]]:
    """All events up to a position."""
    position = 0
    while piece := [stored for stored in source.stored(position, PIECE) if stored.position <= until]:
        yield piece
        position = piece[-1].position


def next_batch(source: EventSource, position: int) -> Sequence[Stored]:
    """The events next after a position; none at the end of the log."""
    found = source.stored(position, BATCH)
    slow = [number for number, (_, kind, _, _) in enumerate(found) if kind not in _QUICK]
    return found if len(slow) <= GENERAL else found[: slow[GENERAL]]


class Projection:
    """Takes batches of events, one after the other."""

    def __init__(self, connection: Connection, source: EventSource, *, rows: bool = True) -> None:
        """Args: rows: whether to fill tables; without, they hold all of these events, and only columns are made."""
        self._connection, self._source, self._rows = connection, source, rows
        self._singles: Singles | None = None
        self._others: list[Segment] = []

    def take(self, batch: Sequence[Stored]) -> None:
        """Make rows and columns of the next events.

        Raises: BadRequest, where announcements are on the record but no dataset; StoreDamaged, NewerStore.
        """
        recorded = [stored for stored in batch if stored.type == _RECORDED]
        if self._rows:
            entries.take(self._connection, self._source, [stored for stored in batch if stored.type in entries.TYPES])
        others = [self._source.decoded(stored) for stored in batch if stored.type not in _QUICK]
        statements = [each for each in others if isinstance(each.event, StatementEvent)]
        if not recorded and not statements:
            return
        if self._singles is None:
            tz = _timezone(self._connection, self._source)
            self._singles = Singles(tz, self._source.schema(_RECORDED))
        corrected = {concerns(each.event) for each in statements if isinstance(each.event, StatementEvent)}
        general = [stored for stored in recorded if stored.statement in corrected] if corrected else []
        quick = [stored for stored in recorded if stored.statement not in corrected] if corrected else recorded
        general += self._singles.take(quick)
        if general or statements or self._singles.new >= BATCH:
            self._put_singles()
        if general or statements:
            self._take_streams([*map(self._source.decoded, general), *statements], self._singles.tz)

    def _put_singles(self) -> None:
        if self._singles is not None:
            made = self._singles.rows()
            for name, rows in made if self._rows else ():
                put_rows(self._connection, LIVE.tables[name], rows)

    def segment(self) -> Segment:
        """Make the rows that are still to be made.

        Returns: what became known with all batches, still to be stored.
        """
        self._put_singles()
        known = Segment(self._singles.assertions if self._singles else Assertions.of(()))
        replaced = {name for other in self._others for name in other.replaced}
        return Segment(merged([known, *self._others]), replaced)

    def _take_streams(self, events: Iterable[Recorded], tz: tzinfo) -> None:
        """Announcements one by one, each with its corrections and retractions."""
        streams: defaultdict[str, list[Recorded]] = defaultdict(list)
        for recorded in events:
            if isinstance(recorded.event, StatementEvent):
                streams[concerns(recorded.event)].append(recorded)
        taken_back = _earlier(self._connection, streams)
        for name, earlier in taken_back.items():
            streams[name] = earlier + streams[name]
        histories = [versions(stream, tz) for stream in streams.values()]
        said = (assertions_of(version, tz) for history in histories for version in history)
        self._others.append(Segment(Assertions.of(chain.from_iterable(said)), taken_back))
        if self._rows:
            _delete(self._connection, taken_back)
            _put(self._connection, histories, tz)


def _earlier(connection: Connection, streams: Mapping[str, Sequence[Recorded]]) -> dict[str, list[Recorded]]:
    """The events of announcements that were taken in before and now have a correction.

    A correction that is recorded late may come in between: all versions are derived again.
    """
    again = {
        name: min(position for position, _ in stream)
        for name, stream in streams.items()
        if not any(isinstance(recorded.event, AnnouncementRecorded) for recorded in stream)
    }
    if not again:
        return {}
    plain: list[ColumnClause[Any]] = [
        column(name) for name in ("announcement", "kind", "position", "recorded_at", "recorded_by", "digest")
    ]
    texts = [cast(column(name), Text).label(name) for name in ("content", "correction")]
    told = select(*plain, *texts).select_from(table("tracker_announcements"))
    found = connection.execute(told.where(column("announcement").in_(again)))
    by_position = {row.position: row._asdict() for row in found}  # a statement may have made two versions
    earlier: dict[str, list[Recorded]] = {}
    for position, row in sorted(by_position.items()):
        if position < again[row["announcement"]]:
            earlier.setdefault(row["announcement"], []).append(Recorded(position, event_of(row)))
    return earlier


def _delete(connection: Connection, taken_back: Mapping[str, Sequence[Recorded]]) -> None:
    """The rows of these announcements."""
    if not taken_back:
        return
    recorded = LIVE.tables["recorded"]
    positions = [position for events in taken_back.values() for position, _ in events]
    connection.execute(delete(recorded).where(recorded.c.position.in_(positions)))
    for name in BY_ANNOUNCEMENT:
        connection.execute(delete(LIVE.tables[name]).where(LIVE.tables[name].c.announcement.in_(taken_back)))


def _put(connection: Connection, histories: Iterable[Sequence[Version]], tz: tzinfo) -> None:
    """The rows of announcements in all their versions."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for history in histories:
        for name, row in announcement_rows(history, tz):
            rows[f"kept_{name}" if name in NAMES else name].append(row)
    for name, some in rows.items():
        names = LIVE.tables[name].c.keys()
        put_rows(connection, LIVE.tables[name], [tuple(row[each] for each in names) for row in some])


def _timezone(connection: Connection, source: EventSource) -> tzinfo:
    """The dataset's, which never changes; it may be registered only after an announcement."""
    registry = LIVE.tables["registry"]
    content = cast(registry.c.content, Text)
    found = connection.execute(select(content).where(registry.c.kind == SubjectKind.DATASET.value).limit(1)).scalar()
    if found is not None:
        return zone(Dataset.model_validate_json(found).timezone)
    position = 0
    while batch := source.stored(position, BATCH):
        for stored in batch:
            if stored.type == "SubjectRegistered":
                event = source.decoded(stored).event
                if isinstance(event, SubjectRegistered) and isinstance(event.subject, Dataset):
                    return zone(event.subject.timezone)
        position = batch[-1].position
    raise BadRequest("announcements are on the record, but no [dataset] table: load a dataset first")
