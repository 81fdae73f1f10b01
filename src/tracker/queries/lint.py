"""Warnings about a record: statements that contradict others, or have no influence on any state."""

from collections.abc import Callable, Iterator
from datetime import datetime

from tracker.model.dataset import NO_ID
from tracker.model.dates import Instant, instant, moment
from tracker.model.effects import AnyEffect, Lift, Passage, Revoke
from tracker.model.errors import Location, Problem, Severity
from tracker.model.registry import Measure
from tracker.model.vocabulary import MeasureState
from tracker.queries.clocks import end_of_cover
from tracker.queries.reasons import day
from tracker.state.measures import state_of
from tracker.state.record import Record, View
from tracker.state.tracks import prolongs, runs
from tracker.timeline.assertions import Assertion, measure_track
from tracker.timeline.track_history import run_out

Locate = Callable[[str, int], Location]  # of the effect of an announcement, by its number from 0
VERBS = {Lift: "lifts", Revoke: "revokes"}


def warnings(record: Record, now: datetime, dataset: Location, locate: Locate) -> list[Problem]:
    """List what a coder should check again, and notes; a dataset with them can still be loaded.

    Args: now: what is announced for later has not happened yet; dataset: the place of its table.
    """
    view = record.view
    return [
        *_about_the_dataset(view, now, dataset, locate),
        *_about_measures(view, instant(now), locate),
        *_about_passages(view, locate),
    ]


def _about_the_dataset(view: View, now: datetime, place: Location, locate: Locate) -> Iterator[Problem]:
    """A dataset without an id, and a `covers_until` that the record or today contradicts."""
    dataset = view.registry.dataset
    if dataset.id == NO_ID:
        text = "[dataset] has no `id`: add one that never changes, so that a store can tell it from other datasets"
        yield Problem(place, text, Severity.NOTE)
    covered = end_of_cover(dataset, view.tz)
    if covered is None or dataset.covers_until is None:
        return
    if dataset.covers_until.latest > moment(instant(now), view.tz).date():
        text = f"covers_until = {dataset.covers_until} is still to come: write the last day that was looked at"
        yield _warning(place, text)
    for key, (version, _) in view.contents.items():
        if version.order > covered:
            text = f"announced after covers_until = {dataset.covers_until}: move that on, once all up to then is in"
            yield _warning(locate(key, 0), text)


def _about_measures(view: View, now: Instant, locate: Locate) -> Iterator[Problem]:
    for measure in view.registry.measures.values():
        track = view.track(measure_track(measure.id))
        if track < 0:
            yield _warning(Location(""), f"measure {measure.id} is never announced: add its announcement")
            continue
        for row in view.course(track).rows:
            assertion = view.row(row)
            for text in (*_idle(view, measure, track, row, assertion), *_covered(view, measure, track, row)):
                yield _warning(_location(assertion, locate), text)
        yield from _lapses(view, measure, track, now, locate)


def _idle(view: View, measure: Measure, track: int, row: int, assertion: Assertion) -> Iterator[str]:
    """An effect that lifts or revokes a measure which is not in force."""
    course, just_before = view.course(track), assertion.begins.latest - 1
    before = course.winner(just_before)
    state = state_of(view, before) if before >= 0 else None
    settles_lapse = run_out(course.at(just_before)) >= 0
    if before >= 0 and prolongs(view, before, row) and assertion.ends.latest > view.ends(before):
        return  # a suspension goes on
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
            same_day = moment(other.order, view.tz).date() == moment(assertion.order, view.tz).date()
            yield f"{text} {other.announcement}, announced {'the same day' if same_day else 'later'}"


def _lapses(view: View, measure: Measure, track: int, now: Instant, locate: Locate) -> Iterator[Problem]:
    """A measure that ran out with no decision; a note where one came later, and nothing where the end is to come."""
    changes = runs(view, track)
    for run in changes:
        if not run.row < 0 <= run.before or run.at > now:
            continue
        last = view.row(run.before)
        text = f"{measure.id} ran out {day(view, last.ends)} with no decision on record"
        after = next((later.at for later in changes if later.at > run.at and later.row >= 0), None)
        if after is not None and after <= now:
            until = moment(after, view.tz).date()
            message = f"{text} until {until}: its state between them is unknown"
            yield Problem(_location(last, locate), message, Severity.NOTE)
        else:
            advice = "look for what was decided (`extend`, `lift`); until then its state is unknown"
            yield _warning(_location(last, locate), f"{text}: {advice}")


def _about_passages(view: View, locate: Locate) -> Iterator[Problem]:
    for row, effect in view.passages:
        if not _has_direction(effect):
            assertion, text = view.row(row), "passage has no direction, so it counts for no lane"
            if _written(view, assertion).note:
                yield Problem(_location(assertion, locate), f"{text}; its note says why", Severity.NOTE)
            else:
                advice = "give `direction`, or `origin` and `destination`, or a `note` that no source tells it"
                yield _warning(_location(assertion, locate), f"{text}: {advice}")


def _written(view: View, assertion: Assertion) -> AnyEffect:
    """The effect as its file has it: the assertion leaves out remarks."""
    return view.contents[assertion.announcement][1].effect[assertion.index]


def _has_direction(effect: Passage) -> bool:
    return effect.none or effect.direction is not None or bool(effect.origin and effect.destination)


def _location(assertion: Assertion, locate: Locate) -> Location:
    return locate(assertion.announcement, assertion.index)


def _warning(location: Location, text: str) -> Problem:
    return Problem(location, text, Severity.WARNING)
