"""Evidence that nothing was altered: /audit, as `tracker audit` gives it. See docs/trust.md."""

import threading
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from pydantic import Field

from tracker.api.auth import ANY, Bearer
from tracker.api.parameters import Question
from tracker.api.problems import blaming
from tracker.api.state import service
from tracker.audit.checkpoints import MAX_LEAVES
from tracker.audit.proofs import ConsistencyProof, InclusionProof, leaf_event
from tracker.model.errors import BadRequest, UnknownAnnouncement
from tracker.services import audit
from tracker.services.stores import origin_of
from tracker.store.tokens import Token, TokenScope

router = APIRouter(prefix="/audit", tags=["audit"])
PRIVATE = {"Cache-Control": "no-store"}
_verifying = threading.Lock()


class Checkpoint(Response):
    """A signed note, or the text that would be signed."""

    media_type = "text/plain; charset=utf-8"


class ProofQuestion(Question):
    """Against which tree."""

    size: int | None = Field(
        None, ge=1, le=MAX_LEAVES, description="Of the log at a checkpoint that you have: prove it against its first "
        "so many leaves. Default: against the log as it stands.", examples=[400],
    )  # fmt: skip


class ConsistencyQuestion(Question):
    """Between which trees."""

    first: int = Field(ge=1, le=MAX_LEAVES, description="The size of the smaller one.", examples=[400])
    second: int = Field(ge=1, le=MAX_LEAVES, description="The size of the larger one.", examples=[420])


def _store(request: Request) -> str:
    """Raises: HTTPException, where the server answers from files."""
    settings = service(request).settings
    if settings.events is not None:
        detail = "this server answers from files, which have no log: there is nothing to prove"
        raise HTTPException(HTTPStatus.NOT_FOUND, detail)
    return origin_of(settings).store


Store = Annotated[str, Depends(_store)]


@router.get("/checkpoint", summary="What the log is now, signed", response_class=Checkpoint,
            responses={409: {"description": "It does not extend what this server's key signed last."}})  # fmt: skip
def checkpoint(request: Request, store: Store) -> Response:
    """A checkpoint of the log (c2sp.org/tlog-checkpoint): its size and its root; signed, where this server has a key
    (`audit_key`). Keep it, and ask for a proof of consistency later."""
    return Checkpoint(audit.note(store, service(request).settings.audit_key))


@router.get("/proofs/{name}", summary="That an event is in the log", response_model=InclusionProof)
def proof(
    request: Request, store: Store, q: Annotated[ProofQuestion, Query()],
    name: Annotated[
        str, Path(min_length=1, max_length=80, description="The id of a statement, or the position of any event.",
                  examples=["aliyev-lifts-transit-to-armenia"])
    ],
) -> Response:  # fmt: skip
    """A proof of inclusion (RFC 9162), with the leaf and a checkpoint inside: `tracker audit verify-proof` checks it
    with nothing but the key. Of drafts only for those with a token."""
    with blaming("name", "path", UnknownAnnouncement), blaming("size", only=BadRequest):
        found = audit.prove_at(store, name, service(request).settings.audit_key, q.size)
    drafted = leaf_event(found.leaf).type.startswith("Draft")
    if drafted:
        Bearer(*ANY)(request)
    return Response(found.model_dump_json(), 200, PRIVATE if drafted else None, "application/json")


@router.get("/consistency", summary="That a log began with another", response_model=ConsistencyProof)
def consistency(store: Store, q: Annotated[ConsistencyQuestion, Query()]) -> Response:
    """A proof of consistency (RFC 9162): nothing of the first `first` leaves was changed or removed since."""
    with blaming("second", only=BadRequest):
        found = audit.consistency(store, q.first, q.second)
    return Response(found.model_dump_json(), 200, None, "application/json")


@router.get("/verify", summary="Recompute the whole log", response_model=audit.LogVerification,
            openapi_extra={"security": [{"bearer": []}]})  # fmt: skip
def verify(store: Store, token: Annotated[Token, Depends(Bearer(TokenScope.ADMIN))]) -> Response:
    """Every event against its leaf, every leaf against its hash: as `tracker audit verify`. It reads the whole store,
    so it takes a token with the scope admin, and one runs at a time. It is this server's own word: outsiders had
    better verify a copy."""
    del token
    if not _verifying.acquire(blocking=False):
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, "a verification is running", {"Retry-After": "10"})
    try:
        found = audit.verify(store)
    finally:
        _verifying.release()
    return Response(found.model_dump_json(), 200, PRIVATE, "application/json")
