"""Where something is promised and not yet done."""

from dataclasses import dataclass

from tracker.model.dates import FOREVER
from tracker.queries.answers import PledgeAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.promises import promises
from tracker.state.instruments import pledges
from tracker.web.timeline import Timeline, local_day


@dataclass(frozen=True)
class Span:
    """The life of a pledge, in days."""

    pledge: str
    at: tuple[str, ...]
    begin: float
    end: float  # far away while it is open


def spans(timeline: Timeline) -> list[Span]:
    """Every pledge, while it was open."""
    return timeline.kept("spans", lambda: _spans(timeline))


def _spans(timeline: Timeline) -> list[Span]:
    view, found = timeline.view, []
    for each in pledges(view, FOREVER - 1):
        begin = view.row(each.row).begins.latest
        end = view.row(each.ended).begins.latest if each.ended >= 0 else FOREVER
        days = local_day(begin, timeline.tz), local_day(end, timeline.tz)
        found.append(Span(each.pledge.pledge, each.pledge.at, *days))
    return found


def ledger(timeline: Timeline, clocks: Clocks) -> list[PledgeAnswer]:
    """Every pledge made by a date, with what became of it by then."""
    return promises(timeline.record, clocks)
