"""From the next events of the log to rows: one batch, in the transaction that also moves the checkpoint."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Protocol

from sqlalchemy import Text, bindparam, cast, delete, insert, select, update
from sqlalchemy.engine import Connection

from tracker.model.dates import FOREVER, zone
from tracker.model.events import (
    AnnouncementRecorded,
    Recorded,
    StatementEvent,
    SubjectAmended,
    SubjectEvent,
    SubjectRegistered,
)
from tracker.model.problem import BadRequest
from tracker.model.registry import Dataset
from tracker.model.vocabulary import SubjectKind
from tracker.read_model import singles
from tracker.read_model.database import put_rows
from tracker.read_model.rows import Row, announcement_rows, event_of, registry_row
from tracker.read_model.tables import BY_ANNOUNCEMENT, LIVE
from tracker.store.log import Stored
from tracker.timeline.assertions import Assertion, assertions_of
from tracker.timeline.merge import Segment, merged
from tracker.timeline.table import Assertions
from tracker.timeline.versions import concerns, versions

BATCH = 20_000  # events in one transaction
GENERAL = 1000  # of them at most that are not as quickly taken in as most are

_RECORDED = "AnnouncementRecorded"
_QUICK = (_RECORDED, "SubjectRegistered")
NOTHING = Segment(Assertions.of(()))


class EventSource(Protocol):
    """The log, read in order."""

    def stored(self, after: int, limit: int) -> Sequence[Stored]: ...

    def decoded(self, stored: Stored) -> Recorded: ...

    def max_position(self) -> int: ...

    @property
    def schema(self) -> int:
        """In which schema announcements are stored today."""


def next_batch(source: EventSource, position: int) -> Sequence[Stored]:
    """The events next after a position; none at the end of the log."""
    found = source.stored(position, BATCH)
    slow = [number for number, stored in enumerate(found) if stored.type not in _QUICK]
    return found if len(slow) <= GENERAL else found[: slow[GENERAL]]


def take(connection: Connection, source: EventSource, batch: Sequence[Stored]) -> Segment:
    """Make rows of the events that are next after the checkpoint.

    Returns: what became known with them, still to be stored.
    Raises: BadRequest, where announcements are on the record but no dataset; StoreDamaged, NewerStore.
    """
    others = [source.decoded(stored) for stored in batch if stored.type != _RECORDED]
    _take_subjects(connection, others)
    statements = [each for each in others if isinstance(each.event, StatementEvent)]
    corrected = {concerns(each.event) for each in statements if isinstance(each.event, StatementEvent)}
    recorded = [stored for stored in batch if stored.type == _RECORDED]
    if not recorded and not statements:
        return NOTHING
    tz = _timezone(connection, source)
    taken = singles.take([stored for stored in recorded if stored.statement not in corrected], tz, source.schema)
    for table, rows in taken.rows.items():
        put_rows(connection, LIVE.tables[table].name, singles.NAMES[table], rows)
    known = Segment(taken.assertions)
    general = [*taken.left, *(stored for stored in recorded if stored.statement in corrected)]
    if not general and not statements:
        return known
    rest = _take_streams(connection, [*map(source.decoded, general), *statements], tz)
    return Segment(merged([known, rest]), rest.replaced)


def _take_subjects(connection: Connection, batch: Sequence[Recorded]) -> None:
    table = LIVE.tables["registry"]
    rows: list[Row] = []
    standing: dict[tuple[str, str], Row] = {}
    superseded: list[dict[str, object]] = []
    for position, event in batch:
        if not isinstance(event, SubjectEvent):
            continue
        row = registry_row(position, event)
        key = row["kind"], row["id"]
        if key in standing:
            standing[key]["recorded_to"] = position
        elif isinstance(event, SubjectAmended):
            superseded.append({"of_kind": row["kind"], "of_id": row["id"], "until": position})
        standing[key] = row
        rows.append(row)
    if superseded:
        same = (table.c.kind == bindparam("of_kind")) & (table.c.id == bindparam("of_id"))
        entry = same & (table.c.recorded_to == FOREVER)
        connection.execute(update(table).where(entry).values(recorded_to=bindparam("until")), superseded)
    if rows:
        connection.execute(insert(table), rows)


def _take_streams(connection: Connection, events: Iterable[Recorded], tz: tzinfo) -> Segment:
    """Announcements one by one, each with its corrections and retractions."""
    streams: defaultdict[str, list[Recorded]] = defaultdict(list)
    for recorded in events:
        if isinstance(recorded.event, StatementEvent):
            streams[concerns(recorded.event)].append(recorded)
    taken_back = _taken_back(connection, streams)
    for name, earlier in taken_back.items():
        streams[name] = earlier + streams[name]
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    assertions: list[Assertion] = []
    for stream in streams.values():
        history = versions(stream, tz)
        for table, row in announcement_rows(history, tz):
            rows[table].append(row)
        assertions += [each for version in history for each in assertions_of(version, tz)]
    for table, some in rows.items():
        names = singles.NAMES[table]
        put_rows(connection, LIVE.tables[table].name, names, [tuple(row[name] for name in names) for row in some])
    return Segment(Assertions.of(assertions), taken_back)


def _taken_back(connection: Connection, streams: Mapping[str, Sequence[Recorded]]) -> dict[str, list[Recorded]]:
    """The events of announcements that were taken in before and now have a correction; their rows are deleted.

    A correction that is recorded late may come in between: all versions are derived again.
    """
    again = [
        name
        for name, stream in streams.items()
        if not any(isinstance(recorded.event, AnnouncementRecorded) for recorded in stream)
    ]
    if not again:
        return {}
    table = LIVE.tables["announcements"]
    plain = ("announcement", "kind", "position", "recorded_at", "recorded_by", "digest")
    texts = [cast(table.c[name], Text).label(name) for name in ("content", "correction")]
    found = connection.execute(
        select(*(table.c[name] for name in plain), *texts).where(table.c.announcement.in_(again))
    )
    by_position = {row.position: row._asdict() for row in found}  # a statement may have made two versions
    earlier: dict[str, list[Recorded]] = {}
    for position, row in sorted(by_position.items()):
        earlier.setdefault(row["announcement"], []).append(Recorded(position, event_of(row)))
    for name in BY_ANNOUNCEMENT:
        connection.execute(delete(LIVE.tables[name]).where(LIVE.tables[name].c.announcement.in_(again)))
    return earlier


def _timezone(connection: Connection, source: EventSource) -> tzinfo:
    """The dataset's, which never changes; it may be registered only after an announcement."""
    table = LIVE.tables["registry"]
    content = cast(table.c.content, Text)
    found = connection.execute(select(content).where(table.c.kind == SubjectKind.DATASET.value).limit(1)).scalar()
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
