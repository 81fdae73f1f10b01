"""From the next events of the log to rows and columns, in the transaction that also moves the checkpoint."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from itertools import chain
from typing import Any

from sqlalchemy import ColumnClause, Table, Text, cast, column, delete, func, select, table, tuple_
from sqlalchemy.engine import Connection

from tracker.model.dates import zone
from tracker.model.errors import BadRequest
from tracker.model.events import AnnouncementRecorded, Recorded, StatementEvent, SubjectEvent, SubjectRegistered
from tracker.model.registry import Dataset
from tracker.model.vocabulary import SubjectKind
from tracker.projections import entries, registry_rows
from tracker.projections.log_views import NAMES
from tracker.projections.numbers import TYPES, Numbering, Part
from tracker.projections.parts import OWN, Share, in_pieces
from tracker.projections.rows import Row, announcement_rows, event_of
from tracker.projections.singles import Key, Lexicon, Singles
from tracker.projections.source import EventSource
from tracker.projections.tables import BY_ANNOUNCEMENT, LIVE
from tracker.projections.writer import put_rows
from tracker.store.database import Stored, in_batches
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.assertions import assertions_of
from tracker.timeline.merge import Segment, merged
from tracker.timeline.versions import Version, concerns, versions

BATCH = 20_000  # events in one transaction
GENERAL = 1000  # of them at most that are not as quickly taken in as most are


def next_batch(source: EventSource, position: int) -> Sequence[Stored]:
    """The events next after a position; none at the end of the log."""
    found = source.stored(position, BATCH)
    slow = [number for number, (_, kind, _, _) in enumerate(found) if kind not in TYPES]
    return found if len(slow) <= GENERAL else found[: slow[GENERAL]]


class Projection:
    """Takes in parts of the log, one after the other."""

    def __init__(self, connection: Connection, source: EventSource, *, rows: bool = True) -> None:
        """Args: rows: whether to fill tables; without, they hold all of these events, and only columns are made."""
        self._connection, self._source, self.rows = connection, source, rows
        self.timezone = _timezone(connection, source)
        tz = zone(self.timezone or "UTC")
        self.schemas = {kind: source.schema(kind) for kind in TYPES}
        self.numbering = Numbering(tz, self.schemas, subjects=rows)
        self._tz = tz
        self._singles = Singles(tz, *(_lexicon(connection, LIVE.tables[name]) for name in ("tracks", "edges")))
        self._others: list[Segment] = []

    def take(self, batch: Sequence[Stored]) -> None:
        """Make rows and columns of the next events.

        Raises: BadRequest, where announcements are on the record but no dataset; StoreDamaged, NewerStore.
        """
        self.add(self.numbering.part([batch]))

    def add(self, part: Part, maker: int = OWN) -> None:
        """The same of a part; see `Singles.add`."""
        statements = [stored for stored in part.left if stored.type not in registry_rows.TYPES]
        if self.timezone is None and (len(part.recorded) or statements):
            raise BadRequest("announcements are on the record, but no [dataset] table: load a dataset first")
        made = self._singles.add(part, maker)
        if self.rows:
            self._put_entries(part)
            for name, rows in made:
                put_rows(self._connection, LIVE.tables[name], rows)
        if statements:
            self._take_streams(map(self._source.decoded, statements), self._tz)

    def _put_entries(self, part: Part) -> None:
        odd = [stored for stored in part.left if stored.type in registry_rows.TYPES]
        rows = sorted([*part.subjects, *map(self._entry, odd)]) if odd else part.subjects
        amended = {*part.amended, *(stored.position for stored in odd if stored.type == registry_rows.AMENDED)}
        entries.put(self._connection, rows, amended)

    def _entry(self, stored: Stored) -> registry_rows.Row:
        position, event = self._source.decoded(stored)
        assert isinstance(event, SubjectEvent)
        return registry_rows.row_of(position, event)

    def segment(self) -> Segment:
        """What became known with all parts, still to be stored."""
        replaced = {name for other in self._others for name in other.replaced}
        return Segment(merged([Segment(self._singles.assertions), *self._others]), replaced)

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
        if self.rows:
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
    positions = [position for events in taken_back.values() for position, _ in events]
    recorded = LIVE.tables["recorded"]
    connection.execute(delete(recorded).where(recorded.c.position.in_(positions)))
    for name in BY_ANNOUNCEMENT:
        connection.execute(delete(LIVE.tables[name]).where(LIVE.tables[name].c.announcement.in_(taken_back)))


def _lexicon(connection: Connection, table: Table) -> Lexicon:
    """The numbers that a table gives to what its index is on."""
    number, (index,) = table.c.number, table.indexes
    last = connection.execute(select(func.max(number))).scalar()

    def known(keys: Sequence[Key]) -> dict[Key, int]:
        found: dict[Key, int] = {}
        for some in in_batches(keys):
            same = tuple_(*index.columns).in_(some)
            found |= {tuple(key): of for of, *key in connection.execute(select(number, *index.columns).where(same))}
        return found

    return Lexicon() if last is None else Lexicon(known, last + 1)


def _put(connection: Connection, histories: Iterable[Sequence[Version]], tz: tzinfo) -> None:
    """The rows of announcements in all their versions."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for history in histories:
        for name, row in announcement_rows(history, tz):
            rows[f"kept_{name}" if name in NAMES else name].append(row)
    for name, some in rows.items():
        names = LIVE.tables[name].c.keys()
        put_rows(connection, LIVE.tables[name], [tuple(row[each] for each in names) for row in some])


def _timezone(connection: Connection, source: EventSource) -> str | None:
    """The dataset's, which never changes; it may be registered only after an announcement, or never."""
    registry = LIVE.tables["registry"]
    content = cast(registry.c.content, Text)
    found = connection.execute(select(content).where(registry.c.kind == SubjectKind.DATASET.value).limit(1)).scalar()
    if found is not None:
        return Dataset.model_validate_json(found).timezone
    for piece in in_pieces(source, Share(0, source.max_position())):
        for stored in piece:
            if stored.type == "SubjectRegistered":
                event = source.decoded(stored).event
                if isinstance(event, SubjectRegistered) and isinstance(event.subject, Dataset):
                    return event.subject.timezone
    return None
