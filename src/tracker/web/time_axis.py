"""The horizontal axis of time: even, or with more room for crowded quarters."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

AXIS_UNITS = 10_000  # from the first day to the last
EPOCH = date(1970, 1, 1)
EMPTY_QUARTER, CROWDING = 0.35, 0.8  # the room of a quarter without events; how fast room grows with their number
MAX_DAYS_WITH_MONTHS = 3 * 366  # longer windows are labelled with years alone
LAST_LABEL = 97  # percent: a label further right would be cut off


@dataclass(frozen=True)
class TimeScale:
    """A rising, piecewise linear function from days since 1970 to units of the axis."""

    days: tuple[float, ...]
    units: tuple[float, ...]

    def x(self, day: float) -> float:
        """The place of a day; one before the first or after the last is at the edge."""
        number = min(max(bisect_right(self.days, day) - 1, 0), len(self.days) - 2)
        first, last = self.days[number], self.days[number + 1]
        share = min(max((day - first) / (last - first), 0), 1)
        return round(self.units[number] + share * (self.units[number + 1] - self.units[number]), 1)


@dataclass(frozen=True)
class Tick:
    """A label on an axis, in percent of its window."""

    at: float
    text: str


def scales(events: Sequence[float], first: int, last: int) -> dict[str, TimeScale]:
    """The dense and the even scale over the same days."""
    return {"dense": dense(events, first, last), "even": TimeScale((first, last), (0, AXIS_UNITS))}


def dense(events: Sequence[float], first: int, last: int) -> TimeScale:
    """A scale that gives each quarter room by the number of its events.

    Args: events, first and last in days since 1970.
    """
    edges = [day for day in _quarters(first, last) if first < day < last]
    days = [first, *edges, last]
    counts = [0] * (len(days) - 1)
    for event in events:
        counts[min(max(bisect_right(days, event) - 1, 0), len(counts) - 1)] += 1
    rooms = [EMPTY_QUARTER + count**CROWDING for count in counts]
    units, total = [0.0], sum(rooms)
    for room in rooms:
        units.append(units[-1] + room / total * AXIS_UNITS)
    return TimeScale(tuple(days), tuple(round(unit, 1) for unit in units))


def _quarters(first: int, last: int) -> list[int]:
    years = range(date_of(first).year, date_of(last).year + 1)
    return [day_of(date(year, month, 1)) for year in years for month in (1, 4, 7, 10)]


def day_of(day: date) -> int:
    """Days since 1970 of a date."""
    return (day - EPOCH).days


def date_of(day: float) -> date:
    """The date of a number of days since 1970."""
    return EPOCH + timedelta(days=int(day // 1))


def ticks(scale: TimeScale, begin: float, end: float, min_distance: float = 4.2) -> list[Tick]:
    """Labels for a window: years, and months where there is room; those that would touch are left out.

    Args: begin and end in days since 1970; min_distance between two labels, in percent of the window.
    """
    west, east = scale.x(begin), scale.x(end)
    width = max(east - west, 1e-9)
    placed: list[Tick] = []

    def place(day: date, text: str, distance: float) -> None:
        at = (scale.x(day_of(day)) - west) / width * 100
        if 0 <= at <= LAST_LABEL and all(abs(tick.at - at) >= distance for tick in placed):
            placed.append(Tick(round(at, 2), text))

    years = range(date_of(begin).year, date_of(end).year + 2)
    for year in years:
        place(date(year, 1, 1), str(year), min_distance)
    if end - begin < MAX_DAYS_WITH_MONTHS:
        for first in (date(year, month, 1) for year in years for month in range(2, 13)):
            place(first, first.isoformat()[:7], min_distance * 1.6)
    return sorted(placed, key=lambda tick: tick.at)
