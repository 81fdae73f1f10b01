"""What a load would add to the log, given what it holds. Pure: the log's answers come in as arguments."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from tracker.model import events
from tracker.model.announcement import Announcement, Correction, Retraction, Statement
from tracker.model.canonical import NotCanonical, written
from tracker.model.errors import BadRequest, Conflict
from tracker.model.events import AnyEvent, DraftEvent, SubjectEvent, digest_of
from tracker.model.registry import Subject
from tracker.store.database import Head
from tracker.store.streams import announcement_stream, draft_stream, subject_stream

NOT_YET = 0  # the position of what is not stored yet


class Wanted(NamedTuple):
    """A subject or a statement that should be on the record."""

    content: Subject | Statement
    stream: UUID
    digest: str
    json: bytes  # the content, as it is stored
    statement: str | None  # its id, if it is a statement: reserved over all streams
    follows: str | None  # the announcement that it corrects or retracts


class Entry(NamedTuple):
    """A place in a stream, for what was wanted there."""

    wanted: Wanted
    number: int
    type: str  # of the event


@dataclass
class Plan:
    """What to append, in order, and what a load then says it did."""

    entries: list[Entry] = field(default_factory=list)
    recorded: int = 0
    amended: int = 0
    unchanged: int = 0


def in_order(contents: Sequence[Subject | Statement]) -> Iterator[Subject | Statement]:
    """As given, but a correction or retraction not before the announcement that it follows."""
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


def wanted(contents: Iterable[Subject | Statement]) -> list[Wanted]:
    """Each content with its stream and digest.

    Raises: BadRequest, if something has no canonical JSON.
    """
    found = []
    for content in contents:
        try:
            whole, bare = written(content)
        except NotCanonical as error:
            raise BadRequest(f"{content.id}: cannot be stored: {error}") from error
        stream, statement, follows = stream_of(content), statement_of(content), _follows(content)
        found.append(Wanted(content, stream, digest_of(bare), whole, statement, follows))
    return found


def _follows(content: Subject | Statement) -> str | None:
    match content:
        case Announcement():  # first, for it is most of a large load, and the others are slow to be told apart
            return None
        case Correction():
            return content.corrects
        case Retraction():
            return content.retracts
    return None


def statement_of(content: Subject | Statement) -> str | None:
    """The id of a statement."""
    return content.id if isinstance(content, Statement) else None


def stream_of(content: Subject | Statement) -> UUID:
    """Where a subject or a statement is stored."""
    match content:
        case Announcement():
            return announcement_stream(content.id)
        case Correction():
            return announcement_stream(content.corrects)
        case Retraction():
            return announcement_stream(content.retracts)
    return subject_stream(content.type, content.id)


def place_of(event: AnyEvent) -> tuple[UUID, str | None]:
    """The stream of a stored event, and the id of the statement that it reserves."""
    if isinstance(event, DraftEvent):
        return draft_stream(event.draft), None
    what = event.subject if isinstance(event, SubjectEvent) else events.statement_of(event)
    return stream_of(what), statement_of(what)


class Planner:
    """Compares what is wanted with what the log holds.

    `same` says whether the event at a position, read in today's shape, has a digest: an upcaster may change it.
    """

    def __init__(self, heads: dict[UUID, Head], said: dict[str, Head], same: Callable[[int, str], bool]) -> None:
        self._heads = heads
        self._said = said
        self._same = same
        self._conflicts: list[tuple[str, str, str]] = []
        self._plan = Plan()

    def plan(self, items: Sequence[Wanted]) -> Plan:
        """Raises: Conflict, naming every statement that differs from what was recorded; BadRequest."""
        for item in items:
            if item.statement is None:
                self._subject(item)
            else:
                self._statement(item, item.statement)
        if self._conflicts:
            raise Conflict(_refusal(self._conflicts))
        return self._plan

    def _subject(self, item: Wanted) -> None:
        head = self._heads.get(item.stream)
        if head is None:
            self._plan.recorded += 1
            self._append(item, 0)
        elif self._is(head, item):
            self._plan.unchanged += 1
        else:
            self._plan.amended += 1
            self._append(item, head.number + 1)

    def _statement(self, item: Wanted, name: str) -> None:
        said = self._said.get(name)
        if said is None:
            self._plan.recorded += 1
            self._append(item, self._next_number(item))
        elif self._is(said, item):
            self._plan.unchanged += 1
        else:
            self._conflicts.append((name, said.digest, item.digest))

    def _is(self, head: Head, item: Wanted) -> bool:
        if head.digest == item.digest:
            return True
        return head.position != NOT_YET and self._same(head.position, item.digest)

    def _next_number(self, item: Wanted) -> int:
        if item.follows is None:
            return 0
        head = self._heads.get(item.stream)
        if head is None:
            raise BadRequest(
                f"{item.statement}: corrects or retracts {item.follows!r}, and no announcement of that id is recorded: "
                "check the id, and record the announcement first"
            )
        return head.number + 1

    def _append(self, item: Wanted, number: int) -> None:
        head = Head(NOT_YET, number, item.digest)
        self._heads[item.stream] = head
        if item.statement is not None:
            self._said[item.statement] = head
        self._plan.entries.append(Entry(item, number, _event_type(item.content, number)))


def _event_type(content: Subject | Statement, number: int) -> str:
    match content:
        case Announcement():
            return "AnnouncementRecorded"
        case Correction():
            return "AnnouncementCorrected"
        case Retraction():
            return "AnnouncementRetracted"
    return "SubjectAmended" if number else "SubjectRegistered"


def _refusal(conflicts: list[tuple[str, str, str]]) -> str:
    lines = [f"  {name}: recorded with digest {before}, now {now}" for name, before, now in conflicts]
    return "\n".join(
        [
            "What is on the record is never edited, and these differ from it; nothing was loaded:",
            *lines,
            f'Put each file back as it was, and write a correction in a new file: corrects = "{conflicts[0][0]}"',
        ]
    )
