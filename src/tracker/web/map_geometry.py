"""A region of the world as shapes on a sheet: read from a folder, or sketched where there is none."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tracker.model.registry import Registry

REGIONS = Path(__file__).parent / "regions"
WIDTH = 1000.0  # of the sheet, in its own units
FINE = 2  # points are kept to a half, then a quarter of a unit

Point = tuple[float, float]


@dataclass(frozen=True)
class Land:
    """The shape of a unit."""

    territory: str | None  # None: only there to be recognised
    path: str
    focus: bool


@dataclass(frozen=True)
class Region:
    """Shapes in the units of the sheet; borders and hubs by the ids of the registry."""

    name: str
    size: Point
    close: str = ""  # the part of the sheet that a narrow screen shows first: x y width height
    lands: tuple[Land, ...] = ()
    lines: Mapping[str, str] = field(default_factory=dict)  # paths
    middles: Mapping[str, Point] = field(default_factory=dict)  # of the lines
    marks: frozenset[str] = frozenset()  # lines that only stand for a border
    hubs: Mapping[str, Point] = field(default_factory=dict)
    labels: Mapping[str, Point] = field(default_factory=dict)
    notes: tuple[tuple[str, Point, str], ...] = ()  # names that are not of the registry: text, where, kind
    ways: Mapping[str, tuple[str | Point, ...]] = field(default_factory=dict)
    frame: "Frame | None" = None
    drawn: bool = True  # false: a sketch

    def place(self, location: tuple[float, float] | None) -> Point | None:
        """Where a longitude and latitude are on the sheet."""
        return self.frame.point(location) if self.frame and location else None


@dataclass(frozen=True)
class Frame:
    """A window on the world: degrees to the units of the sheet, with the scale of its middle latitude."""

    west: float
    south: float
    east: float
    north: float

    @property
    def scale(self) -> float:
        return WIDTH / ((self.east - self.west) * self.squeeze)

    @property
    def squeeze(self) -> float:
        return math.cos(math.radians((self.south + self.north) / 2))

    @property
    def size(self) -> Point:
        return WIDTH, round((self.north - self.south) * self.scale, 1)

    def point(self, at: Sequence[float]) -> Point:
        x = (at[0] - self.west) * self.squeeze * self.scale
        y = (self.north - at[1]) * self.scale
        return round(x * FINE) / FINE, round(y * FINE) / FINE


def region_of(registry: Registry) -> Region:
    """The region whose units are most of the registry's territories; a sketch where none has two of them."""
    found = max(_folders(), key=lambda each: _shared(each, registry), default=None)
    if found is None or _shared(found, registry) < min(2, len(registry.territories)):
        return sketch(registry)
    return _region(found, registry)


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
    units = {_territory(folder, each["properties"]["unit"]) for each in _features(folder, "units")}
    return len(units & set(registry.territories))


def _region(folder: Path, registry: Registry) -> Region:
    labels = _read(folder / "labels.json")
    frame = Frame(*labels["view"])
    lines, middles = dict(_lines(folder, registry, frame)), dict(_middles(folder, registry, frame))
    marks = {key: ends for key, ends in labels.get("marks", {}).items() if key in registry.borders and key not in lines}
    for key, ends in marks.items():
        points = [frame.point(each) for each in ends]
        lines[key], middles[key] = path_of([points]), _middle(points)
    return Region(
        name=labels.get("name", folder.name),
        size=frame.size,
        close=_close(frame, labels.get("close")),
        lands=tuple(_lands(folder, registry, frame)),
        lines=lines,
        middles=middles,
        marks=frozenset(marks),
        hubs={key: frame.point(at) for key, at in labels.get("hubs", {}).items()},
        labels={key: frame.point(at) for key, at in labels.get("labels", {}).items() if key in registry.territories},
        notes=tuple(_notes(labels, frame)),
        ways={key: tuple(_stop(frame, each) for each in way) for key, way in labels.get("ways", {}).items()},
        frame=frame,
    )


def _close(frame: Frame, box: Sequence[float] | None) -> str:
    if not box:
        return ""
    (west, north), (east, south) = frame.point((box[0], box[3])), frame.point((box[2], box[1]))
    return f"{west:g} {north:g} {east - west:g} {south - north:g}"


def _stop(frame: Frame, stop: Any) -> str | Point:
    return stop if isinstance(stop, str) else frame.point(stop)


def _notes(labels: Any, frame: Frame) -> Iterator[tuple[str, Point, str]]:
    for text, *at in labels.get("seas", ()):
        yield text, frame.point(at), "sea"
    for unit, text in labels.get("context", {}).items():
        yield text, frame.point(labels["labels"][unit]), "context"


def _lands(folder: Path, registry: Registry, frame: Frame) -> Iterator[Land]:
    for feature in _features(folder, "units"):
        unit = feature["properties"]
        territory = _territory(folder, unit["unit"])
        rings = [[frame.point(each) for each in ring] for ring in _rings(feature["geometry"])]
        yield Land(territory if territory in registry.territories else None, path_of(rings, "z"), bool(unit["focus"]))


def _rings(geometry: Any) -> Iterator[Sequence[Sequence[float]]]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        yield from polygon


def _parts(geometry: Any) -> Sequence[Sequence[Sequence[float]]]:
    return geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]


def _borders(folder: Path, registry: Registry, frame: Frame) -> Iterator[tuple[str, list[list[Point]]]]:
    for feature in _features(folder, "borders"):
        sides = [_territory(folder, side) for side in feature["properties"]["sides"]]
        border = registry.border_between(*sides)
        if border is not None:
            yield border.id, [[frame.point(each) for each in part] for part in _parts(feature["geometry"])]


def _lines(folder: Path, registry: Registry, frame: Frame) -> Iterator[tuple[str, str]]:
    yield from ((key, path_of(parts)) for key, parts in _borders(folder, registry, frame))


def _middles(folder: Path, registry: Registry, frame: Frame) -> Iterator[tuple[str, Point]]:
    for key, parts in _borders(folder, registry, frame):
        longest = max(parts, key=len)
        seen = [each for each in longest if 0 < each[0] < frame.size[0] and 0 < each[1] < frame.size[1]]
        yield key, _middle(seen or longest)


def _middle(points: Sequence[Point]) -> Point:
    if len(points) == 2:
        (ax, ay), (bx, by) = points
        return (ax + bx) / 2, (ay + by) / 2
    return points[len(points) // 2]


def path_of(parts: Iterable[Sequence[Point]], close: str = "") -> str:
    """Lines as the `d` of an SVG path, each step from the last; steps of nothing are left out."""
    return "".join(_part(part) + close for part in parts)


def _part(points: Sequence[Point]) -> str:
    at, text = points[0], [f"M{points[0][0]:g} {points[0][1]:g}l"]
    for point in points[1:]:
        dx, dy = point[0] - at[0], point[1] - at[1]
        if dx or dy:
            text.append(f"{dx:g}{'' if dy < 0 else ' '}{dy:g} ")
            at = point
    return "".join(text).rstrip()


def sketch(registry: Registry) -> Region:
    """Territories on an ellipse, borders as straight lines: for a registry without geometry."""
    ids = list(registry.territories)
    turn = {key: 2 * math.pi * number / max(1, len(ids)) for number, key in enumerate(ids)}
    hubs = {key: (500 + 360 * math.sin(angle), 330 - 250 * math.cos(angle)) for key, angle in turn.items()}
    hubs = {key: (round(x, 1), round(y, 1)) for key, (x, y) in hubs.items()}
    ends = {key: [hubs[side] for side in each.between] for key, each in registry.borders.items()}
    return Region(
        name=registry.dataset.name,
        size=(WIDTH, 660.0),
        lines={key: path_of([points]) for key, points in ends.items()},
        middles={key: _middle(points) for key, points in ends.items()},
        hubs=hubs,
        labels={key: (x, y - 14) for key, (x, y) in hubs.items()},
        drawn=False,
    )
