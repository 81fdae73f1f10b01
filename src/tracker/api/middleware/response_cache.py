"""Answers that are kept until the record moves on: entity tags, 304, and the bytes of what was asked before.

An answer depends on the question, the record and the day. So the position of the log and the day are the entity tag
of all answers, and what was answered once under a tag is sent again without asking anybody.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.api.middleware.limits import STREAMS, accepts_gzip
from tracker.services.records import Tracker

Header = tuple[bytes, bytes]
Key = tuple[str, bytes, bytes, bool]
REVALIDATE, PINNED = b"public, no-cache", b"public, max-age=3600"


class Kept(NamedTuple):
    """An answer as it was sent."""

    headers: list[Header]
    body: bytes
    route: str


class KeptAnswers:
    """Marks answers with the state of the record, and keeps them."""

    def __init__(self, app: ASGIApp, *, current: Callable[[], Tracker], most: int) -> None:
        self.app = app
        self.current = current
        self.most = most
        self._size = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._of: Tracker | None = None
        self._tag = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["path"] in STREAMS:
            await self.app(scope, receive, send)
            return
        scope["tracker"] = tracker = self.current()
        tag = self._tag_of(tracker)
        key = (scope["path"], scope["query_string"], _host(scope), accepts_gzip(scope))
        kept = self._kept.get(key)
        bare = scope["method"] == "HEAD"
        if kept is not None:
            self._kept.move_to_end(key)
            scope["tracker.route"] = kept.route
            await _answer(scope, send, kept, tag, bare)
            return
        recorder = _Recorder(scope, send, tag, _pinned(scope, tracker), bare)
        scope["method"] = "GET"
        await self.app(scope, receive, recorder)
        if recorder.whole is not None and self._tag == tag and key not in self._kept:
            self._keep(key, recorder.whole)

    def _tag_of(self, tracker: Tracker) -> bytes:
        """The tag of a record; what was kept of another is dropped."""
        if tracker is not self._of:
            self._of = tracker
            self._tag = entity_tag(tracker)
            self._kept.clear()
            self._size = 0
        return self._tag

    def _keep(self, key: Key, kept: Kept) -> None:
        self._kept[key] = kept
        self._size += _weight(key, kept)
        while self._size > self.most:
            self._size -= _weight(*self._kept.popitem(last=False))


def _weight(key: Key, kept: Kept) -> int:
    return len(kept.body) + len(key[0]) + len(key[1]) + len(key[2]) + 1000


def route_of(scope: Scope) -> str:
    """The route that answered, for figures: its pattern, not the path that was asked."""
    return scope.get("tracker.route") or getattr(scope.get("route"), "path", None) or "none"


def entity_tag(tracker: Tracker) -> bytes:
    """The position of the log, the digest of what is there, and the day."""
    record = tracker.record
    digests = (version.digest for versions in record.announcements.values() for version in versions)
    mark = hashlib.sha256("".join(digests).encode()).hexdigest()[:8]
    return f'W/"{record.position}-{mark}-{tracker.today}"'.encode()


def matches(scope: Scope, tag: bytes) -> bool:
    """Whether the client has the answer already."""
    given = b",".join(value for name, value in scope["headers"] if name == b"if-none-match")
    return bool(given) and (given.strip() == b"*" or tag in (each.strip() for each in given.split(b",")))


async def _answer(scope: Scope, send: Send, kept: Kept, tag: bytes, bare: bool) -> None:
    if matches(scope, tag):
        await _unchanged(send, kept.headers)
        return
    await send({"type": "http.response.start", "status": 200, "headers": list(kept.headers)})
    await send({"type": "http.response.body", "body": b"" if bare else kept.body})


async def _unchanged(send: Send, headers: Iterable[Header]) -> None:
    left = [each for each in headers if each[0] in (b"etag", b"cache-control", b"vary")]
    await send({"type": "http.response.start", "status": 304, "headers": left})
    await send({"type": "http.response.body", "body": b""})


def _host(scope: Scope) -> bytes:
    """Feeds have addresses in them, made from the host that was asked."""
    return next((value for name, value in scope["headers"] if name == b"host"), b"")


def _pinned(scope: Scope, tracker: Tracker) -> bool:
    """Whether the question names a past position and a date, so that no later event changes its answer."""
    query = dict(each.partition("=")[::2] for each in scope["query_string"].decode("latin-1").split("&"))
    position = query.get("recorded_by", "")
    return position.isdigit() and len(position) < 19 and int(position) <= tracker.record.position and "as_of" in query


class _Recorder:
    """Sends an answer on, tagged; and keeps it if it is whole, good and small enough."""

    def __init__(self, scope: Scope, send: Send, tag: bytes, pinned: bool, bare: bool) -> None:
        self.whole: Kept | None = None
        self._scope, self._send, self._tag, self._bare = scope, send, tag, bare
        self._cache_control = PINNED if pinned else REVALIDATE
        self._mine = False
        self._start: Message = {}

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name for name, _ in message.get("headers", ())}
            self._mine = message["status"] == 200 and names.isdisjoint({b"cache-control", b"etag", b"set-cookie"})
            self._start = message
            if not self._mine:
                await self._send(message)
        elif not self._mine:
            await self._send({**message, "body": b""} if self._bare else message)
        else:
            await self._body(message)

    async def _body(self, message: Message) -> None:
        first = bool(self._start)
        if first:
            headers = [*self._start["headers"], (b"etag", self._tag), (b"cache-control", self._cache_control)]
            if not message.get("more_body"):
                self.whole = Kept(headers, message.get("body", b""), route_of(self._scope))
                await _answer(self._scope, self._send, self.whole, self._tag, self._bare)
                return
            await self._send({**self._start, "headers": headers})
            self._start = {}
        await self._send({**message, "body": b""} if self._bare else message)
