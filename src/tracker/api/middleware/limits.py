"""What every request passes on its way in: limits, a deadline, and headers on its way out. Plain ASGI, for speed."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.api.problems import HEADERS, problem

STREAMS = frozenset({"/api/v1/changes/stream"})
SECURITY: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SECURITY = [(name.lower().encode(), value.encode()) for name, value in SECURITY.items()]


async def refuse(
    scope: Scope, receive: Receive, send: Send, status: HTTPStatus, detail: str,
    headers: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Answer with a problem before anybody is asked."""
    more = headers or HEADERS.get(status)
    await problem(status, detail, scope["path"], headers=more)(scope, receive, send)


class Headers:
    """Adds the headers that keep a page from doing harm, where an answer does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                there = {name for name, _ in headers}
                headers.extend(each for each in _SECURITY if each[0] not in there)
            await send(message)

        await self.app(scope, receive, with_headers)


class Limits:
    """Refuses what is too long, and what is too much at once."""

    def __init__(self, app: ASGIApp, *, body: int, query: int, requests: int, streams: int) -> None:
        self.app = app
        self.body, self.query = body, query
        self.free = {False: requests, True: streams}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refuse(scope, receive, send, *refusal)
            return
        stream, body = scope["path"] in STREAMS, _Body(self.body)
        self.free[stream] -= 1
        try:
            await self.app(scope, body.counted(receive), body.guarded(send))
        except ClientDisconnect:
            if not body.over:
                raise
        finally:
            self.free[stream] += 1
        if body.over and not body.answered:
            await refuse(scope, receive, send, *self._too_long)

    @property
    def _too_long(self) -> tuple[HTTPStatus, str]:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is longer than {self.body} bytes"

    def _refusal(self, scope: Scope) -> tuple[HTTPStatus, str] | None:
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > self.query:
            return HTTPStatus.REQUEST_URI_TOO_LONG, f"the path and query are longer than {self.query} bytes"
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit():
            return HTTPStatus.BAD_REQUEST, "content-length is not a number"
        if len(length) > 18 or int(length) > self.body:
            return self._too_long
        if self.free[scope["path"] in STREAMS] <= 0:
            return HTTPStatus.SERVICE_UNAVAILABLE, "the server is busy: ask again in a second"
        return None


class _Body:
    """A body that does not say how long it is must not be longer, either: the rest of it is not read."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.answered = False

    @property
    def over(self) -> bool:
        return self.left < 0

    def counted(self, receive: Receive) -> Receive:
        async def counted() -> Message:
            message = await receive()
            self.left -= len(message.get("body", b""))
            return {"type": "http.disconnect"} if self.over else message

        return counted

    def guarded(self, send: Send) -> Send:
        async def guarded(message: Message) -> None:
            if self.answered or not self.over:
                self.answered = True
                await send(message)

        return guarded


class Deadline:
    """Gives up on an answer that takes too long; a thread that works on it ends by itself."""

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in STREAMS:
            await self.app(scope, receive, send)
            return
        state = {"begun": False, "late": False}

        async def in_time(message: Message) -> None:
            if not state["late"]:
                state["begun"] = True
                await send(message)

        task = asyncio.ensure_future(self.app(scope, receive, in_time))
        try:
            done, _ = await asyncio.wait({task}, timeout=self.seconds)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if done:
            await task
            return
        state["late"] = True
        task.add_done_callback(lambda each: each.cancelled() or each.exception())
        if not state["begun"]:
            detail = f"the answer took longer than {self.seconds:g} seconds: ask for less at once"
            await refuse(scope, receive, send, HTTPStatus.GATEWAY_TIMEOUT, detail)


def accepts_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value.lower() for name, value in scope["headers"])
