"""For those who run the server: /healthz, /readyz, /metrics."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from tracker.api.state import service

router = APIRouter(tags=["operation"])
FRESH = {"Cache-Control": "no-store"}


class Health(BaseModel):
    """How the server is."""

    status: Literal["ok", "unavailable"] = Field(description="Whether it does what it is for.", examples=["ok"])
    position: int | None = Field(None, description="The last position of the log that is held.", examples=[425])
    detail: str | None = Field(None, description="What is wrong.")


@router.get("/healthz", summary="Whether the process is alive", response_model=Health)
async def alive() -> Response:
    """Always ok, as long as the process answers."""
    return Response(Health(status="ok").model_dump_json(), 200, FRESH, "application/json")


@router.get(
    "/readyz",
    summary="Whether questions are answered from a store that can be read",
    response_model=Health,
    responses={503: {"model": Health, "description": "The store cannot be read at present."}},
)
async def ready(request: Request) -> Response:
    """503 while the store cannot be read; questions are still answered from what is held."""
    asked = service(request)
    trouble = asked.newsroom.trouble
    health = Health(status="unavailable" if trouble else "ok", position=asked.live.held.record.position, detail=trouble)
    return Response(health.model_dump_json(), 503 if trouble else 200, FRESH, "application/json")


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response,
            responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}})  # fmt: skip
async def metrics(request: Request) -> Response:
    """Requests, latencies, the position of the log, streams and webhooks; of this process only."""
    asked = service(request)
    asked.newsroom.metrics.position.set(asked.live.held.record.position)
    content, media_type = asked.newsroom.metrics.page()
    return Response(content, 200, {**FRESH, "Content-Type": media_type})
