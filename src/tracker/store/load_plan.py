"""Plan of a load: which events it adds to the log, given what the log holds, and their bytes. Pure functions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tracker.model.announcement import Announcement, Correction, Retraction, Statement
from tracker.model.canonical import NotCanonical, canonical_json, written
from tracker.model.dataset import NO_ID, Dataset, entry_id
from tracker.model.dates import instant
from tracker.model.errors import BadRequest, Conflict
from tracker.model.events import (
    AnyEvent,
    DraftEvent,
    Event,
    SubjectEvent,
    WriterAdded,
    WriterEvent,
    digest_of,
    statement_of,
)
from tracker.model.registry import Subject
from tracker.store.codec import Upcasters
from tracker.store.database import EventRef, EventRow
from tracker.store.leaves import IN_FRONT, object_of
from tracker.store.streams import announcement_stream, draft_stream, subject_stream, writer_stream

NOT_STORED = 0  # the position of an event that is only planned

CONTENT_MEMBER = {  # of an event, by its type
    "SubjectRegistered": "subject",
    "SubjectAmended": "subject",
    "AnnouncementRecorded": "announcement",
    "AnnouncementCorrected": "correction",
    "AnnouncementRetracted": "retraction",
}


class LoadItem(NamedTuple):
    """A subject or a statement to be put on the record."""

    content: Subject | Statement
    stream: UUID
    digest: str
    json: bytes  # the content, as it is stored
    statement: str | None  # its id, if it is a statement: reserved over all streams
    follows: str | None  # the announcement that it corrects or retracts


class PlannedEvent(NamedTuple):
    """An item to append, with its number in its stream and the type of its event."""

    item: LoadItem
    number: int
    type: str


@dataclass
class LoadPlan:
    """The events to append, in order, and the counts that a load reports."""

    events: list[PlannedEvent] = field(default_factory=list)
    recorded: int = 0
    amended: int = 0
    unchanged: int = 0


def in_order(contents: Sequence[Subject | Statement]) -> Iterator[Subject | Statement]:
    """Contents as given, but a correction or retraction not before the announcement that it follows."""
    coming = {content.id for content in contents if isinstance(content, Announcement)}
    waiting: dict[str, list[Subject | Statement]] = {}
    for content in contents:
        target = _follows(content)
        if target in coming:
            waiting.setdefault(target, []).append(content)
            continue
        yield content
        if isinstance(content, Announcement):
            coming.discard(content.id)
            yield from waiting.pop(content.id, [])


def load_items(contents: Iterable[Subject | Statement]) -> list[LoadItem]:
    """Each content with its stream and digest.

    Raises: BadRequest, if something has no canonical JSON.
    """
    items = []
    for content in contents:
        try:
            whole, bare = written(content)
        except NotCanonical as error:
            raise BadRequest(f"{content.id}: cannot be stored: {error}") from error
        stream, statement, follows = stream_of(content), statement_id(content), _follows(content)
        items.append(LoadItem(content, stream, digest_of(bare), whole, statement, follows))
    return items


def _follows(content: Subject | Statement) -> str | None:
    match content:
        case Announcement():  # first, for it is most of a large load, and the others are slow to be told apart
            return None
        case Correction():
            return content.corrects
        case Retraction():
            return content.retracts
    return None


def statement_id(content: Subject | Statement) -> str | None:
    """The id of a statement; None for a subject."""
    return content.id if isinstance(content, Statement) else None


def stream_of(content: Subject | Statement) -> UUID:
    """The stream in which a subject or a statement is stored."""
    match content:
        case Announcement():
            return announcement_stream(content.id)
        case Correction():
            return announcement_stream(content.corrects)
        case Retraction():
            return announcement_stream(content.retracts)
    return subject_stream(content.type, entry_id(content.type, content.id))


def stream_and_statement(event: AnyEvent) -> tuple[UUID, str | None]:
    """The stream of an event, and the id of the statement that it reserves."""
    if isinstance(event, DraftEvent):
        return draft_stream(event.draft), None
    if isinstance(event, WriterEvent):
        return writer_stream(event.added.id if isinstance(event, WriterAdded) else event.revoked), None
    content = content_of(event)
    return stream_of(content), statement_id(content)


def content_of(event: AnyEvent) -> Subject | Statement:
    """The subject or statement that an event put on the record.

    Raises: ValueError, for an event about a draft or a writer.
    """
    if isinstance(event, DraftEvent | WriterEvent):
        raise ValueError(f"{event.type} puts nothing on the record")
    return event.subject if isinstance(event, SubjectEvent) else statement_of(event)


def event_row(event: AnyEvent, number: int, state: bytes) -> EventRow:
    """The row of an event, given its number in its stream and its stored bytes."""
    stream, statement = stream_and_statement(event)
    return EventRow(stream, number, event.type, state, statement, event.digest, instant(event.recorded_at))


class LoadPlanner:
    """Compares the items of a load with what the log holds.

    Args: newest: of each stream; recording: of each statement; unchanged: whether the event at a position, read in
        today's shape, has a digest, as an upcaster may have changed it.
    """

    def __init__(
        self, newest: dict[UUID, EventRef], recording: dict[str, EventRef], unchanged: Callable[[int, str], bool]
    ) -> None:
        self._newest = newest
        self._recording = recording
        self._unchanged = unchanged
        self._conflicts: list[tuple[str, str, str]] = []
        self._plan = LoadPlan()

    def plan(self, items: Sequence[LoadItem]) -> LoadPlan:
        """Plan a load. Raises: Conflict, naming every statement that differs from its recorded one; BadRequest."""
        for item in items:
            if item.statement is None:
                self._subject(item)
            else:
                self._statement(item, item.statement)
        if self._conflicts:
            raise Conflict(_refusal(self._conflicts))
        return self._plan

    def _subject(self, item: LoadItem) -> None:
        stored = self._newest.get(item.stream)
        if stored is None:
            self._plan.recorded += 1
            self._append(item, 0)
        elif self._equal(stored, item):
            self._plan.unchanged += 1
        else:
            self._plan.amended += 1
            self._append(item, stored.number + 1)

    def _statement(self, item: LoadItem, name: str) -> None:
        stored = self._recording.get(name)
        if stored is None:
            self._plan.recorded += 1
            self._append(item, self._next_number(item))
        elif self._equal(stored, item):
            self._plan.unchanged += 1
        else:
            self._conflicts.append((name, stored.digest, item.digest))

    def _equal(self, stored: EventRef, item: LoadItem) -> bool:
        if stored.digest == item.digest:
            return True
        return stored.position != NOT_STORED and self._unchanged(stored.position, item.digest)

    def _next_number(self, item: LoadItem) -> int:
        if item.follows is None:
            return 0
        newest = self._newest.get(item.stream)
        if newest is None:
            raise BadRequest(
                f"{item.statement}: corrects or retracts {item.follows!r}, and no announcement of that id is recorded: "
                "check the id, and record the announcement first"
            )
        return newest.number + 1

    def _append(self, item: LoadItem, number: int) -> None:
        planned = EventRef(NOT_STORED, number, item.digest)
        self._newest[item.stream] = planned
        if item.statement is not None:
            self._recording[item.statement] = planned
        self._plan.events.append(PlannedEvent(item, number, _event_type(item.content, number)))


def _event_type(content: Subject | Statement, number: int) -> str:
    match content:
        case Announcement():
            return "AnnouncementRecorded"
        case Correction():
            return "AnnouncementCorrected"
        case Retraction():
            return "AnnouncementRetracted"
    return "SubjectAmended" if number else "SubjectRegistered"


def refuse_other_dataset(dataset: Dataset, before: Subject | Statement) -> None:
    """Refuse to load a dataset into a store that holds another, or its own by another time zone.

    Datasets are told apart by their ids; by their names where the stored one was given no id.

    Raises: Conflict.
    """
    if not isinstance(before, Dataset):
        return
    if not (dataset.name == before.name if before.id == NO_ID else dataset.id == before.id):
        raise Conflict(
            f"the store holds the dataset {_called(before)}, and this is {_called(dataset)}; nothing was loaded. A "
            "store holds one dataset: load this one into a store of its own, `tracker --store FILE load DIR`. If it is "
            f"the same one, write {'name' if before.id == NO_ID else 'id'} = "
            f'"{before.name if before.id == NO_ID else before.id}" under [dataset]'
        )
    if before.timezone != dataset.timezone:
        raise Conflict(
            f'[dataset] timezone = "{dataset.timezone}", but the store was loaded with "{before.timezone}": a new '
            "one would move every recorded date. Put it back, or load into a new store; nothing was loaded"
        )


def _called(dataset: Dataset) -> str:
    return f'"{dataset.name}" ({"no id" if dataset.id == NO_ID else f"id {dataset.id}"})'


def _refusal(conflicts: list[tuple[str, str, str]]) -> str:
    lines = [f"  {name}: recorded with digest {before}, now {now}" for name, before, now in conflicts]
    return "\n".join(
        [
            "The record is never edited, and these files differ from it; nothing was loaded:",
            *lines,
            f'Put each file back as it was, and write a correction in a new file: corrects = "{conflicts[0][0]}"',
        ]
    )


class _EventTemplate(NamedTuple):
    """Bytes around the content of an event of one type, as formats of `%`: of its state and of its leaf."""

    state: bytes
    leaf: bytes


class BatchEncoder:
    """Encodes events that are recorded together, from the JSON of their content, without making an event first.

    A law keeps its bytes equal to those of `Mapper.state` and `leaf_of`.
    """

    def __init__(self, upcasters: Upcasters, at: datetime, by: str | None) -> None:
        """Prepare for events recorded at one instant by one person. Raises: ValidationError, if `by` is no name."""
        self._upcasters = upcasters
        self._recorded_at = instant(at)
        common = Event(recorded_at=at, recorded_by=by, digest="")
        self._common = {name: value for name, value in common if value is not None}
        self._templates: dict[str, _EventTemplate] = {}

    def row(self, event: PlannedEvent) -> EventRow:
        """The row that stores an event."""
        item = event.item
        parts = {b"content": item.json, b"digest": item.digest.encode()}
        state = self._template(event.type).state % parts
        return EventRow(item.stream, event.number, event.type, state, item.statement, item.digest, self._recorded_at)

    def leaf(self, position: int, event: PlannedEvent) -> bytes:
        """The leaf of an event in the Merkle log."""
        parts = {b"content": event.item.json, b"digest": event.item.digest.encode(), b"position": position}
        return self._template(event.type).leaf % parts

    def _template(self, event_type: str) -> _EventTemplate:
        if event_type not in self._templates:
            self._templates[event_type] = self._new_template(event_type)
        return self._templates[event_type]

    def _new_template(self, event_type: str) -> _EventTemplate:
        fixed = {**self._common, "type": event_type, "schema": self._upcasters.current(event_type)}
        members = {key: canonical_json(value).replace(b"%", b"%%").decode() for key, value in fixed.items()}
        members |= {"digest": '"%(digest)b"', CONTENT_MEMBER[event_type]: "%(content)b"}
        inside = {key: value for key, value in members.items() if key not in IN_FRONT}
        outside = {key: members[key] for key in IN_FRONT} | {"content": _object(inside), "position": "%(position)d"}
        return _EventTemplate(_object(members).encode(), _object(outside).encode())


def _object(members: dict[str, str]) -> str:
    return object_of(sorted((f'"{key}"', value) for key, value in members.items()))
