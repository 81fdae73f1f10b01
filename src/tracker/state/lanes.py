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
    on_path: str = ""  # of a crossing that the path does not name: its border, which the path names
    mode: Mode | None = None  # on a lane of several modes: that by which the site is passed


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
    def over_one_gate(self) -> bool:
        """Whether it is of a border or crossing: goods on it may come from further, and go on."""
        return len(self.steps) == 3 and self.steps[1].place == self.subject

    @property
    def only_mode(self) -> Mode | None:
        """The mode of the whole lane; None where it changes."""
        return self.mode if all(site.mode in (None, self.mode) for site in self.sites) else None

    def at(self, site: Site) -> "Lane":
        """The lane as it passes a site: of several modes, by the one that is used there."""
        return self if site.mode is None else self._replace(mode=site.mode)

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


def bearing_on(registry: Registry, subject: LaneSubject) -> frozenset[str]:
    """Every name of the places on which a subject's lanes depend, with the crossings of the borders that it names."""
    places = places_of(registry, subject)
    crossings = (crossing.id for place in stations(registry, subject) for crossing in registry.crossings_of(place))
    return places.union(crossings)


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
    for mode in subject.modes:
        for traffic in traffic_of(registry, subject):
            if mode is Mode.PIPELINE and traffic is Traffic.PEOPLE:
                continue
            for way in ways:
                yield Lane(subject.id, mode, traffic, way[0], way[-1], tuple(_steps(registry, way, mode, traffic)))


def _steps(registry: Registry, path: tuple[str, ...], mode: Mode, traffic: Traffic) -> Iterator[Step]:
    last = len(path) - 1
    for number, place in enumerate(path):
        territory = registry.territories.get(place)
        if territory is None:
            direction = f"{path[number - 1]}>{path[number + 1]}"
            yield Step(place, tuple(_gates_at(registry, place, direction, mode, traffic)))
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


def onward(registry: Registry, lane: Lane, origin: str | None, destination: str | None) -> Lane:
    """A lane of goods over one gate, for goods that come from further or go further: an end is then one of transit."""
    if not lane.over_one_gate or lane.traffic is not Traffic.GOODS:
        return lane
    first, gate, last = lane.steps
    if origin not in (None, lane.origin):
        first = _transit(registry, first)
    if destination not in (None, lane.destination):
        last = _transit(registry, last)
    return lane._replace(steps=(first, gate, last))


def _transit(registry: Registry, step: Step) -> Step:
    (site,) = step.alternatives
    assumed = registry.territories[site.place].transit == "open"
    return Step(step.place, (site._replace(assumed=assumed, regime=Regime.TRANSIT),))


def _gates_at(registry: Registry, place: str, direction: str, mode: Mode, traffic: Traffic) -> Iterator[Site]:
    """The ways through a gate: itself; or the crossings of a border, and one unregistered where not all are known."""
    crossings = [
        crossing
        for crossing in registry.crossings_of(place)
        if mode in crossing.modes and traffic in traffic_of(registry, crossing)
    ]
    for crossing in crossings:
        yield _gate(registry, crossing.id, direction)._replace(on_path=place)
    if not crossings or registry.borders[place].crossings != "all":
        yield _gate(registry, place, direction)


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
    steps = tuple(_steps(registry, _path(registry, territories), mode, traffic))
    return _made(territories, mode, traffic, steps)


def mixed_lane(registry: Registry, territories: Sequence[str], modes: Sequence[Mode], traffic: Traffic) -> Lane:
    """A lane along territories that changes its mode in some of them: both modes then pass through these.

    Args: modes: one for each border on the way.
    Returns: a lane with the mode of its first leg; each of its sites has its own.
    Raises: ValueError where two neighbours of the path share no border.
    """
    path = _path(registry, territories)
    by_mode = {mode: [_by(mode, step) for step in _steps(registry, path, mode, traffic)] for mode in set(modes)}
    steps = [by_mode[modes[0]][0]]
    for number, mode in enumerate(modes):
        if number and mode is not modes[number - 1]:
            steps.append(by_mode[mode][2 * number])
        steps += by_mode[mode][2 * number + 1 : 2 * number + 3]
    return _made(territories, modes[0], traffic, tuple(steps))


def _path(registry: Registry, territories: Sequence[str]) -> tuple[str, ...]:
    path: list[str] = [territories[0]]
    for one, other in pairwise(territories):
        border = registry.border_between(one, other)
        if border is None:
            raise ValueError(f"{one} and {other} share no border")
        path += [border.id, other]
    return tuple(path)


def _made(territories: Sequence[str], mode: Mode, traffic: Traffic, steps: tuple[Step, ...]) -> Lane:
    return Lane("-".join(territories), mode, traffic, territories[0], territories[-1], steps)


def _by(mode: Mode, step: Step) -> Step:
    return Step(step.place, tuple(site._replace(mode=mode) for site in step.alternatives))


class Passed(NamedTuple):
    """A subject that was passed."""

    subject: str
    direction: str
    gate: str  # the subject itself; of a border, the crossing where it is known


def passed(registry: Registry, effect: Passage) -> Iterator[Passed]:
    """Every subject that a passage passed; in both directions where nothing tells which."""
    place = registry.places.get(effect.at)
    if place is None or isinstance(place, Territory):
        return
    for path in paths_passed(registry, place, effect):
        yield Passed(effect.at, f"{path[0]}>{path[-1]}", effect.at)
        yield from (gate for gate in _gates(registry, path) if gate.subject != effect.at)


def paths_passed(registry: Registry, subject: LaneSubject, effect: Passage) -> list[tuple[str, ...]]:
    """The ways along a subject that a passage may have taken, by its direction, else by where it came from and went."""
    path = stations(registry, subject)
    ways = [path, path[::-1]] if not isinstance(subject, Corridor) or subject.two_way else [path]
    if effect.direction is not None:
        return [way for way in ways if effect.direction == f"{way[0]}>{way[-1]}"]
    return [way for way in ways if effect.origin != way[-1] and effect.destination != way[0]]


def _gates(registry: Registry, path: tuple[str, ...]) -> Iterator[Passed]:
    for number, place in enumerate(path):
        if place in registry.territories:
            continue
        direction = f"{path[number - 1]}>{path[number + 1]}"
        yield Passed(place, direction, place)
        if place in registry.crossings:
            yield Passed(registry.crossings[place].border, direction, place)
