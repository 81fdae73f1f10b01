"""The map of a date as GeoJSON features (RFC 7946): crossings as points, the rest as lines where that can be told."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from tracker.model.registry import Border, Corridor, Crossing
from tracker.model.vocabulary import SubjectKind
from tracker.queries.answer import Answer
from tracker.queries.answers import LaneAnswer, LanesState
from tracker.queries.clocks import Clocks
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.queries.subjects import located
from tracker.state.lanes import stations
from tracker.state.record import Record
from tracker.state.status import SEVERITY

Geometry = Mapping[str, Any]  # of GeoJSON


class LaneProperties(Answer):
    """One lane on the map."""

    mode: str
    traffic: str
    direction: str
    status: str
    severity: int
    since: str | None
    reason: str


class Properties(Answer):
    """What a feature tells; the status is that of the worst of the lanes that are asked for."""

    subject: str
    kind: SubjectKind
    name: str
    status: str
    severity: int
    since: str | None
    reason: str
    lanes: tuple[LaneProperties, ...]


class Feature(Answer):
    """A border, crossing or corridor; without a geometry where none is known."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: dict[str, Any] | None
    properties: Properties


class FeatureCollection(Answer):
    """The map."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    as_of: str
    announced_by: str | None
    recorded_by: str | None
    disclaimer: str = Field("Lines are generalised and imply no position on any border.")
    features: tuple[Feature, ...]


def features(
    record: Record, clocks: Clocks, selection: Selection, lines: Mapping[str, Geometry] | None = None
) -> FeatureCollection:
    """The map of the chosen subjects, as of a date.

    Args: lines: geometries of borders, by the id of the border.
    Raises: UnknownSubject, BadRequest.
    """
    registry = record.at(clocks.known).registry
    found: list[Feature] = []
    for answer in state(record, clocks, selection):
        subject = registry.with_state[answer.subject]
        if isinstance(answer, LanesState) and isinstance(subject, Border | Crossing | Corridor):
            properties = _properties(answer)
            path = stations(registry, subject)
            geometry = _geometry(subject, located(registry, path), (lines or {}).get(subject.id))
            found.append(Feature(id=subject.id, geometry=geometry, properties=properties))
    return FeatureCollection(
        as_of=clocks.as_of_text,
        announced_by=clocks.announced_by_text,
        recorded_by=clocks.recorded_by_text,
        features=tuple(found),
    )


def _geometry(
    subject: Border | Crossing | Corridor, along: list[tuple[float, float]], line: Geometry | None
) -> dict[str, Any] | None:
    match subject:
        case Crossing():
            return {"type": "Point", "coordinates": list(along[0])} if along else None
        case Border():
            return dict(line) if line is not None else None
        case Corridor():
            return {"type": "LineString", "coordinates": [list(each) for each in along]} if len(along) > 1 else None


def _properties(answer: LanesState) -> Properties:
    worst = max(answer.lanes, key=lambda lane: SEVERITY[lane.status])
    return Properties(
        subject=answer.subject,
        kind=answer.kind,
        name=answer.name,
        status=worst.status.value,
        severity=SEVERITY[worst.status],
        since=worst.since,
        reason=worst.reason,
        lanes=tuple(_lanes(answer.lanes)),
    )


def _lanes(lanes: tuple[LaneAnswer, ...]) -> Iterator[LaneProperties]:
    for lane in lanes:
        yield LaneProperties(
            mode=lane.mode.value,
            traffic=lane.traffic.value,
            direction=lane.direction,
            status=lane.status.value,
            severity=SEVERITY[lane.status],
            since=lane.since,
            reason=lane.reason,
        )
