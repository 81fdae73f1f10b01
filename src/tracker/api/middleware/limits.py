"""Limits of a request: its size, how many are answered at once, and how long an answer may take.

Plain ASGI, for speed.
"""

import asyncio
from contextlib import nullcontext
from http import HTTPStatus

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.api.clients import PROBE_PATHS, Seats, client_of
from tracker.api.problems import refuse
from tracker.model.deadline import set_deadline

STREAM_PATHS = frozenset({"/api/v1/changes/stream"})
SHARE_OF_REQUESTS = 4  # one address has one part in so many of the requests answered at once
STREAMS_OF_ONE = 4  # streams open at once of one address


class RequestLimits:
    """Refuse requests that are too long, or too many at once: in all, of one address, and streams."""

    def __init__(self, app: ASGIApp, *, body: int, query: int, requests: int, streams: int) -> None:
        self.app = app
        self.max_body, self.max_query = body, query
        self._seats = Seats(requests, requests // SHARE_OF_REQUESTS)
        self._streams = Seats(streams, STREAMS_OF_ONE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client, seats = client_of(scope), self._seats_for(scope["path"])
        refusal = self._refusal(scope)
        if refusal is None and seats is not None:
            detail = seats.refusal(client)
            refusal = (HTTPStatus.SERVICE_UNAVAILABLE, detail) if detail else None
        if refusal is not None:
            await refuse(scope, receive, send, *refusal)
            return
        body = _BoundedBody(self.max_body)
        try:
            with seats.taken(client) if seats is not None else nullcontext():
                await self.app(scope, body.counted(receive), body.guarded(send))
        except ClientDisconnect:
            if not body.exceeded:
                raise
        if body.exceeded and not body.answered:
            await refuse(scope, receive, send, *self._body_too_long)

    def _seats_for(self, path: str) -> Seats | None:
        if path in PROBE_PATHS:
            return None
        return self._streams if path in STREAM_PATHS else self._seats

    @property
    def _body_too_long(self) -> tuple[HTTPStatus, str]:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is longer than {self.max_body} bytes"

    def _refusal(self, scope: Scope) -> tuple[HTTPStatus, str] | None:
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > self.max_query:
            return HTTPStatus.REQUEST_URI_TOO_LONG, f"the path and query are longer than {self.max_query} bytes"
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit():
            return HTTPStatus.BAD_REQUEST, "content-length is not a number"
        if len(length) > 18 or int(length) > self.max_body:
            return self._body_too_long
        return None


class _BoundedBody:
    """Stop reading a body of undeclared length at the limit."""

    def __init__(self, max_bytes: int) -> None:
        self.left = max_bytes
        self.answered = False

    @property
    def exceeded(self) -> bool:
        return self.left < 0

    def counted(self, receive: Receive) -> Receive:
        async def receive_counted() -> Message:
            message = await receive()
            self.left -= len(message.get("body", b""))
            return {"type": "http.disconnect"} if self.exceeded else message

        return receive_counted

    def guarded(self, send: Send) -> Send:
        async def send_guarded(message: Message) -> None:
            if self.answered or not self.exceeded:
                self.answered = True
                await send(message)

        return send_guarded


class ResponseTimeout:
    """Answer 504 where a response does not begin in time, and end one that is not taken in time.

    A thread that works on it stops at the next look at its deadline.
    """

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in STREAM_PATHS:
            await self.app(scope, receive, send)
            return
        begun = expired = False

        async def send_in_time(message: Message) -> None:
            nonlocal begun
            if not expired:
                begun = True
                await send(message)

        async def in_time() -> None:
            set_deadline(self.seconds)
            await self.app(scope, receive, send_in_time)

        task = asyncio.create_task(in_time())
        try:
            done, _ = await asyncio.wait({task}, timeout=self.seconds)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if done:
            await task
            return
        expired = True
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        if begun:
            task.cancel()  # it waits for its peer
        else:
            detail = f"the answer took longer than {self.seconds:g} seconds: narrow the question"
            await refuse(scope, receive, send, HTTPStatus.GATEWAY_TIMEOUT, detail)
