"""Warnings about a record: statements that contradict others, or have no influence on any state."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from tracker.model.announcement import Announcement
from tracker.model.dataset import NO_ID
from tracker.model.dates import ABOUT, DAY, Edge, Instant, instant, moment, starts
from tracker.model.effects import Extend, Passage
from tracker.model.errors import Location, Problem, Severity
from tracker.model.registry import Border, Corridor, Crossing, Measure
from tracker.model.vocabulary import ENDED_STAGES, MeasureState
from tracker.queries.clocks import end_of_cover
from tracker.queries.lost_targets import lost_targets
from tracker.queries.measure_warnings import warned_of, written
from tracker.queries.reasons import day
from tracker.state.ended_parties import ends_with_party
from tracker.state.force import is_over
from tracker.state.instruments import instrument_standing
from tracker.state.measures import state_of
from tracker.state.passed import paths_passed
from tracker.state.record import Record, View
from tracker.state.tracks import runs
from tracker.timeline.assertions import Assertion, measure_track

Locate = Callable[[str, int], Location]  # of the effect of an announcement, by its number from 0
LONGEST_DOUBT = ABOUT.days * DAY  # of sources about a day to come


class Remark(NamedTuple):
    """A warning or a note about an effect."""

    announcement: str
    number: int  # of the effect, from 0
    message: str
    severity: Severity = Severity.WARNING

    @classmethod
    def on(cls, assertion: Assertion, message: str, severity: Severity = Severity.WARNING) -> "Remark":
        return cls(assertion.announcement, assertion.index, message, severity)


def warnings(record: Record, now: datetime, dataset: Location, locate: Locate) -> list[Problem]:
    """List what a coder should check again, and notes; a dataset with them can still be loaded.

    Args: now: what is announced for later has not happened yet; dataset: the place of its table.
    """
    view = record.view
    measures = view.registry.measures
    remarks = remarks_on(view, measures.values(), view.contents, now)
    return [
        *_about_the_dataset(view, now, dataset, locate),
        *(
            _warning(Location(""), f"measure {name} is never announced: add its announcement")
            for name in measures
            if view.track(measure_track(name)) < 0
        ),
        *(Problem(locate(one.announcement, one.number), one.message, one.severity) for one in remarks),
    ]


def remarks_on(view: View, measures: Iterable[Measure], statements: Iterable[str], now: datetime) -> Iterator[Remark]:
    """Remarks on what was said of measures, and on what else some announcements say."""
    for measure in measures:
        yield from _about_measure(view, measure, instant(now))
    for name in statements:
        version = view.version(name)
        if version is not None and version.content is not None:
            yield from _about_statement(view, version.order, version.content)
            yield from (Remark(name, number, text) for number, text in lost_targets(view, version.content))


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


def _about_measure(view: View, measure: Measure, now: Instant) -> Iterator[Remark]:
    track = view.track(measure_track(measure.id))
    for row, text in warned_of(view, measure):
        yield Remark.on(view.row(row), text)
    if track >= 0:
        yield from _lapses(view, measure, track, now)
        yield from _basis_ended(view, measure, track, now)


def _lapses(view: View, measure: Measure, track: int, now: Instant) -> Iterator[Remark]:
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
            if ends_with_party(view.registry, measure, last.ends.latest):
                text = f"{measure.id} ran out with {measure.authority}, which ended {day(view, last.ends)}"
                advice = "say who took it over, by a measure of that party; until then its state is unknown"
            yield Remark.on(last, f"{text}: {advice}")
        elif isinstance(written(view, following := view.row(after.row)), Extend):
            begins = moment(after.at, view.tz).date()
            message = f"extends {measure.id}, which ran out {day(view, last.ends)}: until {begins} its state is unknown"
            yield Remark.on(following, message, Severity.NOTE)
        else:
            until = moment(after.at, view.tz).date()
            message = f"{text} until {until}: its state between them is unknown"
            yield Remark.on(last, message, Severity.NOTE)


def _basis_ended(view: View, measure: Measure, track: int, now: Instant) -> Iterator[Remark]:
    """A measure that stands under a text which has ended, where no statement on the measure came since."""
    text = None if measure.under is None else view.registry.instruments.get(measure.under)
    standing = None if text is None else instrument_standing(view, text, now).overall
    if text is None or standing is None or standing.stage not in ENDED_STAGES:
        return
    ended, row = view.row(standing.row), view.course(track).winner(now)
    if row >= 0 and state_of(view, row) is MeasureState.IN_FORCE and view.row(row).order < ended.order:
        message = (
            f"{text.id} is {standing.stage}, and {measure.id}, under it, is in force without a word on it since: "
            'write what became of it (`lift`), or that it stands (`impose` with basis = "reported")'
        )
        yield Remark.on(ended, message)


def _about_statement(view: View, order: Instant, content: Announcement) -> Iterator[Remark]:
    for number, effect in enumerate(content.effect):
        when = getattr(effect, "starts", None) or getattr(effect, "on", None)
        if when is not None and _is_target(starts(when, view.tz), order):
            text = (
                f"a range is for a day on which sources differ, and {when} is a target: write a `pledge` with `due`, "
                'or the effect with `from_event = "a date to be set"`'
            )
            yield Remark(content.id, number, text)
        if isinstance(effect, Passage) and not effect.none and _goes_either_way(view, effect):
            text = "nothing tells the direction of this passage, so it counts for both"
            if effect.note:
                yield Remark(content.id, number, f"{text}; its note says why", Severity.NOTE)
            else:
                advice = "give `direction`, or `origin` or `destination`, or a `note` that no source tells it"
                yield Remark(content.id, number, f"{text}: {advice}")


def _is_target(begins: Edge, announced: Instant) -> bool:
    """Whether a start is set within weeks or months to come: an aim, and no date."""
    return begins.earliest > announced and begins.latest - begins.earliest > LONGEST_DOUBT


def _goes_either_way(view: View, effect: Passage) -> bool:
    place = view.registry.places.get(effect.at)
    return isinstance(place, Border | Crossing | Corridor) and len(paths_passed(view.registry, place, effect)) > 1


def _warning(location: Location, text: str) -> Problem:
    return Problem(location, text, Severity.WARNING)
