"""Changes of status over time, and the announcements behind them: as a history, a replay or a series."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest

from tracker.model.dates import BEGINNING, Instant, moment
from tracker.model.registry import Instrument, Measure
from tracker.queries.change_answers import (
    ChangeAnswer,
    HistoryAnswer,
    LaneChanges,
    ReplayChange,
    ReplayFrame,
    SeriesPoint,
)
from tracker.queries.clocks import Clocks
from tracker.queries.reasons import day, lane_reason, measure_reason, moment_text
from tracker.queries.selection import Selection, Stateful, chosen, chosen_lanes, identity
from tracker.state.lane_history import LaneHistory, lane_history
from tracker.state.lanes import Lane
from tracker.state.measures import measure_runs, state_of
from tracker.state.record import Record, View
from tracker.state.status import SEVERITY
from tracker.state.tracks import before_runs, maker, runs
from tracker.timeline.assertions import measure_track, stage_track


@dataclass(frozen=True)
class StatusChange:
    """A change of status, with its exact instant."""

    at: Instant
    change: ChangeAnswer


def history(record: Record, clocks: Clocks, selection: Selection) -> list[HistoryAnswer]:
    """List every change of the chosen subjects, oldest first. Of the clocks, `as_of` is not used.

    Raises: UnknownSubject.
    """
    view = record.at(clocks.known)
    return [_history(view, clocks, subject, selection) for subject in chosen(view.registry, selection)]


def _history(view: View, clocks: Clocks, subject: Stateful, selection: Selection) -> HistoryAnswer:
    changes = {
        lane: tuple(change.change for change in lane_changes)
        for lane, lane_changes in status_changes(view, subject, selection)
    }
    return HistoryAnswer(
        subject=subject.id,
        kind=subject.type,
        name=subject.name or subject.id,
        announced_by=clocks.announced_by_text,
        recorded_by=clocks.recorded_by_text,
        lanes=tuple(
            LaneChanges(mode=lane.mode, traffic=lane.traffic, direction=lane.direction, changes=lane_changes)
            for lane, lane_changes in changes.items()
            if lane is not None
        ),
        changes=changes.get(None, ()),
    )


def status_changes(
    view: View, subject: Stateful, selection: Selection
) -> Iterator[tuple[Lane | None, list[StatusChange]]]:
    """The changes of each chosen lane of a subject, or of the subject itself (lane None) where it has none."""
    match subject:
        case Measure():
            if not selection.narrows_lanes:
                yield None, _measure_changes(view, subject)
        case Instrument():
            if not selection.narrows_lanes:
                yield None, _stage_changes(view, subject)
        case _:
            for lane in chosen_lanes(view.registry, subject, selection):
                yield lane, _lane_changes(lane_history(view, lane, selection.question(view.registry)))


def all_status_changes(view: View, selection: Selection) -> Iterator[tuple[Stateful, Lane | None, list[StatusChange]]]:
    """The changes of every chosen lane, measure and text.

    Raises: UnknownSubject.
    """
    for subject in chosen(view.registry, selection):
        for lane, changes in status_changes(view, subject, selection):
            yield subject, lane, changes


def _lane_changes(history: LaneHistory) -> list[StatusChange]:
    view, changes = history.view, []
    numbers = history.runs()
    for number, following in zip_longest(numbers, numbers[1:]):
        at, status = history.points[number], history.status(number)
        passed = history.passed(at)
        reason = lane_reason(
            view,
            history.verdict(at),
            status,
            [seen.effect for seen in passed],
            day(view, passed[-1].on) if passed else None,
        )
        change = ChangeAnswer(
            at=day(view, history.edge(number)),
            until=None if following is None else day(view, history.edge(following)),
            status=status,
            reason=reason,
            announcements=history.made_by(number),
        )
        changes.append(StatusChange(at, change))
    return changes


def _measure_changes(view: View, measure: Measure) -> list[StatusChange]:
    def status(row: int) -> str:
        return state_of(view, row).value if row >= 0 else "lapsed"

    def reason(row: int, before: int) -> str:
        return measure_reason(view, measure.id, row if row >= 0 else before, lapsed=row < 0)

    return _track_changes(view, measure_track(measure.id), measure_runs(view, measure), status, reason)


def _stage_changes(view: View, instrument: Instrument) -> list[StatusChange]:
    def stage(row: int) -> str:
        return str(getattr(view.effect(row), "stage", "")) if row >= 0 else "none"

    def reason(row: int, _before: int) -> str:
        return view.announcement(view.row(row).announcement).summary if row >= 0 else ""

    track = view.track(stage_track(instrument.id))
    return _track_changes(view, stage_track(instrument.id), runs(view, track) if track >= 0 else [], stage, reason)


def _track_changes(
    view: View,
    name: str,
    deciding: Sequence[tuple[Instant, int]],
    status: Callable[[int], str],
    reason: Callable[[int, int], str],
) -> list[StatusChange]:
    """The changes on a track.

    Args: deciding: the row that decides, from each change on; status: of such a row, -1 where none decides;
        reason: of a row and the row before it.
    """
    track, changes = view.track(name), []
    if track < 0:
        return []
    rows = [before_runs(view, track, deciding), *(row for _, row in deciding)]
    for (at, row), following, before in zip(deciding, [*deciding[1:], None], rows, strict=False):
        begins = view.row(row).begins if row >= 0 else view.row(before).ends
        change = ChangeAnswer(
            at=day(view, begins) if begins.latest == at else moment_text(view, at),
            until=None if following is None else moment_text(view, following[0]),
            status=status(row),
            reason=reason(row, before),
            announcements=(view.row(maker(view, before, row, at)).announcement,),
        )
        changes.append(StatusChange(at, change))
    return changes


def replay(record: Record, clocks: Clocks, begin: Instant, end: Instant, selection: Selection,
           *, by_day: bool) -> Iterator[ReplayFrame]:  # fmt: skip
    """All changes between two instants, both inclusive, one frame for each day or instant.

    Raises: UnknownSubject.
    """
    view = record.at(clocks.known)
    events = sorted(_replay_changes(view, selection, begin, end), key=lambda item: item[0])
    for step, group in groupby(events, key=lambda item: moment(item[0], view.tz).date() if by_day else item[0]):
        at = step.isoformat() if not isinstance(step, int) else moment_text(view, step)
        yield ReplayFrame(at=at or "", events=tuple(event for _, event in group))


def _replay_changes(
    view: View, selection: Selection, begin: Instant, end: Instant
) -> Iterable[tuple[Instant, ReplayChange]]:
    for subject, lane, changes in all_status_changes(view, selection):
        for change, before in zip(changes, [None, *changes], strict=False):
            if change.at != BEGINNING and begin <= change.at <= end:
                yield change.at, _replay_change(view, subject, lane, change, before)


def _replay_change(
    view: View, subject: Stateful, lane: Lane | None, change: StatusChange, before: StatusChange | None
) -> ReplayChange:
    return ReplayChange(
        at=change.change.at or moment_text(view, change.at) or "",
        **identity(subject, lane),
        before=before.change.status if before else None,
        after=change.change.status,
        reason=change.change.reason,
        announcements=change.change.announcements,
    )


def series(record: Record, clocks: Clocks, selection: Selection, begin: Instant | None = None) -> list[SeriesPoint]:
    """Every change between two instants after the status at the first one, by time, then subject and lane.

    Args: begin: by default the first announcement on the record; the end is the date asked about.
    Raises: UnknownSubject.
    """
    view = record.at(clocks.known)
    first = next((version.order for version, _ in view.contents.values()), 0) if begin is None else begin
    points = [
        (at, number, point)
        for number, (subject, lane, changes) in enumerate(all_status_changes(view, selection))
        for at, point in _points(view, subject, lane, changes, first, clocks.as_of)
    ]
    return [point for _, _, point in sorted(points, key=lambda item: item[:2])]


def _points(
    view: View, subject: Stateful, lane: Lane | None, changes: list[StatusChange], begin: Instant, end: Instant
) -> Iterator[tuple[Instant, SeriesPoint]]:
    at_begin = [change for change in changes if change.at <= begin][-1:]
    for change in [*at_begin, *(change for change in changes if begin < change.at <= end)]:
        at = max(change.at, begin)
        if at > end:
            continue
        point = SeriesPoint(
            time=moment(at, view.tz).isoformat(),
            **identity(subject, lane),
            status=change.change.status,
            severity=SEVERITY.get(change.change.status) if lane else None,
            announcements=change.change.announcements if change.at != BEGINNING else (),
        )
        yield at, point
