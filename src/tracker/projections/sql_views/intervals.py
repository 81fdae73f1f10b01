"""Intervals of the states of lanes, measures, texts and pledges, as rows, with everything known. Pure.

Each function gives the rows of a view, be it of the whole record or of a few of its tracks.
"""

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from tracker.model.dates import FOREVER, Edge, Instant
from tracker.model.registry import Border, Corridor, Crossing, Registry
from tracker.state.instruments import PledgeStanding, pledges, stage_at
from tracker.state.lanes import Lane, lanes, places_of
from tracker.state.measures import level_of, measure_runs, state_of
from tracker.state.record import View
from tracker.state.status import SEVERITY, STATUSES
from tracker.state.sweep import Mark
from tracker.state.tally import Runs
from tracker.state.tracks import before_runs, maker, runs
from tracker.timeline.assertions import measure_track, stage_track


class StatusRow(NamedTuple):
    """A status of a lane, or the stage of a text."""

    subject: str
    kind: str
    mode: str | None
    traffic: str | None
    direction: str | None
    status: str
    severity: int | None
    valid_from: Instant
    valid_to: Instant | None
    uncertain: bool
    announcement: str | None


class MeasureRow(NamedTuple):
    """A state of a measure."""

    measure: str
    title: str
    authority: str
    kind: str
    places: str
    state: str
    level: str | None
    limits: str | None
    valid_from: Instant
    valid_to: Instant | None
    uncertain: bool
    announcement: str


class PledgeRow(NamedTuple):
    """A pledge, and how it ended."""

    pledge: str
    kind: str
    parties: str
    places: str
    text: str
    announced: Instant
    announcement: str
    due: Instant | None
    outcome: str
    ended: Instant | None
    ended_by: str | None
    lag_days: int | None


class KindOfLane(NamedTuple):
    """A lane, and what kind of subject it is of."""

    kind: str
    lane: Lane


def all_lanes(registry: Registry, spoken_of: Container[str] | None = None) -> Iterator[KindOfLane]:
    """Every lane of every subject that has some.

    Args: spoken_of: only of subjects with one of these places on their way, in lower case.
    """
    subjects: Iterator[Border | Crossing | Corridor] = (
        subject for table in (registry.borders, registry.crossings, registry.corridors) for subject in table.values()
    )
    for subject in subjects:
        if spoken_of is None or any(place.lower() in spoken_of for place in places_of(registry, subject)):
            yield from (KindOfLane(subject.type.value, lane) for lane in lanes(registry, subject))


def lane_rows(of: KindOfLane, statuses: Runs, marks: Sequence[Mark]) -> Iterator[StatusRow]:
    """Each status of a lane."""
    kind, lane = of
    begins = statuses.instant.tolist()
    for at, until, code, mark in zip(begins, [*begins[1:], None], statuses.status.tolist(), marks, strict=True):
        status = STATUSES[code]
        yield StatusRow(
            lane.subject, kind, lane.mode.value, lane.traffic.value, lane.direction, status.value, SEVERITY[status],
            at, until, mark.uncertain, mark.announcement,
        )  # fmt: skip


def stage_rows(view: View) -> Iterator[StatusRow]:
    """Each stage of each text."""
    for instrument in view.registry.instruments.values():
        track = view.track(stage_track(instrument.id))
        for at, row, until, made in _runs(view, track, runs(view, track) if track >= 0 else ()):
            yield StatusRow(
                instrument.id, instrument.type.value, None, None, None, stage_at(view, row) or "none", None,
                at, until, row >= 0 and _uncertain(view.begins(row)), made,
            )  # fmt: skip


def measure_rows(view: View) -> Iterator[MeasureRow]:
    """Each state of each measure."""
    for measure in view.registry.measures.values():
        places = " ".join(measure.scope.at)
        for at, row, until, made in _runs(view, view.track(measure_track(measure.id)), measure_runs(view, measure)):
            level, limits = level_of(view, measure, row)
            yield MeasureRow(
                measure.id, measure.title, measure.authority, measure.kind.value, places,
                state_of(view, row).value if row >= 0 else "lapsed", level.value if level else None,
                "; ".join(limits) or None, at, until, row >= 0 and _uncertain(view.begins(row)), made,
            )  # fmt: skip


def _runs(
    view: View, track: int, changes: Sequence[tuple[Instant, int]]
) -> Iterator[tuple[Instant, int, Instant | None, str]]:
    """Each change of the row that decides: when, the row, until when, and the announcement that made it."""
    if track < 0:
        return
    before = before_runs(view, track, changes)
    for (at, row), following in zip(changes, [*changes[1:], None], strict=True):
        made = view.assertions.announced_in(maker(view, before, row, at))
        yield at, row, following[0] if following else None, made
        before = row


def pledge_rows(view: View) -> Iterator[PledgeRow]:
    """Each pledge."""
    for standing in pledges(view, FOREVER - 1):
        yield _pledge(view, standing)


def _pledge(view: View, standing: PledgeStanding) -> PledgeRow:
    pledge, ended = standing.pledge, standing.ended if standing.ended >= 0 else None
    return PledgeRow(
        pledge=pledge.pledge,
        kind=pledge.kind.value,
        parties=" ".join(pledge.parties),
        places=" ".join(pledge.at),
        text=pledge.text,
        announced=view.begins(standing.row).latest,
        announcement=view.assertions.announced_in(standing.row),
        due=standing.due.latest if standing.due else None,
        outcome="open" if ended is None else standing.status.value,
        ended=None if ended is None else view.begins(ended).latest,
        ended_by=None if ended is None else view.assertions.announced_in(ended),
        lag_days=None if ended is None else standing.lag_days,
    )


def _uncertain(edge: Edge) -> bool:
    return edge.earliest != edge.latest
