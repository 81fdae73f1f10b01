"""The addresses of the pages, of static files and of errors."""

import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from tracker.services.live import Live
from tracker.web import pages
from tracker.web.context import Website
from tracker.web.templating import render, static_digest, static_files

PAGES: dict[str, Callable[..., Response]] = {
    "/": pages.dashboard,
    "/fragment/{part}": pages.fragment,
    "/subjects": pages.subjects,
    "/subjects/{name}": pages.subject,
    "/announcements": pages.announcements,
    "/announcements.{form}": pages.download,
    "/announcements/{name}": pages.announcement,
    "/promises": pages.promises,
    "/difference": pages.difference,
    "/changes": pages.changes,
    "/changes.csv": pages.changes_download,
    "/routes": pages.routes,
    "/about": pages.about,
    "/method": pages.method,
    "/data/timeline.json": pages.timeline_data,
    "/position": pages.position,
}
IMMUTABLE = "public, max-age=31536000, immutable"
ERROR_TITLES = {HTTPStatus.NOT_FOUND: "Not found", HTTPStatus.BAD_REQUEST: "Not understood"}
ERROR_ADVICE = {
    HTTPStatus.NOT_FOUND: "Search the announcements for it, or choose from the lists.",
    HTTPStatus.BAD_REQUEST: "Go back and change it, or start again from the map.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Try again in a moment.",
    HTTPStatus.TOO_MANY_REQUESTS: "Try again in a moment.",
}
_FOR_PROGRAMS = re.compile(r":[^:]*(`tracker [^`]*`|/api/v1/docs)[^:]*$")  # advice of the command line and the API
_CLOCK = re.compile(r"^(as|announced|recorded)-(of|by)\b")  # as the command line writes it


def router(live: Live) -> APIRouter:
    """All pages of a record that follows its store; they are served behind the middleware of the API."""
    site = Website(live)
    routes = APIRouter(include_in_schema=False)
    for path, page in PAGES.items():
        routes.add_api_route(path, partial(page, site), name=page.__name__)
    routes.add_api_route("/static/{digest}/{name}", static_file)
    site.warm()
    return routes


def static_file(digest: str, name: str) -> Response:
    """A style, a script or the icon; browsers cache it without end under the digest of all static files."""
    file = static_files().get(name)
    if file is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    headers = {"Cache-Control": IMMUTABLE if digest == static_digest() else "no-cache"}
    return Response(file.body, 200, headers, file.media_type)


def error_page(status: int, text: str) -> str:
    """The page of an error: its message, with advice for readers of pages in place of that for other faces."""
    title = ERROR_TITLES.get(HTTPStatus(status), HTTPStatus(status).phrase)
    message = _CLOCK.sub(r"\1 \2", _FOR_PROGRAMS.sub("", text))
    advice = ERROR_ADVICE.get(HTTPStatus(status), "The server's log says more.")
    return render("error.html", {"status": status, "text": message, "advice": advice, "title": title})
