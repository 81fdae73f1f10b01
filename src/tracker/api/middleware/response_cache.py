"""The response cache: entity tags, 304, and the bytes of earlier responses. Plain ASGI, for speed.

A response depends on the question, the record, the day and the program. The last three make the entity tag of every
response of the API and of every page; a response that was computed once under a tag is sent again from memory.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.api.middleware.limits import STREAM_PATHS
from tracker.api.parameters import ClockParameters
from tracker.extras import DISTRIBUTION
from tracker.services.records import Tracker

Header = tuple[bytes, bytes]
CacheKey = tuple[str, bytes, bool]  # path, query, whether compressed
NOT_KEPT = "tracker.not_kept"  # set in the scope of a request whose answer depends on more than that
REVALIDATE, PINNED = b"public, no-cache", b"public, max-age=3600"
_ENTRY_OVERHEAD = 1000  # bytes of headers and bookkeeping, about


class CachedResponse(NamedTuple):
    """A response as it was sent."""

    headers: list[Header]
    body: bytes
    route: str


class ResponseCache:
    """Tag successful responses with the state of the record, keep them, and answer 304 to a client that has one.

    A response that sets `no-store`, a cookie or an entity tag of its own passes untouched; one that sets another
    Cache-Control keeps it. The cache is emptied when the record or the day changes.
    """

    def __init__(self, app: ASGIApp, *, current: Callable[[], Tracker], max_bytes: int) -> None:
        self.app = app
        self.current = current
        self.max_bytes = max_bytes
        self._bytes = 0
        self._responses: OrderedDict[CacheKey, CachedResponse] = OrderedDict()
        self._under_way: dict[tuple[CacheKey, bytes], asyncio.Future[CachedResponse | None]] = {}
        self._tracker: Tracker | None = None
        self._tag = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["path"] in STREAM_PATHS:
            await self.app(scope, receive, send)
            return
        scope["tracker"] = tracker = self.current()
        record_tag = self._tag_of(tracker)
        tag = supposed_tag(record_tag, scope["query_string"])
        key = (scope["path"], scope["query_string"], _accepts_gzip(scope))
        head_only = scope["method"] == "HEAD"
        cached = self._responses.get(key) or await self._worked_out_now(key, record_tag)
        if cached is not None:
            if key in self._responses:
                self._responses.move_to_end(key)
            scope["tracker.route"] = cached.route
            await _respond(scope, send, cached, tag, head_only)
            return
        recorder = _ResponseRecorder(scope, send, tag, _is_pinned(scope, tracker), head_only)
        scope["method"] = "GET"
        under_way: asyncio.Future[CachedResponse | None] = asyncio.get_running_loop().create_future()
        recorder.on_response = partial(_set_result, under_way)
        self._under_way.setdefault((key, record_tag), under_way)
        try:
            await self.app(scope, receive, recorder)
        finally:
            _set_result(under_way, None)
            if self._under_way.get((key, record_tag)) is under_way:
                del self._under_way[key, record_tag]
        if recorder.response is not None and self._tag == record_tag and key not in self._responses:
            self._keep(key, recorder.response)

    async def _worked_out_now(self, key: CacheKey, record_tag: bytes) -> CachedResponse | None:
        """The response that is being worked out for an equal question; None where there is none, or it is not kept."""
        under_way = self._under_way.get((key, record_tag))
        return None if under_way is None else await asyncio.shield(under_way)

    def _tag_of(self, tracker: Tracker) -> bytes:
        if tracker is not self._tracker:
            self._tracker = tracker
            self._tag = entity_tag(tracker)
            self._responses.clear()
            self._bytes = 0
        return self._tag

    def _keep(self, key: CacheKey, response: CachedResponse) -> None:
        self._responses[key] = response
        self._bytes += _size(key, response)
        while self._bytes > self.max_bytes:
            self._bytes -= _size(*self._responses.popitem(last=False))


def _size(key: CacheKey, response: CachedResponse) -> int:
    return len(response.body) + len(key[0]) + len(key[1]) + _ENTRY_OVERHEAD


def route_of(scope: Scope) -> str:
    """The pattern of the route that answered, for metrics by route; "none" where none matched."""
    return scope.get("tracker.route") or getattr(scope.get("route"), "path", None) or "none"


def entity_tag(tracker: Tracker) -> bytes:
    """The weak entity tag of all responses: the log's position, a digest of its content and the program, the day."""
    record = tracker.record
    digests = (version.digest for versions in record.announcements.values() for version in versions)
    mark = hashlib.sha256("".join([*digests, tracker.revision, _program_digest()]).encode()).hexdigest()[:8]
    return f'W/"{record.position}-{mark}-{tracker.today}"'.encode()


def supposed_tag(tag: bytes, query: bytes) -> bytes:
    """The entity tag of a response, with a mark of the query where that supposes statements."""
    if b"suppose" not in query:
        return tag
    return tag[:-1] + b"-" + hashlib.sha256(query).hexdigest()[:8].encode() + b'"'


@cache
def _program_digest() -> str:
    """A digest of the program's version and files, so that no client keeps a response that another one formed."""
    files = Path(__file__).parents[2].rglob("*.*")
    kinds = {".py", ".html", ".js", ".css", ".svg", ".json", ".geojson"}
    digest = hashlib.sha256(version(DISTRIBUTION).encode())
    for path in sorted(path for path in files if path.suffix in kinds):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def has_tag(scope: Scope, tag: bytes) -> bool:
    """Whether the client says that it holds a response with this entity tag."""
    held = b",".join(value for name, value in scope["headers"] if name == b"if-none-match")
    return bool(held) and (held.strip() == b"*" or tag in (part.strip() for part in held.split(b",")))


async def _respond(scope: Scope, send: Send, response: CachedResponse, tag: bytes, head_only: bool) -> None:
    if has_tag(scope, tag):
        await _not_modified(send, response.headers)
        return
    await send({"type": "http.response.start", "status": 200, "headers": list(response.headers)})
    await send({"type": "http.response.body", "body": b"" if head_only else response.body})


async def _not_modified(send: Send, headers: list[Header]) -> None:
    kept = [header for header in headers if header[0] in (b"etag", b"cache-control", b"vary")]
    await send({"type": "http.response.start", "status": 304, "headers": kept})
    await send({"type": "http.response.body", "body": b""})


def _accepts_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value.lower() for name, value in scope["headers"])


def _is_pinned(scope: Scope, tracker: Tracker) -> bool:
    """Whether the question names a past position and a date, so that no later event changes its answer."""
    query = dict(pair.partition("=")[::2] for pair in scope["query_string"].decode("latin-1").split("&"))
    position = query.get("recorded_by", "")
    return position.isdigit() and len(position) < 19 and int(position) <= tracker.record.position and "as_of" in query


def _has_clocks(scope: Scope) -> bool:
    """Whether the endpoint that answered goes by the clocks: others take no notice of them, and change with the log."""
    parameters = getattr(getattr(scope.get("route"), "dependant", None), "query_params", ())
    models = (parameter.field_info.annotation for parameter in parameters)
    return any(isinstance(model, type) and issubclass(model, ClockParameters) for model in models)


def _set_result(future: "asyncio.Future[CachedResponse | None]", response: CachedResponse | None) -> None:
    if not future.done():
        future.set_result(response)


class _ResponseRecorder:
    """Send a response on, tagged, and keep it where it is successful and comes in one piece."""

    on_response: Callable[[CachedResponse], None]  # called with a response that may be kept, before it is sent

    def __init__(self, scope: Scope, send: Send, tag: bytes, pinned: bool, head_only: bool) -> None:
        self.response: CachedResponse | None = None
        self._scope, self._send, self._tag, self._head_only = scope, send, tag, head_only
        self._pinned = pinned
        self._cacheable = False
        self._start: Message = {}

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message.get("headers", ()))
            private = b"no-store" in headers.get(b"cache-control", b"") or not headers.keys().isdisjoint(
                (b"etag", b"set-cookie")
            )
            self._cacheable = message["status"] == 200 and not private
            self._start = message
            if not self._cacheable:
                await self._send(message)
        elif not self._cacheable:
            await self._send({**message, "body": b""} if self._head_only else message)
        else:
            await self._body(message)

    async def _body(self, message: Message) -> None:
        if self._start:
            headers = self._tagged(self._start["headers"])
            if not message.get("more_body"):
                response = CachedResponse(headers, message.get("body", b""), route_of(self._scope))
                if NOT_KEPT not in self._scope:
                    self.response = response
                    self.on_response(response)
                await _respond(self._scope, self._send, response, self._tag, self._head_only)
                return
            await self._send({**self._start, "headers": headers})
            self._start = {}
        await self._send({**message, "body": b""} if self._head_only else message)

    def _tagged(self, headers: list[Header]) -> list[Header]:
        names = dict(headers)
        if b"cache-control" in names:
            return [*headers, (b"etag", self._tag)]
        is_page = names.get(b"content-type", b"").startswith(b"text/html")  # it shows today and the position, too
        cache_control = PINNED if self._pinned and not is_page and _has_clocks(self._scope) else REVALIDATE
        return [*headers, (b"etag", self._tag), (b"cache-control", cache_control)]
