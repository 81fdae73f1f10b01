"""The ledger of pledges, and how long each took: announced, due, done, first passage."""

import math
from collections import Counter
from dataclasses import dataclass

from tracker.model.dates import DAY, Instant
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import PledgeStatus
from tracker.queries.answers import PledgeAnswer
from tracker.queries.promises import promises
from tracker.state.instruments import PledgeStanding, pledges
from tracker.web.context import PageContext
from tracker.web.time_axis import Tick
from tracker.web.timeline import Timeline

MAX_PARTIES = 12  # offered as a filter
PLOT_LABELS = (
    (0, "0"), (30, "1 month"), (365, "1 year"), (731, "2"), (1461, "4"), (2922, "8"), (5844, "16"), (11688, "32"),
)  # fmt: skip  # days after the announcement


@dataclass(frozen=True)
class PledgeLag:
    """The life of a pledge, in percent of the plot, which begins where it was made."""

    pledge: PledgeAnswer
    until: float  # its end, or the date asked about
    due: float | None
    done: float | None
    passed: float | None  # the first passage seen afterwards where it was promised
    passed_on: str | None


@dataclass(frozen=True)
class PledgeLedger:
    """The variables of the page's template."""

    rows: list[PledgeLag]
    counts: dict[str, int]  # by status
    parties: list[tuple[str, int]]
    labels: list[Tick]  # of the plot
    party: str | None
    status: str | None
    median: int | None  # days from a promise to its fulfilment


def pledge_ledger(context: PageContext, party: str | None, status: str | None) -> PledgeLedger:
    """The pledges made by the date, of a party and with a status if these are given.

    Raises: BadRequest.
    """
    if status is not None and status not in set(PledgeStatus):
        raise BadRequest(f"status {status!r} is not known: write one of {', '.join(PledgeStatus)}")
    record, clocks, timeline = context.tracker.record, context.clocks, context.timeline
    every = promises(record, clocks)
    chosen = promises(record, clocks, party, PledgeStatus(status) if status else None)
    standings = {standing.pledge.pledge: standing for standing in pledges(timeline.view, clocks.as_of)}
    longest = max((_reach(timeline, standing) for standing in standings.values()), default=1.0)
    lags = sorted(pledge.lag_days for pledge in every if pledge.status == "fulfilled" and pledge.lag_days is not None)
    return PledgeLedger(
        rows=[_lag(timeline, clocks.as_of, pledge, standings[pledge.pledge], longest) for pledge in reversed(chosen)],
        counts=dict(Counter(pledge.status.value for pledge in every)),
        parties=Counter(name for pledge in every for name in pledge.parties).most_common(MAX_PARTIES),
        labels=[Tick(_x(days, longest), text) for days, text in PLOT_LABELS if days <= longest],
        party=party,
        status=status,
        median=lags[len(lags) // 2] if lags else None,
    )


def _x(days: float, longest: float) -> float:
    """The place of a time in percent of the plot: by its root, so that days and decades both have room."""
    return round(math.sqrt(min(max(days / longest, 0), 1)) * 100, 2)


def _reach(timeline: Timeline, standing: PledgeStanding) -> float:
    """How many days the plot needs for a pledge."""
    due = (standing.due.latest - timeline.view.row(standing.row).begins.latest) / DAY if standing.due else 0
    return max(due, standing.lag_days or 0, 1)


def _lag(
    timeline: Timeline, as_of: Instant, pledge: PledgeAnswer, standing: PledgeStanding, longest: float
) -> PledgeLag:
    view = timeline.view
    made = view.row(standing.row).begins.latest

    def x(at: Instant) -> float:
        return _x((at - made) / DAY, longest)

    ended = view.row(standing.ended).begins.latest if standing.ended >= 0 else None
    passed = _first_passage(timeline, standing, made, as_of)
    return PledgeLag(
        pledge=pledge,
        until=x(ended if ended is not None else as_of),
        due=x(standing.due.latest) if standing.due else None,
        done=x(ended) if ended is not None else None,
        passed=x(passed) if passed is not None else None,
        passed_on=timeline.day_text(passed) if passed is not None else None,
    )


def _first_passage(timeline: Timeline, standing: PledgeStanding, made: Instant, until: Instant) -> Instant | None:
    modes = standing.pledge.modes
    seen = (
        passage.on.latest
        for place in standing.pledge.at
        for track in timeline.tracks.get(place, ())
        if track.lane and (modes is None or track.lane.mode in modes)
        for passage in track.passages
        if not passage.effect.none and made <= passage.on.latest <= until
    )
    return min(seen, default=None)
