"""The ledger of promises, and how long each took: announced, due, done, first passage."""

from collections import Counter
from dataclasses import dataclass

from tracker.model.dates import Instant
from tracker.model.problem import BadRequest
from tracker.model.vocabulary import PledgeStatus
from tracker.queries.answers import PledgeAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.promises import promises
from tracker.state.pledges import PledgeStanding, pledges
from tracker.web.desk import Look
from tracker.web.scale import Tick, ticks
from tracker.web.timeline import Timeline, local_day


@dataclass(frozen=True)
class Lag:
    """The life of a pledge, in percent of the plot."""

    pledge: PledgeAnswer
    made: float
    until: float  # its end, or the date asked about
    due: float | None
    done: float | None
    passed: float | None  # the first passage seen where it was promised, afterwards
    passed_on: str | None


@dataclass(frozen=True)
class Ledger:
    """What the page's template needs."""

    rows: list[Lag]
    counts: dict[str, int]
    parties: list[tuple[str, int]]
    labels: list[Tick]
    party: str | None
    status: str | None
    median: int | None  # days from a promise to its fulfilment


def ledger(look: Look, party: str | None, status: str | None) -> Ledger:
    """Every pledge made by the date.

    Raises: BadRequest.
    """
    if status is not None and status not in set(PledgeStatus):
        raise BadRequest(f"status {status!r} is not known: write one of {', '.join(PledgeStatus)}")
    every = promises(look.tracker.record, look.clocks)
    chosen = promises(look.tracker.record, look.clocks, party, PledgeStatus(status) if status else None)
    standings = {each.pledge.pledge: each for each in pledges(look.timeline.view, look.clocks.as_of)}
    low, high = _span(look, standings)
    lags = sorted(each.lag_days for each in every if each.status == "fulfilled" and each.lag_days is not None)
    return Ledger(
        rows=[_lag(look.timeline, look.clocks, each, standings[each.pledge], low, high) for each in reversed(chosen)],
        counts=dict(Counter(each.status.value for each in every)),
        parties=Counter(name for each in every for name in each.parties).most_common(12),
        labels=ticks(look.timeline.scales["even"], low, high, 7),
        party=party,
        status=status,
        median=lags[len(lags) // 2] if lags else None,
    )


def _span(look: Look, standings: dict[str, PledgeStanding]) -> tuple[float, float]:
    """From the first pledge to the date asked about, or the last due date within the slider's reach."""
    view, tz = look.timeline.view, look.timeline.tz
    made = [local_day(view.row(each.row).begins.latest, tz) for each in standings.values()]
    due = [local_day(each.due.latest, tz) for each in standings.values() if each.due]
    here = local_day(look.clocks.as_of, tz)
    low, high = look.timeline.span
    return max(low, min([*made, here]) - 60), min(high, max([*due, here]) + 60)


def _lag(
    timeline: Timeline, clocks: Clocks, pledge: PledgeAnswer, standing: PledgeStanding, low: float, high: float
) -> Lag:
    view = timeline.view

    def at(moment: Instant) -> float:
        day = local_day(moment, timeline.tz)
        return round(min(max((day - low) / (high - low), 0), 1) * 100, 2)

    made = view.row(standing.row).begins.latest
    ended = view.row(standing.ended).begins.latest if standing.ended >= 0 else None
    passed = _first_passage(timeline, standing, made, clocks.as_of)
    return Lag(
        pledge=pledge,
        made=at(made),
        until=at(ended if ended is not None else clocks.as_of),
        due=at(standing.due.latest) if standing.due else None,
        done=at(ended) if ended is not None else None,
        passed=at(passed) if passed is not None else None,
        passed_on=timeline.day_text(passed) if passed is not None else None,
    )


def _first_passage(timeline: Timeline, standing: PledgeStanding, made: Instant, until: Instant) -> Instant | None:
    modes = standing.pledge.modes
    seen = (
        each.on.latest
        for place in standing.pledge.at
        for track in timeline.tracks.get(place, ())
        if track.lane and (modes is None or track.lane.mode in modes)
        for each in track.passed
        if not each.effect.none and made <= each.on.latest <= until
    )
    return min(seen, default=None)
