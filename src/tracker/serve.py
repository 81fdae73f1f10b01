"""The server: API and pages behind one door. `uvicorn --factory tracker.serve:create` starts it."""

import importlib
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path

from fastapi import APIRouter, FastAPI

from tracker.api.application import application
from tracker.api.change_notifier import Hang, Newsroom
from tracker.api.middleware.metrics import Metrics
from tracker.api.middleware.rate_limit import Buckets
from tracker.api.state import Service
from tracker.model.errors import BadRequest
from tracker.model.events import Recorded
from tracker.projections.notifications import Listener
from tracker.services import records as wiring
from tracker.services.live import Live
from tracker.settings import Settings, read_settings
from tracker.store.errors import StoreUnavailable
from tracker.webhooks.post import PostOffice, ReadLog

PAGES = "tracker.web.routes"


def create(settings: Settings | None = None) -> FastAPI:
    """The application on the store, or the files, that the settings name.

    Raises: BadRequest, DatasetErrors, and what the store raises.
    """
    found = settings or read_settings()
    live = _live(found)
    log, metrics = _log(found, live), Metrics()
    post = _post(found, live, log, metrics) if found.webhooks else None
    service = Service(
        live, found, log, Newsroom(live, metrics, hang=_bell(found)), post, _regions(), Buckets(found.write_rate)
    )
    return application(service, _pages(live))


def _live(settings: Settings) -> Live:
    if settings.events is not None:
        return Live.of_files(settings.events, _now)
    live = Live.of_store(settings.store, _now, _say, replica=settings.replica)
    try:
        wiring.bring_up_views(settings.store)
    except StoreUnavailable as error:
        if settings.replica is None:
            raise
        _say(f"note: {error}; the views stay as they are")
    return live


def _bell(settings: Settings) -> Hang | None:
    """The store's own word that there is news; it is the primary's, for a replica has no bell."""
    if settings.events is not None:
        return None
    return partial(Listener, settings.store or wiring.default_store())


def _log(settings: Settings, live: Live) -> ReadLog:
    if settings.events is not None:
        events = wiring.log_of_files(settings.events, _now())
        return lambda after, limit: events[after : after + limit]

    def read(after: int, limit: int) -> Sequence[Recorded]:
        """From where the record was read, so that no event of it is missing."""
        return list(islice(wiring.log(live.held.address, after, limit), limit))

    return read


def _post(settings: Settings, live: Live, log: ReadLog, metrics: Metrics) -> PostOffice:
    """Raises: BadRequest, where there is no store to put deliveries down in."""
    if settings.events is not None:
        raise BadRequest("webhooks need a store, in which their deliveries are put down: leave events out")
    store = settings.store or wiring.default_store()
    return PostOffice(store, live, log, settings, count=lambda outcome: metrics.deliveries.labels(outcome).inc())


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
