"""The server: API and pages in one application. `uvicorn --factory tracker.serve:create` starts it."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import islice

from fastapi import FastAPI

from tracker.api.application import application
from tracker.api.change_notifier import ChangeNotifier, Subscribe
from tracker.api.middleware.metrics import Metrics
from tracker.api.middleware.rate_limit import RateLimiter
from tracker.api.state import ServerState
from tracker.model.errors import BadRequest
from tracker.model.events import Recorded
from tracker.projections.notifications import Bell
from tracker.services import records as wiring
from tracker.services.live import Live
from tracker.settings import Settings, read_settings
from tracker.store.errors import StoreUnavailable
from tracker.web.map_geometry import REGIONS
from tracker.web.routes import error_page, router
from tracker.webhooks.post import PostOffice, ReadLog


def local_now() -> datetime:
    """The time of this machine, with its offset."""
    return datetime.now().astimezone()


def create(settings: Settings | None = None, now: Callable[[], datetime] = local_now) -> FastAPI:
    """The application on the store, or the files, that the settings name.

    Args: settings: by default those of the environment and tracker.toml; now: tells which day is today.
    Raises: BadRequest, DatasetErrors, and what the store raises.
    """
    settings = settings or read_settings()
    live = _live(settings, now)
    log, metrics = _log(settings, live, now), Metrics()
    state = ServerState(
        live=live,
        settings=settings,
        log=log,
        notifier=ChangeNotifier(live, metrics, subscribe=_subscribe(settings)),
        post=_post(settings, live, log, metrics) if settings.webhooks else None,
        regions=REGIONS,
        token_limiter=RateLimiter(settings.write_rate),
    )
    return application(state, router(live), error_page)


def _live(settings: Settings, now: Callable[[], datetime]) -> Live:
    if settings.events is not None:
        return Live.of_files(settings.events, now)
    live = Live.of_store(settings.store, now, _note, replica=settings.replica)
    try:
        wiring.bring_up_views(settings.store)
    except StoreUnavailable as error:
        if settings.replica is None:
            raise
        _note(f"note: {error}; the views stay as they are")
    return live


def _subscribe(settings: Settings) -> Subscribe | None:
    """The notifications of the store; with a replica they are the primary's, for a replica has none."""
    if settings.events is not None:
        return None
    return partial(Bell, settings.store or wiring.default_store())


def _log(settings: Settings, live: Live, now: Callable[[], datetime]) -> ReadLog:
    if settings.events is not None:
        events = wiring.log_of_files(settings.events, now())
        return lambda after, limit: events[after : after + limit]

    def read(after: int, limit: int) -> Sequence[Recorded]:
        """Read the log where the record was read, so that no event of the record is missing."""
        return list(islice(wiring.log(live.held.address, after, limit), limit))

    return read


def _post(settings: Settings, live: Live, log: ReadLog, metrics: Metrics) -> PostOffice:
    """Raises: BadRequest, where there is no store to keep deliveries in."""
    if settings.events is not None:
        raise BadRequest("webhooks need a store, which keeps their deliveries: leave events out")
    store = settings.store or wiring.default_store()
    return PostOffice(store, live, log, settings, count=lambda outcome: metrics.deliveries.labels(outcome).inc())


def _note(text: str) -> None:
    print(text, file=sys.stderr)
