"""Derive the geometry of the South Caucasus from Natural Earth, by way of the npm package world-atlas.

    python scripts/derive_geometry.py [--check] [countries-10m.json]

Without a file, `npm install world-atlas@2.0.2` in a temporary folder gets it. `--check` compares with the files that
are there and writes nothing. Natural Earth is in the public domain. The recipe: decode the arcs; split Nakhchivan off
Azerbaijan by its centroid; an arc that two units use is their border; simplify each arc once (0.005°), so that shared
lines stay shared; clip to the box; round to 0.0001°.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "src/tracker/web/regions/south-caucasus"
PACKAGE = "world-atlas@2.0.2"
UNITS = {
    "AM": ("051", "Armenia", True), "AZ": ("031", "Azerbaijan", True), "GE": ("268", "Georgia", True),
    "IQ": ("368", "Iraq", False), "IR": ("364", "Iran", False), "KZ": ("398", "Kazakhstan", False),
    "RU": ("643", "Russia", False), "SY": ("760", "Syria", False), "TM": ("795", "Turkmenistan", False),
    "TR": ("792", "Türkiye", False),
}  # fmt: skip
DETACHED = ("AZ", "NX", "Nakhchivan (Azerbaijan)", (44.7, 46.2, 38.8, 39.8))  # of, unit, name, where its centroid is
BOX = (35.5, 35.5, 54.5, 46.5)
TOLERANCE, DIGITS = 0.005, 4

Point = tuple[float, float]
Ring = list[int]  # numbers of arcs; a negative one is walked backwards
Polygon = list[Ring]


def download() -> Path:
    """The topology, from npm."""
    folder = Path(tempfile.mkdtemp(prefix="world-atlas-"))
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
    subprocess.run(command, check=True)
    return folder / "node_modules/world-atlas/countries-10m.json"


def arcs_of(topology: Any) -> list[list[Point]]:
    """The arcs in degrees, each simplified once."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        found.append(points)
    return found


def simplified(points: Sequence[Point]) -> list[Point]:
    """Douglas and Peucker; a closed arc is cut at its farthest point first."""
    if len(points) > 3 and points[0] == points[-1]:
        far = max(range(len(points)), key=lambda n: _length(points[0], points[n]))
        ring = simplified(points[: far + 1])[:-1] + simplified(points[far:])
        if len(ring) < 4:  # a small island stays one: a triangle
            third = max(range(len(points)), key=lambda n: _off(points[n], points[0], points[far]))
            return [points[number] for number in (0, *sorted((far, third)), len(points) - 1)]
        return ring
    keep, todo = {0, len(points) - 1}, [(0, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        worst = max(range(first + 1, last), key=lambda n: _off(points[n], points[first], points[last]))
        if _off(points[worst], points[first], points[last]) > TOLERANCE:
            keep.add(worst)
            todo += [(first, worst), (worst, last)]
    return [points[number] for number in sorted(keep)]


def _length(one: Point, other: Point) -> float:
    return float(((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5)


def _off(point: Point, start: Point, end: Point) -> float:
    """The distance of a point from a segment."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    square = dx * dx + dy * dy
    share = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / square if square else 0
    share = min(max(share, 0), 1)
    return _length(point, (start[0] + share * dx, start[1] + share * dy))


def walk(ring: Ring, arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """The points of a ring, the joints once."""
    points: list[Point] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else list(reversed(arcs[~number]))
        points += arc[1:] if points else arc
    return points


def units_of(topology: Any, arcs: Sequence[Sequence[Point]]) -> dict[str, list[Polygon]]:
    """The polygons of each unit, as rings of arcs."""
    countries = {each.get("id"): each for each in topology["objects"]["countries"]["geometries"]}
    found: dict[str, list[Polygon]] = {}
    for unit, (code, _, _) in UNITS.items():
        shape = countries[code]
        found[unit] = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    whole, part, _, (west, east, south, north) = DETACHED
    for polygon in list(found[whole]):
        x, y = _centroid(walk(polygon[0], arcs))
        if west < x < east and south < y < north:
            found[whole].remove(polygon)
            found.setdefault(part, []).append(polygon)
    return found


def _centroid(points: Sequence[Point]) -> Point:
    area = x = y = 0.0
    for (ax, ay), (bx, by) in pairwise(points):
        cross = ax * by - bx * ay
        area, x, y = area + cross, x + (ax + bx) * cross, y + (ay + by) * cross
    return x / (3 * area), y / (3 * area)


def clip_ring(points: list[Point]) -> list[Point]:
    """Sutherland and Hodgman against the box."""
    for axis, bound, sign in ((0, BOX[0], 1), (0, BOX[2], -1), (1, BOX[1], 1), (1, BOX[3], -1)):
        kept: list[Point] = []
        for before, point in zip([points[-1], *points], points, strict=False):
            inside, was = (point[axis] - bound) * sign >= 0, (before[axis] - bound) * sign >= 0
            if inside != was:
                kept.append(_cut(before, point, axis, bound))
            if inside:
                kept.append(point)
        if not kept:
            return []
        points = kept
    return points if points[0] == points[-1] else [*points, points[0]]


def _cut(one: Point, other: Point, axis: int, bound: float) -> Point:
    share = (bound - one[axis]) / (other[axis] - one[axis])
    x, y = one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])
    return (bound, y) if axis == 0 else (x, bound)


def clip_line(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The parts of a line inside the box."""
    part: list[Point] = []
    for one, other in pairwise(points):
        ends = _inside(one, other)
        if ends is None:
            continue
        if part and part[-1] != ends[0]:
            yield part
            part = []
        part += list(ends) if not part else [ends[1]]
    if part:
        yield part


def _inside(one: Point, other: Point) -> tuple[Point, Point] | None:
    """Liang and Barsky."""
    first, last = 0.0, 1.0
    for axis, low, high in ((0, BOX[0], BOX[2]), (1, BOX[1], BOX[3])):
        step = other[axis] - one[axis]
        for bound, sign in ((low, -1), (high, 1)):
            room, speed = (bound - one[axis]) * sign, step * sign
            if speed == 0 and room < 0:
                return None
            if speed < 0:
                first = max(first, room / speed)
            elif speed > 0:
                last = min(last, room / speed)
    if first > last:
        return None

    def at(share: float) -> Point:
        return one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])

    return (one if first == 0 else at(first)), (other if last == 1 else at(last))


def rounded(points: Sequence[Point]) -> list[Point]:
    """To the digits that are kept, repetitions left out."""
    found: list[Point] = []
    for x, y in points:
        point = (round(x, DIGITS), round(y, DIGITS))
        if not found or found[-1] != point:
            found.append(point)
    return found


def unit_features(units: dict[str, list[Polygon]], arcs: Sequence[Sequence[Point]]) -> Iterator[dict[str, Any]]:
    for unit in sorted(units):
        country = unit if unit in UNITS else DETACHED[0]
        name = UNITS[unit][1] if unit in UNITS else DETACHED[2]
        polygons = [[rounded(clip_ring(walk(ring, arcs))) for ring in polygon] for polygon in units[unit]]
        polygons = [[ring for ring in polygon if len(ring) >= 4] for polygon in polygons]
        polygons = [polygon for polygon in polygons if polygon]
        shape = {"type": "MultiPolygon", "coordinates": polygons}
        if len(polygons) == 1:
            shape = {"type": "Polygon", "coordinates": polygons[0]}
        properties = {"unit": unit, "name": name, "country": country, "focus": UNITS[country][2]}
        yield {"type": "Feature", "id": unit, "properties": properties, "geometry": shape}


def border_features(units: dict[str, list[Polygon]], arcs: Sequence[Sequence[Point]]) -> Iterator[dict[str, Any]]:
    users: dict[int, set[str]] = {}
    for unit, polygons in units.items():
        for number in (number for polygon in polygons for ring in polygon for number in ring):
            users.setdefault(number if number >= 0 else ~number, set()).add(unit)
    shared: dict[tuple[str, ...], list[int]] = {}
    for number, both in sorted(users.items()):
        if len(both) == 2:
            shared.setdefault(tuple(sorted(both)), []).append(number)
    for sides, numbers in sorted(shared.items()):
        parts = [rounded(part) for number in numbers for part in clip_line(arcs[number])]
        parts = [part for part in parts if len(part) >= 2]
        if parts:
            shape = {"type": "MultiLineString", "coordinates": parts}
            if len(parts) == 1:
                shape = {"type": "LineString", "coordinates": parts[0]}
            properties = {"border": "-".join(sides), "sides": list(sides), "source": f"Natural Earth 1:10m, {PACKAGE}"}
            yield {"type": "Feature", "id": "-".join(sides), "properties": properties, "geometry": shape}


def derive(source: Path) -> dict[str, list[dict[str, Any]]]:
    """Both files' features."""
    topology = json.loads(source.read_text(encoding="utf-8"))
    whole = arcs_of(topology)
    units = units_of(topology, whole)
    arcs = [simplified(arc) for arc in whole]
    return {"units": list(unit_features(units, arcs)), "borders": list(border_features(units, arcs))}


def _points(geometry: Any) -> set[Point]:
    def flat(part: Any) -> Iterator[Point]:
        if isinstance(part[0], int | float):
            yield (part[0], part[1])
        else:
            for each in part:
                yield from flat(each)

    return set(flat(geometry["coordinates"]))


def compare(name: str, features: list[dict[str, Any]]) -> bool:
    """Say how the features differ from the file that is there; whether they do."""
    there = {each["id"]: each for each in json.loads((FOLDER / f"{name}.geojson").read_text())["features"]}
    here = {each["id"]: each for each in features}
    same = there.keys() == here.keys()
    print(
        f"{name}: {len(here)} derived, {len(there)} there"
        + ("" if same else f", not both: {there.keys() ^ here.keys()}")
    )
    for key in sorted(there.keys() & here.keys()):
        one, other = _points(there[key]["geometry"]), _points(here[key]["geometry"])
        if one != other:
            same = False
            print(f"  {key}: {len(one & other)} points the same, {len(one - other)} only there, {len(other - one)} new")
    return same


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("source", nargs="?", type=Path)
    asked.add_argument("--check", action="store_true", help="compare, and write nothing")
    given = asked.parse_args()
    found = derive(given.source or download())
    if given.check:
        same = [compare(name, features) for name, features in found.items()]
        return 0 if all(same) else 1
    for name, features in found.items():
        text = json.dumps(
            {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":")
        )
        (FOLDER / f"{name}.geojson").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
