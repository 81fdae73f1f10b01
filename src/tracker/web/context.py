"""The context of a page: the record, the parameters of the address, and the timeline that pages share."""

import threading
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from fastapi import Request

from tracker.model.names import party_name
from tracker.queries.clocks import Clocks, record_up_to
from tracker.queries.selection import Selection
from tracker.services.live import Live
from tracker.services.records import Tracker
from tracker.web import templating
from tracker.web.statuses_at import StatusesAt
from tracker.web.timeline import Timeline, Timelines
from tracker.web.url_params import ViewParams


@dataclass(frozen=True)
class PageContext:
    """One request for a page."""

    tracker: Tracker
    view: ViewParams
    clocks: Clocks
    timeline: Timeline

    @cached_property
    def statuses(self) -> StatusesAt:
        """The statuses by the clocks of the page."""
        return StatusesAt(self.timeline, self.clocks)

    @property
    def variables(self) -> dict[str, Any]:
        """The variables that every template may use."""
        registry = self.timeline.view.registry
        return {
            "view": self.view,
            "clocks": self.clocks,
            "position": self.tracker.record.position,
            "revision": self.tracker.revision,
            "files_problem": self.tracker.problem,
            "stored": bool(self.tracker.address),
            "today": self.tracker.today.isoformat(),
            "dataset": registry.dataset.name,
            "covers_until": record_up_to(registry.dataset, self.timeline.tz, self.clocks.as_of),
            "with_state": registry.with_state,
            "registry": registry,
            "named": self.timeline.name,
            "party": partial(party_name, registry),
            "dated": self.view.dated,
            "said_later": self.said_later,
        }

    def said_later(self, announcement: str | None) -> str:
        """A mark on an announcement that was made after the date asked about; empty where it was not."""
        version = self.timeline.view.version(announcement) if announcement else None
        return " (said later)" if version is not None and version.order > self.clocks.as_of else ""


class Website:
    """The record of a server and the timelines computed from it, shared by all requests for pages."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self._timelines = Timelines()
        live.on_forget.append(self._timelines.forget)

    def context(self, request: Request, only: Collection[str] | None = None) -> PageContext:
        """The context of a request.

        Args: only: the parameters of the view that count; on some pages the others mean something else.
        Raises: BadRequest.
        """
        tracker = tracker_of(request)
        query = query_of(request)
        view = ViewParams.of(query if only is None else {key: query[key] for key in query if key in only})
        clocks = view.clocks(tracker)
        view.window(tracker)  # raises
        return PageContext(tracker, view, clocks, self._timelines.of(tracker, clocks, view.flow(tracker.record)))

    def timeline(self, tracker: Tracker, clocks: Clocks) -> Timeline:
        """The timeline of a record as it was known by some clocks."""
        return self._timelines.of(tracker, clocks, Selection())

    def warm(self) -> None:
        """Compute in the background what the first page needs."""
        threading.Thread(target=self._warm, name="tracker-web-warm", daemon=True).start()

    def _warm(self) -> None:
        tracker = self.live.held
        self.timeline(tracker, tracker.clocks(None, None, None)).prepare()
        templating.prepare()


def tracker_of(request: Request) -> Tracker:
    """The record that the middleware has chosen for the whole response, and tagged it by."""
    tracker = request.scope["tracker"]
    assert isinstance(tracker, Tracker)
    return tracker


def query_of(request: Request) -> dict[str, str]:
    """The parameters of a request; the values of one that is repeated are joined by commas."""
    params = request.query_params
    return {key: ",".join(dict.fromkeys(params.getlist(key))) for key in params}
