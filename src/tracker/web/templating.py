"""Templates, and the words and dates in them; Markdown; static files. Everything that comes from data is escaped."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
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
    """The address if it is one of the web, else None: a link must do nothing but open a page."""
    return url if url and url.startswith(("http://", "https://")) else None


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def path_part(text: str) -> str:
    """An id in an address."""
    return quote(text, safe="")


@dataclass(frozen=True)
class StaticFile:
    """A style, a script or the icon."""

    body: bytes
    media_type: str


@cache
def static_files() -> dict[str, StaticFile]:
    """All static files by name."""
    paths = sorted(path for path in STATIC.iterdir() if path.suffix in MEDIA_TYPES)
    return {path.name: StaticFile(path.read_bytes(), MEDIA_TYPES[path.suffix]) for path in paths}


@cache
def static_digest() -> str:
    """A digest of all static files, so that a page and its modules are of one version."""
    text = b"".join(name.encode() + file.body for name, file in static_files().items())
    return hashlib.sha256(text).hexdigest()[:12]


def static_url(name: str) -> str:
    """The address of a static file."""
    return f"/static/{static_digest()}/{name}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": plain, "last_day": last_day, "days": days, "web": web, "id": path_part}
    environment.globals |= {"static": static_url, "meanings": MEANINGS, "count": count, "section": ""}
    return environment


ENVIRONMENT = _environment()


def render(template: str, variables: Mapping[str, Any]) -> str:
    """A page, or a part of one, as HTML."""
    return ENVIRONMENT.get_template(template).render(variables)


def prepare() -> None:
    """Compile every template."""
    for name in ENVIRONMENT.list_templates():
        ENVIRONMENT.get_template(name)


def markdown(text: str) -> str:
    """Markdown of our own documents as HTML: CommonMark and tables, without raw HTML and images.

    A link to another document becomes its text, for this site serves no other document.
    """
    return str(_markdown().render(text))


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    parser.core.ruler.push("adapt", _adapt)
    return parser


def _adapt(state: StateCore) -> None:
    for block in state.tokens:
        if block.type == "th_open":
            block.attrSet("scope", "col")
        block.children = _without_local_links(block.children) if block.children else block.children


def _without_local_links(tokens: list[Token]) -> list[Token]:
    kept, linked = [], True
    for token in tokens:
        if token.type == "link_open":
            linked = str(token.attrGet("href")).startswith(("http://", "https://", "/"))
        if linked or token.type not in ("link_open", "link_close"):
            kept.append(token)
    return kept
