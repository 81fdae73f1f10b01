"""The server as an application: routes, middleware, and the tasks that run in the background."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from tracker.api import openapi
from tracker.api.connections import Connections
from tracker.api.endpoints import announcements, audit, feeds, health, routes, states, writing
from tracker.api.memory import SHARE_OF_ANSWERS
from tracker.api.middleware.hosts import AllowedHosts, allowed_hosts
from tracker.api.middleware.limits import RequestLimits, ResponseTimeout
from tracker.api.middleware.metrics import RequestMetrics, access_log
from tracker.api.middleware.one_at_a_time import OneAtATime
from tracker.api.middleware.rate_limit import RateLimit
from tracker.api.middleware.read_your_writes import ReadYourWrites
from tracker.api.middleware.response_cache import ResponseCache
from tracker.api.middleware.security_headers import SecurityHeaders
from tracker.api.problems import ErrorPage, add_handlers
from tracker.api.state import ServerState

PREFIX = "/api/v1"
ROUTERS = [
    states.router, announcements.router, routes.router, states.map_router, feeds.router, writing.router, audit.router,
]  # fmt: skip
MIN_GZIP_BYTES = 500  # what is shorter is not worth compressing


def application(state: ServerState, pages: APIRouter | None = None, error_page: ErrorPage | None = None) -> FastAPI:
    """The API, and pages if there are any, behind the same middleware.

    Args: error_page: draws the errors of paths outside the API; by default they are problem details, too.
    """
    app = FastAPI(
        title="tracker", openapi_url=None, docs_url=None, redoc_url=None, lifespan=_lifespan,
        middleware=_middleware(state), redirect_slashes=False,
    )  # fmt: skip
    app.state.server = state
    app.state.connections = Connections(most=state.settings.max_connections, trusted=state.settings.trusted_proxies)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.include_router(health.router)
    if state.settings.metrics_address is None:
        app.include_router(health.metrics_router)
    app.include_router(openapi.router)
    if pages is not None:
        app.include_router(pages, include_in_schema=False)
    add_handlers(app, error_page)
    return app


def _middleware(state: ServerState) -> list[Middleware]:
    """The middleware, from the outermost to the innermost."""
    settings = state.settings
    cors = Middleware(
        CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Tracker-After"], max_age=86_400,
        expose_headers=["ETag", "Link", "Location", "Retry-After", "Tracker-Log", "Tracker-Position", "X-Request-Id"],
    )  # fmt: skip
    proxies = Middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    return [
        *([proxies] if settings.trusted_proxies else []),
        Middleware(RequestMetrics, metrics=state.notifier.metrics, log=access_log(settings.access_log)),
        Middleware(SecurityHeaders),
        *([cors] if settings.cors_origins else []),
        Middleware(AllowedHosts, hosts=allowed_hosts(settings)),
        Middleware(ReadYourWrites, notifier=state.notifier),
        Middleware(RateLimit, limiter=state.anonymous_limiter),
        Middleware(
            RequestLimits, body=settings.max_body, query=settings.max_query,
            requests=settings.max_requests, streams=settings.max_streams,
        ),
        Middleware(
            ResponseCache, current=lambda: state.live.held, max_bytes=settings.cache_bytes // SHARE_OF_ANSWERS
        ),
        Middleware(ResponseTimeout, seconds=settings.timeout),
        Middleware(OneAtATime, limiter=state.anonymous_limiter),
        Middleware(GZipMiddleware, minimum_size=MIN_GZIP_BYTES, compresslevel=6),
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state: ServerState = app.state.server
    async with contextlib.AsyncExitStack() as stack:
        if state.settings.metrics_address is not None:
            stack.enter_context(state.notifier.metrics.served_at(state.settings.metrics_address))
        await stack.enter_async_context(state.notifier.open())
        await stack.enter_async_context(state.memory.open())
        if state.webhooks is not None:
            await stack.enter_async_context(state.webhooks.open())
        stack.callback(state.writes.close)
        stack.callback(state.store_reads.close)
        yield
