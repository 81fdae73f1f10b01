"""Where everything stands on the sheet: symbols that do not overlap, names that do not collide, routes side by side."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracker.model.registry import Crossing, Registry
from tracker.model.vocabulary import Mode
from tracker.web.map_geometry import Land, Point, Region, path_of, region_of

APART = 19.0  # between the middles of two symbols
ROUTES_APART = 4.2  # between two routes on one way
LETTER, LINE = 6.1, 13.0  # of a crossing's name, in units
CAPITAL = 9.4  # of a territory's name
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Line:
    """A border or a route."""

    id: str
    path: str
    middle: Point
    mark: bool = False


@dataclass(frozen=True)
class Symbol:
    """A crossing point, drawn at `at` and standing for `true`."""

    id: str
    name: str
    shape: str  # road, rail, both, air, sea
    at: Point
    true: Point
    label: Point
    anchor: str  # start, middle, end


@dataclass(frozen=True)
class Name:
    """A name on the sheet, of a territory or not."""

    text: str
    at: Point
    kind: str  # focus, around, point, sea, context


@dataclass(frozen=True)
class Sheet:
    """All that the map shows, whatever the date."""

    region: str
    size: Point
    close: str
    drawn: bool
    lands: tuple[Land, ...]
    borders: tuple[Line, ...]
    routes: tuple[Line, ...]
    crossings: tuple[Symbol, ...]
    names: tuple[Name, ...]
    hubs: tuple[Point, ...]  # where routes start and end
    unplaced: tuple[str, ...]  # borders, crossings and corridors that only the table shows


def sheet_of(registry: Registry) -> Sheet:
    """The map of a registry."""
    region = region_of(registry)
    found = {key: _location(region, each) for key, each in registry.crossings.items()}
    inside = {key: place for key, place in found.items() if place and _inside(region, place)}
    at = spread(inside)
    names = tuple(_names(region, registry))
    routes = tuple(_routes(region, registry, at))
    borders = tuple(Line(key, path, region.middles[key], key in region.marks) for key, path in region.lines.items())
    borders = tuple(each for each in borders if _inside(region, each.middle))
    flags = [each.middle for each in (*borders, *routes)]
    symbols = tuple(_symbols(registry, at, inside, names, flags))
    placed = {each.id for each in symbols} | {each.id for each in (*routes, *borders)}
    every = (*registry.borders, *registry.crossings, *registry.corridors)
    return Sheet(
        region=region.name,
        size=region.size,
        close=region.close,
        drawn=region.drawn,
        lands=region.lands,
        borders=borders,
        routes=routes,
        crossings=symbols,
        names=names,
        hubs=tuple(at for key, at in region.hubs.items() if key in registry.territories and _inside(region, at)),
        unplaced=tuple(key for key in every if key not in placed),
    )


def _inside(region: Region, at: Point) -> bool:
    return 0 <= at[0] <= region.size[0] and 0 <= at[1] <= region.size[1]


def _location(region: Region, crossing: Crossing) -> Point | None:
    if region.drawn:
        return region.place(crossing.location)
    return region.middles.get(crossing.border)


def spread(points: Mapping[str, Point]) -> dict[str, Point]:
    """Points pushed apart until their symbols do not overlap; those that stand free stay where they are."""
    at = {key: [x + 0.01 * number, y] for number, (key, (x, y)) in enumerate(sorted(points.items()))}
    for _ in range(60):
        moved = False
        keys = list(at)
        for number, one in enumerate(keys):
            for other in keys[number + 1 :]:
                moved |= _push(at[one], at[other])
        if not moved:
            break
    return {key: (round(x, 1), round(y, 1)) for key, (x, y) in at.items()}


def _push(one: list[float], other: list[float]) -> bool:
    dx, dy = other[0] - one[0], other[1] - one[1]
    far = math.hypot(dx, dy)
    if far >= APART - 0.01:
        return False
    step = (APART - far) / 2 / (far or 1)
    one[0], one[1] = one[0] - dx * step, one[1] - dy * step
    other[0], other[1] = other[0] + dx * step, other[1] + dy * step
    return True


def shape_of(modes: Iterable[Mode]) -> str:
    """The shape of a crossing's symbol."""
    kinds = set(modes)
    if {Mode.ROAD, Mode.RAIL} <= kinds:
        return "both"
    return next((mode.value for mode in (Mode.ROAD, Mode.RAIL, Mode.AIR, Mode.SEA) if mode in kinds), "road")


def _names(region: Region, registry: Registry) -> Iterator[Name]:
    focus = {land.territory for land in region.lands if land.focus}
    shaped = {land.territory for land in region.lands}
    for key, at in region.labels.items():
        kind = "focus" if key in focus else "around" if key in shaped or not region.drawn else "point"
        yield Name(registry.territories[key].name.removesuffix(" (mainland)"), at, kind)
    for text, at, kind in region.notes:
        yield Name(text, at, kind)


def _symbols(
    registry: Registry,
    at: Mapping[str, Point],
    true: Mapping[str, Point],
    names: Sequence[Name],
    flags: Iterable[Point],
) -> Iterator[Symbol]:
    taken = [_box(each.at, CAPITAL * len(each.text), 15, "middle") for each in names]
    taken += [(x - 9, y - 12, x + 11, y + 9) for x, y in at.values()]
    taken += [(x - 1, y - 10, x + 7, y + 1) for x, y in flags]
    for key in sorted(at, key=lambda each: (at[each][1], each)):
        crossing = registry.crossings[key]
        name = short(crossing.name)
        label, anchor, box = _free(at[key], name, taken)
        taken.append(box)
        yield Symbol(key, name, shape_of(crossing.modes), at[key], true[key], label, anchor)


def short(name: str) -> str:
    """A crossing's name for the map: that of its first side."""
    return name.split("–")[0].split(" (")[0].strip()


def _free(at: Point, name: str, taken: Sequence[Box]) -> tuple[Point, str, Box]:
    """The first place beside a symbol where its name meets nothing; the least bad where there is none."""
    x, y = at
    width = LETTER * len(name)
    places = [
        ((x + 12, y + 4), "start"), ((x - 12, y + 4), "end"), ((x, y - 12.5), "middle"), ((x, y + 21), "middle"),
        ((x + 9, y - 9), "start"), ((x - 9, y - 9), "end"), ((x + 9, y + 17), "start"), ((x - 9, y + 17), "end"),
    ]  # fmt: skip
    boxes = [(label, anchor, _box(label, width, LINE, anchor)) for label, anchor in places]
    return min(boxes, key=lambda each: sum(_overlap(each[2], other) for other in taken))


def _box(at: Point, width: float, height: float, anchor: str) -> Box:
    left = at[0] - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    return left, at[1] - height * 0.8, left + width, at[1] + height * 0.2


def _overlap(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _routes(region: Region, registry: Registry, crossings: Mapping[str, Point]) -> Iterator[Line]:
    """Corridors as curves; those that share a leg run side by side."""
    stops: dict[str, list[Point]] = {}
    for key, corridor in registry.corridors.items():
        way = region.ways.get(key, corridor.path)
        found = [_stop(region, crossings, each) for each in way]
        known = [each for each in found if each is not None]
        if len(known) >= 2:
            stops[key] = known
    lanes = _side_by_side(stops)
    for key, points in stops.items():
        yield Line(key, smooth(_shifted(points, lanes, key)), points[len(points) // 2])


def _stop(region: Region, crossings: Mapping[str, Point], stop: str | Point) -> Point | None:
    if isinstance(stop, str):
        return crossings.get(stop) or region.hubs.get(stop)
    return stop


Leg = tuple[Point, Point]


def _side_by_side(stops: Mapping[str, Sequence[Point]]) -> dict[tuple[Leg, str], float]:
    """How far each route stands beside the middle of each leg that it shares."""
    users: dict[Leg, list[str]] = {}
    for key, points in stops.items():
        for one, other in pairwise(points):
            users.setdefault(_leg(one, other), []).append(key)
    return {
        (leg, key): (number - (len(keys) - 1) / 2) * ROUTES_APART
        for leg, keys in users.items()
        for number, key in enumerate(keys)
    }


def _leg(one: Point, other: Point) -> Leg:
    return (one, other) if one <= other else (other, one)


def _shifted(points: Sequence[Point], lanes: Mapping[tuple[Leg, str], float], key: str) -> list[Point]:
    """The stops of a route, moved aside by the mean of what its legs there ask for."""
    moved: list[list[Point]] = [[] for _ in points]
    for number, (one, other) in enumerate(pairwise(points)):
        (ax, ay), (bx, by) = _leg(one, other)
        far, aside = math.hypot(bx - ax, by - ay) or 1, lanes[_leg(one, other), key]
        shift = (-(by - ay) / far * aside, (bx - ax) / far * aside)
        moved[number].append(shift)
        moved[number + 1].append(shift)
    return [
        (x + sum(each[0] for each in shifts) / len(shifts), y + sum(each[1] for each in shifts) / len(shifts))
        for (x, y), shifts in zip(points, moved, strict=True)
    ]


def smooth(points: Sequence[Point]) -> str:
    """A curve through points (Catmull–Rom as Bézier); two make a line."""
    if len(points) == 2:
        return path_of([[(round(x, 1), round(y, 1)) for x, y in points]])
    padded = [points[0], *points, points[-1]]
    text = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for before, one, other, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        reach = 6.5
        ax, ay = one[0] + (other[0] - before[0]) / reach, one[1] + (other[1] - before[1]) / reach
        bx, by = other[0] - (after[0] - one[0]) / reach, other[1] - (after[1] - one[1]) / reach
        text.append(f"C{ax:.1f} {ay:.1f} {bx:.1f} {by:.1f} {other[0]:.1f} {other[1]:.1f}")
    return "".join(text)
