"""What a record says against itself: the warnings that take the rule of time."""

from collections.abc import Callable, Iterator

from tracker.model.dates import moment
from tracker.model.effects import Ease, Lift, Passage, Revoke
from tracker.model.errors import Location, Problem, Severity
from tracker.model.registry import Measure
from tracker.model.vocabulary import MeasureState
from tracker.queries.reasons import day
from tracker.state.measures import state_of
from tracker.state.record import Record, View
from tracker.state.tracks import runs
from tracker.timeline.assertions import measure_track
from tracker.timeline.track_history import run_out

Where = Callable[[str, int], Location]  # of the effect of an announcement, by its number from 0


def warnings(record: Record, where: Where) -> list[Problem]:
    """What a coder should look at again; none of it keeps a dataset from being loaded."""
    view = record.view
    found: list[Problem] = []
    for measure in view.registry.measures.values():
        track = view.track(measure_track(measure.id))
        if track < 0:
            found.append(_warning(Location(""), f"measure {measure.id} is never announced: add its announcement"))
            continue
        found += [_warning(where(*at), text) for at, text in _of_measure(view, measure, track)]
    for row, effect in view.passages:
        if not _has_direction(effect):
            assertion = view.row(row)
            text = "passage has no direction, so it counts for no lane: give `direction`, or `origin` and `destination`"
            found.append(_warning(where(assertion.announcement, assertion.index), text))
    return found


def _warning(location: Location, text: str) -> Problem:
    return Problem(location, text, Severity.WARNING)


def _has_direction(effect: Passage) -> bool:
    return effect.none or effect.direction is not None or bool(effect.origin and effect.destination)


def _of_measure(view: View, measure: Measure, track: int) -> Iterator[tuple[tuple[str, int], str]]:
    course = view.course(track)
    for row in course.rows:
        assertion = view.row(row)
        at = (assertion.announcement, assertion.index)
        before = course.winner(assertion.begins.latest - 1)
        standing = state_of(view, before) if before >= 0 else None
        lapsed = run_out(course.at(assertion.begins.latest - 1)) >= 0  # then a lift settles it
        idle = standing is MeasureState.LIFTED or (standing is None and not lapsed)
        if isinstance(assertion.effect, Lift | Revoke | Ease) and idle:
            verb = {Lift: "lifts", Revoke: "revokes", Ease: "eases"}[type(assertion.effect)]
            yield at, f"{verb} {measure.id}, which is not in force just before {day(view, assertion.begins)}"
        for later in course.rows:
            other = view.row(later)
            hidden = other.begins.latest <= assertion.begins.latest < other.ends.latest
            if later > row and assertion.begins.earliest > other.order and hidden:
                text = f"the change of {measure.id} scheduled for {day(view, assertion.begins)} is covered by"
                yield at, f"{text} {other.announcement}, announced later"
    for (at_instant, row), (_, before) in zip(runs(view, track), [(0, -1), *runs(view, track)], strict=False):
        if row < 0 <= before:
            last = view.row(before)
            text = f"{measure.id} ran out {day(view, last.ends)} with no decision on record until"
            after = next((each for each, decides in runs(view, track) if each > at_instant and decides >= 0), None)
            ending = moment(after, view.tz).date().isoformat() if after is not None else "today"
            yield (last.announcement, last.index), f"{text} {ending}: its state there is unknown"
