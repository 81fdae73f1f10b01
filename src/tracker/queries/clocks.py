"""The three clocks of a question, as people write them. Source: design §2."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from tracker.model.dates import FOREVER, Instant, close_of, instant, start_of
from tracker.model.errors import BadRequest
from tracker.timeline.knowledge import EVERYTHING, Known

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_INSTANT = re.compile(_LOCAL.pattern + r"(Z|[+-][0-9]{2}:[0-9]{2})")


class Clocks(NamedTuple):
    """When in the world, and by what was known; with the words in which it was asked."""

    as_of: Instant
    known: Known = EVERYTHING
    as_of_text: str = ""
    announced_by_text: str | None = None
    recorded_by_text: str | None = None


def clocks(
    as_of: str | None,
    announced_by: str | None,
    recorded_by: str | None,
    *,
    tz: tzinfo,
    today: Callable[[], date],
    position_at: Callable[[datetime], int],
) -> Clocks:
    """Read the clocks of a question; a bare date means the close of that day.

    Args: position_at: the last position recorded by a timestamp.
    Raises: BadRequest, naming the clock and what was expected.
    """
    text = as_of or today().isoformat()
    return Clocks(
        read_instant("as-of", text, tz),
        Known(
            EVERYTHING.announced_by if announced_by is None else read_instant("announced-by", announced_by, tz),
            EVERYTHING.recorded_by if recorded_by is None else _position(recorded_by, position_at),
        ),
        text,
        announced_by,
        recorded_by,
    )


def read_instant(clock: str, text: str, tz: tzinfo) -> Instant:
    """A day (its close, in the dataset's time zone) or an instant with its offset.

    Raises: BadRequest.
    """
    try:
        if _DAY.fullmatch(text):
            return close_of(_within(date.fromisoformat(text)), tz)
        if not (_LOCAL.fullmatch(text) or _INSTANT.fullmatch(text)):
            raise ValueError(text)  # 20240102 and the like, which `fromisoformat` would read
        moment = datetime.fromisoformat(text)
        _within(moment.date())
    except (ValueError, OverflowError):
        raise BadRequest(
            f"{clock} {text!r} is not a date: write a day such as 2025-10-28, "
            "or an instant with its offset such as 2026-04-01T07:00+04:00"
        ) from None
    if moment.tzinfo is None:
        raise BadRequest(f"{clock} {text!r} lacks its offset: write {text}+04:00, or a bare day")
    return instant(moment)


def read_begin(clock: str, text: str, tz: tzinfo) -> Instant:
    """The same where something begins: of a day its first instant.

    Raises: BadRequest.
    """
    at = read_instant(clock, text, tz)
    return start_of(date.fromisoformat(text), tz) if _DAY.fullmatch(text) else at


def _within(day: date) -> date:
    if not 1000 <= day.year <= 9000:
        raise ValueError(day)
    return day


def _position(text: str, position_at: Callable[[datetime], int]) -> int:
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    if _DAY.fullmatch(text):
        read_instant("recorded-by", text, UTC)
        close = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC)
        return position_at(close - timedelta(microseconds=1))
    try:
        read_instant("recorded-by", text, UTC)
    except BadRequest as error:
        raise BadRequest(f"{error}; or a position of the log such as 120") from None
    return position_at(datetime.fromisoformat(text))


def is_everything(known: Known) -> bool:
    return known.announced_by >= FOREVER - 1 and known.recorded_by >= FOREVER - 1
