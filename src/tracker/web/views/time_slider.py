"""The time machine: a slider over the record, with a tick for every announcement."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tracker.model.dates import Instant
from tracker.services.records import Tracker
from tracker.web.time_axis import Scale, Tick, date_of, day_of, ticks
from tracker.web.timeline import Timeline, local_day
from tracker.web.url_params import Viewpoint

HIGH = 40  # of the slider's drawing


@dataclass(frozen=True)
class Machine:
    """What the slider's template needs; places in units of the scale, or in percent of the window."""

    day: str  # the date shown
    first: str
    last: str
    value: int  # days since 1970
    low: int
    high: int
    begin: float  # of the window, in units
    width: float
    head: float  # of the playhead, in percent
    today: float  # likewise; within the window
    ticks: str  # a path
    labels: list[Tick]
    previous: str | None  # days with an event, for those without scripts
    following: str | None


def machine(tracker: Tracker, timeline: Timeline, viewpoint: Viewpoint, at: Instant, apart: float = 4.2) -> Machine:
    """The slider at an instant.

    Args: apart: the least distance of two labels, in percent.
    """
    low, high = timeline.span
    start, end = viewpoint.window(tracker)
    first = max(local_day(start, timeline.tz), low) if start is not None else low
    last = min(local_day(end, timeline.tz), high) if end is not None else high
    last = max(last, first + 1)
    scale, day = timeline.scales[viewpoint.scale], local_day(at, timeline.tz)
    begin, width = scale.x(first), max(scale.x(last) - scale.x(first), 0.1)
    spoken = timeline.spoken
    return Machine(
        day=date_of(day).isoformat(),
        first=date_of(first).isoformat(),
        last=date_of(last).isoformat(),
        value=int(day),
        low=low,
        high=high,
        begin=begin,
        width=width,
        head=round((scale.x(day) - begin) / width * 100, 2),
        today=round(min(max((scale.x(day_of(tracker.today) + 1) - begin) / width, 0), 1) * 100, 2),
        ticks="".join(
            f"M{scale.x(each):g} {HIGH}v-{min(8 + 7 * many, HIGH - 4)}"
            for each, many in Counter(map(int, spoken)).items()
        ),
        labels=ticks(scale, first, last, apart),
        previous=_day(max((each for each in spoken if each < int(day)), default=None)),
        following=_day(min((each for each in spoken if each > day), default=None)),
    )


def _ticks(scale: Scale, spoken: Iterable[float]) -> str:
    """A path with a line for each day on which something was announced, the higher the more."""
    many = Counter(int(day) for day in spoken)
    return "".join(f"M{scale.x(day):g} {HIGH}v-{min(8 + 7 * number, HIGH - 4)}" for day, number in many.items())


def _day(day: float | None) -> str | None:
    return None if day is None else date_of(day).isoformat()
