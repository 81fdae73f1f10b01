"""The map of a date as GeoJSON (RFC 7946): crossings as points, borders and corridors as lines where known."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from tracker.model.registry import Border, Corridor, Crossing, Registry
from tracker.queries.answer_base import (
    Answer,
    ButForField,
    KindField,
    NameField,
    OtherwiseField,
    ReasonField,
    SeverityField,
    SinceField,
    SubjectField,
)
from tracker.queries.answers import ClocksAnswer, LaneAnswer, LanesState
from tracker.queries.clocks import Clocks
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.state.lanes import stations
from tracker.state.record import Record

Geometry = Mapping[str, Any]  # of GeoJSON


class LaneProperties(Answer):
    """One lane on the map."""

    mode: str = Field(description="Means of transport.")
    traffic: str = Field(description="Goods or people.")
    direction: str = Field(description="Direction, as FROM>TO.")
    status: str = Field(description="Status of the lane.")
    severity: SeverityField
    otherwise: OtherwiseField = None
    but_for: ButForField = ()
    since: SinceField
    reason: ReasonField


class FeatureProperties(Answer):
    """The properties of a feature, with the status of its worst chosen lane."""

    subject: SubjectField
    kind: KindField
    name: NameField
    status: str = Field(description="Status of its worst lane.")
    severity: SeverityField
    otherwise: OtherwiseField = None
    but_for: ButForField = ()
    since: SinceField
    reason: ReasonField
    lanes: tuple[LaneProperties, ...] = Field(description="Its chosen lanes.")


class Feature(Answer):
    """A border, crossing or corridor; without a geometry where none is known."""

    type: Literal["Feature"] = "Feature"
    id: SubjectField
    geometry: dict[str, Any] | None = Field(description="GeoJSON geometry; null: none is known.")
    properties: FeatureProperties = Field(description="Status of the subject and its lanes.")


class FeatureCollection(ClocksAnswer):
    """The map."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    disclaimer: str = Field(
        "Lines are generalised and imply no position on any border.", description="Limits of the lines."
    )
    features: tuple[Feature, ...] = Field(description="Borders, crossing points and corridors.")


def features(
    record: Record, clocks: Clocks, selection: Selection, lines: Mapping[str, Geometry] | None = None
) -> FeatureCollection:
    """Draw the map of the chosen subjects, as of a date.

    Args: lines: geometries of borders, by the id of the border.
    Raises: UnknownSubject, BadRequest.
    """
    registry = record.at(clocks.known).registry
    drawn: list[Feature] = []
    for answer in state(record, clocks, selection):
        subject = registry.with_state[answer.subject]
        if isinstance(answer, LanesState) and answer.lanes and isinstance(subject, Border | Crossing | Corridor):
            properties = _properties(answer)
            path = stations(registry, subject)
            geometry = _geometry(subject, _located(registry, path), (lines or {}).get(subject.id))
            drawn.append(Feature(id=subject.id, geometry=geometry, properties=properties))
    return FeatureCollection(**clocks.texts, features=tuple(drawn))


def _located(registry: Registry, path: Sequence[str]) -> list[tuple[float, float]]:
    """The known locations of the crossing points on a path, in order."""
    locations = [registry.crossings[place].location for place in path if place in registry.crossings]
    return [location for location in locations if location is not None]


def _geometry(
    subject: Border | Crossing | Corridor, along: list[tuple[float, float]], line: Geometry | None
) -> dict[str, Any] | None:
    match subject:
        case Crossing():
            return {"type": "Point", "coordinates": list(along[0])} if along else None
        case Border():
            return dict(line) if line is not None else None
        case Corridor():
            return (
                {"type": "LineString", "coordinates": [list(location) for location in along]}
                if len(along) > 1
                else None
            )


def _properties(answer: LanesState) -> FeatureProperties:
    worst = max(answer.lanes, key=lambda lane: lane.severity)
    return FeatureProperties(
        subject=answer.subject,
        kind=answer.kind,
        name=answer.name,
        status=worst.status.value,
        severity=worst.severity,
        otherwise=worst.otherwise,
        but_for=worst.but_for,
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
            severity=lane.severity,
            otherwise=lane.otherwise,
            but_for=lane.but_for,
            since=lane.since,
            reason=lane.reason,
        )
