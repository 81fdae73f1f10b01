"""The API as an application: routes, doors and what happens in the background."""

import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from tracker.api.endpoints import announcements, audit, docs, feeds, health, maps, routes, states, writing
from tracker.api.middleware.limits import Deadline, Headers, Limits
from tracker.api.middleware.metrics import Watch, access_log
from tracker.api.middleware.rate_limit import Rates
from tracker.api.middleware.read_your_writes import Positions
from tracker.api.middleware.response_cache import KeptAnswers
from tracker.api.openapi import document
from tracker.api.problems import add_handlers
from tracker.api.state import Service
from tracker.extras import DISTRIBUTION

PREFIX = "/api/v1"
ROUTERS = [module.router for module in (states, announcements, routes, maps, feeds, writing, audit)]
SMALLEST = 500  # bytes that are worth compressing


def application(service: Service, pages: Sequence[APIRouter] = ()) -> FastAPI:
    """The whole server: the API, and pages where there are some."""
    app = FastAPI(
        title="tracker", openapi_url=None, docs_url=None, redoc_url=None, lifespan=_lifespan,
        middleware=_middleware(service), redirect_slashes=False,
    )  # fmt: skip
    app.state.service = service
    app.state.document = _Document(app, service)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.include_router(health.router)
    app.include_router(docs.router)
    for router in pages:
        app.include_router(router, include_in_schema=False)
    add_handlers(app)
    return app


class _Document:
    """The OpenAPI document, made when it is first asked for."""

    def __init__(self, app: FastAPI, service: Service) -> None:
        self._app, self._service = app, service
        self._text: str | None = None

    def __call__(self) -> str:
        if self._text is None:
            found = document(self._app, self._service.live.held, version(DISTRIBUTION))
            self._text = json.dumps(found, ensure_ascii=False)
        return self._text


def _middleware(service: Service) -> list[Middleware]:
    """From the outside in."""
    settings = service.settings
    cors = Middleware(
        CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Tracker-After"], max_age=86_400,
        expose_headers=["ETag", "Link", "Location", "Retry-After", "Tracker-Position", "X-Request-Id"],
    )  # fmt: skip
    return [
        Middleware(Watch, metrics=service.newsroom.metrics, log=access_log(settings.access_log)),
        Middleware(Headers),
        *([cors] if settings.cors_origins else []),
        Middleware(Rates, reads=settings.read_rate, writes=settings.write_rate),
        Middleware(
            Limits, body=settings.max_body, query=settings.max_query,
            requests=settings.max_requests, streams=settings.max_streams,
        ),
        Middleware(Positions, newsroom=service.newsroom),
        Middleware(KeptAnswers, current=lambda: service.live.held, most=settings.cache_bytes),
        Middleware(Deadline, seconds=settings.timeout),
        Middleware(GZipMiddleware, minimum_size=SMALLEST, compresslevel=6),
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(service.newsroom.open())
        if service.webhooks is not None:
            await stack.enter_async_context(service.webhooks.open())
        yield
