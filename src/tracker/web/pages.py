"""The pages beside the first one: subjects, announcements, promises, differences, routes, about, method."""

import json
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from tracker.model.vocabulary import Mode, PledgeStatus, Traffic
from tracker.queries.selection import find
from tracker.queries.tabular import csv_of
from tracker.web.answering import answer
from tracker.web.context import Desk, Look, query
from tracker.web.prose import html
from tracker.web.templating import draw
from tracker.web.views.announcement import announcement_page
from tracker.web.views.announcements import listing
from tracker.web.views.difference import difference_page
from tracker.web.views.promises import ledger
from tracker.web.views.routes import routes_page
from tracker.web.views.subject import subject_page
from tracker.web.views.time_slider import machine
from tracker.web.views.why import why_view

CLOCKS = ("as_of", "announced_by", "recorded_by")
METHODS = [Path(__file__).parent / "method.md", Path(__file__).parents[3] / "docs" / "method.md"]


def page(look: Look, template: str, title: str, section: str, **more: Any) -> Response:
    """A page in the house's frame."""
    context = look.context | {"title": title, "section": section} | more
    return answer(look.request, draw(template, context))


def subjects(request: Request, desk: Desk) -> Response:
    """All subjects, by kind, with what they amount to."""
    look = desk.look(request)
    timeline, at = look.timeline, look.clocks.as_of
    kinds: dict[str, list[Any]] = {}
    for key, each in timeline.view.registry.with_state.items():
        tracks = timeline.tracks.get(key, ())
        kinds.setdefault(each.type.value, []).append((each, timeline.blend(tracks, at)))
    return page(look, "subjects.html", "Subjects", "subjects", kinds=kinds)


def subject(request: Request, desk: Desk, name: str) -> Response:
    """One subject.

    Raises: UnknownSubject.
    """
    look = desk.look(request)
    key = find(look.timeline.view.registry, name).id
    found = subject_page(look, key)
    why = why_view(look.tracker, look.clocks, look.view, key)
    slider = machine(look.tracker, look.timeline, look.view, look.clocks.as_of, apart=9)
    return page(look, "subject.html", found.group.name, "subjects", found=found, why=why, machine=slider)


def announcements(request: Request, desk: Desk) -> Response:
    """The list, through search and facets."""
    look = desk.look(request, CLOCKS)
    return page(look, "announcements.html", "Announcements", "announcements", found=listing(look, query(request)))


def download(request: Request, desk: Desk, form: str) -> Response:
    """Exactly what the list shows, as CSV or JSON."""
    look = desk.look(request, CLOCKS)
    found = listing(look, query(request)).found
    name = {"Content-Disposition": f'attachment; filename="announcements.{form}"'}
    if form == "csv":
        return answer(request, csv_of("announcements", found), "text/csv; charset=utf-8", extra=name)
    body = json.dumps([each.model_dump(mode="json", by_alias=True) for each in found], ensure_ascii=False, indent=1)
    return answer(request, body, "application/json", extra=name)


def announcement(request: Request, desk: Desk, name: str) -> Response:
    """One announcement.

    Raises: UnknownAnnouncement.
    """
    look = desk.look(request)
    found = announcement_page(look, name)
    return page(look, "announcement.html", found.show.announcement.summary[:80], "announcements", found=found)


def promises(request: Request, desk: Desk) -> Response:
    """The ledger."""
    look, asked = desk.look(request, CLOCKS), query(request)
    found = ledger(look, asked.get("party") or None, asked.get("status") or None)
    return page(look, "promises.html", "Promises", "promises", found=found, statuses=tuple(PledgeStatus))


def difference(request: Request, desk: Desk) -> Response:
    """Two dates, or two states of knowledge.

    Raises: BadRequest.
    """
    look, asked = desk.look(request, CLOCKS), query(request)
    given = {name: asked.get(f"before_{name}") or None for name in ("as_of", "announced_by", "recorded_by")}
    before, earlier = None, None
    if any(given.values()):
        before = look.tracker.clocks(
            given["as_of"] or look.clocks.as_of_text, given["announced_by"], given["recorded_by"]
        )
        earlier = desk.timeline(look.tracker, before)
    found = difference_page(look, earlier, before, asked)
    return page(look, "difference.html", "Difference", "difference", found=found)


def routes(request: Request, desk: Desk) -> Response:
    """Every way from one territory to another."""
    asked = query(request)
    look = desk.look(request, CLOCKS)
    more = {"found": routes_page(look, asked), "modes": tuple(Mode), "traffics": tuple(Traffic)}
    return page(look, "routes.html", "Routes", "routes", **more)


def about(request: Request, desk: Desk) -> Response:
    """What this is."""
    return page(desk.look(request), "about.html", "About", "about")


def method(request: Request, desk: Desk) -> Response:
    """How announcements are coded."""
    found = next((path for path in METHODS if path.exists()), None)
    text = html(found.read_text(encoding="utf-8")) if found else None
    return page(desk.look(request), "method.html", "Method", "about", text=text)
