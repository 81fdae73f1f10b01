"""Dates, numbers and clocks as people read them; the answers keep the exact forms."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.queries.answers import PassagesAnswer, PledgeAnswer

_RANGE = re.compile(r"\[(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)\]")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00)?([+-]\d\d:\d\d(?::\d\d)?)")
_UNCERTAIN = re.compile(r"\d{4}(-\d\d){0,2}\.\.\d|\d{4}-\d\d-\d\d/\d")
_DAY_LENGTH = len("2025-03-31")
_DAYS_IN_A_YEAR = 365.25

MAX_PLEDGES = 3  # in one text, before "and 2 more"
UNCERTAINTY_NOTE = "a..b: on a day from a to b, which one is not known; a/b: on one of the two days"


def plain(text: str | None) -> str:
    """A text with its dates made short: "[1993-04-03..1993-04-04]" becomes 1993-04-03/04."""
    text = text or ""
    if "[" in text:
        text = _RANGE.sub(lambda match: between(match[1], match[2]), text)
    return _MOMENT.sub(r"\1 \2 \3", text) if "T" in text else text


def between(first: str, last: str) -> str:
    """An unknown day of a span, in its shortest form; whole months and years are written as such."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    if begin.day == 1 and (end + timedelta(days=1)).day == 1:
        if (begin.month, end.month) == (1, 12):
            return _joined(first[:4], last[:4])
        return _joined(first[:7], last[:7])
    mark = "/" if end - begin == timedelta(days=1) else ".."
    shared = 8 if first[:7] == last[:7] else 5 if first[:4] == last[:4] else 0
    return f"{first}{mark}{last[shared:]}"


def _joined(first: str, last: str) -> str:
    return first if first == last else f"{first}..{last}"


def has_uncertain_date(text: str) -> bool:
    """Whether a text made plain names a date that is not known to the day."""
    return bool(_UNCERTAIN.search(text))


def last_day(until: str | None) -> str:
    """The last day before an exclusive end; an end at an hour stays the hour."""
    until = until or ""
    if match := _RANGE.fullmatch(until):
        return between(_day_before(match[1]), _day_before(match[2]))
    return _day_before(until) if len(until) == _DAY_LENGTH else plain(until)


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def period(begin: str | None, until: str | None) -> str:
    """A period from its first day to its last; of an end that may lie before the begin, the latest day."""
    if begin is None:
        return f"until {last_day(until)}" if until else "always"
    if until is None:
        return f"since {plain(begin)}"
    if begin == until or last_day(until) == plain(begin):
        return plain(begin)
    if (match := _RANGE.fullmatch(until)) and match[1] <= begin.strip("[")[:_DAY_LENGTH]:
        return f"{plain(begin)} – {_day_before(match[2])} at the latest"
    return f"{plain(begin)} – {last_day(until)}"


def days(number: int | None) -> str:
    """A number of days, in years too from two years on."""
    if number is None:
        return ""
    text = count(number, "day")
    return text if number < 2 * _DAYS_IN_A_YEAR else f"{text} ({number / _DAYS_IN_A_YEAR:.0f} years)"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def official(ids: Mapping[str, str] | None) -> list[tuple[str, str]]:
    """Official numbers with the names of their registers, as people read them."""
    return [(register.replace("_", " ").upper(), number) for register, number in (ids or {}).items()]


def first_of(words: Sequence[str], shown: int = 1) -> str:
    """The first of some words, and how many more there are: "food and 3 more"; two are both named."""
    if len(words) <= shown + 1:
        return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
    return f"{', '.join(words[:shown])} and {len(words) - shown} more"


def clocks_text(as_of: str, announced_by: str | None, recorded_by: str | None, covers_until: str | None = None) -> str:
    """The three clocks of an answer: "as of 2025-10-28 · everything known today".

    Args: covers_until: the last day that the coders have covered, where the date asked about is later.
    """
    cover = f" · record up to {covers_until}" if covers_until else ""
    return f"as of {plain(as_of)} · {knowledge_text(announced_by, recorded_by)}{cover}"


def knowledge_text(announced_by: str | None, recorded_by: str | None) -> str:
    """The statements that an answer rests on, by the clocks of announcement and of record."""
    limits = [f"announced by {plain(announced_by)}"] if announced_by else []
    limits += [f"recorded by {plain(recorded_by)}"] if recorded_by else []
    return " · ".join(limits) or "everything known today"


def none_since(passages: "PassagesAnswer") -> str:
    """That no passage counts, since when, and how many were seen that do not count."""
    since = f" since {plain(passages.since)}" if passages.since else " seen"
    before = f" ({passages.before} before)" if passages.before else ""
    return f"none{since}{before}"


def needs_text(number: int | None, *, firm: bool = False) -> str:
    """The number of things missing until a lane is passable; with `firm`, until it is by a word on record."""
    if number is None:
        return "words and works do not suffice"
    if number == 0:
        return "nothing is missing"
    return f"{count(number, 'thing')} missing" + (" until there is a word on record" if firm else "")


def moved_text(times: int) -> str:
    """How often a due date was moved, in brackets; nothing where it was not."""
    return f" (moved {'once' if times == 1 else count(times, 'time')})" if times else ""


def promised_text(pledges: "Sequence[PledgeAnswer]") -> str:
    """Open pledges in a few words: the newest ones first, by their ids."""
    newest = [
        f"{pledge.pledge} ({plain(pledge.announced)}{f', due {plain(pledge.due)}' if pledge.due else ''})"
        for pledge in pledges[: -MAX_PLEDGES - 1 : -1]
    ]
    more = f" and {len(pledges) - MAX_PLEDGES} more" if len(pledges) > MAX_PLEDGES else ""
    return f"promised: {', '.join(newest)}{more}"


def supposed_text(supposed: Sequence[str]) -> str:
    """The statements that an answer supposes, in words."""
    return f"Supposed, and not on the record: {'; '.join(supposed)}"
