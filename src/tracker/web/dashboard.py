"""The first page, and the parts of it that the browser asks for again."""

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from tracker.model.errors import UnknownSubject
from tracker.model.vocabulary import Mode, Traffic
from tracker.web.answering import answer
from tracker.web.context import Desk, Look
from tracker.web.templating import draw
from tracker.web.views.day import day_view
from tracker.web.views.lanes import groups
from tracker.web.views.map import map_view
from tracker.web.views.table import table
from tracker.web.views.time_slider import machine
from tracker.web.views.why import why_view

MODES = tuple(mode for mode in Mode)


def dashboard(request: Request, desk: Desk) -> Response:
    """Map, timelines or table at a date, with the panel and the time machine."""
    look = desk.look(request)
    context = look.context | _panel(look) | _canvas(look) | _frame(look)
    context |= {"title": f"{look.clocks.as_of_text}", "section": "dashboard"}
    return answer(request, draw("dashboard.html", context))


def _frame(look: Look) -> dict[str, Any]:
    return {
        "day": day_view(look.timeline, look.view, look.clocks),
        "machine": machine(look.tracker, look.timeline, look.view, look.clocks.as_of),
        "modes": MODES,
        "traffics": tuple(Traffic),
        "empty": not look.timeline.tracks,
    }


def _canvas(look: Look) -> dict[str, Any]:
    at, made = look.clocks.as_of, {"unplaced": ()}
    match look.view.view:
        case "map":
            found = map_view(look.timeline, look.view, at)
            return {"map": found, "unplaced": found.unplaced}
        case "timelines":
            return {**made, "lanes": groups(look.timeline, look.view, at)}
        case _:
            return {**made, "table": table(look.timeline, look.view, at)}


def _panel(look: Look) -> dict[str, Any]:
    if look.view.subject is None:
        return {"panel": "_day.html"}
    return {"panel": "_why.html", "why": why_view(look.tracker, look.clocks, look.view, look.view.subject)}


def fragment(request: Request, desk: Desk, part: str) -> Response:
    """A part of the page as it would be drawn for these parameters.

    Raises: UnknownSubject.
    """
    look = desk.look(request)
    if part == "panel":
        context = look.context | _panel(look) | _frame(look)
        return answer(request, draw(context["panel"], context))
    if part in ("map", "timelines", "table"):
        template = {"map": "_map.html", "timelines": "_lanes.html", "table": "_table.html"}[part]
        return answer(request, draw(template, look.context | _canvas(look) | _frame(look)))
    raise UnknownSubject(f"there is no part {part!r}")
