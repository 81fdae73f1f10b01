"""Endpoints for the operation of a server: /healthz, /readyz, /metrics."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from tracker.api.state import server_state

router = APIRouter(tags=["operation"])
metrics_router = APIRouter(tags=["operation"])  # where the metrics are not served apart
NO_STORE = {"Cache-Control": "no-store"}


class Health(BaseModel):
    """The health of the server."""

    status: Literal["ok", "unavailable"] = Field(description="Whether the server does its work.", examples=["ok"])
    position: int | None = Field(None, description="The last position of the log that is held.", examples=[425])
    detail: str | None = Field(None, description="The error, where the store, or a file being edited, cannot be read.")


@router.get("/healthz", summary="Whether the process is alive", response_model=Health)
async def alive(request: Request) -> Response:
    """Always ok, as long as the process answers; `detail` says if it answers from files as they were before an edit."""
    health = Health(status="ok", detail=server_state(request).live.held.problem)
    return Response(health.model_dump_json(), 200, NO_STORE, "application/json")


@router.get(
    "/readyz",
    summary="Whether questions are answered from a store that can be read",
    response_model=Health,
    responses={503: {"model": Health, "description": "The store cannot be read at present."}},
)
async def ready(request: Request) -> Response:
    """503 while the store cannot be read, or after its log lost its end or gave way to another; questions are still
    answered from the record in memory."""
    state = server_state(request)
    held = state.live.held
    error = state.notifier.store_error or held.alarm
    health = Health(
        status="unavailable" if error else "ok", position=held.record.position, detail=error or held.problem
    )
    return Response(health.model_dump_json(), 503 if error else 200, NO_STORE, "application/json")


@metrics_router.get("/metrics", summary="Figures for Prometheus", response_class=Response,
            responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}})  # fmt: skip
async def metrics(request: Request) -> Response:
    """Requests, latencies, the position of the log, streams and webhooks, of this process only."""
    state = server_state(request)
    held = state.live.held
    state.notifier.metrics.position.set(held.record.position)
    state.notifier.metrics.log_alarm.set(held.alarm is not None)
    content, media_type = state.notifier.metrics.exposition()
    return Response(content, 200, {**NO_STORE, "Content-Type": media_type})
