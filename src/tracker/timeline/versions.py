"""An announcement and its corrections: the versions of its content, and the clocks by which each counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise
from typing import Any, NamedTuple

from tracker.model.announcement import Announcement, Correction, Retraction, announced_at, merge_patch
from tracker.model.dates import FOREVER, Instant
from tracker.model.events import (
    AnnouncementCorrected,
    AnnouncementRecorded,
    AnnouncementRetracted,
    Recorded,
    StatementEvent,
    canonical,
    statement_of,
)
from tracker.timeline.knowledge import Known, Span


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
    approved_by: str | None
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


def concerns(event: StatementEvent) -> str:
    """The id of the announcement that an event is about."""
    match event:
        case AnnouncementRecorded():
            return event.announcement.id
        case AnnouncementCorrected():
            return event.correction.corrects
        case AnnouncementRetracted():
            return event.retraction.retracts


def versions(stream: Iterable[Recorded], tz: tzinfo) -> tuple[Version, ...]:
    """The versions of one announcement, in the order in which they were announced.

    A correction that was recorded before an earlier-announced one has two versions: one without that correction, and
    one with it, from the position at which that correction was recorded.
    Args: stream: the original event and its corrections and retractions, in any order.
    """
    statements = [
        _Recorded(position, event, statement_of(event))
        for position, event in stream
        if isinstance(event, StatementEvent)
    ]
    statements.sort(key=lambda one: (not isinstance(one.content, Announcement), _order(one, tz), one.content.id))
    order = _order(statements[0], tz)
    public = [max(_order(statement, tz), order) for statement in statements]
    positions = [statement.position for statement in statements]
    regions = _regions(list(zip(public, positions, strict=True)))
    history: list[Version] = []
    for count, (own, announced, region) in enumerate(zip(statements, public, regions, strict=True), start=1):
        before = statements[:count]
        cuts = sorted({own.position, *(position for position in positions[:count] if position > own.position)})
        for begin, end in pairwise([*cuts, FOREVER]):
            spans = tuple(_clipped(region, begin, end))
            if not spans and begin != own.position:
                continue  # it is superseded wherever it could be known
            history.append(
                Version(
                    number=len(history),
                    order=order,
                    content=_content([statement.content for statement in before if statement.position <= begin]),
                    statement=own.content,
                    announced=announced,
                    position=own.position,
                    recorded_at=own.event.recorded_at,
                    recorded_by=own.event.recorded_by,
                    approved_by=own.event.approved_by,
                    digest=own.event.digest,
                    spans=spans,
                )
            )
    return tuple(history)


class _Recorded(NamedTuple):
    position: int
    event: StatementEvent
    content: Announcement | Correction | Retraction


def _order(statement: _Recorded, tz: tzinfo) -> Instant:
    return announced_at(statement.content, tz)


def _clipped(spans: Iterable[Span], begin: int, end: int) -> Iterator[Span]:
    for span in spans:
        recorded_from, recorded_to = max(span.recorded_from, begin), min(span.recorded_to, end)
        if recorded_from < recorded_to:
            yield span._replace(recorded_from=recorded_from, recorded_to=recorded_to)


def _content(statements: Sequence[Announcement | Correction | Retraction]) -> Announcement | None:
    """The last stated content with every patch applied in turn; None where the last statement is a retraction."""
    plain: Any = None
    for statement in statements:
        match statement:
            case Announcement():
                plain = canonical(statement)
            case Correction():
                plain = merge_patch(plain, statement.patch)  # the rules refuse a correction of something unknown
            case Retraction():
                pass  # a correction after it restores the content
    last = statements[-1]
    if isinstance(last, Retraction):
        return None
    return last if isinstance(last, Announcement) else Announcement.model_validate(plain)


def _regions(starts: Sequence[tuple[Instant, int]]) -> list[tuple[Span, ...]]:
    """The spans in which each version counts.

    A version is known from its own instant and position on, except where one is known that is later in the order of
    announcement. That leaves a staircase, cut into spans that do not overlap.
    """
    regions = []
    for number, (announced, position) in enumerate(starts):
        steps = sorted(starts[number + 1 :])
        spans: list[Span] = []
        recorded_to = FOREVER
        edges = [(announced, FOREVER), *steps, (FOREVER, 0)]
        for (begin, superseded_at), (end, _) in pairwise(edges):
            recorded_to = min(recorded_to, superseded_at)
            if begin >= end or position >= recorded_to:
                continue
            if spans and spans[-1].recorded_to == recorded_to:  # a step that takes nothing away
                begin = spans.pop().announced_from
            spans.append(Span(begin, end, position, recorded_to))
        regions.append(tuple(spans))
    return regions
