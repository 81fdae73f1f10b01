"""The list of announcements: search and facets; what is shown is what is downloaded."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from tracker.model.dates import moment
from tracker.queries.announcements import AnnouncementFilter, announcements
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.web.context import Look
from tracker.web.timeline import Timeline

PAGE = 50
FACETS = ("party", "type", "about", "year", "source")
MOST = 14  # values of a facet that are listed


@dataclass(frozen=True)
class Choice:
    """A value of a facet."""

    value: str
    text: str
    number: int
    query: str  # of the list with it, or without it if it is chosen
    chosen: bool


@dataclass(frozen=True)
class Listing:
    """What the page's template needs."""

    found: list[AnnouncementAnswer]
    shown: list[AnnouncementAnswer]
    facets: dict[str, list[Choice]]
    query: str
    page: int
    pages: int
    words: dict[str, str]

    def turn(self, page: int) -> str:
        """The query of another page."""
        return query({**self.words, "page": str(page)} if page > 1 else self.words)


def listing(look: Look, asked: Mapping[str, str]) -> Listing:
    """The announcements that are asked for, the newest first.

    Raises: UnknownSubject.
    """
    words = {key: asked[key].strip() for key in ("q", *FACETS, *CLOCKS) if asked.get(key, "").strip()}
    found = matching(look, words)
    pages = max(1, -(-len(found) // PAGE))
    text = asked.get("page", "1")
    page = min(max(int(text), 1), pages) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return Listing(
        found=found,
        shown=found[(page - 1) * PAGE : page * PAGE],
        facets={facet: _choices(look.timeline, found, facet, words) for facet in FACETS[:4]},
        query=query(words),
        page=page,
        pages=pages,
        words=words,
    )


CLOCKS = ("announced_by", "recorded_by")


def matching(look: Look, words: Mapping[str, str]) -> list[AnnouncementAnswer]:
    """The newest first.

    Raises: UnknownSubject.
    """
    wanted = AnnouncementFilter(
        party=words.get("party"), about=words.get("about"), effect=words.get("type"), text=words.get("q"),
                    source=words.get("source"))  # fmt: skip
    found = announcements(look.tracker.record, look.clocks, wanted)
    return [each for each in reversed(found) if words.get("year") in (None, _year(look.timeline, each))]


def _year(timeline: Timeline, each: AnnouncementAnswer) -> str:
    at = timeline.view.contents[each.id][0].order
    return str(moment(at, timeline.tz).year)


def _values(timeline: Timeline, each: AnnouncementAnswer, facet: str) -> set[str]:
    match facet:
        case "party":
            return {speaker.party for speaker in each.by}
        case "type":
            return set(each.effects) or {"none"}
        case "about":
            return set(each.about) & (set(timeline.view.registry.with_state))
        case _:
            return {_year(timeline, each)}


def _choices(timeline: Timeline, found: list[AnnouncementAnswer], facet: str, words: Mapping[str, str]) -> list[Choice]:
    counted = Counter(value for each in found for value in _values(timeline, each, facet))
    chosen, others = words.get(facet), {key: each for key, each in words.items() if key != facet}
    if facet == "year":
        values = sorted(counted, reverse=True)
    else:
        values = [value for value, _ in sorted(counted.items(), key=lambda item: (-item[1], item[0]))][:MOST]
    values = [chosen, *(value for value in values if value != chosen)] if chosen else values
    return [
        Choice(
            value,
            _text(timeline, facet, value),
            counted[value],
            query(others if value == chosen else {**others, facet: value}),
            value == chosen,
        )
        for value in values
    ]


def _text(timeline: Timeline, facet: str, value: str) -> str:
    registry = timeline.view.registry
    if facet == "party" and value in registry.parties:
        return registry.parties[value].name
    if facet == "about" and value in registry.with_state:
        return registry.with_state[value].name or value
    return value if value != "none" or facet != "type" else "no effect"


def query(words: Mapping[str, str]) -> str:
    """With its question mark."""
    return "?" + urlencode(words, quote_via=quote) if words else ""
