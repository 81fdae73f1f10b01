"""From the next events of the log to rows: one batch, in the transaction that also moves the checkpoint."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
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
from tracker.read_model import segments
from tracker.read_model.rows import Row, announcement_rows, event_of, registry_row
from tracker.read_model.tables import BY_ANNOUNCEMENT, Schema
from tracker.timeline.assertions import Assertion, assertions_of
from tracker.timeline.versions import concerns, versions

BATCH = 1000  # events in one transaction


class EventSource(Protocol):
    """The log, read in order."""

    def events(self, after: int = 0, limit: int | None = None) -> Iterator[Recorded]: ...

    def max_position(self) -> int: ...


def next_batch(source: EventSource, position: int) -> list[Recorded]:
    """The events next after a position; none at the end of the log."""
    return list(source.events(after=position, limit=BATCH))


def take(connection: Connection, schema: Schema, source: EventSource, batch: Sequence[Recorded]) -> int:
    """Make rows of the events that are next after the checkpoint, and move it to the last one's position.

    Raises: BadRequest, where announcements are on the record but no dataset.
    """
    _take_subjects(connection, schema, batch)
    _take_announcements(connection, schema, source, batch)
    last = batch[-1].position
    connection.execute(update(schema.checkpoint).values(position=last))
    return last


def _take_subjects(connection: Connection, schema: Schema, batch: Sequence[Recorded]) -> None:
    table = schema.tables["registry"]
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


def _take_announcements(connection: Connection, schema: Schema, source: EventSource, batch: Sequence[Recorded]) -> None:
    streams: defaultdict[str, list[Recorded]] = defaultdict(list)
    for recorded in batch:
        if isinstance(recorded.event, StatementEvent):
            streams[concerns(recorded.event)].append(recorded)
    if not streams:
        return
    taken_back = _taken_back(connection, schema, streams)
    for name, earlier in taken_back.items():
        streams[name] = earlier + streams[name]
    tz = _timezone(connection, schema, source)
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    assertions: list[Assertion] = []
    for stream in streams.values():
        history = versions(stream, tz)
        for table, row in announcement_rows(history, tz):
            rows[table].append(row)
        assertions += [each for version in history for each in assertions_of(version, tz)]
    segments.add(connection, schema, assertions, taken_back)
    for table, some in rows.items():
        connection.execute(insert(schema.tables[table]), some)


def _taken_back(
    connection: Connection, schema: Schema, streams: Mapping[str, Sequence[Recorded]]
) -> dict[str, list[Recorded]]:
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
    table = schema.tables["announcements"]
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
        connection.execute(delete(schema.tables[name]).where(schema.tables[name].c.announcement.in_(again)))
    return earlier


def _timezone(connection: Connection, schema: Schema, source: EventSource) -> tzinfo:
    """The dataset's, which never changes; it may be registered only after an announcement."""
    table = schema.tables["registry"]
    content = cast(table.c.content, Text)
    found = connection.execute(select(content).where(table.c.kind == SubjectKind.DATASET.value).limit(1)).scalar()
    if found is not None:
        return zone(Dataset.model_validate_json(found).timezone)
    for _, event in source.events():
        if isinstance(event, SubjectRegistered) and isinstance(event.subject, Dataset):
            return zone(event.subject.timezone)
    raise BadRequest("announcements are on the record, but no [dataset] table: load a dataset first")
