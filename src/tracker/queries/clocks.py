"""The three clocks of a question, as people write them. Source: design §2."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple, TypedDict

from tracker.model.dataset import Dataset
from tracker.model.dates import DAY_FORM, INSTANT_FORM, Instant, close_of, instant, start_of
from tracker.model.errors import BadRequest
from tracker.timeline.hours import Moment
from tracker.timeline.knowledge import EVERYTHING, Known


class ClockTexts(TypedDict):
    """The clocks as asked: the fields of an answer that repeat them."""

    as_of: str
    announced_by: str | None
    recorded_by: str | None
    supposed: tuple[str, ...]


class Clocks(NamedTuple):
    """An instant in the world and a state of knowledge, with the texts in which they were asked."""

    as_of: Instant
    known: Known = EVERYTHING
    as_of_text: str = ""
    announced_by_text: str | None = None
    recorded_by_text: str | None = None
    day: date | None = None  # where `as_of` is a bare date
    supposed: tuple[str, ...] = ()  # statements that the record does not have, as asked: see `tracker.queries.supposed`

    @property
    def asked(self) -> Moment:
        """The instant asked about, or the whole day: hours are read at it."""
        return Moment(self.as_of, self.day)

    @property
    def texts(self) -> ClockTexts:
        """The fields of an answer that repeat the clocks."""
        return {
            "as_of": self.as_of_text,
            "announced_by": self.announced_by_text,
            "recorded_by": self.recorded_by_text,
            "supposed": self.supposed,
        }


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
        date.fromisoformat(text) if DAY_FORM.fullmatch(text) else None,
    )


def end_of_cover(dataset: Dataset, tz: tzinfo) -> Instant | None:
    """The last instant up to which the coders have looked for announcements; None where the dataset does not say."""
    return None if dataset.covers_until is None else close_of(dataset.covers_until.latest, tz)


def record_up_to(dataset: Dataset, tz: tzinfo, as_of: Instant) -> str | None:
    """The last day that the coders have covered, if an instant is later: what it answers may lack newer statements."""
    end = end_of_cover(dataset, tz)
    return str(dataset.covers_until) if end is not None and as_of > end else None


def read_instant(clock: str, text: str, tz: tzinfo) -> Instant:
    """Read a day (its close, in the dataset's time zone) or an instant with its offset, in any form that is printed.

    Raises: BadRequest.
    """
    try:
        if DAY_FORM.fullmatch(text):
            return close_of(_within(date.fromisoformat(text)), tz)
        moment = _moment(text)
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
    """Read a day (its first instant, in the dataset's time zone) or an instant with its offset.

    Raises: BadRequest.
    """
    at = read_instant(clock, text, tz)
    return start_of(date.fromisoformat(text), tz) if DAY_FORM.fullmatch(text) else at


def _moment(text: str) -> datetime:
    """An instant with "T" or a space before its hour, and perhaps a space before its offset.

    Raises: ValueError, also for 20240102 and the like, which `fromisoformat` would read.
    """
    iso = text.replace(" ", "T", 1).replace(" ", "", 1)
    if not (INSTANT_FORM.fullmatch(iso) or INSTANT_FORM.fullmatch(f"{iso}Z")):
        raise ValueError(text)
    return datetime.fromisoformat(iso)


def _within(day: date) -> date:
    if not 1000 <= day.year <= 9000:
        raise ValueError(day)
    return day


def _position(text: str, position_at: Callable[[datetime], int]) -> int:
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    if DAY_FORM.fullmatch(text):
        read_instant("recorded-by", text, UTC)
        close = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC)
        return position_at(close - timedelta(microseconds=1))
    try:
        read_instant("recorded-by", text, UTC)
    except BadRequest as error:
        raise BadRequest(f"{error}; or a position of the log such as 120") from None
    return position_at(_moment(text))
