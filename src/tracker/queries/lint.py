"""Warnings about a record: statements that contradict others, or have no influence on any state."""

from collections.abc import Callable, Iterator

from tracker.model.dates import moment
from tracker.model.effects import Lift, Passage, Revoke
from tracker.model.errors import Location, Problem, Severity
from tracker.model.registry import Measure
from tracker.model.vocabulary import MeasureState
from tracker.queries.reasons import day
from tracker.state.measures import state_of
from tracker.state.record import Record, View
from tracker.state.tracks import runs
from tracker.timeline.assertions import Assertion, measure_track
from tracker.timeline.track_history import run_out

Locate = Callable[[str, int], Location]  # of the effect of an announcement, by its number from 0
VERBS = {Lift: "lifts", Revoke: "revokes"}


def warnings(record: Record, locate: Locate) -> list[Problem]:
    """List what a coder should check again; a dataset with warnings can still be loaded."""
    view = record.view
    return [*_about_measures(view, locate), *_about_passages(view, locate)]


def _about_measures(view: View, locate: Locate) -> Iterator[Problem]:
    for measure in view.registry.measures.values():
        track = view.track(measure_track(measure.id))
        if track < 0:
            yield _warning(Location(""), f"measure {measure.id} is never announced: add its announcement")
            continue
        for row in view.course(track).rows:
            assertion = view.row(row)
            for text in (*_idle(view, measure, track, assertion), *_covered(view, measure, track, row)):
                yield _warning(_location(assertion, locate), text)
        yield from _lapses(view, measure, track, locate)


def _idle(view: View, measure: Measure, track: int, assertion: Assertion) -> Iterator[str]:
    """An effect that lifts or revokes a measure which is not in force."""
    course, just_before = view.course(track), assertion.begins.latest - 1
    before = course.winner(just_before)
    state = state_of(view, before) if before >= 0 else None
    settles_lapse = run_out(course.at(just_before)) >= 0
    idle = state in (MeasureState.LIFTED, MeasureState.REVOKED) or (state is None and not settles_lapse)
    if isinstance(assertion.effect, Lift | Revoke) and idle:
        verb = VERBS[type(assertion.effect)]
        yield f"{verb} {measure.id}, which is not in force just before {day(view, assertion.begins)}"


def _covered(view: View, measure: Measure, track: int, row: int) -> Iterator[str]:
    """A scheduled change that a later announcement hides."""
    assertion = view.row(row)
    for later in view.course(track).rows:
        other = view.row(later)
        hidden = other.begins.latest <= assertion.begins.latest < other.ends.latest
        if later > row and assertion.begins.earliest > other.order and hidden:
            text = f"the change of {measure.id} scheduled for {day(view, assertion.begins)} is covered by"
            yield f"{text} {other.announcement}, announced later"


def _lapses(view: View, measure: Measure, track: int, locate: Locate) -> Iterator[Problem]:
    """A measure that ran out with no decision."""
    changes = runs(view, track)
    for (at, row), (_, before) in zip(changes, [(0, -1), *changes], strict=False):
        if row < 0 <= before:
            last = view.row(before)
            text = f"{measure.id} ran out {day(view, last.ends)} with no decision on record until"
            after = next((time for time, deciding in changes if time > at and deciding >= 0), None)
            ending = moment(after, view.tz).date().isoformat() if after is not None else "today"
            yield _warning(_location(last, locate), f"{text} {ending}: its state there is unknown")


def _about_passages(view: View, locate: Locate) -> Iterator[Problem]:
    for row, effect in view.passages:
        if not _has_direction(effect):
            text = "passage has no direction, so it counts for no lane: give `direction`, or `origin` and `destination`"
            yield _warning(_location(view.row(row), locate), text)


def _has_direction(effect: Passage) -> bool:
    return effect.none or effect.direction is not None or bool(effect.origin and effect.destination)


def _location(assertion: Assertion, locate: Locate) -> Location:
    return locate(assertion.announcement, assertion.index)


def _warning(location: Location, text: str) -> Problem:
    return Problem(location, text, Severity.WARNING)
