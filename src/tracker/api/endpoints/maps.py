"""/map.geojson: the map of a date."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from tracker.api.parameters import Asked, Clocked, Subjects
from tracker.api.problems import blaming
from tracker.api.state import service
from tracker.model.errors import UnknownSubject
from tracker.model.registry import Registry
from tracker.model.vocabulary import Status
from tracker.queries.geography import FeatureCollection
from tracker.queries.geography import features as features_query

router = APIRouter(tags=["map"])


class GeoJson(JSONResponse):
    """A map."""

    media_type = "application/geo+json"


class MapQuestion(Subjects, Clocked):
    """Which features."""

    status: Status | None = Field(None, description="Only lanes like this.", examples=["open"])


@router.get("/map.geojson", summary="The map of a date", response_class=GeoJson, response_model=FeatureCollection)
def map_of(request: Request, asked: Asked, q: Annotated[MapQuestion, Query()]) -> Response:
    """Crossing points as points, borders as lines where their geometry is known, corridors as lines through their
    crossings; each with the status of its lanes. GeoJSON, RFC 7946."""
    chosen, clocks = q.chosen(q.status), q.on(asked)
    regions = service(request).regions
    lines = borders(regions, asked.record.view.registry) if regions else {}
    with blaming("subject", only=UnknownSubject):
        answer = features_query(asked.record, clocks, chosen, lines)
    return Response(answer.model_dump_json(by_alias=True), media_type=GeoJson.media_type)


def borders(regions: Path, registry: Registry) -> dict[str, Any]:
    """The geometry of each border that the files of a region have one for, found by its two sides."""
    found = {}
    for sides, geometry in _features(regions):
        border = registry.border_between(*sides)
        if border is not None:
            found[border.id] = geometry
    return found


@lru_cache(maxsize=4)
def _features(regions: Path) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    """Lines with the territories on their two sides; a unit of the geometry may go by another id in the registry."""
    found = []
    for path in sorted(regions.glob("*/borders.geojson")):
        labels = path.with_name("labels.json")
        units = json.loads(labels.read_text(encoding="utf-8")).get("units", {}) if labels.exists() else {}
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            one, other = (units.get(side, side) for side in feature["properties"]["sides"])
            found.append(((one, other), feature["geometry"]))
    return found
