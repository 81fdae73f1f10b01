"""Dates and numbers as people read them; the answers keep the exact forms."""

import re
from datetime import date, timedelta

_RANGE = re.compile(r"\[(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)\]")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00)?(?:\.\d+)?([+-]\d\d:\d\d)")
_DOUBTFUL = re.compile(r"\d{4}(-\d\d){0,2}\.\.\d|\d{4}-\d\d-\d\d/\d")
_YEAR = 365.25


def plain(text: str | None) -> str:
    """A text with its dates made short: "[1993-04-03..1993-04-04]" is 1993-04-03/04."""
    text = text or ""
    if "[" in text:
        text = _RANGE.sub(lambda match: between(match[1], match[2]), text)
    return _MOMENT.sub(r"\1 \2 \3", text) if "T" in text else text


def between(first: str, last: str) -> str:
    """One of the days of a span, which one is not known."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    if begin.day == 1 and (end + timedelta(days=1)).day == 1:
        if (begin.month, end.month) == (1, 12):
            return _joined(first[:4], last[:4])
        return _joined(first[:7], last[:7])
    mark = "/" if end - begin == timedelta(days=1) else ".."
    same = 8 if first[:7] == last[:7] else 5 if first[:4] == last[:4] else 0
    return f"{first}{mark}{last[same:]}"


def _joined(first: str, last: str) -> str:
    return first if first == last else f"{first}..{last}"


def has_doubt(text: str) -> bool:
    """Whether a text made plain names a date that is not known to the day."""
    return bool(_DOUBTFUL.search(text))


DOUBT = "a..b: on a day from a to b, which one is not known; a/b: on one of the two days"


def last_day(until: str) -> str:
    """An exclusive end as people write it: the day before where it is a midnight."""
    if match := _RANGE.fullmatch(until):
        return between(_before(match[1]), _before(match[2]))
    if len(until) == len("2025-03-31"):
        return _before(until)
    return plain(until)


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def period(begin: str | None, until: str | None) -> str:
    """From the first day to the last."""
    if begin is None:
        return f"until {last_day(until)}" if until else "always"
    if until is None:
        return f"since {plain(begin)}"
    if begin == until or last_day(until) == plain(begin):
        return plain(begin)
    return f"{plain(begin)} – {last_day(until)}"


def days(count: int | None) -> str:
    """A number of days, in years too where there are many."""
    if count is None:
        return ""
    text = f"{count:,} day{'' if count == 1 else 's'}"
    return text if count < 2 * _YEAR else f"{text} ({count / _YEAR:.0f} years)"


def some(number: int, what: str, many: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {what if number == 1 else many or what + 's'}"


def clocks(as_of: str, announced_by: str | None, recorded_by: str | None) -> str:
    """The three clocks of an answer."""
    announced = f"announced by {announced_by}" if announced_by else "whenever announced"
    stored = f"recorded by {recorded_by}" if recorded_by else "whenever recorded"
    return f"as of {plain(as_of)} · {announced} · {stored}"
