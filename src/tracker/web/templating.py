"""Templates, and the words and dates in them. Everything that comes from data is escaped."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tracker.web.assets import address

MEANINGS: Mapping[str, str] = {
    "closed": "an authority prohibits",
    "one-sided": "one side permits, another has not spoken",
    "unverified": "no statement in force",
    "unready": "permitted, infrastructure lacking",
    "restricted": "permitted only in part",
    "open": "permitted, no traffic seen yet",
    "operating": "permitted, and traffic was seen",
}
_RANGE = re.compile(r"\[(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)\]")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00)?(?:\.\d+)?([+-]\d\d:\d\d)")


def plain(text: str | None) -> str:
    """A text with its dates made short: "[1993-04-03..1993-04-04]" is 1993-04-03/04."""
    text = _RANGE.sub(lambda match: _between(match[1], match[2]), text or "")
    return _MOMENT.sub(r"\1 \2 \3", text)


def _between(first: str, last: str) -> str:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    if begin.day == 1 and (end + timedelta(days=1)).day == 1:
        if (begin.month, end.month) == (1, 12):
            return first[:4] if begin.year == end.year else f"{first[:4]}..{last[:4]}"
        return first[:7] if first[:7] == last[:7] else f"{first[:7]}..{last[:7]}"
    mark = "/" if end - begin == timedelta(days=1) else ".."
    same = 8 if first[:7] == last[:7] else 5 if first[:4] == last[:4] else 0
    return f"{first}{mark}{last[same:]}"


def last_day(until: str | None) -> str:
    """An exclusive end as people write it: the day before where it is a midnight."""
    if until and len(until) == len("2025-03-31"):
        return (date.fromisoformat(until) - timedelta(days=1)).isoformat()
    return plain(until)


def days(count: int | None) -> str:
    """A number of days, in years too where there are many."""
    if count is None:
        return ""
    text = f"{count:,} day{'' if count == 1 else 's'}"
    return text if count < 2 * 365.25 else f"{text} ({count / 365.25:.0f} years)"


def web(url: str | None) -> str | None:
    """An address that may be linked to; none where a click would do anything but open a page."""
    return url if url and url.startswith(("http://", "https://")) else None


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def path_part(text: str) -> str:
    """An id in an address."""
    return quote(text, safe="")


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"plain": plain, "last_day": last_day, "days": days, "web": web, "id": path_part}
    made.globals |= {"static": address, "meanings": MEANINGS, "count": count, "section": ""}
    return made


ENVIRONMENT = _environment()


def draw(template: str, context: Mapping[str, Any]) -> str:
    """A page, or a part of one."""
    return ENVIRONMENT.get_template(template).render(context)


def prepare() -> None:
    """Compile every template."""
    for name in ENVIRONMENT.list_templates():
        ENVIRONMENT.get_template(name)
