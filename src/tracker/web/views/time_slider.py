"""The time slider: the days of the record, with a tick for every announcement."""

from collections import Counter
from dataclasses import dataclass

from tracker.web.context import PageContext
from tracker.web.time_axis import Tick, date_of, day_of, ticks
from tracker.web.timeline import local_day

HEIGHT = 40  # of the slider's drawing
MIN_TICK, TICK_PER_ANNOUNCEMENT, MAX_TICK = 8, 7, HEIGHT - 4  # heights


@dataclass(frozen=True)
class TimeSlider:
    """The variables of the slider's template; places in units of the scale, or in percent of the window."""

    day: str  # the date shown
    value: int  # of that date, in days since 1970
    low: int
    high: int
    begin: float  # of the window, in units
    width: float
    head: float  # the date's place, in percent
    today: float  # the place of today's end, in percent and within the window
    covered: float  # the place of the end of what the coders have covered; 100 where the dataset does not say
    ticks: str  # a path
    labels: list[Tick]
    previous: str | None  # the nearest days with an announcement, for browsers without scripts
    following: str | None


def time_slider(context: PageContext, min_distance: float = 4.2) -> TimeSlider:
    """The slider at the date of a page.

    Args: min_distance: between two labels, in percent of the window.
    """
    timeline, tz = context.timeline, context.timeline.tz
    low, high = timeline.span
    start, end = context.view.window(context.tracker)
    first = max(local_day(start, tz), low) if start is not None else low
    last = min(local_day(end, tz), high) if end is not None else high
    last = max(last, first + 1)
    scale, day = timeline.scales[context.view.scale], local_day(context.clocks.as_of, tz)
    begin, width = scale.x(first), max(scale.x(last) - scale.x(first), 0.1)
    announced = timeline.announced_days
    heights = {
        announced_on: min(MIN_TICK + TICK_PER_ANNOUNCEMENT * number, MAX_TICK)
        for announced_on, number in Counter(map(int, announced)).items()
    }

    def place(day: float) -> float:
        return round(min(max((scale.x(day) - begin) / width, 0), 1) * 100, 2)

    return TimeSlider(
        day=date_of(day).isoformat(),
        value=int(day),
        low=low,
        high=high,
        begin=begin,
        width=width,
        head=round((scale.x(day) - begin) / width * 100, 2),
        today=place(day_of(context.tracker.today) + 1),
        covered=100 if timeline.covered is None else place(timeline.covered),
        ticks="".join(f"M{scale.x(day):g} {HEIGHT}v-{height}" for day, height in heights.items()),
        labels=ticks(scale, first, last, min_distance),
        previous=_iso(max((place for place in announced if place < int(day)), default=None)),
        following=_iso(min((place for place in announced if place > day), default=None)),
    )


def _iso(day: float | None) -> str | None:
    return None if day is None else date_of(day).isoformat()
