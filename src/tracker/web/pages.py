"""The pages, and the parts of the dashboard that the browser asks for again. Each is a function of site and request."""

import json
from collections.abc import Iterable, Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from tracker.model.errors import BadRequest, UnknownSubject
from tracker.model.vocabulary import Mode, PledgeStatus, Traffic
from tracker.queries.needs import journey_needs
from tracker.queries.routes import Journey, opened, read_modes
from tracker.queries.routes import routes as all_routes
from tracker.queries.selection import Selection, find
from tracker.queries.supposed import suppose
from tracker.queries.tabular import csv_of
from tracker.web.context import PageContext, Website, query_of, tracker_of
from tracker.web.templating import markdown, render
from tracker.web.timeline_json import timeline_json
from tracker.web.url_params import listed
from tracker.web.views.announcements import announcement_list, announcement_page
from tracker.web.views.changes import change_list
from tracker.web.views.day import day_summary
from tracker.web.views.difference import difference_page
from tracker.web.views.lanes import lane_groups, table_rows
from tracker.web.views.map import map_view
from tracker.web.views.promises import pledge_ledger
from tracker.web.views.subject import subject_page
from tracker.web.views.time_slider import time_slider
from tracker.web.views.why import why_view

JSON = "application/json"
CLOCKS = ("as_of", "announced_by", "recorded_by")
JOURNEY_FIELDS = ("from", "to", "mode", "modes", "traffic", "goods", "only", *CLOCKS, "suppose")
FRAGMENTS = {"map": "_map.html", "timelines": "_lanes.html", "table": "_table.html"}
METHOD = [Path(__file__).parent / "method.md", Path(__file__).parents[3] / "docs" / "method.md"]  # wheel, source tree


def dashboard(site: Website, request: Request) -> Response:
    """Map, timelines or table at a date, with the panel and the time slider."""
    context = site.context(request)
    variables = context.variables | _panel(context) | _canvas(context) | _frame(context)
    variables |= {"title": context.clocks.as_of_text, "section": "dashboard"}
    return HTMLResponse(render("dashboard.html", variables))


def fragment(site: Website, request: Request, part: str) -> Response:
    """A part of the dashboard: panel, map, timelines or table.

    Raises: UnknownSubject.
    """
    context = site.context(request)
    if part == "panel":
        variables = context.variables | _panel(context) | _frame(context)
        return HTMLResponse(render(variables["panel"], variables))
    if part not in FRAGMENTS:
        raise UnknownSubject(f"there is no page fragment {part!r}")
    return HTMLResponse(render(FRAGMENTS[part], context.variables | _canvas(context) | _frame(context)))


def _frame(context: PageContext) -> dict[str, Any]:
    return {
        "day": day_summary(context.timeline, context.view, context.clocks),
        "slider": time_slider(context),
        "modes": tuple(Mode),
        "traffics": tuple(Traffic),
        "empty": not context.timeline.tracks,
    }


def _canvas(context: PageContext) -> dict[str, Any]:
    statuses, view = context.statuses, context.view
    match view.view:
        case "map":
            drawing = map_view(statuses, view)
            return {"map": drawing, "unplaced": drawing.unplaced}
        case "timelines":
            return {"lanes": lane_groups(statuses, view), "unplaced": ()}
        case _:
            return {"table": table_rows(statuses, view), "unplaced": ()}


def _panel(context: PageContext) -> dict[str, Any]:
    if context.view.subject is None:
        return {"panel": "_day.html"}
    why = why_view(context.tracker, context.clocks, context.view, context.view.subject)
    return {"panel": "_why.html", "why": why}


def _page(context: PageContext, template: str, title: str, section: str, **variables: Any) -> Response:
    return HTMLResponse(render(template, context.variables | {"title": title, "section": section} | variables))


def subjects(site: Website, request: Request) -> Response:
    """All subjects by kind, with the range of their statuses."""
    context = site.context(request)
    timeline = context.timeline
    kinds: dict[str, list[Any]] = {}
    for key, subject in timeline.view.registry.with_state.items():
        statuses = context.statuses.range(timeline.tracks.get(key, ()))
        kinds.setdefault(subject.type.value, []).append((subject, statuses))
    return _page(context, "subjects.html", "Subjects", "subjects", kinds=kinds)


def subject(site: Website, request: Request, name: str) -> Response:
    """One subject, by its id or a name.

    Raises: UnknownSubject.
    """
    context = site.context(request)
    key = find(context.timeline.view.registry, name).id
    page = subject_page(context, key, status_only=query_of(request).get("changes") == "status")
    why = why_view(context.tracker, context.clocks, context.view, key)
    slider = time_slider(context, min_distance=9)
    return _page(context, "subject.html", page.group.name, "subjects", page=page, why=why, slider=slider)


def announcements(site: Website, request: Request) -> Response:
    """The list of announcements, narrowed by search and facets."""
    context = site.context(request, CLOCKS)
    page = announcement_list(context, query_of(request))
    return _page(context, "announcements.html", "Announcements", "announcements", page=page)


def download(site: Website, request: Request, form: Literal["csv", "json"]) -> Response:
    """The announcements that the list shows, as CSV or JSON."""
    answers = announcement_list(site.context(request, CLOCKS), query_of(request)).matches
    headers = {"Content-Disposition": f'attachment; filename="announcements.{form}"'}
    if form == "csv":
        return Response(csv_of("announcements", answers), 200, headers, "text/csv; charset=utf-8")
    items = [answer.model_dump(mode="json", by_alias=True) for answer in answers]
    return Response(json.dumps(items, ensure_ascii=False, indent=1), 200, headers, JSON)


def announcement(site: Website, request: Request, name: str) -> Response:
    """One announcement.

    Raises: UnknownAnnouncement.
    """
    context = site.context(request)
    page = announcement_page(context, name)
    return _page(context, "announcement.html", page.show.announcement.title, "announcements", page=page)


def promises(site: Website, request: Request) -> Response:
    """The ledger of pledges.

    Raises: BadRequest.
    """
    context, query = site.context(request, CLOCKS), query_of(request)
    page = pledge_ledger(context, query.get("party") or None, query.get("status") or None)
    return _page(context, "promises.html", "Promises", "promises", page=page, statuses=tuple(PledgeStatus))


def difference(site: Website, request: Request) -> Response:
    """The difference between two dates, or between two states of knowledge.

    Raises: BadRequest.
    """
    context, query = site.context(request, CLOCKS), query_of(request)
    page, titles = difference_page(site, context, query), _titles(context)
    return _page(context, "difference.html", "Difference", "difference", page=page, titles=titles)


def _titles(context: PageContext) -> Mapping[str, str]:
    return {key: answer.title for key, answer in context.timeline.by_id.items()}


def changes(site: Website, request: Request) -> Response:
    """Every change in a period.

    Raises: BadRequest, UnknownSubject.
    """
    context = site.context(request, CLOCKS)
    page, titles = change_list(context, query_of(request)), _titles(context)
    return _page(context, "changes.html", "Every change", "difference", page=page, titles=titles)


def changes_download(site: Website, request: Request) -> Response:
    """The changes that the list shows, as CSV."""
    answers = change_list(site.context(request, CLOCKS), query_of(request)).changes
    headers = {"Content-Disposition": 'attachment; filename="changes.csv"'}
    return Response(csv_of("changes-in-period", answers), 200, headers, "text/csv; charset=utf-8")


def routes(site: Website, request: Request) -> Response:
    """Every way from one territory to another, if a start and an end are given."""
    context, query = site.context(request, CLOCKS), query_of(request)
    fields = {name: query.get(name, "").strip() for name in JOURNEY_FIELDS}
    texts = listed(fields["suppose"])
    variables: dict[str, Any] = {
        "fields": fields, "suppose": texts, "supposing": partial(_supposing, fields),
        "answer": None, "opened": None, "needs": None, "problem": None,
    }  # fmt: skip
    if fields["from"] and fields["to"]:
        try:
            journey = _journey(fields)
            record, clocks = suppose(context.tracker.record, context.clocks, texts)
            variables |= {
                "answer": all_routes(record, clocks, journey),
                "needs": journey_needs(record, clocks, journey),
            }
            if not texts:
                variables["opened"] = opened(record, clocks, journey)
        except (BadRequest, UnknownSubject) as error:
            variables["problem"] = str(error)
    variables |= {"modes": tuple(Mode), "traffics": tuple(Traffic)}
    page = _page(context, "routes.html", "Routes", "routes", **variables)
    page.status_code = 200 if variables["problem"] is None else HTTPStatus.BAD_REQUEST
    return page


def _supposing(fields: Mapping[str, str], texts: Iterable[str]) -> str:
    """The address of the same journey with some statements supposed and no others."""
    return "?" + urlencode({name: value for name, value in {**fields, "suppose": ",".join(texts)}.items() if value})


def _journey(fields: Mapping[str, str]) -> Journey:
    try:
        mode = Mode(fields["mode"]) if fields["mode"] else None
        traffic = Traffic(fields["traffic"]) if fields["traffic"] else Traffic.GOODS
    except ValueError as error:
        raise BadRequest(f"{error}: choose from the list") from None
    goods = fields["goods"] or None
    Selection(goods=goods)  # raises
    modes = read_modes("modes", fields["modes"])
    return Journey(fields["from"], fields["to"], mode, traffic, goods, listed(fields["only"]), modes)


def about(site: Website, request: Request) -> Response:
    """An introduction to the site."""
    return _page(site.context(request), "about.html", "About", "about")


def method(site: Website, request: Request) -> Response:
    """The rules by which announcements are coded: docs/method.md."""
    path = next((path for path in METHOD if path.exists()), None)
    text = markdown(path.read_text(encoding="utf-8")) if path else None
    return _page(site.context(request), "method.html", "Method", "about", text=text)


def timeline_data(site: Website, request: Request) -> Response:
    """The timeline for the browser."""
    return Response(timeline_json(site.context(request).timeline), media_type=JSON)


def position(_site: Website, request: Request) -> Response:
    """The position of the record, which the browser polls."""
    tracker = tracker_of(request)
    body = {
        "position": tracker.record.position, "revision": tracker.revision, "problem": tracker.problem,
        "today": tracker.today.isoformat(),
    }  # fmt: skip
    return Response(json.dumps(body), media_type=JSON)
