"""Templates, and the words and dates in them. Everything that comes from data is escaped."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tracker.presentation.text import clocks_text, count, days, last_day, plain
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


def web(url: str | None) -> str | None:
    """An address that may be linked to; none where a click would do anything but open a page."""
    return url if url and url.startswith(("http://", "https://")) else None


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
    made.globals |= {"static": address, "meanings": MEANINGS, "count": count, "clocks_text": clocks_text, "section": ""}
    return made


ENVIRONMENT = _environment()


def draw(template: str, context: Mapping[str, Any]) -> str:
    """A page, or a part of one."""
    return ENVIRONMENT.get_template(template).render(context)


def prepare() -> None:
    """Compile every template."""
    for name in ENVIRONMENT.list_templates():
        ENVIRONMENT.get_template(name)
