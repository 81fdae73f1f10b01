"""Changes in a period: as a list, step by step in a replay, or as a series in time."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from tracker.model.dates import BEGINNING, FOREVER, Instant, moment
from tracker.model.names import display_name
from tracker.queries.about import about as concerns
from tracker.queries.about import ids_about, implied
from tracker.queries.change_answers import ChangeAnswer, PeriodChange, ReplayFrame, SeriesPoint
from tracker.queries.clocks import Clocks
from tracker.queries.existence import DOES_NOT_EXIST
from tracker.queries.history import StatusChange, all_status_changes, by_status
from tracker.queries.reasons import moment_text, titles
from tracker.queries.selection import Selection, Stateful, find_party, identity
from tracker.state.lanes import Lane
from tracker.state.record import Record, View

NOTHING_YET = "none"  # status of a measure or text before its first announcement


def changes(
    record: Record,
    clocks: Clocks,
    begin: Instant,
    end: Instant,
    selection: Selection,
    *,
    about: str | None = None,
    party: str | None = None,
) -> list[PeriodChange]:
    """List every change of lanes, measures and texts between two instants, both inclusive, by time.

    Args: about: only of this subject, or by a statement that concerns it; party: only by a statement of this party.
    Raises: UnknownSubject.
    """
    view = record.over_periods(clocks.known, clocks.as_of)
    subjects = ids_about(view, about) if about else None
    speaker = find_party(view.registry, party) if party else None
    return [
        change
        for _, change in _in_period(view, selection, begin, end)
        if (subjects is None or not subjects.isdisjoint(_concerned(view, change)))
        and (speaker is None or speaker in _speakers(view, change))
    ]


def _concerned(view: View, change: PeriodChange) -> Iterator[str]:
    yield from implied(view, change.subject)
    for key in change.announcements:
        yield from concerns(view, view.announcement(key))


def _speakers(view: View, change: PeriodChange) -> set[str]:
    return {speaker.party for key in change.announcements for speaker in view.announcement(key).by}


def replay(record: Record, clocks: Clocks, begin: Instant, end: Instant, selection: Selection,
           *, by_day: bool) -> Iterator[ReplayFrame]:  # fmt: skip
    """All changes between two instants, both inclusive, one frame for each day or instant.

    Raises: UnknownSubject.
    """
    view = record.over_periods(clocks.known, clocks.as_of)
    dated = _in_period(view, selection, begin, end)
    for step, group in groupby(dated, key=lambda item: moment(item[0], view.tz).date() if by_day else item[0]):
        at = step.isoformat() if not isinstance(step, int) else moment_text(view, step)
        yield ReplayFrame(at=at or "", events=tuple(change for _, change in group))


def _in_period(view: View, selection: Selection, begin: Instant, end: Instant) -> list[tuple[Instant, PeriodChange]]:
    found = [
        (change.at, change_answer)
        for subject, lane, lane_changes in all_status_changes(view, selection)
        for change, change_answer in _of_one(view, subject, lane, lane_changes)
        if begin <= change.at <= end
    ]
    return sorted(found, key=lambda item: item[0])


def _of_one(
    view: View, subject: Stateful, lane: Lane | None, changes: list[StatusChange]
) -> Iterator[tuple[StatusChange, PeriodChange]]:
    """Every change of a lane, measure or text; of a lane that begins or ends on record that, too."""
    for change, before in zip(changes, [None, *changes], strict=False):
        if change.at != BEGINNING:
            answer = _change(view, subject, lane, change, before)
            begins = before is None and lane is not None
            yield change, answer.model_copy(update={"before": DOES_NOT_EXIST}) if begins else answer
    if lane is not None and changes and lane.life.end < FOREVER:
        at = moment_text(view, lane.life.end)
        gone = ChangeAnswer(at=at, until=None, status=DOES_NOT_EXIST, reason="it exists no longer", announcements=())
        end = StatusChange(lane.life.end, gone)
        yield end, _change(view, subject, lane, end, changes[-1])


def _change(
    view: View, subject: Stateful, lane: Lane | None, change: StatusChange, before: StatusChange | None
) -> PeriodChange:
    return PeriodChange(
        at=change.change.at or moment_text(view, change.at) or "",
        **identity(subject, lane),
        name=display_name(view.registry, subject),
        before=before.change.status if before else None,
        after=change.change.status,
        otherwise_before=before.change.otherwise if before else None,
        otherwise_after=change.change.otherwise,
        but_for_before=before.change.but_for if before else (),
        but_for_after=change.change.but_for,
        amount_before=before.change.amount if before else None,
        amount_after=change.change.amount,
        titles=titles(view, change.change.announcements),
        reason=change.change.reason,
        announcements=change.change.announcements,
    )


def series(record: Record, clocks: Clocks, selection: Selection, begin: Instant | None = None) -> list[SeriesPoint]:
    """Every change of status between two instants after the status at the first one, by time, then subject and lane.

    Args: begin: by default the first announcement on the record; the end is the date asked about.
    Raises: UnknownSubject.
    """
    view = record.over_periods(clocks.known, clocks.as_of)
    first = next((version.order for version, _ in view.contents.values()), 0) if begin is None else begin
    points = [
        (at, number, point)
        for number, (subject, lane, changes) in enumerate(all_status_changes(view, selection))
        for at, point in _points(view, subject, lane, by_status(changes), first, clocks.as_of)
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
            severity=change.change.severity,
            announcements=change.change.announcements if change.at != BEGINNING else (),
        )
        yield at, point


class Statuses(NamedTuple):
    """A status, and that of the rest of the flow where only a part has it."""

    status: str
    otherwise: str | None

    def __str__(self) -> str:
        return self.status if self.otherwise is None else f"{self.status} (the rest {self.otherwise})"


class StatusSpan(NamedTuple):
    """A span of time with one status before and another after."""

    begin: Instant
    end: Instant  # exclusive
    before: Statuses
    after: Statuses
    reason: str  # for the status after


def differing(old: Sequence[StatusChange], new: Sequence[StatusChange]) -> Iterator[StatusSpan]:
    """The longest spans of time in which the statuses of two histories stay the same and differ."""
    cuts = sorted({BEGINNING, *(change.at for change in (*old, *new))})
    spans: list[StatusSpan] = []
    for begin, end in zip(cuts, [*cuts[1:], FOREVER], strict=True):
        before, after = _at(old, begin), _at(new, begin)
        span = StatusSpan(begin, end, _statuses(before), _statuses(after), after.reason if after else "")
        if span.before == span.after:
            continue
        last = spans[-1] if spans else None
        if last and last.end == begin and (last.before, last.after) == (span.before, span.after):
            spans[-1] = last._replace(end=end)
        else:
            spans.append(span)
    yield from spans


def _at(changes: Sequence[StatusChange], at: Instant) -> ChangeAnswer | None:
    return next((change.change for change in reversed(changes) if change.at <= at), None)


def _statuses(change: ChangeAnswer | None) -> Statuses:
    return Statuses(change.status, change.otherwise) if change else Statuses(NOTHING_YET, None)
