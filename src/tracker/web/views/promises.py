"""The ledger of promises, and how long each took: announced, due, done, first passage."""

import math
from collections import Counter
from dataclasses import dataclass

from tracker.model.dates import DAY, Instant
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import PledgeStatus
from tracker.queries.answers import PledgeAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.promises import promises
from tracker.state.instruments import PledgeStanding, pledges
from tracker.web.context import Look
from tracker.web.time_axis import Tick
from tracker.web.timeline import Timeline


@dataclass(frozen=True)
class Lag:
    """The life of a pledge, in percent of the plot, which begins where it was made."""

    pledge: PledgeAnswer
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
    labels: list[Tick]  # of the plot: how long after
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
    longest = max((_reach(look, each) for each in standings.values()), default=1.0)
    lags = sorted(each.lag_days for each in every if each.status == "fulfilled" and each.lag_days is not None)
    return Ledger(
        rows=[_lag(look.timeline, look.clocks, each, standings[each.pledge], longest) for each in reversed(chosen)],
        counts=dict(Counter(each.status.value for each in every)),
        parties=Counter(name for each in every for name in each.parties).most_common(12),
        labels=[Tick(_x(days, longest), text) for days, text in AFTER if days <= longest],
        party=party,
        status=status,
        median=lags[len(lags) // 2] if lags else None,
    )


AFTER = ((0, "0"), (30, "1 month"), (365, "1 year"), (731, "2"), (1461, "4"), (2922, "8"), (5844, "16"), (11688, "32"))


def _x(days: float, longest: float) -> float:
    """Percent of the plot: the root of the time, so that days and decades both have room."""
    return round(math.sqrt(min(max(days / longest, 0), 1)) * 100, 2)


def _reach(look: Look, standing: PledgeStanding) -> float:
    """How many days the plot needs for a pledge."""
    due = (standing.due.latest - look.timeline.view.row(standing.row).begins.latest) / DAY if standing.due else 0
    return max(due, standing.lag_days or 0, 1)


def _lag(timeline: Timeline, clocks: Clocks, pledge: PledgeAnswer, standing: PledgeStanding, longest: float) -> Lag:
    view = timeline.view
    made = view.row(standing.row).begins.latest

    def at(moment: Instant) -> float:
        return _x((moment - made) / DAY, longest)

    ended = view.row(standing.ended).begins.latest if standing.ended >= 0 else None
    passed = _first_passage(timeline, standing, made, clocks.as_of)
    return Lag(
        pledge=pledge,
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
