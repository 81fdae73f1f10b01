"""Metrics for Prometheus, and the access log: a line of JSON for each request."""

import json
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    start_http_server,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.api.middleware.response_cache import route_of

LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # seconds
MAX_URL_CHARS, MAX_AGENT_CHARS = 1000, 200  # in a line of the log


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tracker_requests_total", "Requests answered.", ("route", "status"), registry=self.registry
        )
        about = "Time to the end of an answer."
        self.seconds = Histogram(
            "tracker_request_seconds", about, ("route",), buckets=LATENCY_BUCKETS, registry=self.registry
        )
        self.under_way = Gauge("tracker_requests_under_way", "Requests being answered.", registry=self.registry)
        self.position = Gauge("tracker_log_position", "The last position of the log held.", registry=self.registry)
        about = "1 if the log lost its end, or gave way to another, while it was followed."
        self.log_alarm = Gauge("tracker_log_alarm", about, registry=self.registry)
        self.listeners = Gauge("tracker_stream_listeners", "Open streams of changes.", registry=self.registry)
        self.deliveries = Counter(
            "tracker_webhook_deliveries_total", "Attempts to deliver to a webhook.", ("outcome",),
            registry=self.registry,
        )  # fmt: skip
        self.store_errors = Counter(
            "tracker_store_errors_total", "Looks at the store that failed.", registry=self.registry
        )

    def exposition(self) -> tuple[bytes, str]:
        """All metrics in the format of Prometheus, and its media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST

    @contextmanager
    def served_at(self, address: str) -> Iterator[None]:
        """Serve the metrics at HOST:PORT, in a thread, until the end of the context. Raises: OSError."""
        host, _, port = address.rpartition(":")
        server, thread = start_http_server(int(port), host.strip("[]"), self.registry)
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class RequestMetrics:
    """Time, count and log each request, and name it in `X-Request-Id`."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, log: TextIO | None) -> None:
        self.app = app
        self.metrics = metrics
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status, size = time.perf_counter(), 500, 0
        request_id = uuid.uuid4().hex

        async def send_measured(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            else:
                size += len(message.get("body", b""))
            await send(message)

        self.metrics.under_way.inc()
        try:
            await self.app(scope, receive, send_measured)
        finally:
            self.metrics.under_way.dec()
            seconds = time.perf_counter() - begun
            route = route_of(scope)
            self.metrics.requests.labels(route, str(status)).inc()
            self.metrics.seconds.labels(route).observe(seconds)
            if self.log is not None:
                self.log.write(_log_line(scope, request_id, status, size, seconds))
                self.log.flush()


def _log_line(scope: Scope, request_id: str, status: int, size: int, seconds: float) -> str:
    headers = dict(scope["headers"])
    client = scope.get("client")
    entry = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request": request_id,
        "client": client[0] if client else None,
        "writer": scope.get("writer"),
        "method": scope["method"],
        "path": scope["path"][:MAX_URL_CHARS],
        "query": scope["query_string"].decode("latin-1")[:MAX_URL_CHARS],
        "status": status,
        "bytes": size,
        "ms": round(seconds * 1000, 2),
        "agent": headers.get(b"user-agent", b"").decode("latin-1")[:MAX_AGENT_CHARS],
    }
    return json.dumps(entry) + "\n"


def access_log(enabled: bool) -> TextIO | None:
    return sys.stdout if enabled else None
