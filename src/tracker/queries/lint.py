"""Warnings about a record: statements that contradict others, or have no influence on any state."""

from collections.abc import Callable, Iterator
from datetime import datetime

from tracker.model.dataset import NO_ID
from tracker.model.dates import ABOUT, DAY, Edge, Instant, instant, moment, starts
from tracker.model.effects import Extend
from tracker.model.errors import Location, Problem, Severity
from tracker.model.registry import Border, Corridor, Crossing, Measure
from tracker.model.vocabulary import ENDED_STAGES, MeasureState
from tracker.queries.clocks import end_of_cover
from tracker.queries.measure_warnings import warned_of, written
from tracker.queries.reasons import day
from tracker.state.force import is_over
from tracker.state.instruments import instrument_standing
from tracker.state.lanes import paths_passed
from tracker.state.measures import state_of
from tracker.state.record import Record, View
from tracker.state.tracks import runs
from tracker.timeline.assertions import Assertion, measure_track

Locate = Callable[[str, int], Location]  # of the effect of an announcement, by its number from 0
LONGEST_DOUBT = ABOUT.days * DAY  # of sources about a day to come


def warnings(record: Record, now: datetime, dataset: Location, locate: Locate) -> list[Problem]:
    """List what a coder should check again, and notes; a dataset with them can still be loaded.

    Args: now: what is announced for later has not happened yet; dataset: the place of its table.
    """
    view = record.view
    return [
        *_about_the_dataset(view, now, dataset, locate),
        *(
            problem
            for measure in view.registry.measures.values()
            for problem in about_measure(view, measure, instant(now), locate)
        ),
        *_about_targets(view, locate),
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


def about_measure(view: View, measure: Measure, now: Instant, locate: Locate) -> Iterator[Problem]:
    """Warnings and notes about what was said of a measure, and of the exemptions from it."""
    track = view.track(measure_track(measure.id))
    if track < 0:
        yield _warning(Location(""), f"measure {measure.id} is never announced: add its announcement")
    for row, text in warned_of(view, measure):
        yield _warning(_location(view.row(row), locate), text)
    if track >= 0:
        yield from _lapses(view, measure, track, now, locate)
        yield from _basis_ended(view, measure, now, locate)


def _lapses(view: View, measure: Measure, track: int, now: Instant, locate: Locate) -> Iterator[Problem]:
    """A measure that ran out with no decision; a note where one came later, and nothing where the end is to come."""
    changes = runs(view, track)
    for run in changes:
        if not run.row < 0 <= run.before or run.at > now or is_over(view, measure, run.before):
            continue
        last = view.row(run.before)
        text = f"{measure.id} ran out {day(view, last.ends)} with no decision on record"
        after = next((later for later in changes if later.at > run.at and later.row >= 0), None)
        if after is None or after.at > now:
            advice = "look for what was decided (`extend`, `lift`); until then its state is unknown"
            yield _warning(_location(last, locate), f"{text}: {advice}")
        elif isinstance(written(view, following := view.row(after.row)), Extend):
            begins = moment(after.at, view.tz).date()
            message = f"extends {measure.id}, which ran out {day(view, last.ends)}: until {begins} its state is unknown"
            yield Problem(_location(following, locate), message, Severity.NOTE)
        else:
            until = moment(after.at, view.tz).date()
            message = f"{text} until {until}: its state between them is unknown"
            yield Problem(_location(last, locate), message, Severity.NOTE)


def _basis_ended(view: View, measure: Measure, now: Instant, locate: Locate) -> Iterator[Problem]:
    """A measure that stands under a text which has ended, where nobody has spoken of the measure since."""
    text = None if measure.under is None else view.registry.instruments.get(measure.under)
    standing = None if text is None else instrument_standing(view, text, now).overall
    if text is None or standing is None or standing.stage not in ENDED_STAGES:
        return
    ended, row = view.row(standing.row), view.course(view.track(measure_track(measure.id))).winner(now)
    if row >= 0 and state_of(view, row) is MeasureState.IN_FORCE and view.row(row).order < ended.order:
        message = (
            f"{text.id} is {standing.stage}, and {measure.id}, under it, is in force without a word on it since: "
            'write what became of it (`lift`), or that it stands (`impose` with basis = "reported")'
        )
        yield _warning(_location(ended, locate), message)


def _about_targets(view: View, locate: Locate) -> Iterator[Problem]:
    """Starts that a statement sets within some weeks or months to come: aims, and no dates."""
    for key, (version, content) in view.contents.items():
        for number, effect in enumerate(content.effect):
            when = getattr(effect, "starts", None) or getattr(effect, "on", None)
            begins = Edge(version.order, version.order) if when is None else starts(when, view.tz)
            if begins.earliest > version.order and begins.latest - begins.earliest > LONGEST_DOUBT:
                text = (
                    f"a range is for a day on which sources differ, and {when} is a target: write a `pledge` with "
                    '`due`, or the effect with `from_event = "a date to be set"`'
                )
                yield _warning(locate(key, number), text)


def _about_passages(view: View, locate: Locate) -> Iterator[Problem]:
    for row, effect in view.passages:
        place = view.registry.places.get(effect.at)
        if effect.none or not isinstance(place, Border | Crossing | Corridor):
            continue
        if len(paths_passed(view.registry, place, effect)) > 1:
            assertion = view.row(row)
            text = "nothing tells the direction of this passage, so it counts for both"
            if written(view, assertion).note:
                yield Problem(_location(assertion, locate), f"{text}; its note says why", Severity.NOTE)
            else:
                advice = "give `direction`, or `origin` or `destination`, or a `note` that no source tells it"
                yield _warning(_location(assertion, locate), f"{text}: {advice}")


def _location(assertion: Assertion, locate: Locate) -> Location:
    return locate(assertion.announcement, assertion.index)


def _warning(location: Location, text: str) -> Problem:
    return Problem(location, text, Severity.WARNING)
