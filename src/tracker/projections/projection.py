"""From the next events of the log to rows and columns, in the transaction that also moves the checkpoint."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol

from sqlalchemy import Column, Text, bindparam, cast, delete, select, update
from sqlalchemy.engine import Connection

from tracker.model.dates import FOREVER, zone
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import SubjectKind
from tracker.projections.lazy_announcements import Announcements
from tracker.projections.rows import (
    AMENDED,
    CHANGED,
    RECORDED,
    AnnouncementRow,
    RegistryRow,
    recorded_row,
    recorded_states,
    registry_rows,
    version_row,
)
from tracker.projections.writer import ANNOUNCEMENTS, DENIALS, PRECEDENTS, REGISTRY, put_rows
from tracker.store.database import Stored, in_batches
from tracker.store.errors import StoreDamaged
from tracker.store.url import Address
from tracker.timeline.derivation import Derivation
from tracker.timeline.knowledge import EVERYTHING
from tracker.timeline.merge import Segment, merged
from tracker.timeline.precedence import precedent_rows
from tracker.timeline.versions import Version

EVENTS_PER_PIECE = 500  # read at a time where the lock is held anyway: as many as the processor's cache holds


class EventSource(Protocol):
    """The log, read in order."""

    def stored(self, after: int, limit: int) -> Sequence[Stored]:
        """The next events behind a position, as they are stored."""
        ...

    def max_position(self) -> int: ...


def in_pieces(source: EventSource, until: int, size: int = EVENTS_PER_PIECE) -> Iterator[Sequence[Stored]]:
    """All events up to a position, some at a time."""
    position = 0
    while position < until and (piece := source.stored(position, min(size, until - position))):
        position = piece[-1].position
        yield piece if position <= until else [stored for stored in piece if stored.position <= until]


class Projection:
    """Takes in batches of the log, one after the other.

    An announcement is put in as it was recorded. Where a batch corrects or retracts it, all that was made of it, in
    this batch or before, is replaced at the end by what its whole history amounts to.
    """

    def __init__(self, connection: Connection, address: Address, source: EventSource, *, rows: bool = True) -> None:
        """Begin. Args: rows: whether to fill tables; else they hold these events already, and only columns are made."""
        self._connection, self._address, self._rows = connection, address, rows
        self._timezone = _timezone(connection, source)
        self._tz = zone(self._timezone or "UTC")
        self._recorded = Derivation(self._tz)
        self._changes: list[str] = []  # ids of corrections and retractions
        self._replaced: dict[str, AnnouncementRow] = {}  # by announcement

    def take(self, batch: Sequence[Stored]) -> None:
        """Take in the next events.

        Raises: BadRequest, where announcements are on the record but no dataset; StoreDamaged, NewerStore.
        """
        if self._rows:
            _put_entries(self._connection, registry_rows(batch), {at for at, kind, _, _ in batch if kind == AMENDED})
        self._changes += [str(stored.statement) for stored in batch if stored.type in CHANGED]
        recorded = [stored for stored in batch if stored.type == RECORDED]
        if self._timezone is None and (recorded or self._changes):
            raise BadRequest("announcements are on the record, but no [dataset] table: load a dataset first")
        rows = []
        for position, state in recorded_states(recorded):
            try:
                order = self._recorded.add_recorded(state.announcement, position)
            except ValueError as error:
                raise StoreDamaged(f"the event at position {position} cannot be read: {error}") from error
            if self._rows:
                rows.append(recorded_row(position, state, order))
        put_rows(self._connection, ANNOUNCEMENTS, rows)

    def finish(self, until: int) -> Segment:
        """Replace what was corrected or retracted.

        Args: until: the position of the last event that was taken in.
        Returns: all that became known, still to be stored.
        """
        changed = Derivation(self._tz)
        changed.add_histories(self._changed(until))
        if self._rows:
            self._replace(changed)
        parts = [Segment(self._recorded.table())]
        if self._replaced:
            parts.append(Segment(changed.table(), self._replaced))
        return Segment(merged(parts), self._replaced)

    def _changed(self, until: int) -> Iterator[Sequence[Version]]:
        """The histories of the announcements that were corrected or retracted."""
        for history in Announcements(self._address, until, self._tz).about(self._changes):
            last = next(version for version in history if version.known(EVERYTHING))
            self._replaced[last.id] = version_row(history[0].position, last)
            yield history

    def _replace(self, changed: Derivation) -> None:
        rows = self._replaced
        _delete(self._connection, ANNOUNCEMENTS.c.recorded_position, (row.recorded_position for row in rows.values()))
        for table in (DENIALS, PRECEDENTS):
            _delete(self._connection, table.c.announcement, rows)
        put_rows(self._connection, ANNOUNCEMENTS, rows.values())
        recorded = ((denied, name) for denied, name in self._recorded.denials if name not in rows)
        denials = (*recorded, *changed.denials)
        put_rows(self._connection, DENIALS, ((name, denied) for denied, name in denials))
        precedents = {name: one for name, one in self._recorded.precedents.items() if name not in rows}
        put_rows(self._connection, PRECEDENTS, precedent_rows({**precedents, **changed.precedents}))


def _delete(connection: Connection, column: Column[Any], values: Iterable[Any]) -> None:
    """Delete the rows of a table that have one of some values in a column."""
    for batch in in_batches(list(values)):
        connection.execute(delete(column.table).where(column.in_(batch)))


def _put_entries(connection: Connection, rows: Sequence[RegistryRow], amended: Collection[int]) -> None:
    """Put entries into the registry's table, in the order of their positions, and end those that they amend.

    Args: amended: the positions of those that amend another.
    """
    new: list[RegistryRow] = []
    standing: dict[tuple[str, str], int] = {}
    superseded: list[dict[str, object]] = []
    for row in rows:
        key = row.kind, row.id
        if key in standing:
            new[standing[key]] = new[standing[key]]._replace(recorded_to=row.position)
        elif row.position in amended:
            superseded.append({"of_kind": row.kind, "of_id": row.id, "until": row.position})
        standing[key] = len(new)
        new.append(row)
    if superseded:
        entry = (REGISTRY.c.kind == bindparam("of_kind")) & (REGISTRY.c.id == bindparam("of_id"))
        stands = REGISTRY.c.recorded_to == FOREVER
        connection.execute(update(REGISTRY).where(entry & stands).values(recorded_to=bindparam("until")), superseded)
    put_rows(connection, REGISTRY, new)


def _timezone(connection: Connection, source: EventSource) -> str | None:
    """The dataset's time zone, which never changes; it may be registered only after an announcement, or never."""
    is_dataset = REGISTRY.c.kind == SubjectKind.DATASET.value
    content = connection.execute(select(cast(REGISTRY.c.content, Text)).where(is_dataset).limit(1)).scalar()
    if content is None:
        entries = (row for piece in in_pieces(source, source.max_position()) for row in registry_rows(piece))
        content = next((row.content for row in entries if row.kind == SubjectKind.DATASET), None)
    timezone: str | None = content and json.loads(content)["timezone"]
    return timezone
