"""Days, known exactly or not, and the instants at which they begin and end.

An instant is a whole number of microseconds since 1970-01-01T00:00Z. Every span is half-open.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

Instant = int  # microseconds since the epoch, UTC

DAY = 86_400_000_000
BEGINNING: Instant = -(2**62)  # earlier than any date
FOREVER: Instant = 2**62  # later than any date
ABOUT = timedelta(days=7)  # what "~" stands for

DAY_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAY_RANGE_FORM = re.compile(rf"\[({DAY_FORM.pattern})\.\.({DAY_FORM.pattern})\]")  # one of its days, not known which
INSTANT_FORM = re.compile(
    DAY_FORM.pattern + r"T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2})?)"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEAR = re.compile(r"[0-9]{4}")
_OFFSET = re.compile(r"(?:UTC)?([+-])([01][0-9]|2[0-3]):([0-5][0-9])")

FORMS = (
    'a day (2025-10-27), or in quotes one of: a year "1993", a month "1989-08", '
    'about a day "2010-09-15~", one of two days "[2020-12-31..2021-01-01]"'
)


class Edge(NamedTuple):
    """An instant at which something begins or ends, known exactly (both the same) or not."""

    earliest: Instant
    latest: Instant


@dataclass(frozen=True, slots=True)
class Day:
    """A day, known exactly or only to lie between an earliest and a latest day, both inclusive."""

    earliest: date
    latest: date
    text: str  # as written

    @classmethod
    def exactly(cls, day: date) -> "Day":
        """A day that is known exactly."""
        return cls(day, day, day.isoformat())

    @property
    def exact(self) -> bool:
        return self.earliest == self.latest

    def __str__(self) -> str:
        return self.text


When = Day | datetime  # a datetime always carries an offset


def _plausible(*years: int) -> None:
    if not all(1000 <= year <= 9000 for year in years):
        raise ValueError(f"year {min(years)}..{max(years)} is outside 1000..9000: check the date")


def parse_day(text: str) -> Day:
    """Read one of the five forms of a day.

    Raises: ValueError, saying what was expected.
    """
    try:
        if DAY_FORM.fullmatch(text):
            return Day.exactly(date.fromisoformat(text))
        if _YEAR.fullmatch(text):
            return Day(date(int(text), 1, 1), date(int(text), 12, 31), text)
        if match := _MONTH.fullmatch(text):
            year, month = int(match[1]), int(match[2])
            begins = date(year, month, 1)
            return Day(begins, (begins + timedelta(days=31)).replace(day=1) - timedelta(days=1), text)
        if text.endswith("~") and DAY_FORM.fullmatch(text[:-1]):
            about = date.fromisoformat(text[:-1])
            return Day(about - ABOUT, about + ABOUT, text)
        if match := DAY_RANGE_FORM.fullmatch(text):
            first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2])
            if first > last:
                raise ValueError(f"{text!r} runs backwards: write the earlier day first")
            return Day(first, last, text)
    except (ValueError, OverflowError) as error:
        if "backwards" in str(error):
            raise
        raise ValueError(f"{text!r} is not in the calendar: {error}") from None
    raise ValueError(f"{text!r} is not a date the tracker reads: write {FORMS}")


def _day(value: Any) -> Day:
    if isinstance(value, datetime):
        raise ValueError(f"{value.isoformat()} has an hour: only a day is expected here, e.g. {value.date()}")
    if isinstance(value, date):
        day = Day.exactly(value)
    elif isinstance(value, str):
        day = parse_day(value)
    elif isinstance(value, Day):
        day = value
    else:
        raise ValueError(f"{value!r} is not a date: write {FORMS}")
    _plausible(day.earliest.year, day.latest.year)
    return day


def _instant(value: Any) -> datetime:
    if isinstance(value, str) and INSTANT_FORM.fullmatch(value):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        raise ValueError(f"{value!r} is not an instant: write one with its offset, e.g. 2026-01-01T06:00:00+04:00")
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} lacks its offset: write e.g. {value.isoformat()}+04:00")
    _plausible(value.year)
    return value


def _when(value: Any) -> When:
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value):
        return _instant(value)
    return _day(value)


def _text(value: When) -> str:
    return value.isoformat() if isinstance(value, datetime) else value.text


_DAY_SCHEMA = {"type": "string", "description": f"A day: {FORMS}.", "examples": ["2025-10-27", "1989-08"]}
_INSTANT_SCHEMA = {"type": "string", "format": "date-time"}

DayField = Annotated[Day, BeforeValidator(_day), PlainSerializer(_text), WithJsonSchema(_DAY_SCHEMA)]
InstantField = Annotated[datetime, BeforeValidator(_instant), PlainSerializer(_text), WithJsonSchema(_INSTANT_SCHEMA)]
WhenField = Annotated[
    Any,  # a When; pydantic cannot tell a Day from a datetime by itself
    BeforeValidator(_when),
    PlainSerializer(_text),
    WithJsonSchema({"anyOf": [_DAY_SCHEMA, _INSTANT_SCHEMA]}),
]


def zone(name: str) -> tzinfo:
    """The time zone of a dataset: an offset such as "+04:00", or an IANA name.

    Raises: ValueError where it is neither.
    """
    if match := _OFFSET.fullmatch(name):
        sign = -1 if match[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(match[2]), minutes=int(match[3])))
    from zoneinfo import ZoneInfo  # its imports take longer than a query

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'{name!r} is not a time zone: write an offset "+04:00" or an IANA name') from None


def instant(moment: datetime) -> Instant:
    """A datetime with offset as microseconds since the epoch."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def moment(at: Instant, tz: tzinfo) -> datetime:
    """An instant as a datetime in a time zone."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(tz)


def is_midnight(moment: datetime) -> bool:
    """Whether a datetime is the first instant of its day."""
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)


def start_of(day: date, tz: tzinfo) -> Instant:
    """The first instant of a local day."""
    return instant(datetime(day.year, day.month, day.day, tzinfo=tz))


def close_of(day: date, tz: tzinfo) -> Instant:
    """The last instant of a local day, which a bare date means in a question."""
    return start_of(day + timedelta(days=1), tz) - 1


def starts(when: When, tz: tzinfo) -> Edge:
    """The edge at which something begins: the start of its first day, or its instant."""
    if isinstance(when, datetime):
        return Edge(instant(when), instant(when))
    return Edge(start_of(when.earliest, tz), start_of(when.latest, tz))


def ends(last_day: Day | None, until: datetime | None, tz: tzinfo) -> Edge:
    """The exclusive end of a period: the start of the day after its last day, or its instant, or never."""
    if until is not None:
        return Edge(instant(until), instant(until))
    if last_day is not None:
        next_day = timedelta(days=1)
        return Edge(start_of(last_day.earliest + next_day, tz), start_of(last_day.latest + next_day, tz))
    return Edge(FOREVER, FOREVER)


@lru_cache(maxsize=4096)  # a table repeats few dates hundreds of times
def render(edge: Edge, tz: tzinfo) -> str | None:
    """An edge as text: a day where it falls on midnight, "[a..b]" where uncertain, else an instant with its offset.

    Returns: None for an edge without a date, such as FOREVER.
    """
    if edge.latest >= FOREVER or edge.earliest <= BEGINNING:
        return None
    if edge.earliest != edge.latest:
        first, last = moment(edge.earliest, tz).date(), moment(edge.latest, tz).date()
        return f"[{first}..{last}]"
    local = moment(edge.earliest, tz)
    if is_midnight(local):
        return local.date().isoformat()
    return local.isoformat()
