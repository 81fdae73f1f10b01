"""What every page works with: the record, the viewpoint of the request, the timeline they share."""

import json
import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.routing import NoMatchFound

from tracker.queries.clocks import Clocks
from tracker.services.live import Live
from tracker.services.records import Tracker
from tracker.web import templating
from tracker.web.answering import answer
from tracker.web.timeline import Timeline, Timelines
from tracker.web.timeline_json import packed
from tracker.web.url_params import Viewpoint

STREAM = "/api/v1/changes/stream"
JSON = "application/json"


@dataclass(frozen=True)
class Look:
    """One request: what is looked at, and how."""

    request: Request
    tracker: Tracker
    view: Viewpoint
    clocks: Clocks
    timeline: Timeline

    @property
    def context(self) -> dict[str, Any]:
        """What every template may need."""
        registry = self.timeline.view.registry
        return {
            "view": self.view,
            "clocks": self.clocks,
            "position": self.tracker.record.position,
            "today": self.tracker.today.isoformat(),
            "dataset": registry.dataset.name,
            "with_state": registry.with_state,
            "registry": registry,
            "named": self.timeline.name,
            "stream": stream(self.request),
        }


class Desk:
    """Holds the timelines between requests."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self._timelines = Timelines()

    def look(self, request: Request, only: Collection[str] | None = None) -> Look:
        """What a request is about.

        Args: only: the parameters that count; on some pages the others mean something else.
        Raises: BadRequest.
        """
        tracker = self.live.current()
        given = query(request)
        view = Viewpoint.of(given if only is None else {key: given[key] for key in given if key in only})
        clocks = view.clocks(tracker)
        view.window(tracker)
        return Look(request, tracker, view, clocks, self._timelines.of(tracker, clocks, view.goods))

    def timeline(self, tracker: Tracker, clocks: Clocks) -> Timeline:
        """Another state of knowledge."""
        return self._timelines.of(tracker, clocks, None)

    def warm(self) -> None:
        """Work out what the first visitor will ask for, before he does."""
        threading.Thread(target=self._warm, name="tracker-web-warm", daemon=True).start()

    def _warm(self) -> None:
        tracker = self.live.current()
        timeline = self._timelines.of(tracker, tracker.clocks(None, None, None), None)
        timeline.prepare()
        templating.prepare()

    def data(self, request: Request) -> Response:
        """The timeline for the browser."""
        look = self.look(request)
        tag = f"{look.tracker.record.position}-{look.tracker.today}-{look.timeline.tag}"
        raw, small = look.timeline.kept("packed", lambda: packed(look.timeline))
        return answer(request, raw, JSON, tag=tag, packed=small)

    def position(self, request: Request) -> Response:
        """How far the record has come."""
        tracker = self.live.current()
        body = json.dumps({"position": tracker.record.position, "today": tracker.today.isoformat()})
        return answer(request, body, JSON, tag=f"{tracker.record.position}-{tracker.today}")


def query(request: Request) -> dict[str, str]:
    """The parameters of a request; one that is given more than once is a list."""
    given = request.query_params
    return {key: ",".join(dict.fromkeys(given.getlist(key))) for key in given}


def stream(request: Request) -> str | None:
    """The address of the feed of changes, where the server has one."""
    try:
        found = str(request.app.url_path_for("stream"))
    except NoMatchFound:
        return None
    return found if found == STREAM else None
