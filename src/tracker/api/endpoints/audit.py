"""Endpoints for evidence that nothing was altered: /audit, with the answers of `tracker audit`. See docs/trust.md."""

import threading
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from pydantic import Field

from tracker.api.auth import ANY_SCOPE, Bearer
from tracker.api.parameters import QueryParameters
from tracker.api.problems import blaming
from tracker.api.state import server_state
from tracker.audit.checkpoints import MAX_LEAVES
from tracker.audit.proofs import ConsistencyProof, InclusionProof, leaf_event
from tracker.model.errors import BadRequest, UnknownAnnouncement
from tracker.services import audit, verification
from tracker.services.stores import origin_of
from tracker.store.tokens import Token, TokenScope

router = APIRouter(prefix="/audit", tags=["audit"])
NO_STORE = {"Cache-Control": "no-store"}
_verification = threading.Lock()


class NoteResponse(Response):
    """A signed note, or the text that would be signed."""

    media_type = "text/plain; charset=utf-8"


class ProofParameters(QueryParameters):
    """The tree that inclusion is proved in."""

    size: int | None = Field(
        None, ge=1, le=MAX_LEAVES,
        description="The size of the log at a checkpoint that you have: the proof is against "
        "that many first leaves. Default: the current size.", examples=[400],
    )  # fmt: skip


class ConsistencyParameters(QueryParameters):
    """The two trees that are compared."""

    first: int = Field(ge=1, le=MAX_LEAVES, description="The size of the smaller one.", examples=[400])
    second: int = Field(ge=1, le=MAX_LEAVES, description="The size of the larger one.", examples=[420])


def _audited_store(request: Request) -> str:
    """The address of the audited store. Raises: HTTPException, where the server answers from files."""
    settings = server_state(request).settings
    if settings.events is not None:
        detail = "this server answers from files, which have no log: there is nothing to prove"
        raise HTTPException(HTTPStatus.NOT_FOUND, detail)
    return origin_of(settings).store


AuditedStore = Annotated[str, Depends(_audited_store)]


@router.get("/checkpoint", summary="A signed checkpoint of the log", response_class=NoteResponse,
            responses={409: {"description": "The log does not extend the last signed checkpoint."}})  # fmt: skip
async def checkpoint(request: Request, store: AuditedStore) -> Response:
    """A checkpoint of the log (c2sp.org/tlog-checkpoint): its size and its root; signed, where this server has a key
    (`audit_key`). Keep it, and ask for a proof of consistency later."""
    state = server_state(request)
    return NoteResponse(await state.store_reads.run(partial(audit.note, store, state.settings.audit_key)))


@router.get("/proofs/{name}", summary="Proof that an event is in the log", response_model=InclusionProof)
async def proof(
    request: Request, store: AuditedStore, query: Annotated[ProofParameters, Query()],
    name: Annotated[
        str, Path(min_length=1, max_length=80, description="The id of a statement, or the position of any event.",
                  examples=["aliyev-lifts-transit-to-armenia"])
    ],
) -> Response:  # fmt: skip
    """A proof of inclusion (RFC 9162), with the leaf and a checkpoint inside: `tracker audit verify-proof` checks it
    with nothing but the key. A proof about a draft needs a token."""
    state = server_state(request)
    with blaming("name", "path", UnknownAnnouncement), blaming("size", only=BadRequest):
        prove = partial(audit.prove_at, store, name, state.settings.audit_key, query.size)
        inclusion = await state.store_reads.run(prove)
    is_draft = leaf_event(inclusion.leaf).type.startswith("Draft")
    if is_draft:
        await Bearer(*ANY_SCOPE)(request)
    return Response(inclusion.model_dump_json(), 200, NO_STORE if is_draft else None, "application/json")


@router.get("/consistency", summary="Proof that the log only grew", response_model=ConsistencyProof)
async def consistency(
    request: Request, store: AuditedStore, query: Annotated[ConsistencyParameters, Query()]
) -> Response:
    """A proof of consistency (RFC 9162): nothing of the first `first` leaves was changed or removed since."""
    with blaming("second", only=BadRequest):
        prove = partial(audit.consistency, store, query.first, query.second)
        extension = await server_state(request).store_reads.run(prove)
    return Response(extension.model_dump_json(), 200, None, "application/json")


@router.get("/verify", summary="Recompute the whole log", response_model=verification.LogVerification,
            openapi_extra={"security": [{"bearer": []}]})  # fmt: skip
async def verify(
    request: Request, store: AuditedStore, token: Annotated[Token, Depends(Bearer(TokenScope.ADMIN))]
) -> Response:
    """Check every event against its leaf, and every leaf against its hash, as `tracker audit verify` does. It reads
    the whole store, so it needs a token with the scope admin, and one runs at a time. The result is this server's own
    word: verify a copy of the store where you do not trust the server."""
    del token
    result = await server_state(request).store_reads.run(partial(_verify_alone, store))
    return Response(result.model_dump_json(), 200, NO_STORE, "application/json")


def _verify_alone(store: str) -> verification.LogVerification:
    """Verify the log, unless another request does already. Raises: HTTPException."""
    if not _verification.acquire(blocking=False):
        detail = "a verification is running already: retry after the number of seconds in Retry-After"
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": "10"})
    try:
        return verification.verify(store)
    finally:
        _verification.release()
