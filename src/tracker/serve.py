"""The server: API and pages behind one door. `uvicorn --factory tracker.serve:create` starts it."""

import importlib
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI

from tracker.api.application import application
from tracker.api.change_notifier import Hang, Newsroom
from tracker.api.middleware.metrics import Metrics
from tracker.api.middleware.rate_limit import Buckets
from tracker.api.state import Service
from tracker.extras import require
from tracker.model.errors import BadRequest
from tracker.model.events import Recorded
from tracker.projections.notifications import Bell
from tracker.services import records, stores
from tracker.services.live import Live
from tracker.services.records import ReadLog
from tracker.services.stores import Origin
from tracker.settings import Settings, handed_down, read_settings
from tracker.store.errors import StoreUnavailable

if TYPE_CHECKING:
    from tracker.webhooks.sender import Sender

PAGES = "tracker.web.routes"


def create(settings: Settings | None = None) -> FastAPI:
    """The application on the store, or the files, that the settings name.

    Raises: BadRequest, DatasetErrors, and what the store raises.
    """
    found = settings or read_settings(handed_down())
    place = stores.origin_of(found)
    if found.audit_key is not None:
        require("audit")
    live = _live(place)
    log, metrics = _log(place, live), Metrics()
    sender = _sender(place, live, log, found, metrics) if found.webhooks else None
    service = Service(
        live, found, log, Newsroom(live, metrics, hang=_bell(place)), sender, _regions(), Buckets(found.write_rate)
    )
    return application(service, _pages(live))


def _live(place: Origin) -> Live:
    if place.events is not None:
        return Live.of_files(place.events, _now)
    live = Live.of_store(place.store, _now, _say, replica=place.replica)
    try:
        stores.bring_up_views(place.store)
    except StoreUnavailable as error:
        if place.replica is None:
            raise
        _say(f"note: {error}; the views stay as they are")
    return live


def _bell(place: Origin) -> Hang | None:
    """Notifications of the store; of the primary, as a replica sends none."""
    if place.events is not None:
        return None
    return partial(Bell, place.store)


def _log(place: Origin, live: Live) -> ReadLog:
    if place.events is not None:
        events = records.log_of_files(place.events, _now())
        return lambda after, limit: events[after : after + limit]

    def read(after: int, limit: int) -> Sequence[Recorded]:
        """From where the record was read, so that no event of it is missing."""
        return list(islice(records.log(live.held.address, after, limit), limit))

    return read


def _sender(place: Origin, live: Live, log: ReadLog, settings: Settings, metrics: Metrics) -> "Sender":
    """Raises: BadRequest, where there is no store to keep deliveries in; MissingExtra."""
    if place.events is not None:
        raise BadRequest("webhooks need a store, in which their deliveries are kept: leave events out")
    require("webhooks")
    from tracker.webhooks.sender import Sender

    return Sender(place.store, live, log, settings, count=lambda outcome: metrics.deliveries.labels(outcome).inc())


def _pages(live: Live) -> list[APIRouter]:
    """The pages, where this installation has some."""
    try:
        module = importlib.import_module(PAGES)
    except ModuleNotFoundError as error:
        if error.name is None or not PAGES.startswith(error.name):
            raise
        return []
    router = module.router(live)
    assert isinstance(router, APIRouter)
    return [router]


def _regions() -> Path | None:
    """Folders with geometry, where this installation has some."""
    found = Path(__file__).parent / "web" / "regions"
    return found if found.is_dir() else None


def _now() -> datetime:
    return datetime.now().astimezone()


def _say(words: str) -> None:
    print(words, file=sys.stderr)
