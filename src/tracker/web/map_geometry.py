"""A region of the world as shapes on a sheet: read from a folder, or sketched for a registry without geometry."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tracker.model.registry import Registry

REGIONS = Path(__file__).parent / "regions"
SHEET_WIDTH = 1000.0  # units of the sheet
STEPS_PER_UNIT = 2  # points are rounded to half a unit
SKETCH_HEIGHT = 660.0
MIN_SHARED_TERRITORIES = 2  # of a region and a registry

SheetPoint = tuple[float, float]


@dataclass(frozen=True)
class LandShape:
    """The shape of a territory."""

    territory: str | None  # None: not of the registry, and drawn for orientation
    path: str
    focus: bool


@dataclass(frozen=True)
class MapProjection:
    """Degrees to units of the sheet, at the scale of the middle latitude of a window."""

    west: float
    south: float
    east: float
    north: float

    @property
    def scale(self) -> float:
        """Units per degree of latitude."""
        return SHEET_WIDTH / ((self.east - self.west) * self.squeeze)

    @property
    def squeeze(self) -> float:
        """The length of a degree of longitude in degrees of latitude."""
        return math.cos(math.radians((self.south + self.north) / 2))

    @property
    def size(self) -> SheetPoint:
        """Width and height of the sheet."""
        return SHEET_WIDTH, round((self.north - self.south) * self.scale, 1)

    def point(self, location: Sequence[float]) -> SheetPoint:
        """The place of a longitude and latitude."""
        x = (location[0] - self.west) * self.squeeze * self.scale
        y = (self.north - location[1]) * self.scale
        return round(x * STEPS_PER_UNIT) / STEPS_PER_UNIT, round(y * STEPS_PER_UNIT) / STEPS_PER_UNIT


@dataclass(frozen=True)
class MapRegion:
    """Shapes in units of the sheet; borders and hubs by the ids of the registry."""

    name: str
    size: SheetPoint
    close: str = ""  # the part of the sheet that a narrow screen shows first: x y width height
    lands: tuple[LandShape, ...] = ()
    lines: Mapping[str, str] = field(default_factory=dict)  # paths
    middles: Mapping[str, SheetPoint] = field(default_factory=dict)  # of the lines
    marks: frozenset[str] = frozenset()  # lines that only stand for a border
    hubs: Mapping[str, SheetPoint] = field(default_factory=dict)
    labels: Mapping[str, SheetPoint] = field(default_factory=dict)
    notes: tuple[tuple[str, SheetPoint, str], ...] = ()  # names that are not of the registry: text, place, kind
    ways: Mapping[str, tuple[str | SheetPoint, ...]] = field(default_factory=dict)
    projection: MapProjection | None = None
    drawn: bool = True  # false: a sketch

    def place(self, location: tuple[float, float] | None) -> SheetPoint | None:
        """The place of a longitude and latitude; None in a sketch."""
        return self.projection.point(location) if self.projection and location else None


def region_of(registry: Registry) -> MapRegion:
    """The region with most of the registry's territories; a sketch where no region has two of them."""
    folder = max(_folders(), key=lambda folder: _shared(folder, registry), default=None)
    needed = min(MIN_SHARED_TERRITORIES, len(registry.territories))
    if folder is None or _shared(folder, registry) < needed:
        return sketch(registry)
    return _read_region(folder, registry)


@cache
def _folders() -> tuple[Path, ...]:
    return tuple(sorted(path.parent for path in REGIONS.glob("*/labels.json")))


@cache
def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _features(folder: Path, name: str) -> list[dict[str, Any]]:
    return list(_read(folder / f"{name}.geojson").get("features", ()))


def _territory(folder: Path, unit: str) -> str:
    return str(_read(folder / "labels.json").get("units", {}).get(unit, unit))


def _shared(folder: Path, registry: Registry) -> int:
    """How many territories of the registry a region has."""
    units = {_territory(folder, feature["properties"]["unit"]) for feature in _features(folder, "units")}
    return len(units & set(registry.territories))


def _read_region(folder: Path, registry: Registry) -> MapRegion:
    labels = _read(folder / "labels.json")
    projection = MapProjection(*labels["view"])
    borders = dict(_borders(folder, registry, projection))
    lines = {key: path_of(parts) for key, parts in borders.items()}
    middles = {key: _middle_on_sheet(parts, projection.size) for key, parts in borders.items()}
    marks = {key: ends for key, ends in labels.get("marks", {}).items() if key in registry.borders and key not in lines}
    for key, ends in marks.items():
        points = [projection.point(end) for end in ends]
        lines[key], middles[key] = path_of([points]), _middle(points)
    return MapRegion(
        name=labels.get("name", folder.name),
        size=projection.size,
        close=_close(projection, labels.get("close")),
        lands=tuple(_lands(folder, registry, projection)),
        lines=lines,
        middles=middles,
        marks=frozenset(marks),
        hubs={key: projection.point(at) for key, at in labels.get("hubs", {}).items()},
        labels={
            key: projection.point(at) for key, at in labels.get("labels", {}).items() if key in registry.territories
        },
        notes=tuple(_notes(labels, projection)),
        ways={key: tuple(_stop(projection, stop) for stop in way) for key, way in labels.get("ways", {}).items()},
        projection=projection,
    )


def _close(projection: MapProjection, box: Sequence[float] | None) -> str:
    if not box:
        return ""
    (west, north), (east, south) = projection.point((box[0], box[3])), projection.point((box[2], box[1]))
    return f"{west:g} {north:g} {east - west:g} {south - north:g}"


def _stop(projection: MapProjection, stop: Any) -> str | SheetPoint:
    return stop if isinstance(stop, str) else projection.point(stop)


def _notes(labels: Any, projection: MapProjection) -> Iterator[tuple[str, SheetPoint, str]]:
    for text, *at in labels.get("seas", ()):
        yield text, projection.point(at), "sea"
    for unit, text in labels.get("context", {}).items():
        yield text, projection.point(labels["labels"][unit]), "context"


def _lands(folder: Path, registry: Registry, projection: MapProjection) -> Iterator[LandShape]:
    for feature in _features(folder, "units"):
        unit = feature["properties"]
        territory = _territory(folder, unit["unit"])
        rings = [[projection.point(at) for at in ring] for ring in _rings(feature["geometry"])]
        yield LandShape(
            territory if territory in registry.territories else None, path_of(rings, "z"), bool(unit["focus"])
        )


def _rings(geometry: Any) -> Iterator[Sequence[Sequence[float]]]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        yield from polygon


def _borders(
    folder: Path, registry: Registry, projection: MapProjection
) -> Iterator[tuple[str, list[list[SheetPoint]]]]:
    """The lines of each border that a region has."""
    for feature in _features(folder, "borders"):
        border = registry.border_between(*(_territory(folder, side) for side in feature["properties"]["sides"]))
        if border is not None:
            geometry = feature["geometry"]
            is_multiple = geometry["type"] == "MultiLineString"
            parts = geometry["coordinates"] if is_multiple else [geometry["coordinates"]]
            yield border.id, [[projection.point(at) for at in part] for part in parts]


def _middle_on_sheet(parts: Sequence[Sequence[SheetPoint]], size: SheetPoint) -> SheetPoint:
    longest = max(parts, key=len)
    visible = [point for point in longest if 0 < point[0] < size[0] and 0 < point[1] < size[1]]
    return _middle(visible or longest)


def _middle(points: Sequence[SheetPoint]) -> SheetPoint:
    if len(points) == 2:
        (ax, ay), (bx, by) = points
        return (ax + bx) / 2, (ay + by) / 2
    return points[len(points) // 2]


def path_of(parts: Iterable[Sequence[SheetPoint]], close: str = "") -> str:
    """Lines as the `d` of an SVG path, with relative steps; steps of no length are left out.

    Args: close: "z" to close each line.
    """
    return "".join(_line_path(part) + close for part in parts)


def _line_path(points: Sequence[SheetPoint]) -> str:
    at, text = points[0], [f"M{points[0][0]:g} {points[0][1]:g}l"]
    for point in points[1:]:
        dx, dy = point[0] - at[0], point[1] - at[1]
        if dx or dy:
            text.append(f"{dx:g}{'' if dy < 0 else ' '}{dy:g} ")
            at = point
    return "".join(text).rstrip()


def sketch(registry: Registry) -> MapRegion:
    """Territories on an ellipse, borders as straight lines."""
    ids = list(registry.territories)
    angles = {key: 2 * math.pi * number / max(1, len(ids)) for number, key in enumerate(ids)}
    hubs = {
        key: (round(500 + 360 * math.sin(angle), 1), round(330 - 250 * math.cos(angle), 1))
        for key, angle in angles.items()
    }
    ends = {key: [hubs[side] for side in border.between] for key, border in registry.borders.items()}
    return MapRegion(
        name=registry.dataset.name,
        size=(SHEET_WIDTH, SKETCH_HEIGHT),
        lines={key: path_of([points]) for key, points in ends.items()},
        middles={key: _middle(points) for key, points in ends.items()},
        hubs=hubs,
        labels={key: (x, y - 14) for key, (x, y) in hubs.items()},
        drawn=False,
    )
