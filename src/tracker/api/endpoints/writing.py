"""Writing: statements handed in, drafts approved and rejected, and what a statement would change."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field

from tracker.api.auth import ANY, Bearer, with_store
from tracker.api.parameters import Asked, Question
from tracker.api.problems import Fault, Faulty
from tracker.api.request_body import IdempotencyKey, Sent, SentOrNot, key_of
from tracker.api.state import Service, service
from tracker.model.errors import DatasetErrors
from tracker.queries.log import DraftAnswer, DraftStatus
from tracker.queries.preview import PreviewAnswer
from tracker.services import drafting
from tracker.settings import Settings
from tracker.store.drafts import Done, Key
from tracker.store.tokens import Scope, Token

router = APIRouter(tags=["writing"])
PREFIX = "/api/v1"
PRIVATE = {"Cache-Control": "no-store"}
SHOWS = 5.0  # seconds to wait until answers show what was recorded
REF = "#/components/schemas/"

Writer = Annotated[Token, Depends(Bearer(Scope.RECORD))]
Reviewer = Annotated[Token, Depends(Bearer(Scope.APPROVE))]
Decider = Annotated[Token, Depends(Bearer(Scope.APPROVE, Scope.RECORD))]
Anybody = Annotated[Token, Depends(Bearer(*ANY))]
AnnouncementPath = Annotated[
    str, Path(min_length=1, max_length=80, description="The id of an announcement.",
              examples=["aliyev-lifts-transit-to-armenia"])
]  # fmt: skip
DraftPath = Annotated[
    str, Path(min_length=1, max_length=80, description="The id of a draft.", examples=["d-5a0f3f1d8e2b7c46"])
]


class DraftsQuestion(Question):
    """Which drafts."""

    status: DraftStatus | None = Field(None, description="Only drafts like this.", examples=["waiting"])
    limit: int = Field(100, ge=1, le=1000, description="No more than these, the newest first.", examples=[50])


def _takes(*names: str, required: bool = True) -> dict[str, Any]:
    """The body and the token, for the OpenAPI document."""
    schemas = [{"$ref": f"{REF}{name}"} for name in names]
    schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    body = {"required": required, "content": {"application/json": {"schema": schema}}} if names else None
    return {"security": [{"bearer": []}], **({"requestBody": body} if body else {})}


HANDED_IN: dict[int | str, dict[str, Any]] = {
    201: {"model": Done, "description": "It is on the record: Location says where."},
    202: {"model": Done, "description": "It is a draft, and waits for somebody's approval: Location says where."},
}


@router.post("/announcements", summary="Hand in an announcement", status_code=201, response_model=Done,
             responses=HANDED_IN, openapi_extra=_takes("Announcement"))  # fmt: skip
async def announce(request: Request, token: Writer, sent: Sent, idempotency_key: IdempotencyKey = None) -> Response:
    """The keys of a file, and `id`. What is handed in is a draft until another person approves it, or, where nobody
    reviews, on the record at once."""
    for key, where in (("corrects", "corrections"), ("retracts", "retractions")):
        if key in sent:
            raise _faulty(f"/{key}", f"this is no announcement: send it to /announcements/{{id}}/{where}")
    return await _hand_in(request, token, sent, idempotency_key)


@router.post("/announcements/{announcement}/corrections", summary="Hand in a correction", status_code=201,
             response_model=Done, responses=HANDED_IN, openapi_extra=_takes("CorrectionBody"))  # fmt: skip
async def correct(
    request: Request, token: Writer, announcement: AnnouncementPath, sent: Sent,
    idempotency_key: IdempotencyKey = None,
) -> Response:  # fmt: skip
    """The same for a correction, with an `id` of its own; `corrects` is the path's and may be left out."""
    return await _hand_in(request, token, _about(sent, "corrects", announcement), idempotency_key)


@router.post("/announcements/{announcement}/retractions", summary="Hand in a retraction", status_code=201,
             response_model=Done, responses=HANDED_IN, openapi_extra=_takes("RetractionBody"))  # fmt: skip
async def retract(
    request: Request, token: Writer, announcement: AnnouncementPath, sent: Sent,
    idempotency_key: IdempotencyKey = None,
) -> Response:  # fmt: skip
    """The same for a retraction, with an `id` of its own; `retracts` is the path's and may be left out."""
    return await _hand_in(request, token, _about(sent, "retracts", announcement), idempotency_key)


@router.get("/drafts", summary="What was handed in", response_model=list[DraftAnswer],
            openapi_extra=_takes())  # fmt: skip
def drafts(request: Request, token: Anybody, q: Annotated[DraftsQuestion, Query()]) -> Response:
    """Drafts and what became of them, the newest first. Only for those with a token."""
    del token
    found = drafting.list_drafts(with_store(service(request)), q.status)[: -q.limit - 1 : -1]
    content = ",".join(each.model_dump_json(by_alias=True) for each in found)
    return Response(f"[{content}]", 200, PRIVATE, "application/json")


@router.get("/drafts/{draft}", summary="One draft", response_model=DraftAnswer, openapi_extra=_takes())
def draft(request: Request, token: Anybody, draft: DraftPath) -> Response:
    """The statement as it was handed in, by whom, and what became of it. Only for those with a token."""
    del token
    found = drafting.show_draft(with_store(service(request)), draft)
    return Response(found.model_dump_json(by_alias=True), 200, PRIVATE, "application/json")


@router.post("/drafts/{draft}/approval", summary="Approve a draft", status_code=201, response_model=Done,
             openapi_extra=_takes("Nothing", required=False))  # fmt: skip
async def approve(
    request: Request, token: Reviewer, draft: DraftPath, sent: SentOrNot, idempotency_key: IdempotencyKey = None
) -> Response:
    """Puts the statement on the record, if it fits the record as it stands now. Not by who handed it in, unless
    `review` is switched off."""
    for key in sent:
        raise _faulty(f"/{key}", "an approval says nothing more: send no body, or {}")

    def work(settings: Settings, store: str | None, key: Key | None) -> Done:
        return drafting.approve(store, draft, by=token.person, review=settings.review, key=key)

    return await _write(request, token, idempotency_key, work)


@router.post("/drafts/{draft}/rejection", summary="Reject a draft", status_code=201, response_model=Done,
             openapi_extra=_takes("Rejection"))  # fmt: skip
async def reject(
    request: Request, token: Decider, draft: DraftPath, sent: Sent, idempotency_key: IdempotencyKey = None
) -> Response:
    """Turns a draft down, with a `reason`. Takes the scope approve; with record, one's own can be taken back."""
    for name in sent:
        if name != "reason":
            raise _faulty(f"/{name}", "a rejection has one key, `reason`")
    reason = sent.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise _faulty("/reason", "`reason` is missing: say why, in words")

    def work(_: Settings, store: str | None, key: Key | None) -> Done:
        own = None if Scope.APPROVE in token.scopes else token.person
        return drafting.reject(store, draft, reason, by=token.person, only_of=own, key=key)

    return await _write(request, token, idempotency_key, work)


@router.post("/preview", summary="What a statement would change", response_model=PreviewAnswer,
             openapi_extra=_takes("Announcement", "Correction", "Retraction"))  # fmt: skip
def preview(token: Anybody, asked: Asked, sent: Sent) -> Response:
    """Every span of time in which a lane, a measure or a text would be other than it is, and every pledge. The body is
    an announcement, a correction (`corrects`) or a retraction (`retracts`). Nothing is stored."""
    del token
    with about_the_body():
        answer = drafting.preview_json(asked.record, [sent], asked.clocks(None, None, None))
    return Response(answer.model_dump_json(by_alias=True), 200, PRIVATE, "application/json")


async def _hand_in(request: Request, token: Token, sent: Mapping[str, Any], given: str | None) -> Response:
    def work(settings: Settings, store: str | None, key: Key | None) -> Done:
        return drafting.submit(store, sent, by=token.person, review=settings.review, key=key)

    return await _write(request, token, given, work)


async def _write(
    request: Request, token: Token, given: str | None, work: Callable[[Settings, str | None, Key | None], Done]
) -> Response:
    from starlette.concurrency import run_in_threadpool

    key = await key_of(request, token, given)
    return await run_in_threadpool(_written, service(request), key, work)


def _written(
    asked: Service, key: Key | None, work: Callable[[Settings, str | None, Key | None], Done]
) -> Response:  # fmt: skip
    with about_the_body():
        done = work(asked.settings, with_store(asked), key)
    asked.live.reach(done.position, SHOWS)
    status = HTTPStatus.ACCEPTED if done.outcome == "submitted" else HTTPStatus.CREATED
    on_record = done.outcome in ("recorded", "approved")
    where = f"{PREFIX}/announcements/{done.statement}" if on_record else f"{PREFIX}/drafts/{done.draft}"
    return Response(done.model_dump_json(), status, {**PRIVATE, "Location": where}, "application/json")


def _about(sent: dict[str, Any], key: str, announcement: str) -> dict[str, Any]:
    if sent.get(key, announcement) != announcement:
        raise _faulty(f"/{key}", f"the path says {announcement}: leave `{key}` out, or write the same")
    return {**sent, key: announcement}


@contextmanager
def about_the_body() -> Iterator[None]:
    """Tell what is wrong with a statement, at JSON pointers."""
    try:
        yield
    except drafting.Unfit as error:
        raise Faulty(HTTPStatus.CONFLICT, _faults(error)) from error
    except DatasetErrors as error:
        raise Faulty(HTTPStatus.UNPROCESSABLE_ENTITY, _faults(error)) from error


def _faults(error: DatasetErrors) -> list[Fault]:
    return [Fault(parameter=each.location.path, where="body", detail=each.message[:2000]) for each in error.problems]


def _faulty(pointer: str, detail: str) -> Faulty:
    return Faulty(HTTPStatus.UNPROCESSABLE_ENTITY, [Fault(parameter=pointer[:200], where="body", detail=detail)])
