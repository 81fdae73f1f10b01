"""Templates, and the words and dates in them; Markdown; static files. Everything that comes from data is escaped."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from tracker.presentation.beside import beside_lines, terms_of
from tracker.presentation.causes import ways_through
from tracker.presentation.statuses import BUT_FOR, look, rest_words, sides
from tracker.presentation.text import (
    clocks_text,
    count,
    days,
    last_day,
    moved_text,
    needs_text,
    none_since,
    official,
    period,
    plain,
)
from tracker.queries.answers import LaneAnswer
from tracker.queries.change_answers import ChangeAnswer
from tracker.queries.need_answers import Needs
from tracker.queries.parts import amount_text
from tracker.queries.route_answers import Opening

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
MEANINGS: Mapping[str, str] = {
    "closed": "an authority prohibits",
    "one-sided": "one side permits, another has not spoken",
    "unverified": "no statement in force",
    "unready": "permitted, infrastructure lacking",
    BUT_FOR: "closed, but for a part",
    "restricted": "permitted, but not to all or not freely",
    "presumed": "no bar on record, and no statement",
    "open": "permitted, no traffic seen yet",
    "operating": "permitted, and traffic was seen",
}


def web(url: str | None) -> str | None:
    """The address if it is one of the web, else None: a link must do nothing but open a page."""
    return url if url and url.startswith(("http://", "https://")) else None


def answer_look(answer: LaneAnswer | ChangeAnswer | Opening | Needs) -> str:
    """The look of the status in an answer."""
    return look(answer.status, answer.otherwise)


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
    environment.filters |= {
        "plain": plain,
        "last_day": last_day,
        "days": days,
        "moved": moved_text,
        "web": web,
        "id": path_part,
    }
    environment.filters |= {
        "look": answer_look,
        "moved": moved_text,
        "ways": ways_through,
        "rest": rest_words,
        "sides": sides,
        "terms": terms_of,
        "needs": needs_text,
    }
    environment.globals |= {
        "static": static_url, "meanings": MEANINGS, "section": "",
        "count": count, "none_since": none_since, "clocks_text": clocks_text,
        "look_of": look, "beside_lines": beside_lines, "amount_text": amount_text, "period": period,
        "official": official,
    }  # fmt: skip
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
