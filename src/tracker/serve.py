"""The server: API and pages in one application. `uvicorn --factory tracker.serve:create` starts it."""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from fastapi import FastAPI

from tracker.api.application import application
from tracker.api.change_notifier import ChangeNotifier, Subscribe
from tracker.api.memory import MemoryBudget
from tracker.api.middleware.metrics import Metrics
from tracker.api.middleware.rate_limit import READING_BURST, RateLimiter
from tracker.api.state import ServerState
from tracker.extras import require
from tracker.model.errors import BadRequest
from tracker.model.events import Recorded
from tracker.projections.notifications import Listener
from tracker.services import records, stores
from tracker.services.edited_files import EditedFiles
from tracker.services.live import Live
from tracker.services.records import ReadLog
from tracker.services.stores import Origin
from tracker.settings import HANDED_DOWN, Settings, handed_down, read_settings, unknown_variables
from tracker.store.errors import StoreUnavailable
from tracker.web.map_geometry import REGIONS
from tracker.web.routes import error_page, router

if TYPE_CHECKING:
    from tracker.webhooks.sender import Sender


def local_now() -> datetime:
    """The time of this machine, with its offset."""
    return datetime.now().astimezone()


def create(settings: Settings | None = None, now: Callable[[], datetime] = local_now) -> FastAPI:
    """The application on the store, or the files, that the settings name.

    Args: settings: by default those of the environment and tracker.toml; now: tells which day is today.
    Raises: BadRequest, DatasetErrors, and what the store raises.
    """
    if settings is None:
        settings = read_settings(handed_down())
        if HANDED_DOWN not in os.environ:  # else the command has said so
            for text in unknown_variables():
                _note(f"note: {text}")
    if settings.metrics_address is not None and settings.workers > 1:
        raise BadRequest("metrics_address needs workers = 1: each process has metrics of its own")
    origin = stores.origin_of(settings)
    if settings.audit_key is not None:
        require("audit")
    files = EditedFiles(origin.events, now, _note) if origin.events is not None else None
    live = Live.of_files(files) if files is not None else _live(origin, now)
    log, metrics = files.log if files is not None else _log(live), Metrics()
    state = ServerState(
        live=live,
        settings=settings,
        log=log,
        notifier=ChangeNotifier(live, metrics, subscribe=_subscribe(origin)),
        memory=MemoryBudget(live, settings.cache_bytes),
        webhooks=_sender(origin, live, log, settings, metrics) if settings.webhooks else None,
        regions=REGIONS,
        token_limiter=RateLimiter(settings.write_rate),
        anonymous_limiter=RateLimiter(settings.read_rate, burst=READING_BURST),
    )
    return application(state, router(live), error_page)


def _live(origin: Origin, now: Callable[[], datetime]) -> Live:
    live = Live.of_store(origin.store, now, _note, replica=origin.replica)
    try:
        stores.bring_up_views(origin.store)
    except StoreUnavailable as error:
        if origin.replica is None:
            raise
        _note(f"note: {error}; the views stay as they are")
    return live


def _subscribe(origin: Origin) -> Subscribe | None:
    """The notifications of the store; with a replica they are the primary's, for a replica has none."""
    if origin.events is not None:
        return None
    return partial(Listener, origin.store)


def _log(live: Live) -> ReadLog:
    def read(after: int, limit: int) -> Sequence[Recorded]:
        """Read the log where the record was read, so that no event of the record is missing."""
        return list(islice(records.log(live.held.address, after, limit), limit))

    return read


def _sender(origin: Origin, live: Live, log: ReadLog, settings: Settings, metrics: Metrics) -> "Sender":
    """The sender of webhooks. Raises: BadRequest, where there is no store to keep deliveries in; MissingExtra."""
    if origin.events is not None:
        raise BadRequest("webhooks need a store, which keeps their deliveries: leave events out")
    require("webhooks")
    from tracker.webhooks.sender import Sender

    return Sender(origin.store, live, log, settings, count=lambda outcome: metrics.deliveries.labels(outcome).inc())


def _note(text: str) -> None:
    print(text, file=sys.stderr)
