"""Changes of status, and of what decides it, over time, with the announcements behind them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from tracker.model.dates import Instant
from tracker.model.deadline import in_time
from tracker.model.registry import Instrument, Measure
from tracker.model.vocabulary import MeasureState
from tracker.queries.change_answers import ChangeAnswer, HistoryAnswer, LaneChanges
from tracker.queries.clocks import Clocks
from tracker.queries.lanes import through_answers
from tracker.queries.parts import amount_text, but_for
from tracker.queries.reasons import day, measure_reason, moment_text, reason_of
from tracker.queries.registry_changes import registry_changes
from tracker.queries.selection import Selection, Stateful, chosen, chosen_lanes
from tracker.state.lane_history import LaneHistory, Verdict, lane_history
from tracker.state.lanes import Lane
from tracker.state.measures import MeasureRun, exemption_of_row, measure_runs, state_of, state_of_run
from tracker.state.phases import edges
from tracker.state.record import Record, View
from tracker.state.tracks import Run, amount_of, runs, since
from tracker.timeline.assertions import stage_track

R = TypeVar("R", Run, MeasureRun)


@dataclass(frozen=True)
class StatusChange:
    """A change of status, or of what decides it, with its exact instant."""

    at: Instant
    change: ChangeAnswer


def history(record: Record, clocks: Clocks, selection: Selection, *, status_only: bool = False) -> list[HistoryAnswer]:
    """List every change of the chosen subjects, oldest first. Of the clocks, `as_of` is not used.

    Args: status_only: leave out changes of what decides that leave the status as it is.
    Raises: UnknownSubject.
    """
    view = record.over_periods(clocks.known, clocks.as_of)
    fold = by_status if status_only else list[StatusChange]
    return [_history(view, clocks, subject, selection, fold) for subject in in_time(chosen(view.registry, selection))]


def _history(
    view: View,
    clocks: Clocks,
    subject: Stateful,
    selection: Selection,
    fold: Callable[[Sequence[StatusChange]], list[StatusChange]],
) -> HistoryAnswer:
    changes = {
        lane: tuple(change.change for change in fold(lane_changes))
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
    for subject in in_time(chosen(view.registry, selection)):
        for lane, changes in status_changes(view, subject, selection):
            yield subject, lane, changes


def _lane_changes(history: LaneHistory) -> list[StatusChange]:
    view, changes = history.view, []
    numbers = history.turns()
    for number, following in zip_longest(numbers, numbers[1:]):
        at = history.points[number]
        verdict = history.verdict(at)
        change = ChangeAnswer(
            at=day(view, history.edge(number)),
            until=moment_text(view, history.lane.life.end) if following is None else day(view, history.edge(following)),
            status=history.status(number),
            severity=history.severity(number),
            otherwise=history.otherwise(number),
            but_for=but_for(history, at, verdict),
            through=through_answers(history, number),
            reason=_reason(history, number, verdict),
            announcements=history.made_by(number),
        )
        changes.append(StatusChange(at, change))
    return changes


def _reason(history: LaneHistory, number: int, verdict: Verdict) -> str:
    """The decisive reason from a point of a lane on, with the dates of the registry that changed the status there."""
    at = history.points[number]
    reason = reason_of(history, at, verdict)
    if at not in edges(history.view.registry) or not history.shifts(number):
        return reason
    dates = "; ".join(registry_changes(history.view, history.lane, at))
    return f"{reason} ({dates})" if dates else reason


def _measure_changes(view: View, measure: Measure) -> list[StatusChange]:
    def status(run: MeasureRun) -> str:
        return state_of_run(view, measure, run).value

    def reason(run: MeasureRun) -> str:
        if run.row < 0:
            return measure_reason(view, measure.id, run.before, view.row(run.before).ends, lapsed=True)
        return measure_reason(view, measure.id, run.last, since(view, run.row, run.at))

    changes = []
    found = measure_runs(view, measure)
    for run, change in zip(found, _track_changes(view, found, status, reason), strict=True):
        in_force = run.own >= 0 and state_of(view, run.own) is MeasureState.IN_FORCE
        with_terms = change.change.model_copy(
            update={
                "amount": amount_text(amount_of(view.effect(run.own)), measure.unit) if in_force else None,
                "exemptions": tuple(exemption_of_row(view, row) for row in run.exemptions),
            }
        )
        changes.append(StatusChange(change.at, with_terms))
    return changes


def _stage_changes(view: View, instrument: Instrument) -> list[StatusChange]:
    def stage(run: Run) -> str:
        return str(getattr(view.effect(run.row), "stage", "")) if run.row >= 0 else "none"

    def reason(run: Run) -> str:
        return view.announcement(view.row(run.row).announcement).summary if run.row >= 0 else ""

    track = view.track(stage_track(instrument.id))
    return _track_changes(view, runs(view, track) if track >= 0 else (), stage, reason)


def _track_changes(
    view: View, found: Sequence[R], status: Callable[[R], str], reason: Callable[[R], str]
) -> list[StatusChange]:
    """The changes on a track, each with the announcements that made it or prolonged it.

    Args: found: what decides it, in time.
    """
    changes = []
    for run, following in zip_longest(found, found[1:]):
        begins = view.row(run.row).begins if run.row >= 0 else view.row(run.before).ends
        change = ChangeAnswer(
            at=day(view, begins) if begins.latest == run.at else moment_text(view, run.at),
            until=None if following is None else moment_text(view, following.at),
            status=status(run),
            reason=reason(run),
            announcements=tuple(dict.fromkeys(view.row(row).announcement for row in run.made)),
        )
        changes.append(StatusChange(run.at, change))
    return changes


def by_status(changes: Sequence[StatusChange]) -> list[StatusChange]:
    """Changes folded to those of the status and of that of the rest: each lasts until the next one with another."""
    folded: list[StatusChange] = []
    for change in changes:
        last = folded[-1] if folded else None
        if last and (last.change.status, last.change.otherwise) == (change.change.status, change.change.otherwise):
            folded[-1] = StatusChange(last.at, last.change.model_copy(update={"until": change.change.until}))
        else:
            folded.append(change)
    return folded
