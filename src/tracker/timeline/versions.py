"""An announcement and its corrections: what its content was held to be, as each clock advances."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise
from typing import NamedTuple

from tracker.model.announcement import Announcement, Correction, Retraction, announced_at, merge_patch
from tracker.model.dates import FOREVER, Instant
from tracker.model.events import (
    AnnouncementCorrected,
    AnnouncementRecorded,
    AnnouncementRetracted,
    Recorded,
    canonical,
)


class Known(NamedTuple):
    """What had been said in public by an instant, and stored by a position of the log; both inclusive."""

    announced_by: Instant = FOREVER - 1
    recorded_by: int = FOREVER - 1


EVERYTHING = Known()


class Span(NamedTuple):
    """Where something is known: a span of announcement time by a span of record time, both half-open."""

    announced_from: Instant
    announced_to: Instant
    recorded_from: int
    recorded_to: int

    def holds(self, known: Known) -> bool:
        return (
            self.announced_from <= known.announced_by < self.announced_to
            and self.recorded_from <= known.recorded_by < self.recorded_to
        )


@dataclass(frozen=True, slots=True)
class Version:
    """The content of an announcement from one statement on."""

    number: int  # 0: as first recorded
    order: Instant  # the place in the order: when the original was announced
    content: Announcement | None  # None: retracted
    statement: Announcement | Correction | Retraction
    announced: Instant  # when this version became public
    position: int
    recorded_at: datetime
    recorded_by: str | None
    digest: str
    spans: tuple[Span, ...]

    @property
    def id(self) -> str:
        """The id of the announcement; a correction keeps its own in `statement`."""
        match self.statement:
            case Announcement():
                return self.statement.id
            case Correction():
                return self.statement.corrects
            case Retraction():
                return self.statement.retracts

    def known(self, known: Known) -> bool:
        return any(span.holds(known) for span in self.spans)


AnnouncementEvent = AnnouncementRecorded | AnnouncementCorrected | AnnouncementRetracted


def concerns(event: AnnouncementEvent) -> str:
    """The id of the announcement that an event is about."""
    match event:
        case AnnouncementRecorded():
            return event.announcement.id
        case AnnouncementCorrected():
            return event.correction.corrects
        case AnnouncementRetracted():
            return event.retraction.retracts


def statement_of(event: AnnouncementEvent) -> Announcement | Correction | Retraction:
    """What was said."""
    match event:
        case AnnouncementRecorded():
            return event.announcement
        case AnnouncementCorrected():
            return event.correction
        case AnnouncementRetracted():
            return event.retraction


def versions(stream: Iterable[Recorded], tz: tzinfo) -> tuple[Version, ...]:
    """The versions of one announcement, in the order in which they were announced.

    Args: stream: the original event and its corrections and retractions, in any order.
    """
    stated = [(recorded.position, recorded.event, statement_of(recorded.event)) for recorded in stream]  # type: ignore[arg-type]
    stated.sort(key=lambda item: (not isinstance(item[2], Announcement), announced_at(item[2], tz), item[2].id))
    order = announced_at(stated[0][2], tz)
    public = [max(announced_at(statement, tz), order) for _, _, statement in stated]
    regions = _regions([(announced, item[0]) for announced, item in zip(public, stated, strict=True)])
    contents = _contents([statement for _, _, statement in stated])
    return tuple(
        Version(
            number=number,
            order=order,
            content=content,
            statement=statement,
            announced=announced,
            position=position,
            recorded_at=event.recorded_at,
            recorded_by=event.recorded_by,
            digest=event.digest,
            spans=spans,
        )
        for number, ((position, event, statement), announced, content, spans) in enumerate(
            zip(stated, public, contents, regions, strict=True)
        )
    )


def _contents(statements: Sequence[Announcement | Correction | Retraction]) -> Iterator[Announcement | None]:
    """Each version's content: the last stated one with the patch applied, none where it was retracted."""
    last: Announcement | None = None
    for statement in statements:
        match statement:
            case Announcement():
                last = statement
                yield last
            case Correction():
                assert last is not None  # the rules refuse a correction of something unknown
                last = Announcement.model_validate(merge_patch(canonical(last), statement.patch))
                yield last
            case Retraction():
                yield None


def _regions(starts: Sequence[tuple[Instant, int]]) -> list[tuple[Span, ...]]:
    """Where each version is the one that counts.

    A version is known from its own instant and position on, but for where a later one is known: later in the order
    of announcement. What is left is a staircase, cut into spans that do not overlap.
    """
    regions = []
    for number, (announced, position) in enumerate(starts):
        steps = sorted(starts[number + 1 :])
        spans, recorded_to = [], FOREVER
        edges = [(announced, FOREVER), *steps, (FOREVER, 0)]
        for (begin, superseded_at), (end, _) in pairwise(edges):
            recorded_to = min(recorded_to, superseded_at)
            if begin < end and position < recorded_to:
                spans.append(Span(begin, end, position, recorded_to))
        regions.append(tuple(spans))
    return regions
