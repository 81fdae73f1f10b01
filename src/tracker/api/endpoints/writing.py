"""Endpoints for writing: statements, drafts with their approval and rejection, previews."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request, Response
from pydantic import Field

from tracker.api.auth import ANY_SCOPE, Bearer, writable_store
from tracker.api.parameters import CurrentTracker, QueryParameters
from tracker.api.problems import MAX_DETAIL_CHARS, BodyErrors, Fault, ParameterError
from tracker.api.state import ServerState, server_state
from tracker.dataset.json_statements import read_json
from tracker.model.errors import BadRequest, DatasetErrors
from tracker.queries.log import DraftAnswer, DraftStatus
from tracker.queries.preview import PreviewAnswer
from tracker.services import drafting
from tracker.settings import Settings
from tracker.store.drafts import Done, RequestKey
from tracker.store.tokens import Token, TokenScope

router = APIRouter(tags=["writing"])
NO_STORE = {"Cache-Control": "no-store"}
MAX_WAIT = 5.0  # seconds to wait until answers show what was recorded
MAX_POINTER_CHARS = 200
_KEY = re.compile(r"[!-~]{1,200}")

Recorder = Annotated[Token, Depends(Bearer(TokenScope.RECORD))]
Approver = Annotated[Token, Depends(Bearer(TokenScope.APPROVE))]
Rejecter = Annotated[Token, Depends(Bearer(TokenScope.APPROVE, TokenScope.RECORD))]
AnyToken = Annotated[Token, Depends(Bearer(*ANY_SCOPE))]
AnnouncementPath = Annotated[
    str, Path(min_length=1, max_length=80, description="The id of an announcement.",
              examples=["aliyev-lifts-transit-to-armenia"])
]  # fmt: skip
DraftPath = Annotated[
    str, Path(min_length=1, max_length=80, description="The id of a draft.", examples=["d-5a0f3f1d8e2b7c46"])
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A key of your choice, up to 200 characters: a request that is repeated with its key within a week "
        "is applied once and gets the original response.",
        examples=["7f4f1c0e-5a3b-4a57-9d0e-8c6f2f1d7c52"],
    ),
]
Work = Callable[[Settings, str, RequestKey | None], Done]


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object in the body.

    Raises: BadRequest, HTTPException (415).
    """
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body is compressed: send it uncompressed")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        detail = "the body is not declared as JSON: send JSON with Content-Type: application/json"
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    return read_json(await request.body())


async def optional_json_body(request: Request) -> dict[str, Any]:
    """The JSON object in the body; empty without a body.

    Raises: BadRequest, HTTPException (415).
    """
    return await json_body(request) if await request.body() else {}


JsonBody = Annotated[dict[str, Any], Depends(json_body)]
OptionalJsonBody = Annotated[dict[str, Any], Depends(optional_json_body)]


class DraftsParameters(QueryParameters):
    """The drafts asked about."""

    status: DraftStatus | None = Field(None, description="Only drafts with this status.", examples=["waiting"])
    limit: int = Field(100, ge=1, le=1000, description="At most this many, the newest first.", examples=[50])


def _takes(*names: str, required: bool = True) -> dict[str, Any]:
    """The token and the schemas of the body, for the OpenAPI document."""
    schemas = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    body = {"required": required, "content": {"application/json": {"schema": schema}}} if names else None
    return {"security": [{"bearer": []}], **({"requestBody": body} if body else {})}


SUBMITTED: dict[int | str, dict[str, Any]] = {
    201: {"model": Done, "description": "The statement is on the record: see Location."},
    202: {"model": Done, "description": "The statement is a draft that waits for approval: see Location."},
}


@router.post("/announcements", summary="Hand in an announcement", status_code=201, response_model=Done,
             responses=SUBMITTED, openapi_extra=_takes("Announcement"))  # fmt: skip
async def announce(
    request: Request, token: Recorder, body: JsonBody, idempotency_key: IdempotencyKey = None
) -> Response:
    """Submit an announcement, with the keys of a file and its `id`. It is a draft until another person approves it;
    where the server does not review, it is on the record at once."""
    for key, path in (("corrects", "corrections"), ("retracts", "retractions")):
        if key in body:
            raise _body_error(f"/{key}", f"this is not an announcement: send it to /announcements/{{id}}/{path}")
    return await _submit(request, token, body, idempotency_key)


@router.post("/announcements/{announcement}/corrections", summary="Hand in a correction", status_code=201,
             response_model=Done, responses=SUBMITTED, openapi_extra=_takes("CorrectionBody"))  # fmt: skip
async def correct(
    request: Request, token: Recorder, announcement: AnnouncementPath, body: JsonBody,
    idempotency_key: IdempotencyKey = None,
) -> Response:  # fmt: skip
    """Submit a correction of an announcement, with an `id` of its own. `corrects` is taken from the path and may be
    left out. It is a draft until another person approves it; where the server does not review, it is on the record at
    once."""
    return await _submit(request, token, _targeting(body, "corrects", announcement), idempotency_key)


@router.post("/announcements/{announcement}/retractions", summary="Hand in a retraction", status_code=201,
             response_model=Done, responses=SUBMITTED, openapi_extra=_takes("RetractionBody"))  # fmt: skip
async def retract(
    request: Request, token: Recorder, announcement: AnnouncementPath, body: JsonBody,
    idempotency_key: IdempotencyKey = None,
) -> Response:  # fmt: skip
    """Submit a retraction of an announcement, with an `id` of its own. `retracts` is taken from the path and may be
    left out. It is a draft until another person approves it; where the server does not review, it is on the record at
    once."""
    return await _submit(request, token, _targeting(body, "retracts", announcement), idempotency_key)


@router.get("/drafts", summary="Drafts and their status", response_model=list[DraftAnswer],
            openapi_extra=_takes())  # fmt: skip
async def drafts(request: Request, token: AnyToken, query: Annotated[DraftsParameters, Query()]) -> Response:
    """Drafts and their status, the newest first. Needs a token."""
    del token
    state = server_state(request)
    listed = await state.store_reads.run(partial(drafting.list_drafts, writable_store(state), query.status))
    listed = listed[: -query.limit - 1 : -1]
    content = ",".join(draft.model_dump_json(by_alias=True) for draft in listed)
    return Response(f"[{content}]", 200, NO_STORE, "application/json")


@router.get("/drafts/{draft}", summary="One draft", response_model=DraftAnswer, openapi_extra=_takes())
async def draft(request: Request, token: AnyToken, draft: DraftPath) -> Response:
    """The statement as it was submitted, by whom, and the draft's status. Needs a token."""
    del token
    state = server_state(request)
    answer = await state.store_reads.run(partial(drafting.show_draft, writable_store(state), draft))
    return Response(answer.model_dump_json(by_alias=True), 200, NO_STORE, "application/json")


@router.post("/drafts/{draft}/approval", summary="Approve a draft", status_code=201, response_model=Done,
             openapi_extra=_takes("Nothing", required=False))  # fmt: skip
async def approve(
    request: Request, token: Approver, draft: DraftPath, body: OptionalJsonBody, idempotency_key: IdempotencyKey = None
) -> Response:
    """Put the statement of a draft on the record, if it fits the record as it stands now. The person who submitted it
    cannot approve it, unless `review` is switched off."""
    for key in body:
        raise _body_error(f"/{key}", "an approval has no fields: send no body, or {}")

    def work(settings: Settings, store: str, key: RequestKey | None) -> Done:
        return drafting.approve(store, draft, by=token.person, writer=token.id, review=settings.review, key=key)

    return await _write(request, token, idempotency_key, work)


@router.post("/drafts/{draft}/rejection", summary="Reject a draft", status_code=201, response_model=Done,
             openapi_extra=_takes("Rejection"))  # fmt: skip
async def reject(
    request: Request, token: Rejecter, draft: DraftPath, body: JsonBody, idempotency_key: IdempotencyKey = None
) -> Response:
    """Reject a draft, with a `reason`. Needs the scope approve; the scope record is enough to take back one's own."""
    for name in body:
        if name != "reason":
            raise _body_error(f"/{name}", "a rejection has one field, `reason`")
    reason = body.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise _body_error("/reason", "`reason` is missing: say why, in words")

    def work(_: Settings, store: str, key: RequestKey | None) -> Done:
        own = None if TokenScope.APPROVE in token.scopes else token.person
        return drafting.reject(store, draft, reason, by=token.person, writer=token.id, only_of=own, key=key)

    return await _write(request, token, idempotency_key, work)


@router.post("/preview", summary="Preview the changes that a statement would make", response_model=PreviewAnswer,
             openapi_extra=_takes("Announcement", "Correction", "Retraction"))  # fmt: skip
def preview(token: AnyToken, tracker: CurrentTracker, body: JsonBody) -> Response:
    """Every span of time in which the status of a lane, a measure or a text would differ, and every pledge. The body
    is an announcement, a correction (`corrects`) or a retraction (`retracts`). Nothing is stored."""
    del token
    with blaming_body():
        answer = drafting.preview_json(tracker.record, [body], tracker.clocks(None, None, None))
    return Response(answer.model_dump_json(by_alias=True), 200, NO_STORE, "application/json")


async def _submit(request: Request, token: Token, body: Mapping[str, Any], key: str | None) -> Response:
    def work(settings: Settings, store: str, key: RequestKey | None) -> Done:
        quota = settings.max_drafts
        return drafting.submit(
            store, body, by=token.person, writer=token.id, review=settings.review, key=key, max_waiting=quota
        )

    return await _write(request, token, key, work)


async def _write(request: Request, token: Token, key: str | None, work: Work) -> Response:
    request_key = await _request_key(request, token, key) if key is not None else None
    state = server_state(request)
    return await state.writes.run(partial(_done, state, request_key, work))


async def _request_key(request: Request, token: Token, key: str) -> RequestKey:
    """The identity of a repeated request: its token, its key, and a digest of method, path and body.

    Raises: ParameterError.
    """
    if not _KEY.fullmatch(key):
        error = BadRequest("Idempotency-Key: write up to 200 characters from ! to ~, such as a UUID")
        raise ParameterError("Idempotency-Key", "header", error)
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    digest.update(await request.body())
    return RequestKey(token.id, key, digest.digest())


def _done(state: ServerState, key: RequestKey | None, work: Work) -> Response:
    with blaming_body():
        done = work(state.settings, writable_store(state), key)
    state.live.reach(done.position, MAX_WAIT)
    status = HTTPStatus.ACCEPTED if done.outcome == "submitted" else HTTPStatus.CREATED
    on_record = done.outcome in ("recorded", "approved")
    path = f"announcements/{done.statement}" if on_record else f"drafts/{done.draft}"
    headers = {**NO_STORE, "Location": f"/api/v1/{path}"}
    return Response(done.model_dump_json(), status, headers, "application/json")


def _targeting(body: dict[str, Any], key: str, announcement: str) -> dict[str, Any]:
    if body.get(key, announcement) != announcement:
        raise _body_error(f"/{key}", f"the path says {announcement}: leave `{key}` out, or write that id")
    return {**body, key: announcement}


@contextmanager
def blaming_body() -> Iterator[None]:
    """Raise the mistakes of a statement as BodyErrors, at JSON pointers."""
    try:
        yield
    except drafting.StaleDraft as error:
        raise BodyErrors(HTTPStatus.CONFLICT, _faults(error)) from error
    except DatasetErrors as error:
        raise BodyErrors(HTTPStatus.UNPROCESSABLE_ENTITY, _faults(error)) from error


def _faults(error: DatasetErrors) -> list[Fault]:
    return [
        Fault(parameter=mistake.location.path, where="body", detail=mistake.message[:MAX_DETAIL_CHARS])
        for mistake in error.problems
    ]


def _body_error(pointer: str, detail: str) -> BodyErrors:
    fault = Fault(parameter=pointer[:MAX_POINTER_CHARS], where="body", detail=detail)
    return BodyErrors(HTTPStatus.UNPROCESSABLE_ENTITY, [fault])
