"""Hours and seasons of assertions, in naive local time. Source: design §4, `when`, and §5, "Hours".

An expression of months, days and years alone is a season: its edges cut an assertion's period into tiles. One with
weekdays or times of day is hours, which cut nothing: they hold at an instant or not, over a day, in part or not at all.
The parser is imported when an expression is first evaluated: most records have none.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Any, NamedTuple

from tracker.model.dates import Edge, Instant, instant, moment
from tracker.timeline.assertion_table import split_value
from tracker.timeline.columns import Hold
from tracker.timeline.serialisation import Names

ONE_DAY = timedelta(days=1)
_OF_HOURS = re.compile(r"\b(Mo|Tu|We|Th|Fr|Sa|Su)\b|:", re.IGNORECASE)
_KEY = '"when":'


class Moment(NamedTuple):
    """The time that a question is about: an instant, or the whole of a day that closes at it."""

    at: Instant
    day: date | None = None


class Tile(NamedTuple):
    """A part of an assertion's period: in season, or off season."""

    begins: Edge
    ends: Edge
    hold: Hold


def expressions_in(values: Sequence[str]) -> dict[int, str]:
    """The hours and seasons of the values of assertions that have some, by the number of the value."""
    if isinstance(values, Names) and not values.mentions(_KEY):
        return {}
    with_key = ((number, split_value(text)[1]) for number, text in enumerate(values) if _KEY in text)
    return {number: content["when"] for number, content in with_key if "when" in content}


def is_season(text: str) -> bool:
    """Whether an expression names months, days and years alone."""
    return not _OF_HOURS.search(text)


def hold_over(text: str) -> Hold:
    """How an assertion with hours holds over a period, whichever it is."""
    start = datetime(1900, 1, 1)
    return Hold.WHOLE if _parsed(text).is_open(start) and _parsed(text).next_change(start) is None else Hold.IN_PART


def hold_at(text: str, tz: tzinfo, asked: Moment) -> Hold:
    """How an assertion with hours holds at an instant, or over a day."""
    hours = _parsed(text)
    if asked.day is None:
        return Hold.WHOLE if hours.is_open(_local(asked.at, tz)) else Hold.SILENT
    start = datetime.combine(asked.day, time())
    change = hours.next_change(start)
    if change is not None and change < start + ONE_DAY:
        return Hold.IN_PART
    return Hold.WHOLE if hours.is_open(start) else Hold.SILENT


def next_change(text: str, tz: tzinfo, at: Instant) -> Instant | None:
    """The first instant after a given one at which hours may begin or end, or clocks are changed; None: never."""
    local = _local(at, tz)
    change: datetime | None = _parsed(text).next_change(local)
    if change is None:
        return None
    then = instant(change.replace(tzinfo=tz))
    if moment(at, tz).utcoffset() == moment(then, tz).utcoffset() and then > at:
        return then
    early, late = at, max(then, at + 1)
    while late - early > 1:  # the clocks are changed in between
        middle = (early + late) // 2
        if moment(middle, tz).utcoffset() == moment(at, tz).utcoffset():
            early = middle
        else:
            late = middle
    return late


def tiles(text: str, tz: tzinfo, begins: Edge, ends: Edge, until: Instant) -> Iterator[Tile]:
    """Cut a period where its season begins and ends, up to an instant; the last tile goes on to the period's end."""
    start = _local(begins.latest, tz)
    stop = max(_local(min(ends.latest, until), tz), start + timedelta(microseconds=1))
    cuts = [(first, _in_season(state)) for first, _, state, _ in _parsed(text).intervals(start, stop)]
    edges = [begins, *(_edge(first, tz) for first, _ in cuts[1:]), ends]
    for (_, hold), first, last in zip(cuts, edges, edges[1:], strict=False):
        yield Tile(first, last, hold)


def _in_season(state: Any) -> Hold:
    return Hold.WHOLE if str(state) == "open" else Hold.SILENT


def _edge(local: datetime, tz: tzinfo) -> Edge:
    at = instant(local.replace(tzinfo=tz))
    return Edge(at, at)


def _local(at: Instant, tz: tzinfo) -> datetime:
    return moment(at, tz).replace(tzinfo=None)


@cache
def _parsed(text: str) -> Any:
    from opening_hours import OpeningHours

    return OpeningHours(text)
