"""Intervals of the states of lanes, measures, texts and pledges, as rows, with everything known. Pure.

Each function gives the rows of a view, be it of the whole record or of a few of its tracks.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple, TypeVar

from tracker.model.dates import FOREVER, Edge, Instant
from tracker.model.registry import Border, Corridor, Crossing, Registry
from tracker.state.beside import Beside, kind_beside
from tracker.state.causal_runs import CausalRuns
from tracker.state.decision_changes import MEASURE_SHIFT
from tracker.state.instruments import PledgeStanding, pledges, stage_at
from tracker.state.lanes import Lane, bearing_on, lanes
from tracker.state.measures import MeasureRun, exemption_of_row, level_of, measure_runs, state_of_run
from tracker.state.record import View
from tracker.state.status import STATUSES
from tracker.state.sweep import Mark
from tracker.state.tally import UNSET
from tracker.state.tracks import Run, amount_of, runs
from tracker.timeline.assertions import stage_track

R = TypeVar("R", Run, MeasureRun)


class StatusRow(NamedTuple):
    """A status of a lane while the same decides it, or the stage of a text."""

    subject: str
    kind: str
    mode: str | None
    traffic: str | None
    direction: str | None
    status: str
    severity: int | None
    otherwise: str | None
    valid_from: Instant
    valid_to: Instant | None
    uncertain: bool
    cause_measure: str | None  # of the decisive cause of a lane; none where it is another's silence, or no measure
    exceptions: str | None  # restrictions beside a lane's status at some time of it, separated by spaces
    formalities: str | None  # as exceptions
    exposure: str | None
    announcement: str | None  # that made the change


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
    amount: str | None
    unit: str | None
    hours: str | None  # as written
    exemptions: str | None  # ids of those that run, separated by spaces
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
        if spoken_of is None or any(place.lower() in spoken_of for place in bearing_on(registry, subject)):
            yield from (KindOfLane(subject.type.value, lane) for lane in lanes(registry, subject))


def lane_rows(
    of: KindOfLane, runs: CausalRuns, marks: Sequence[Mark], registry: Registry, measures: Mapping[int, str]
) -> Iterator[StatusRow]:
    """Each status of a lane while the same decides it.

    Args: measures: ids, by the number of their names.
    """
    kind, lane = of
    begins = runs.instant.tolist()
    ends, causes = [*begins[1:], None if lane.life.end >= FOREVER else lane.life.end], runs.cause.tolist()
    codes = zip(runs.status.tolist(), runs.severity.tolist(), runs.otherwise.tolist(), strict=True)
    for at, until, (status, severity, rest), cause, beside, mark in zip(
        begins, ends[: len(begins)], codes, causes, runs.beside, marks, strict=True
    ):
        named = {kind: list[str]() for kind in Beside}
        for measure in sorted({measures[number >> MEASURE_SHIFT] for number in beside}):
            named[kind_beside(registry.measures[measure])].append(measure)
        exceptions, formalities, exposure = (" ".join(named[kind]) or None for kind in Beside)
        yield StatusRow(
            lane.subject, kind, lane.mode.value, lane.traffic.value, lane.direction, STATUSES[status].value,
            severity, None if rest == UNSET else STATUSES[rest].value, at, until, mark.uncertain,
            measures[cause >> MEASURE_SHIFT] if cause else None, exceptions, formalities,
            exposure, mark.announcement,
        )  # fmt: skip


def stage_rows(view: View) -> Iterator[StatusRow]:
    """Each stage of each text."""
    for instrument in view.registry.instruments.values():
        track = view.track(stage_track(instrument.id))
        for at, run, until, made in _runs(view, runs(view, track) if track >= 0 else ()):
            row = run.row
            yield StatusRow(
                instrument.id, instrument.type.value, None, None, None, stage_at(view, row) or "none", None, None,
                at, until, row >= 0 and _uncertain(view.begins(row)), None, None, None, None, made,
            )  # fmt: skip


def measure_rows(view: View) -> Iterator[MeasureRow]:
    """Each state of each measure."""
    for measure in view.registry.measures.values():
        places = " ".join(measure.scope.at)
        for at, run, until, made in _runs(view, measure_runs(view, measure)):
            row = run.row
            level, limits = level_of(view, measure, row)
            own = view.said(run.own) if run.own >= 0 else None
            exemptions = " ".join(sorted(exemption_of_row(view, one) for one in run.exemptions))
            yield MeasureRow(
                measure.id, measure.title, measure.authority, measure.kind.value, places,
                state_of_run(view, measure, run).value, level.value if level else None,
                "; ".join(limits) or None, amount_of(own) if own else None, measure.unit,
                getattr(own, "when", None), exemptions or None, at, until,
                row >= 0 and _uncertain(view.begins(row)), made,
            )  # fmt: skip


def _runs(view: View, found: Sequence[R]) -> Iterator[tuple[Instant, R, Instant | None, str]]:
    """Each run: when, what decides it, until when, and the announcement that made it."""
    for run, following in zip_longest(found, found[1:]):
        yield run.at, run, following.at if following else None, view.assertions.announced_in(run.made[0])


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
