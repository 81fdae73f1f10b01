"""/map.geojson: the map of a date."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from tracker.api.parameters import Asked, Clocked, Subjects
from tracker.api.problems import blaming
from tracker.api.service import service
from tracker.model.problem import UnknownSubject
from tracker.model.registry import Registry
from tracker.model.vocabulary import Status
from tracker.queries.geography import FeatureCollection
from tracker.queries.geography import features as features_query

router = APIRouter(tags=["map"])
GEOJSON = "application/geo+json"


class MapQuestion(Subjects, Clocked):
    """Which features."""

    status: Status | None = Field(None, description="Only lanes like this.", examples=["open"])


@router.get(
    "/map.geojson",
    summary="The map of a date",
    response_class=Response,
    responses={200: {"description": "Features", "content": {GEOJSON: {"schema": {"$ref": "#/components/schemas/FeatureCollection"}}}}},
)  # fmt: skip
def map_of(request: Request, asked: Asked, q: Annotated[MapQuestion, Query()]) -> Response:
    """Crossing points as points, borders as lines where their geometry is known, corridors as lines through their
    crossings; each with the status of its lanes. GeoJSON, RFC 7946."""
    chosen, clocks = q.chosen(q.status), q.on(asked)
    path = service(request).geometry
    lines = borders(path, asked.record.view.registry) if path else {}
    with blaming("subject", only=UnknownSubject):
        answer = features_query(asked.record, clocks, chosen, lines)
    return Response(answer.model_dump_json(by_alias=True), media_type=GEOJSON)


def borders(path: Path, registry: Registry) -> dict[str, Any]:
    """The geometry of each border that a file of GeoJSON has one for: by its id, or by its two sides."""
    found = {}
    for name, sides, geometry in _features(path):
        border = registry.borders.get(name)
        if border is None and len(sides) == 2:
            border = registry.border_between(*sides)
        if border is not None:
            found[border.id] = geometry
    return found


@lru_cache(maxsize=4)
def _features(path: Path) -> list[tuple[str, tuple[str, ...], dict[str, Any]]]:
    read = json.loads(path.read_text(encoding="utf-8"))
    return [
        (str(each["properties"].get("border", "")), tuple(each["properties"].get("sides", ())), each["geometry"])
        for each in read["features"]
        if each.get("geometry")
    ]


__all__ = ["FeatureCollection", "router"]
