"""What held from when to when, as rows: lanes, measures, texts and pledges, with everything known. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tracker.model.dates import BEGINNING, FOREVER, Edge, Instant, moment
from tracker.model.registry import Instrument, Measure
from tracker.state.instruments import stage_at
from tracker.state.making import made_by
from tracker.state.measures import level_of, state_of
from tracker.state.paths import lanes
from tracker.state.pledges import PledgeStanding, pledges
from tracker.state.record import View
from tracker.state.severity import SEVERITY
from tracker.state.status import LaneHistory, lane_history
from tracker.state.track import maker, runs
from tracker.timeline.assertions import measure_track, stage_track

Row = dict[str, Any]


def status_rows(view: View) -> Iterator[Row]:
    """Each status of each lane, and each stage of each text."""
    for subject in view.registry.with_state.values():
        common = {"subject": subject.id, "kind": subject.type.value}
        match subject:
            case Measure():
                pass
            case Instrument():
                yield from ({**common, **row} for row in _stages(view, subject))
            case _:
                for lane in lanes(view.registry, subject):
                    named = {"mode": lane.mode.value, "traffic": lane.traffic.value, "direction": lane.direction}
                    yield from ({**common, **named, **row} for row in _statuses(lane_history(view, lane)))


def _statuses(history: LaneHistory) -> Iterator[Row]:
    numbers = history.runs()
    for number, following in zip(numbers, [*numbers[1:], None], strict=True):
        status, made = history.status(number), made_by(history, number)
        yield {
            "status": status.value,
            "severity": SEVERITY[status],
            **_span(history.points[number], None if following is None else history.points[following]),
            "uncertain": _uncertain(history.edge(number)),
            "announcement": made[0] if made else None,
        }


def _stages(view: View, instrument: Instrument) -> Iterator[Row]:
    track = view.track(stage_track(instrument.id))
    for at, row, until, made in _runs(view, track):
        yield {
            "mode": None, "traffic": None, "direction": None,
            "status": stage_at(view, row) or "none", "severity": None, **_span(at, until),
            "uncertain": row >= 0 and _uncertain(view.row(row).begins), "announcement": made,
        }  # fmt: skip


def measure_rows(view: View) -> Iterator[Row]:
    """Each state of each measure."""
    for measure in view.registry.measures.values():
        for at, row, until, made in _runs(view, view.track(measure_track(measure.id))):
            level, limits = level_of(view, measure, row)
            yield {
                "measure": measure.id,
                "title": measure.title,
                "authority": measure.authority,
                "kind": measure.kind.value,
                "places": " ".join(measure.scope.at),
                "state": state_of(view, row).value if row >= 0 else "lapsed",
                "level": level.value if level else None,
                "limits": "; ".join(limits) or None,
                **_span(at, until),
                "uncertain": row >= 0 and _uncertain(view.row(row).begins),
                "announcement": made,
            }


def _runs(view: View, track: int) -> Iterator[tuple[Instant, int, Instant | None, str]]:
    """Each change of what decides a track: when, the row, until when, and the announcement that made it."""
    if track < 0:
        return
    found, before = runs(view, track), -1
    for (at, row), following in zip(found, [*found[1:], None], strict=True):
        made = view.row(maker(view, before, row, at)).announcement
        yield at, row, following[0] if following else None, made
        before = row


def pledge_rows(view: View) -> Iterator[Row]:
    """Each pledge, and what became of it in the end."""
    for standing in pledges(view, FOREVER - 1):
        yield _pledge(view, standing)


def _pledge(view: View, standing: PledgeStanding) -> Row:
    made, pledge = view.row(standing.row), standing.pledge
    ended = view.row(standing.ended) if standing.ended >= 0 else None
    return {
        "pledge": pledge.pledge,
        "kind": pledge.kind.value,
        "parties": " ".join(pledge.parties),
        "places": " ".join(pledge.at),
        "text": pledge.text,
        "announced": when(made.begins.latest),
        "announcement": made.announcement,
        "due": when(standing.due.latest) if standing.due else None,
        "outcome": standing.status.value if ended else "open",
        "ended": when(ended.begins.latest) if ended else None,
        "ended_by": ended.announcement if ended else None,
        "lag_days": standing.lag_days if ended else None,
    }


def _span(at: Instant, until: Instant | None) -> Row:
    return {"valid_from": when(at), "valid_to": None if until is None else when(until)}


def _uncertain(edge: Edge | None) -> bool:
    return edge is not None and edge.earliest != edge.latest


def when(at: Instant) -> datetime | None:
    """An instant for a column; none for the beginning of time and for ever."""
    return moment(at, UTC) if BEGINNING < at < FOREVER else None
