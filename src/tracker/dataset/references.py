"""What an entry may refer to, and how a rule says that something is not among it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tracker.dataset.existing import NOTHING, OnRecord
from tracker.dataset.files import Entry
from tracker.dataset.suggestions import meant, nearest, one_of, show
from tracker.model.announcement import Retraction, Statement
from tracker.model.registry import Border, Corridor, Crossing, Place, Registry, Territory
from tracker.model.vocabulary import Mode, SubjectKind, Traffic

Key = tuple[str, str]  # kind and id: ("border", "AM-TR"), or (STATEMENT, "2025-10-27-open")
STATEMENT = "statement"
Locations = Mapping[Key, Entry]
ANY: Key = ("", "")  # among the broken: a file of the registry, so that any id may be in it

PLACES = (SubjectKind.TERRITORY, SubjectKind.BORDER, SubjectKind.CROSSING, SubjectKind.CORRIDOR)
WITH_LANES = PLACES[1:]
PLEDGED = (*PLACES, SubjectKind.MEASURE, SubjectKind.INSTRUMENT)


@dataclass(frozen=True)
class Known:
    """All that is registered, and what is announced as far as it concerns what is checked.

    What stands in a file but could not be read is `broken`: it has its own problem, so to name it is no other one.
    """

    registry: Registry
    statements: Mapping[str, Statement] = field(default_factory=dict)
    pledges: Mapping[str, str] = field(default_factory=dict)  # and the announcement that made it
    broken: frozenset[Key] = frozenset()
    on_record: OnRecord = NOTHING  # all that is announced

    @cached_property
    def retracted(self) -> frozenset[str]:
        return frozenset(one.retracts for one in self.statements.values() if isinstance(one, Retraction))

    def ids(self, kind: SubjectKind) -> Collection[str]:
        return self._tables[kind].keys()

    def _has(self, name: str, kind: SubjectKind) -> bool:
        return name in self._tables[kind] or (kind, name) in self.broken

    @cached_property
    def _tables(self) -> Mapping[SubjectKind, Mapping[str, object]]:
        its = self.registry
        return {
            SubjectKind.PARTY: its.parties,
            SubjectKind.TERRITORY: its.territories,
            SubjectKind.BORDER: its.borders,
            SubjectKind.CROSSING: its.crossings,
            SubjectKind.CORRIDOR: its.corridors,
            SubjectKind.MEASURE: its.measures,
            SubjectKind.INSTRUMENT: its.instruments,
        }

    def unknown(self, name: str, *kinds: SubjectKind) -> str | None:
        """Why a name cannot stand where one of these kinds is expected; None if it can."""
        if ANY in self.broken or any(self._has(name, kind) for kind in kinds):
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
        """Why a name cannot stand for an announcement; None if it can."""
        if name in self.statements or (STATEMENT, name) in self.broken:
            return None
        guess = nearest(name, {*self.statements, *self.on_record.names()})
        mending = f'did you mean "{guess}"?' if guess else "write the name of its file, without .toml"
        return f"no announcement {show(name)} is known: {mending}"

    def unpledged(self, name: str) -> str | None:
        """Why a name cannot stand for a pledge; None if it can, or if the file that made it may be a broken one."""
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
            there, back = f"{place.path[0]}>{place.path[-1]}", f"{place.path[-1]}>{place.path[0]}"
            return (there, back) if place.two_way else (there,)
