"""Lanes, and the places on their path where somebody's consent is needed. Source: design §3 and §6."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tracker.model.effects import Passage
from tracker.model.registry import Border, Corridor, Crossing, LaneSubject, Registry, Territory
from tracker.model.vocabulary import Mode, Regime, Traffic


class Site(NamedTuple):
    """A territory, border or crossing where the consent of its authorities is needed."""

    place: str
    matches: frozenset[str]  # what a scope may call it: a crossing also goes by its border
    authorities: tuple[str, ...]  # whose consent is needed
    assumed: bool  # free unless a measure says otherwise
    regime: Regime | None = None  # of a territory
    direction: str | None = None  # of a gate: "TR>AM"


class Step(NamedTuple):
    """One stage of a path: a territory, or the gate between two."""

    place: str
    alternatives: tuple[Site, ...]  # the lane takes the best of them

    @property
    def direction(self) -> str | None:
        """The direction in which a gate is passed, such as "TR>AM"; none of a territory."""
        return self.alternatives[0].direction


class Lane(NamedTuple):
    """One subject, mode, traffic and direction."""

    subject: str
    mode: Mode
    traffic: Traffic
    origin: str
    destination: str
    steps: tuple[Step, ...]

    @property
    def direction(self) -> str:
        return f"{self.origin}>{self.destination}"

    @property
    def sites(self) -> Iterator[Site]:
        """Every alternative of every step, along the path."""
        return (site for step in self.steps for site in step.alternatives)

    @property
    def places(self) -> frozenset[str]:
        """Every name of the lane's subject and of the places along its path."""
        return frozenset({self.subject}).union(*(site.matches for site in self.sites))


def gates(lane: Lane) -> frozenset[str]:
    """Every name of the lane's subject and of the gates on its way."""
    return frozenset({lane.subject}).union(*(site.matches for site in lane.sites if site.direction is not None))


def stations(registry: Registry, subject: LaneSubject) -> tuple[str, ...]:
    """The path of a subject: territories with the gate between each two of them."""
    match subject:
        case Border():
            one, other = subject.between
            return (one, subject.id, other)
        case Crossing():
            one, other = registry.borders[subject.border].between
            return (one, subject.id, other)
        case Corridor():
            return tuple(_with_gates(registry, subject.path))


def _with_gates(registry: Registry, path: tuple[str, ...]) -> Iterator[str]:
    previous: str | None = None
    for place in path:
        if previous in registry.territories and place in registry.territories:
            assert previous is not None
            border = registry.border_between(previous, place)
            assert border is not None  # the rules refuse a path without one
            yield border.id
        yield place
        previous = place


def places_of(registry: Registry, subject: LaneSubject) -> frozenset[str]:
    """Every name of a subject and of the places along its lanes."""
    path = stations(registry, subject)
    borders = (registry.crossings[place].border for place in path if place in registry.crossings)
    return frozenset({subject.id, *path, *borders})


def traffic_of(registry: Registry, subject: LaneSubject) -> tuple[Traffic, ...]:
    """The traffic of a subject; a crossing's is that which its border takes, too."""
    if isinstance(subject, Crossing):
        border = registry.borders[subject.border]
        return tuple(traffic for traffic in subject.traffic if traffic in border.traffic)
    return subject.traffic


def lanes(registry: Registry, subject: LaneSubject) -> Iterator[Lane]:
    """Every lane of a subject: by mode, then traffic, then direction."""
    path = stations(registry, subject)
    ways = [path, path[::-1]] if not isinstance(subject, Corridor) or subject.two_way else [path]
    steps = [tuple(_steps(registry, way)) for way in ways]
    for mode in subject.modes:
        for traffic in traffic_of(registry, subject):
            if mode is Mode.PIPELINE and traffic is Traffic.PEOPLE:
                continue
            for way, stages in zip(ways, steps, strict=True):
                yield Lane(subject.id, mode, traffic, way[0], way[-1], stages)


def _steps(registry: Registry, path: tuple[str, ...]) -> Iterator[Step]:
    last = len(path) - 1
    for number, place in enumerate(path):
        territory = registry.territories.get(place)
        if territory is None:
            yield Step(place, (_gate(registry, place, f"{path[number - 1]}>{path[number + 1]}"),))
            continue
        at_an_end = number in (0, last)
        site = Site(
            place,
            frozenset({place}),
            (territory.authority,),
            assumed=at_an_end or territory.transit == "open",
            regime=Regime.EXPORT if number == 0 else Regime.IMPORT if number == last else Regime.TRANSIT,
        )
        yield Step(place, (site,))


def _gate(registry: Registry, place: str, direction: str) -> Site:
    crossing = registry.crossings.get(place)
    border = registry.borders[crossing.border if crossing else place]
    return Site(
        place,
        frozenset({place, border.id}),
        registry.authorities(border),
        assumed=border.normally == "open",
        direction=direction,
    )


def lane_along(registry: Registry, territories: Sequence[str], mode: Mode, traffic: Traffic) -> Lane:
    """A lane along territories that border on each other, whether a corridor is registered there or not.

    Raises: ValueError where two neighbours of the path share no border.
    """
    path: list[str] = [territories[0]]
    for one, other in pairwise(territories):
        border = registry.border_between(one, other)
        if border is None:
            raise ValueError(f"{one} and {other} share no border")
        path += [border.id, other]
    steps = tuple(_steps(registry, tuple(path)))
    return Lane("-".join(territories), mode, traffic, territories[0], territories[-1], steps)


def passed(registry: Registry, effect: Passage) -> Iterator[tuple[str, str]]:
    """Every subject that a passage passed, with the direction; none where its direction is not known."""
    place = registry.places.get(effect.at)
    if place is None or isinstance(place, Territory):
        return
    path = stations(registry, place)
    way = effect.direction
    if way is None and effect.origin and effect.destination:
        way = f"{effect.origin}>{effect.destination}"
    if way == f"{path[-1]}>{path[0]}":
        path = path[::-1]
    elif way != f"{path[0]}>{path[-1]}":
        return
    yield effect.at, way
    yield from ((gate, direction) for gate, direction in _gates(registry, path) if gate != effect.at)


def _gates(registry: Registry, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for number, place in enumerate(path):
        if place in registry.territories:
            continue
        direction = f"{path[number - 1]}>{path[number + 1]}"
        yield place, direction
        if place in registry.crossings:
            yield registry.crossings[place].border, direction
