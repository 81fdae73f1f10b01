"""The addresses of the pages."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tracker.services.live import Live
from tracker.web import pages
from tracker.web.answering import PageRoute, answer
from tracker.web.assets import assets, digest
from tracker.web.context import Desk
from tracker.web.dashboard import dashboard, fragment

FOR_EVER = "public, max-age=31536000, immutable"


def router(live: Live) -> APIRouter:
    """All pages, over a record that keeps up with its store."""
    desk = Desk(live)
    routes = APIRouter(route_class=PageRoute, include_in_schema=False)

    @routes.get("/")
    def home(request: Request) -> Response:
        return dashboard(request, desk)

    _library(routes, desk)

    @routes.get("/fragment/{part}")
    def piece(request: Request, part: str) -> Response:
        return fragment(request, desk, part)

    @routes.get("/data/timeline.json")
    def timeline(request: Request) -> Response:
        return desk.data(request)

    @routes.get("/position")
    def position(request: Request) -> Response:
        return desk.position(request)

    @routes.get("/static/{made}/{name}")
    def static(request: Request, made: str, name: str) -> Response:
        found = assets().get(name)
        if found is None:
            return Response(status_code=404)
        cache = FOR_EVER if made == digest() else "no-cache"
        return answer(request, found.body, found.kind, cache=cache, tag=f"{digest()}-{name}", packed=found.packed)

    desk.warm()
    return routes


def _library(routes: APIRouter, desk: Desk) -> None:
    """The pages beside the first one."""
    for name in ("subjects", "announcements", "promises", "difference", "routes", "about", "method"):
        routes.add_api_route(f"/{name}", _page(getattr(pages, name), desk), name=f"page-{name}")

    @routes.get("/subjects/{name}")
    def subject(request: Request, name: str) -> Response:
        return pages.subject(request, desk, name)

    @routes.get("/announcements.{form}")
    def download(request: Request, form: Literal["csv", "json"]) -> Response:
        return pages.download(request, desk, form)

    @routes.get("/announcements/{name}")
    def announcement(request: Request, name: str) -> Response:
        return pages.announcement(request, desk, name)


def _page(make: Callable[[Request, Desk], Response], desk: Desk) -> Callable[[Request], Response]:
    def shown(request: Request) -> Response:
        return make(request, desk)

    return shown
