"""Status over time in long format: one row for each change, for panels and programs."""

from collections.abc import Iterator

from tracker.model.dates import BEGINNING, Instant, moment
from tracker.model.vocabulary import Mode, SubjectKind, Traffic
from tracker.queries.answer import Answer
from tracker.queries.clocks import Clocks
from tracker.queries.history import Turn, turns
from tracker.queries.selection import Selection, Stateful, chosen
from tracker.state.lanes import Lane
from tracker.state.record import Record, View
from tracker.state.status import SEVERITY


class Point(Answer):
    """From `time` on, and until the next row of the same lane, the status was this."""

    time: str
    subject: str
    kind: SubjectKind
    mode: Mode | None
    traffic: Traffic | None
    direction: str | None
    status: str
    severity: int | None
    announcements: tuple[str, ...]


def series(record: Record, clocks: Clocks, selection: Selection, begin: Instant | None = None) -> list[Point]:
    """Every change between two instants, and before them what held at the first; by time, then subject and lane.

    Args: begin: by default the first announcement on the record; the end is the date asked about.
    Raises: UnknownSubject.
    """
    view = record.at(clocks.known)
    first = _first(view) if begin is None else begin
    found = [
        (at, number, point)
        for number, (subject, lane, each) in enumerate(_all(view, selection))
        for at, point in _points(view, subject, lane, each, first, clocks.as_of)
    ]
    return [point for _, _, point in sorted(found, key=lambda each: each[:2])]


def _first(view: View) -> Instant:
    return next((version.order for version, _ in view.contents.values()), 0)


def _all(view: View, selection: Selection) -> Iterator[tuple[Stateful, Lane | None, list[Turn]]]:
    for subject in chosen(view.registry, selection):
        for lane, each in turns(view, subject, selection):
            yield subject, lane, each


def _points(
    view: View, subject: Stateful, lane: Lane | None, each: list[Turn], begin: Instant, end: Instant
) -> Iterator[tuple[Instant, Point]]:
    held = [turn for turn in each if turn.at <= begin][-1:]
    for turn in [*held, *(turn for turn in each if begin < turn.at <= end)]:
        at = max(turn.at, begin)
        if at > end:
            continue
        yield (
            at,
            Point(
                time=moment(at, view.tz).isoformat(),
                subject=subject.id,
                kind=subject.type,
                mode=lane.mode if lane else None,
                traffic=lane.traffic if lane else None,
                direction=lane.direction if lane else None,
                status=turn.change.status,
                severity=SEVERITY.get(turn.change.status) if lane else None,
                announcements=turn.change.announcements if turn.at != BEGINNING else (),
            ),
        )
