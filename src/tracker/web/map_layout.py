"""The layout of the map: symbols that do not overlap, names that do not collide, routes side by side."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracker.model.registry import Crossing, Registry
from tracker.model.vocabulary import Mode
from tracker.web.map_geometry import LandShape, MapRegion, SheetPoint, path_of, region_of

# in units of the sheet
SYMBOL_DISTANCE = 19.0  # at least, between the middles of two symbols
ROUTE_DISTANCE = 4.2  # between two routes on one way
CROSSING_LETTER, CROSSING_LINE = 6.1, 13.0  # width and height of a crossing's name
TERRITORY_LETTER, TERRITORY_LINE = 9.4, 15.0
MAX_SPREADING_ROUNDS = 60
CURVE_TENSION = 6.5  # the larger, the straighter

Box = tuple[float, float, float, float]  # left, top, right, bottom
Leg = tuple[SheetPoint, SheetPoint]


@dataclass(frozen=True)
class MapLine:
    """A border or a route."""

    id: str
    path: str
    middle: SheetPoint
    mark: bool = False


@dataclass(frozen=True)
class CrossingSymbol:
    """The symbol of a crossing point: drawn at `at`, which may be pushed aside from its `location`."""

    id: str
    name: str
    shape: str  # road, rail, both, air, sea
    at: SheetPoint
    location: SheetPoint
    label: SheetPoint
    anchor: str  # start, middle, end


@dataclass(frozen=True)
class MapLabel:
    """A name on the sheet, of a territory or for orientation."""

    text: str
    at: SheetPoint
    kind: str  # focus, around, point, sea, context


@dataclass(frozen=True)
class MapSheet:
    """The map without statuses, which is one for all dates."""

    region: str
    size: SheetPoint
    close: str
    drawn: bool
    lands: tuple[LandShape, ...]
    borders: tuple[MapLine, ...]
    routes: tuple[MapLine, ...]
    crossings: tuple[CrossingSymbol, ...]
    names: tuple[MapLabel, ...]
    hubs: tuple[SheetPoint, ...]  # where routes start and end
    unplaced: tuple[str, ...]  # borders, crossings and corridors that only the table shows


def sheet_of(registry: Registry) -> MapSheet:
    """The map of a registry."""
    region = region_of(registry)
    locations = {key: _location(region, crossing) for key, crossing in registry.crossings.items()}
    visible = {key: at for key, at in locations.items() if at and _is_inside(region, at)}
    places = spread(visible)
    names = tuple(_labels(region, registry))
    routes = tuple(_routes(region, registry, places))
    lines = (MapLine(key, path, region.middles[key], key in region.marks) for key, path in region.lines.items())
    borders = tuple(line for line in lines if _is_inside(region, line.middle))
    flags = [line.middle for line in (*borders, *routes)]
    symbols = tuple(_symbols(registry, places, visible, names, flags))
    placed = {symbol.id for symbol in symbols} | {line.id for line in (*routes, *borders)}
    every = (*registry.borders, *registry.crossings, *registry.corridors)
    return MapSheet(
        region=region.name,
        size=region.size,
        close=region.close,
        drawn=region.drawn,
        lands=region.lands,
        borders=borders,
        routes=routes,
        crossings=symbols,
        names=names,
        hubs=tuple(at for key, at in region.hubs.items() if key in registry.territories and _is_inside(region, at)),
        unplaced=tuple(key for key in every if key not in placed),
    )


def _is_inside(region: MapRegion, at: SheetPoint) -> bool:
    return 0 <= at[0] <= region.size[0] and 0 <= at[1] <= region.size[1]


def _location(region: MapRegion, crossing: Crossing) -> SheetPoint | None:
    if region.drawn:
        return region.place(crossing.location)
    return region.middles.get(crossing.border)


def spread(points: Mapping[str, SheetPoint]) -> dict[str, SheetPoint]:
    """Points pushed apart until their symbols do not overlap; those that stand free stay where they are."""
    places = {key: [x + 0.01 * number, y] for number, (key, (x, y)) in enumerate(sorted(points.items()))}
    for _ in range(MAX_SPREADING_ROUNDS):
        moved = False
        keys = list(places)
        for number, one in enumerate(keys):
            for other in keys[number + 1 :]:
                moved |= _push(places[one], places[other])
        if not moved:
            break
    return {key: (round(x, 1), round(y, 1)) for key, (x, y) in places.items()}


def _push(one: list[float], other: list[float]) -> bool:
    dx, dy = other[0] - one[0], other[1] - one[1]
    distance = math.hypot(dx, dy)
    if distance >= SYMBOL_DISTANCE - 0.01:
        return False
    step = (SYMBOL_DISTANCE - distance) / 2 / (distance or 1)
    one[0], one[1] = one[0] - dx * step, one[1] - dy * step
    other[0], other[1] = other[0] + dx * step, other[1] + dy * step
    return True


def _shape_of(modes: Iterable[Mode]) -> str:
    kinds = set(modes)
    if {Mode.ROAD, Mode.RAIL} <= kinds:
        return "both"
    return next((mode.value for mode in (Mode.ROAD, Mode.RAIL, Mode.AIR, Mode.SEA) if mode in kinds), "road")


def _labels(region: MapRegion, registry: Registry) -> Iterator[MapLabel]:
    focus = {land.territory for land in region.lands if land.focus}
    shaped = {land.territory for land in region.lands}
    for key, at in region.labels.items():
        kind = "focus" if key in focus else "around" if key in shaped or not region.drawn else "point"
        yield MapLabel(registry.territories[key].name.removesuffix(" (mainland)"), at, kind)
    for text, at, kind in region.notes:
        yield MapLabel(text, at, kind)


def _symbols(
    registry: Registry,
    places: Mapping[str, SheetPoint],
    locations: Mapping[str, SheetPoint],
    names: Sequence[MapLabel],
    flags: Iterable[SheetPoint],
) -> Iterator[CrossingSymbol]:
    taken = [territory_box(name) for name in names]
    taken += [(x - 9, y - 12, x + 11, y + 9) for x, y in places.values()]
    taken += [(x - 1, y - 10, x + 7, y + 1) for x, y in flags]
    for key in sorted(places, key=lambda key: (places[key][1], key)):
        crossing = registry.crossings[key]
        name = _short_name(crossing.name)
        label, anchor, box = _free_place(places[key], name, taken)
        taken.append(box)
        yield CrossingSymbol(key, name, _shape_of(crossing.modes), places[key], locations[key], label, anchor)


def _short_name(name: str) -> str:
    """A crossing's name for the map: that of its first side."""
    return name.split("–")[0].split(" (")[0].strip()


def _free_place(at: SheetPoint, name: str, taken: Sequence[Box]) -> tuple[SheetPoint, str, Box]:
    """The place, the anchor and the box of a name beside a symbol: the first that overlaps least with others."""
    x, y = at
    places = [
        ((x + 12, y + 4), "start"), ((x - 12, y + 4), "end"), ((x, y - 12.5), "middle"), ((x, y + 21), "middle"),
        ((x + 9, y - 9), "start"), ((x - 9, y - 9), "end"), ((x + 9, y + 17), "start"), ((x - 9, y + 17), "end"),
    ]  # fmt: skip
    width = CROSSING_LETTER * len(name)
    boxes = [(label, anchor, _box(label, width, CROSSING_LINE, anchor)) for label, anchor in places]
    return min(boxes, key=lambda candidate: sum(overlap(candidate[2], other) for other in taken))


def territory_box(label: MapLabel) -> Box:
    """The room of a territory's name."""
    return _box(label.at, TERRITORY_LETTER * len(label.text), TERRITORY_LINE, "middle")


def crossing_box(symbol: CrossingSymbol) -> Box:
    """The room of a crossing's name."""
    return _box(symbol.label, CROSSING_LETTER * len(symbol.name), CROSSING_LINE, symbol.anchor)


def _box(at: SheetPoint, width: float, height: float, anchor: str) -> Box:
    left = at[0] - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    return left, at[1] - height * 0.8, left + width, at[1] + height * 0.2


def overlap(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0


def _routes(region: MapRegion, registry: Registry, crossings: Mapping[str, SheetPoint]) -> Iterator[MapLine]:
    """Corridors as curves; those that share a leg run side by side."""
    routes: dict[str, list[SheetPoint]] = {}
    for key, corridor in registry.corridors.items():
        stops = [_stop(region, crossings, stop) for stop in region.ways.get(key, corridor.path)]
        placed = [stop for stop in stops if stop is not None]
        if len(placed) >= 2:
            routes[key] = placed
    offsets = _offsets(routes)
    for key, points in routes.items():
        yield MapLine(key, _curve(_shifted(points, offsets, key)), points[len(points) // 2])


def _stop(region: MapRegion, crossings: Mapping[str, SheetPoint], stop: str | SheetPoint) -> SheetPoint | None:
    if isinstance(stop, str):
        return crossings.get(stop) or region.hubs.get(stop)
    return stop


def _offsets(routes: Mapping[str, Sequence[SheetPoint]]) -> dict[tuple[Leg, str], float]:
    """How far each route runs beside the middle of each of its legs."""
    users: dict[Leg, list[str]] = {}
    for key, points in routes.items():
        for one, other in pairwise(points):
            users.setdefault(_leg(one, other), []).append(key)
    return {
        (leg, key): (number - (len(keys) - 1) / 2) * ROUTE_DISTANCE
        for leg, keys in users.items()
        for number, key in enumerate(keys)
    }


def _leg(one: SheetPoint, other: SheetPoint) -> Leg:
    return (one, other) if one <= other else (other, one)


def _shifted(points: Sequence[SheetPoint], offsets: Mapping[tuple[Leg, str], float], key: str) -> list[SheetPoint]:
    """The stops of a route, each moved aside by the mean of the offsets of its legs."""
    moves: list[list[SheetPoint]] = [[] for _ in points]
    for number, (one, other) in enumerate(pairwise(points)):
        (ax, ay), (bx, by) = _leg(one, other)
        length, offset = math.hypot(bx - ax, by - ay) or 1, offsets[_leg(one, other), key]
        move = (-(by - ay) / length * offset, (bx - ax) / length * offset)
        moves[number].append(move)
        moves[number + 1].append(move)
    return [
        (x + sum(dx for dx, _ in parts) / len(parts), y + sum(dy for _, dy in parts) / len(parts))
        for (x, y), parts in zip(points, moves, strict=True)
    ]


def _curve(points: Sequence[SheetPoint]) -> str:
    """A curve through points (Catmull–Rom as Bézier); a line through two."""
    if len(points) == 2:
        return path_of([[(round(x, 1), round(y, 1)) for x, y in points]])
    padded = [points[0], *points, points[-1]]
    text = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for before, one, other, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        ax, ay = one[0] + (other[0] - before[0]) / CURVE_TENSION, one[1] + (other[1] - before[1]) / CURVE_TENSION
        bx, by = other[0] - (after[0] - one[0]) / CURVE_TENSION, other[1] - (after[1] - one[1]) / CURVE_TENSION
        text.append(f"C{ax:.1f} {ay:.1f} {bx:.1f} {by:.1f} {other[0]:.1f} {other[1]:.1f}")
    return "".join(text)
