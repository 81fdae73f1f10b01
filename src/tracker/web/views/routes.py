"""Every way from one territory to another on a date, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.model.errors import BadRequest, UnknownSubject
from tracker.model.vocabulary import Mode, Traffic
from tracker.queries.route_answers import OpenedAnswer, RoutesAnswer
from tracker.queries.routes import Journey, opened, routes
from tracker.web.context import Look

NAMES = ("from", "to", "mode", "traffic", "goods", "as_of", "announced_by", "recorded_by")


@dataclass(frozen=True)
class RoutesPage:
    """What the page's template needs."""

    answer: RoutesAnswer | None
    opened: OpenedAnswer | None
    words: Mapping[str, str]
    problem: str | None = None


def routes_page(look: Look, asked: Mapping[str, str]) -> RoutesPage:
    """The ways, if a start and an end are given."""
    words = {name: asked.get(name, "").strip() for name in NAMES}
    if not (words["from"] and words["to"]):
        return RoutesPage(None, None, words)
    record, clocks = look.tracker.record, look.clocks
    try:
        journey = _journey(words)
        return RoutesPage(routes(record, clocks, journey), opened(record, clocks, journey), words)
    except (BadRequest, UnknownSubject) as error:
        return RoutesPage(None, None, words, str(error))


def _journey(words: Mapping[str, str]) -> Journey:
    try:
        mode = Mode(words["mode"]) if words["mode"] else None
        traffic = Traffic(words["traffic"]) if words["traffic"] else Traffic.GOODS
    except ValueError as error:
        raise BadRequest(f"{error}: choose from the list") from None
    return Journey(words["from"], words["to"], mode, traffic, words["goods"] or None)
