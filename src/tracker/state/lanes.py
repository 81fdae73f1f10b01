"""Lanes, and the places on their path where somebody's consent is needed. Source: design §3 and §6."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tracker.model.charges import ever_in_charge
from tracker.model.lifespans import ALWAYS, Lifespan
from tracker.model.lives import leave_gaps, life_of, life_of_path
from tracker.model.registry import Border, Corridor, Crossing, LaneSubject, Registry
from tracker.model.vocabulary import Mode, Regime, Traffic
from tracker.state.phases import Phase, Side, ever_inside, phases


class Site(NamedTuple):
    """A territory, border or crossing where the consent of its authorities is needed."""

    place: str
    matches: frozenset[str]  # what a scope may call it: a crossing also goes by its border
    authorities: tuple[str, ...]  # whose consent is needed; where that changes, all of them
    assumed: bool  # free unless a measure says otherwise
    regime: Regime | None = None  # of a territory
    direction: str | None = None  # of a gate: "TR>AM"
    on_path: str = ""  # of a crossing that the path does not name: its border, which the path names
    mode: Mode | None = None  # on a lane of several modes: that by which the site is passed
    absent: tuple[Lifespan, ...] = ()  # of a crossing: when it does not exist
    missing: bool = False  # whether it stands for a border while none of its crossings exists
    phases: tuple[Phase, ...] = ()  # where those in charge have dates, or are in blocs
    phase: Phase | None = None  # of a part of a site

    @property
    def parts(self) -> tuple["Site", ...]:
        """The site in each of its phases; the site itself where it has none."""
        return tuple(map(self._during, self.phases)) if self.phases else (self,)

    def _during(self, phase: Phase) -> "Site":
        blocs = phase.blocs if self.regime is not None else ()  # a bloc stands for territories
        matches = self.matches.union(*blocs)
        return self._replace(matches=matches, authorities=phase.authorities, phase=phase, phases=())


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
    life: Lifespan = ALWAYS  # outside it, the lane does not exist

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
        return frozenset({self.subject}).union(*(part.matches for site in self.sites for part in site.parts))


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
    """Every name of the places on which a subject's lanes depend, with the crossings of the borders that it names.

    A bloc stands for the territories of its members.
    """
    places, path = places_of(registry, subject), stations(registry, subject)
    crossings = (crossing.id for place in path for crossing in registry.crossings_of(place))
    blocs = (ever_inside(registry, place) for place in path if place in registry.territories)
    return places.union(crossings, *blocs)


def traffic_of(registry: Registry, subject: LaneSubject) -> tuple[Traffic, ...]:
    """The traffic of a subject; a crossing's is that which its border takes, too."""
    if isinstance(subject, Crossing):
        border = registry.borders[subject.border]
        return tuple(traffic for traffic in subject.traffic if traffic in border.traffic)
    return subject.traffic


def lanes(registry: Registry, subject: LaneSubject) -> Iterator[Lane]:
    """Every lane of a subject: by mode, then traffic, then direction."""
    path, life = stations(registry, subject), life_of(registry, subject)
    ways = [path, path[::-1]] if not isinstance(subject, Corridor) or subject.two_way else [path]
    for mode in subject.modes:
        for traffic in traffic_of(registry, subject):
            if mode is Mode.PIPELINE and traffic is Traffic.PEOPLE:
                continue
            for way in ways:
                steps = tuple(_steps(registry, way, mode, traffic))
                yield with_phases(registry, Lane(subject.id, mode, traffic, way[0], way[-1], steps, life))


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
            ever_in_charge(territory.authority),
            assumed=at_an_end or territory.transit == "open",
            regime=Regime.EXPORT if number == 0 else Regime.IMPORT if number == last else Regime.TRANSIT,
        )
        yield Step(place, (site,))


def with_phases(registry: Registry, lane: Lane, asked: tuple[str, ...] = ()) -> Lane:
    """A lane with the phases of its sites. Args: asked: territories beyond it that the question names."""
    if not registry.blocs and all(_is_plain(registry, site) for site in lane.sites):
        return lane  # as a rule
    lands = (*(step.place for step in lane.steps if step.direction is None), *asked)
    steps = (
        step._replace(
            alternatives=tuple(
                site._replace(phases=phases(registry, _sides(registry, site), lands, site.mode or lane.mode))
                for site in step.alternatives
            )
        )
        for step in lane.steps
    )
    return lane._replace(steps=tuple(steps))


def _is_plain(registry: Registry, site: Site) -> bool:
    """Whether the authorities of a site never change; of a gate, as far as they are not those of its territories."""
    if site.direction is None:
        return len(site.authorities) == 1
    return site.place not in registry.crossings or registry.crossings[site.place].authorities is None


def _sides(registry: Registry, site: Site) -> tuple[Side, ...]:
    """The territory of a site, or those on both sides of it, with their authorities."""
    if site.direction is None:
        return ((site.place, registry.territories[site.place].authority),)
    return registry.sides(registry.crossings.get(site.place) or registry.borders[site.place])


def onward(registry: Registry, lane: Lane, origin: str | None, destination: str | None) -> Lane:
    """A lane for what comes from a place and goes to one: of goods over one gate, an end is then one of transit."""
    if lane.over_one_gate and lane.traffic is Traffic.GOODS:
        first, gate, last = lane.steps
        if origin not in (None, lane.origin):
            first = _transit(registry, first)
        if destination not in (None, lane.destination):
            last = _transit(registry, last)
        lane = lane._replace(steps=(first, gate, last))
    asked = tuple(end for end in (origin, destination) if end is not None)
    return with_phases(registry, lane, asked) if asked and registry.blocs else lane


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
    lives = [crossing.own_life(registry.tz) for crossing in crossings]
    for crossing, life in zip(crossings, lives, strict=True):
        absent = () if life == ALWAYS else _absent(registry, place, life)
        yield _gate(registry, crossing.id, direction)._replace(on_path=place, absent=absent)
    if not crossings or registry.borders[place].crossings != "all":
        yield _gate(registry, place, direction)
    elif ALWAYS not in lives and leave_gaps(lives, life_of(registry, registry.borders[place])):
        yield _gate(registry, place, direction)._replace(missing=True, absent=tuple(lives))


def _absent(registry: Registry, border: str, life: Lifespan) -> tuple[Lifespan, ...]:
    """The times before and after the life of a crossing in which its border exists."""
    whole = life_of(registry, registry.borders[border])
    return tuple(span for outside in life.outside if not (span := outside.meet(whole)).empty)


def _gate(registry: Registry, place: str, direction: str) -> Site:
    crossing = registry.crossings.get(place)
    border = registry.borders[crossing.border if crossing else place]
    return Site(
        place,
        frozenset({place, border.id}),
        registry.authorities(crossing or border),
        assumed=border.normally == "open",
        direction=direction,
    )


def lane_along(registry: Registry, territories: Sequence[str], mode: Mode, traffic: Traffic) -> Lane:
    """A lane along territories that border on each other, whether a corridor is registered there or not.

    Raises: ValueError where two neighbours of the path share no border.
    """
    steps = tuple(_steps(registry, _path(registry, territories), mode, traffic))
    return _made(registry, territories, mode, traffic, steps)


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
    return _made(registry, territories, modes[0], traffic, tuple(steps))


def _path(registry: Registry, territories: Sequence[str]) -> tuple[str, ...]:
    path: list[str] = [territories[0]]
    for one, other in pairwise(territories):
        border = registry.border_between(one, other)
        if border is None:
            raise ValueError(f"{one} and {other} share no border")
        path += [border.id, other]
    return tuple(path)


def _made(
    registry: Registry, territories: Sequence[str], mode: Mode, traffic: Traffic, steps: tuple[Step, ...]
) -> Lane:
    life = life_of_path(registry, territories)
    lane = Lane("-".join(territories), mode, traffic, territories[0], territories[-1], steps, life)
    return with_phases(registry, lane)


def _by(mode: Mode, step: Step) -> Step:
    return Step(step.place, tuple(site._replace(mode=mode) for site in step.alternatives))
