"""How time is laid out from left to right: evenly, or with room for crowded years."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

ACROSS = 10_000  # units from the first day to the last
EPOCH = date(1970, 1, 1)
EMPTY_QUARTER, CROWDING = 0.35, 0.8  # the room of a quarter with nothing; how fast room grows with events


@dataclass(frozen=True)
class Scale:
    """A rising, piecewise straight line from days since 1970 to units."""

    days: tuple[float, ...]
    units: tuple[float, ...]

    def x(self, day: float) -> float:
        """The place of a day; what is before the first or after the last stands at the edge."""
        number = min(max(bisect_right(self.days, day) - 1, 0), len(self.days) - 2)
        first, last = self.days[number], self.days[number + 1]
        share = min(max((day - first) / (last - first), 0), 1)
        return round(self.units[number] + share * (self.units[number + 1] - self.units[number]), 1)


@dataclass(frozen=True)
class Tick:
    """A label on the axis, in percent of a window."""

    at: float
    text: str


def scales(events: Sequence[float], first: int, last: int) -> dict[str, Scale]:
    """Both scales over the same days."""
    return {"dense": dense(events, first, last), "even": Scale((first, last), (0, ACROSS))}


def dense(events: Sequence[float], first: int, last: int) -> Scale:
    """A scale that gives each quarter room by the number of its events."""
    edges = [each for each in _quarters(first, last) if first < each < last]
    days = [first, *edges, last]
    counts = [0] * (len(days) - 1)
    for event in events:
        counts[min(max(bisect_right(days, event) - 1, 0), len(counts) - 1)] += 1
    room = [EMPTY_QUARTER + count**CROWDING for count in counts]
    units, total = [0.0], sum(room)
    for each in room:
        units.append(units[-1] + each / total * ACROSS)
    return Scale(tuple(days), tuple(round(each, 1) for each in units))


def _quarters(first: int, last: int) -> list[int]:
    years = range(date_of(first).year, date_of(last).year + 1)
    return [day_of(date(year, month, 1)) for year in years for month in (1, 4, 7, 10)]


def day_of(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def date_of(day: float) -> date:
    """The reverse."""
    return EPOCH + timedelta(days=int(day // 1))


def ticks(scale: Scale, begin: float, end: float, apart: float = 4.2) -> list[Tick]:
    """Labels for a window: years, and months where there is room; those that would touch are left out.

    Args: apart: the least distance of two labels, in percent.
    """
    west, east = scale.x(begin), scale.x(end)
    wide = max(east - west, 1e-9)
    candidates = [date(year, 1, 1) for year in range(date_of(begin).year, date_of(end).year + 2)]
    found: list[Tick] = []
    _place(found, [(each, str(each.year)) for each in candidates], scale, west, wide, apart)
    if end - begin < 3 * 366:
        months = [date(each.year, month, 1) for each in candidates for month in range(2, 13)]
        _place(found, [(each, each.isoformat()[:7]) for each in months], scale, west, wide, apart * 1.6)
    return sorted(found, key=lambda each: each.at)


def _place(
    found: list[Tick], days: Sequence[tuple[date, str]], scale: Scale, west: float, wide: float, apart: float
) -> None:
    for day, text in days:
        at = (scale.x(day_of(day)) - west) / wide * 100
        if 0 <= at <= 97 and all(abs(each.at - at) >= apart for each in found):
            found.append(Tick(round(at, 2), text))
