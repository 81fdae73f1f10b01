"""How the status of a subject changed, and by which announcements."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest

from tracker.model.dates import BEGINNING, Instant, moment
from tracker.model.registry import Instrument, Measure
from tracker.queries.change_answers import Change, Event, Frame, HistoryAnswer, LaneChanges
from tracker.queries.clocks import Clocks
from tracker.queries.reasons import day, lane_reason, measure_reason, moment_text
from tracker.queries.selection import Selection, Stateful, chosen, chosen_lanes
from tracker.state.lane_history import LaneHistory, lane_history
from tracker.state.lanes import Lane
from tracker.state.measures import state_of
from tracker.state.record import Record, View
from tracker.state.tracks import before_runs, maker, runs
from tracker.timeline.assertions import measure_track, stage_track


@dataclass(frozen=True)
class Turn:
    """One change, with its instant."""

    at: Instant
    change: Change


def history(record: Record, clocks: Clocks, selection: Selection) -> list[HistoryAnswer]:
    """Every change of the chosen subjects, oldest first. Of the clocks, `as_of` is not used.

    Raises: UnknownSubject.
    """
    view = record.at(clocks.known)
    return [_history(view, clocks, subject, selection) for subject in chosen(view.registry, selection)]


def _history(view: View, clocks: Clocks, subject: Stateful, selection: Selection) -> HistoryAnswer:
    tracks = dict(turns(view, subject, selection))
    return HistoryAnswer(
        subject=subject.id,
        kind=subject.type,
        name=subject.name or subject.id,
        announced_by=clocks.announced_by_text,
        recorded_by=clocks.recorded_by_text,
        lanes=tuple(
            LaneChanges(
                mode=lane.mode,
                traffic=lane.traffic,
                direction=lane.direction,
                changes=tuple(turn.change for turn in each),
            )
            for lane, each in tracks.items()
            if lane is not None
        ),
        changes=tuple(turn.change for turn in tracks.get(None, ())),
    )


def turns(view: View, subject: Stateful, selection: Selection) -> Iterator[tuple[Lane | None, list[Turn]]]:
    """The changes of each chosen lane of a subject, or of the subject itself where it has none."""
    match subject:
        case Measure():
            if not selection.narrows_lanes:
                yield None, _measure_turns(view, subject)
        case Instrument():
            if not selection.narrows_lanes:
                yield None, _stage_turns(view, subject)
        case _:
            for lane in chosen_lanes(view.registry, subject, selection):
                yield lane, _lane_turns(lane_history(view, lane, selection.question))


def _lane_turns(history: LaneHistory) -> list[Turn]:
    view, found = history.view, []
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
        change = Change(
            at=day(view, history.edge(number)),
            until=None if following is None else day(view, history.edge(following)),
            status=status,
            reason=reason,
            announcements=history.made_by(number),
        )
        found.append(Turn(at, change))
    return found


def _measure_turns(view: View, measure: Measure) -> list[Turn]:
    def status(row: int) -> str:
        return state_of(view, row).value if row >= 0 else "lapsed"

    def reason(row: int, before: int) -> str:
        return measure_reason(view, measure.id, row if row >= 0 else before, lapsed=row < 0)

    return _track_turns(view, measure_track(measure.id), status, reason)


def _stage_turns(view: View, instrument: Instrument) -> list[Turn]:
    def stage(row: int) -> str:
        return str(getattr(view.effect(row), "stage", "")) if row >= 0 else "none"

    def reason(row: int, _before: int) -> str:
        return view.announcement(view.row(row).announcement).summary if row >= 0 else ""

    return _track_turns(view, stage_track(instrument.id), stage, reason)


def _track_turns(view: View, name: str, status: Callable[[int], str], reason: Callable[[int, int], str]) -> list[Turn]:
    track, found = view.track(name), []
    if track < 0:
        return []
    changes = runs(view, track)
    rows = [before_runs(view, track, changes), *(row for _, row in changes)]
    for (at, row), following, before in zip(changes, [*changes[1:], None], rows, strict=False):
        begins = view.row(row).begins if row >= 0 else view.row(before).ends
        change = Change(
            at=day(view, begins) if begins.latest == at else moment_text(view, at),
            until=None if following is None else moment_text(view, following[0]),
            status=status(row),
            reason=reason(row, before),
            announcements=(view.row(maker(view, before, row, at)).announcement,),
        )
        found.append(Turn(at, change))
    return found


def replay(record: Record, clocks: Clocks, begin: Instant, end: Instant, selection: Selection,
           *, by_day: bool) -> Iterator[Frame]:  # fmt: skip
    """All that changed between two instants, both inclusive, a step at a time.

    Raises: UnknownSubject.
    """
    view = record.at(clocks.known)
    found = sorted(_events(view, chosen(view.registry, selection), selection, begin, end), key=lambda item: item[0])
    for step, events in groupby(found, key=lambda item: moment(item[0], view.tz).date() if by_day else item[0]):
        at = step.isoformat() if not isinstance(step, int) else moment_text(view, step)
        yield Frame(at=at or "", events=tuple(event for _, event in events))


def _events(
    view: View, subjects: Sequence[Stateful], selection: Selection, begin: Instant, end: Instant
) -> Iterable[tuple[Instant, Event]]:
    for subject in subjects:
        for lane, each in turns(view, subject, selection):
            for turn, before in zip(each, [None, *each], strict=False):
                if turn.at != BEGINNING and begin <= turn.at <= end:
                    yield turn.at, _event(view, subject, lane, turn, before)


def _event(view: View, subject: Stateful, lane: Lane | None, turn: Turn, before: Turn | None) -> Event:
    return Event(
        at=turn.change.at or moment_text(view, turn.at) or "",
        subject=subject.id,
        kind=subject.type,
        mode=lane.mode if lane else None,
        traffic=lane.traffic if lane else None,
        direction=lane.direction if lane else None,
        before=before.change.status if before else None,
        after=turn.change.status,
        reason=turn.change.reason,
        announcements=turn.change.announcements,
    )
