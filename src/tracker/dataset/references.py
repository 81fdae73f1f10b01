"""References of an entry to subjects, lanes, announcements and pledges, and the findings where they do not hold."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from tracker.dataset.existing import NO_STATEMENTS, OnRecord
from tracker.dataset.files import FileEntry
from tracker.dataset.suggestions import meant, nearest, one_of, show
from tracker.dataset.validation import EntryFinding
from tracker.model.announcement import Announcement, Retraction, Statement, exemptions_made
from tracker.model.fields import ALL_BUT
from tracker.model.registry import Border, Corridor, Crossing, Place, Registry, Territory
from tracker.model.vocabulary import Mode, SubjectKind, Traffic

EntryKey = tuple[str, str]  # kind and id: ("border", "AM-TR"), or (STATEMENT, "2025-10-27-open")
STATEMENT = "statement"
Locations = Mapping[EntryKey, FileEntry]
ANY_ENTRY: EntryKey = ("", "")  # among the broken: a whole file of the registry, which may hold any id

PLACE_KINDS = (SubjectKind.TERRITORY, SubjectKind.BORDER, SubjectKind.CROSSING, SubjectKind.CORRIDOR)
LANE_KINDS = PLACE_KINDS[1:]
PLEDGE_KINDS = (*PLACE_KINDS, SubjectKind.MEASURE, SubjectKind.INSTRUMENT)


@dataclass(frozen=True)
class References:
    """Everything that an entry may name: the registry, and the announcements that concern the statements checked.

    `broken` entries are in a file but could not be read: that is reported already, so naming them is no problem.
    """

    registry: Registry
    statements: Mapping[str, Statement] = field(default_factory=dict)
    pledges: Mapping[str, str] = field(default_factory=dict)  # to the announcement that made it
    broken: frozenset[EntryKey] = frozenset()
    on_record: OnRecord = NO_STATEMENTS  # all announcements
    short_forms: bool = False  # whether a plan may name a measure or text, which is resolved before it is stored

    @cached_property
    def retracted(self) -> frozenset[str]:
        return frozenset(one.retracts for one in self.statements.values() if isinstance(one, Retraction))

    @cached_property
    def exemptions(self) -> frozenset[str]:
        """The ids of all exemptions."""
        announcements = (one for one in self.statements.values() if isinstance(one, Announcement))
        return frozenset(self.on_record.exemptions()).union(*map(exemptions_made, announcements))

    def ids(self, kind: SubjectKind) -> Collection[str]:
        return self._tables[kind].keys()

    def _has(self, name: str, kind: SubjectKind) -> bool:
        return name in self._tables[kind] or (kind, name) in self.broken

    @cached_property
    def _tables(self) -> Mapping[SubjectKind, Mapping[str, object]]:
        registry = self.registry
        return {
            SubjectKind.PARTY: registry.parties,
            SubjectKind.TERRITORY: registry.territories,
            SubjectKind.BORDER: registry.borders,
            SubjectKind.CROSSING: registry.crossings,
            SubjectKind.CORRIDOR: registry.corridors,
            SubjectKind.CLASS: registry.classes,
            SubjectKind.MEASURE: registry.measures,
            SubjectKind.INSTRUMENT: registry.instruments,
        }

    def unknown(self, name: str, *kinds: SubjectKind) -> str | None:
        """A message, unless a name is that of a subject of one of these kinds."""
        if ANY_ENTRY in self.broken or any(self._has(name, kind) for kind in kinds):
            return None
        expected = " or ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)
        for kind in reversed(list(self._tables)):  # a territory rather than the party of its id
            if self._has(name, kind):
                return f"{show(name)} is a {kind}, and a {expected} is expected here: write the id of one"
        ids = {known for kind in kinds for known in self.ids(kind)}
        guess = nearest(name, ids)
        if guess:
            return f'no {expected} {show(name)} is registered: did you mean "{guess}"?'
        known = f"registered are {one_of(ids)}; " if ids else ""
        return f"no {expected} {show(name)} is registered: {known}add a new one as [{kinds[0]}.…] to the registry"

    def unannounced(self, name: str) -> str | None:
        """A message, unless a name is that of an announcement."""
        if name in self.statements or (STATEMENT, name) in self.broken:
            return None
        guess = nearest(name, {*self.statements, *self.on_record.names()})
        mending = f'did you mean "{guess}"?' if guess else "write the name of its file, without .toml"
        return f"no announcement {show(name)} is known: {mending}"

    def unpledged(self, name: str) -> str | None:
        """A message, unless a name is that of a pledge, or a broken file may have made it."""
        if name in self.pledges or any(kind == STATEMENT for kind, _ in self.broken):
            return None
        pledges = {*self.pledges, *self.on_record.pledges()}
        mending = meant(name, pledges, "write the `pledge` of an earlier effect of type pledge")
        return f"no pledge {show(name)} was announced: {mending}"


def modes_of(place: Place) -> Collection[Mode]:
    return tuple(Mode) if isinstance(place, Territory) else place.modes


def traffic_of(place: Place) -> Collection[Traffic]:
    return tuple(Traffic) if isinstance(place, Territory) else place.traffic


def directions_of(place: Place, registry: Registry) -> tuple[str, ...]:
    """The directions in which a place can be passed; none for a territory."""
    match place:
        case Territory():
            return ()
        case Border():
            one, other = place.between
            return f"{one}>{other}", f"{other}>{one}"
        case Crossing():
            border = registry.borders.get(place.border)
            return directions_of(border, registry) if border else ()
        case Corridor():
            forward, back = f"{place.path[0]}>{place.path[-1]}", f"{place.path[-1]}>{place.path[0]}"
            return (forward, back) if place.two_way else (forward,)


class FlowScope(Protocol):
    """The flows that a scope or an `exempt` is about."""

    @property
    def direction(self) -> str | None: ...
    @property
    def modes(self) -> tuple[Mode, ...] | None: ...
    @property
    def traffic(self) -> tuple[Traffic, ...] | None: ...
    @property
    def origin(self) -> tuple[str, ...] | None: ...
    @property
    def destination(self) -> tuple[str, ...] | None: ...


def unknown_names(
    names: Sequence[str] | None, key: str, known: References, *kinds: SubjectKind
) -> Iterator[EntryFinding]:
    """Findings for the ids in a list that are not registered."""
    for number, name in enumerate(names or ()):
        if problem := known.unknown(name, *kinds):
            yield EntryFinding((key, number), problem)


def unknown_name(name: str | None, key: str, known: References, *kinds: SubjectKind) -> Iterator[EntryFinding]:
    """A finding if an id is not registered."""
    if name is not None and (problem := known.unknown(name, *kinds)):
        yield EntryFinding((key,), problem)


def unknown_places(
    names: Sequence[str] | None, key: str, known: References, *kinds: SubjectKind
) -> Iterator[EntryFinding]:
    """Findings for the ids in a list of places that are not registered; a bloc stands for its members' territories."""
    for finding in unknown_names(names, key, known, *kinds):
        if (names or ())[int(finding.path[-1])] not in known.registry.blocs:
            yield finding


def places_named(names: Sequence[str], known: References) -> list[Place]:
    """The places of these ids; none at all if one of them is unknown, since lanes cannot be checked then."""
    places, blocs = known.registry.places, known.registry.blocs
    if not all(name in places or name in blocs for name in names):
        return []
    territories = known.registry.territories.values() if not blocs.keys().isdisjoint(names) else ()
    return list(
        {place.id: place for place in (*(places[name] for name in names if name in places), *territories)}.values()
    )


def empty_lists(holder: object, *keys: str) -> Iterator[EntryFinding]:
    """Findings where some key that means all where it is left out is an empty list."""
    for key in keys:
        if getattr(holder, key, None) == ():
            yield EntryFinding(
                (key,), f"`{key}` is an empty list, which would mean none at all: leave the key out to mean all"
            )


def flow_findings(flow: FlowScope, places: Sequence[Place], known: References) -> Iterator[EntryFinding]:
    """Findings where lanes of a scope or of an `exempt` do not exist, or territories are not registered."""
    yield from empty_lists(flow, "modes", "traffic", "origin", "destination", "goods", "only", "at")
    for key in ("origin", "destination"):
        names = [name.removeprefix(ALL_BUT) for name in getattr(flow, key) or ()]
        yield from unknown_places(names, key, known, SubjectKind.TERRITORY)
    yield from lane_findings(places, known, flow.modes or (), flow.traffic or (), flow.direction)


def lane_findings(
    places: Sequence[Place],
    known: References,
    modes: Sequence[Mode] = (),
    traffic: Sequence[Traffic] = (),
    direction: str | None = None,
    keys: tuple[str, str] = ("modes", "traffic"),
) -> Iterator[EntryFinding]:
    """Findings for each mode, traffic and direction that none of the places has."""
    if not places:
        return
    names = " or ".join(place.id for place in places[:5])
    for number, mode in enumerate(modes):
        has = {mode for place in places for mode in modes_of(place)}
        if mode not in has:
            yield EntryFinding((keys[0], number), f"{names} has no {mode}: its modes are {one_of(has)}")
    for number, one in enumerate(traffic):
        carries = {one for place in places for one in traffic_of(place)}
        if one not in carries:
            yield EntryFinding((keys[1], number), f"{names} has no {one} traffic: its traffic is {one_of(carries)}")
    if direction is not None:
        yield from _direction(direction, places, names, known)


def _direction(direction: str, places: Sequence[Place], names: str, known: References) -> Iterator[EntryFinding]:
    directions = {one for place in places for one in directions_of(place, known.registry)}
    if any(_border_is_missing(place, known) for place in places) or direction in directions:
        return
    mending = " or ".join(f'"{one}"' for one in sorted(directions)[:6])
    advice = f"write {mending}" if mending else "a territory has none. Use `origin` and `destination`, or name a border"
    yield EntryFinding(("direction",), f"{show(direction)} is not a direction of {names}: {advice}")


def _border_is_missing(place: Place, known: References) -> bool:
    return place.type is SubjectKind.CROSSING and place.border not in known.registry.borders
