"""What is sent: a JSON object, plain and of bounded size and depth; and the key by which a request is known again."""

import hashlib
import re
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException, Request

from tracker.api.problems import Blamed
from tracker.dataset.json_statements import read_json
from tracker.model.errors import BadRequest
from tracker.store.drafts import RequestKey
from tracker.store.tokens import Token

_KEY = re.compile(r"[!-~]{1,200}")


async def json_body(request: Request) -> dict[str, Any]:
    """The object that was sent.

    Raises: BadRequest, HTTPException.
    """
    _refuse_other_forms(request)
    return read_json(await request.body())


async def json_body_or_none(request: Request) -> dict[str, Any]:
    """The same, where nothing needs to be sent."""
    raw = await request.body()
    return await json_body(request) if raw else {}


Sent = Annotated[dict[str, Any], Depends(json_body)]
SentOrNot = Annotated[dict[str, Any], Depends(json_body_or_none)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Of your choice, up to 200 characters: the same request with the same key within a week is done "
        "once, and answered again.",
        examples=["7f4f1c0e-5a3b-4a57-9d0e-8c6f2f1d7c52"],
    ),
]


def _refuse_other_forms(request: Request) -> None:
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body is compressed: send it as it is")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body has another form: send JSON, Content-Type: application/json"
        )


async def key_of(request: Request, token: Token, given: str | None) -> RequestKey | None:
    """By what a request is known again: whose it is, its key, and the digest of what is asked.

    Raises: Blamed.
    """
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        error = BadRequest("Idempotency-Key: write up to 200 characters from ! to ~, such as a UUID")
        raise Blamed("Idempotency-Key", "header", error)
    mark = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    mark.update(await request.body())
    return RequestKey(token.id, given, mark.digest())
