"""How every answer leaves: compressed, with its tag, and with nothing that a page could be made to run."""

import gzip
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from tracker.model.errors import BadRequest, TrackerError, UnknownAnnouncement, UnknownSubject
from tracker.web.templating import draw

SMALL = 600  # bytes: not worth compressing
POLICY = "; ".join(
    [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "manifest-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ]
)  # fmt: skip
SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STATUS_OF: dict[type[TrackerError], int] = {BadRequest: 400, UnknownSubject: 404, UnknownAnnouncement: 404}


def answer(
    request: Request,
    body: str | bytes,
    kind: str = "text/html; charset=utf-8",
    *,
    status: int = 200,
    cache: str = "no-cache",
    tag: str | None = None,
    packed: bytes | None = None,
    extra: dict[str, str] | None = None,
) -> Response:
    """An answer, or 304 where the browser has it already.

    Args: tag: what changes when the body does, its digest by default; packed: the body compressed, if it is at hand.
    """
    raw = body.encode() if isinstance(body, str) else body
    etag = f'W/"{tag or hashlib.sha256(raw).hexdigest()[:20]}"'
    headers = {**SAFE, "ETag": etag, "Cache-Control": cache, "Vary": "Accept-Encoding", **(extra or {})}
    if status == 200 and etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if len(raw) > SMALL and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        raw = packed or gzip.compress(raw, 6, mtime=0)
    return Response(raw, status_code=status, media_type=kind, headers=headers)


class PageRoute(APIRoute):
    """A page: what was asked wrongly is said on a page too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except (BadRequest, UnknownSubject, UnknownAnnouncement) as error:
                return problem(request, STATUS_OF[type(error)], str(error))

        return handle


def problem(request: Request, status: int, text: str) -> Response:
    """What went wrong, on a page."""
    context: dict[str, Any] = {
        "status": status,
        "text": text,
        "title": "Not found" if status == 404 else "Not understood",
    }
    return answer(request, draw("error.html", context), status=status)
