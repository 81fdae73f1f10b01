"""The things that have a state, and the parties that decide about them."""

import json
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StrictBool, StringConstraints

from tracker.model.dates import zone
from tracker.model.text import Line, Prose
from tracker.model.unvalidated import unvalidated
from tracker.model.vocabulary import (
    MeasureKind,
    MeasureLevel,
    Mode,
    PartyKind,
    Regime,
    SubjectKind,
    Traffic,
)

ID_PATTERN = r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"
ID_RULE = "letters a-z or A-Z, digits and single hyphens, at most 80 characters, e.g. az-transit-bar or AM-TR"

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=80)]
PartyId = Id
TerritoryId = Id
SubjectId = Id
MeasureId = Id
InstrumentId = Id
DIRECTION_PATTERN = r"^[A-Za-z0-9-]+>[A-Za-z0-9-]+$"
Direction = Annotated[str, StringConstraints(pattern=DIRECTION_PATTERN)]
Longitude = Annotated[float, Strict(), Field(ge=-180, le=180)]
Latitude = Annotated[float, Strict(), Field(ge=-90, le=90)]
HsPrefix = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,10}$")]


class Model(BaseModel):
    """Frozen, and closed to keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


class Scope(Model):
    """What a measure applies to; a part left out means all of it."""

    at: tuple[SubjectId, ...] = Field(min_length=1)
    regime: Regime | None = None  # for a territory
    modes: tuple[Mode, ...] | None = None
    traffic: tuple[Traffic, ...] | None = None
    origin: tuple[TerritoryId, ...] | None = None
    destination: tuple[TerritoryId, ...] | None = None
    direction: Direction | None = None
    goods: tuple[HsPrefix, ...] | None = None  # HS 2022
    only: tuple[Line, ...] | None = None  # a narrower class, in words


class Dataset(Model):
    """Whose record this is, and in which time zone its bare dates are."""

    type: Literal[SubjectKind.DATASET] = SubjectKind.DATASET
    id: Literal["dataset"] = "dataset"
    name: Line
    timezone: Annotated[str, AfterValidator(lambda name: (zone(name), name)[1])]
    licence: Line | None = None
    contact: Line | None = None


class Party(Model):
    """Who decides, acts or speaks."""

    type: Literal[SubjectKind.PARTY] = SubjectKind.PARTY
    id: PartyId
    name: Line
    kind: PartyKind
    aliases: tuple[Line, ...] = ()
    note: Prose | None = None


class Territory(Model):
    """Where cargo or a traveller is: a state, or a detached part of one."""

    type: Literal[SubjectKind.TERRITORY] = SubjectKind.TERRITORY
    id: TerritoryId
    name: Line
    authority: PartyId
    transit: Literal["open"] | None = None
    aliases: tuple[Line, ...] = ()
    note: Prose | None = None


class Border(Model):
    """Between two territories."""

    type: Literal[SubjectKind.BORDER] = SubjectKind.BORDER
    id: SubjectId
    name: Line | None = None
    between: tuple[TerritoryId, TerritoryId]
    modes: tuple[Mode, ...] = Field(min_length=1)
    traffic: tuple[Traffic, ...] = Field(default=(Traffic.GOODS, Traffic.PEOPLE), min_length=1)
    normally: Literal["open"] | None = None
    aliases: tuple[Line, ...] = ()
    note: Prose | None = None


class Crossing(Model):
    """A crossing point on a border."""

    type: Literal[SubjectKind.CROSSING] = SubjectKind.CROSSING
    id: SubjectId
    border: SubjectId
    modes: tuple[Mode, ...] = Field(min_length=1)
    traffic: tuple[Traffic, ...] = Field(default=(Traffic.GOODS, Traffic.PEOPLE), min_length=1)
    names: dict[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")], Line] = Field(min_length=1)
    location: tuple[Longitude, Latitude] | None = None
    aliases: tuple[Line, ...] = ()
    note: Prose | None = None

    @property
    def name(self) -> str:
        return self.names.get("en") or next(iter(self.names.values()))


class Corridor(Model):
    """A named route along territories, with a crossing point between two of them where it is fixed."""

    type: Literal[SubjectKind.CORRIDOR] = SubjectKind.CORRIDOR
    id: SubjectId
    name: Line
    path: tuple[SubjectId, ...] = Field(min_length=2)
    modes: tuple[Mode, ...] = Field(min_length=1)
    traffic: tuple[Traffic, ...] = Field(default=(Traffic.GOODS, Traffic.PEOPLE), min_length=1)
    two_way: StrictBool = True
    aliases: tuple[Line, ...] = ()
    note: Prose | None = None


class Measure(Model):
    """One authority's policy on a scope."""

    type: Literal[SubjectKind.MEASURE] = SubjectKind.MEASURE
    id: MeasureId
    title: Line
    authority: PartyId
    kind: MeasureKind
    level: MeasureLevel
    de_facto: StrictBool = False  # enforced without a legal act: seen, not declared
    scope: Scope
    note: Prose | None = None

    @property
    def name(self) -> str:
        return self.title


class Instrument(Model):
    """A text with a life cycle."""

    type: Literal[SubjectKind.INSTRUMENT] = SubjectKind.INSTRUMENT
    id: InstrumentId
    title: Line
    parties: tuple[PartyId, ...] = ()
    aliases: tuple[Line, ...] = ()
    note: Prose | None = None

    @property
    def name(self) -> str:
        return self.title


Subject = Dataset | Party | Territory | Border | Crossing | Corridor | Measure | Instrument
AnySubject = Annotated[Subject, Field(discriminator="type")]
Place = Territory | Border | Crossing | Corridor
LaneSubject = Border | Crossing | Corridor  # what has lanes


class Entry(NamedTuple):
    """A subject as it was entered at a position of the log; as JSON of our own until somebody asks for it."""

    position: int
    kind: str  # a SubjectKind
    id: str
    subject: Subject | str
    places: str | None = None  # of a measure: where its scope is, separated by spaces

    @classmethod
    def of(cls, position: int, subject: Subject) -> "Entry":
        places = " ".join(subject.scope.at) if isinstance(subject, Measure) else None
        return cls(position, subject.type, subject.id, subject, places)

    def made(self) -> Subject:
        if isinstance(self.subject, str):
            return unvalidated(SUBJECTS[self.kind], json.loads(self.subject))
        return self.subject


class Shelf(Mapping[str, Any]):
    """Subjects of one kind by id, each made when it is first asked for."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = entries
        self._made: dict[str, Subject] = {}

    def __getitem__(self, key: str) -> Subject:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self.entry(key).made()
        return made

    def entry(self, key: str) -> Entry:
        """Raises: KeyError."""
        return self.entries[key]

    def places(self) -> Mapping[str, str]:
        """Where the scope of each measure is."""
        return {key: entry.places or "" for key, entry in self.entries.items()}

    def __contains__(self, key: object) -> bool:
        return key in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True)
class Registry:
    """Every subject of one dataset, by kind and id.

    A party and a territory may share an id (both are "AM"); all that has a state is told apart by id alone.
    """

    dataset: Dataset
    parties: Mapping[str, Party] = field(default_factory=dict)
    territories: Mapping[str, Territory] = field(default_factory=dict)
    borders: Mapping[str, Border] = field(default_factory=dict)
    crossings: Mapping[str, Crossing] = field(default_factory=dict)
    corridors: Mapping[str, Corridor] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    instruments: Mapping[str, Instrument] = field(default_factory=dict)

    @classmethod
    def of(cls, subjects: Iterable[Subject]) -> "Registry":
        """A registry of these subjects; of two with one kind and id, the later one counts.

        Raises: ValueError where there is no dataset among them.
        """
        return cls.of_entries(Entry.of(0, subject) for subject in subjects)

    @classmethod
    def of_entries(cls, entries: Iterable[Entry]) -> "Registry":
        """The same of entries."""
        tables: dict[str, dict[str, Entry]] = {kind: {} for kind in SubjectKind}
        for entry in entries:
            tables[entry.kind][entry.id] = entry
        return cls.of_shelves({kind: Shelf(table) for kind, table in tables.items()})

    @classmethod
    def of_shelves(cls, shelves: Mapping[str, Shelf]) -> "Registry":
        """The same of a shelf for each kind.

        Raises: ValueError.
        """
        if "dataset" not in shelves[SubjectKind.DATASET]:
            raise ValueError("no [dataset] table: a registry begins with one")
        dataset = cast(Dataset, shelves[SubjectKind.DATASET]["dataset"])
        return cls(dataset, **{name: shelves[kind] for kind, name in _TABLES.items()})

    def subjects(self) -> Iterator[Subject]:
        """All of them, each after what it refers to."""
        yield self.dataset
        for name in _TABLES.values():
            yield from getattr(self, name).values()

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """Everything that an effect or a scope can be at."""
        kinds = (self.territories, self.borders, self.crossings, self.corridors)
        return ChainMap(*reversed(kinds))  # type: ignore[arg-type]  # a chain lists its last map first

    @cached_property
    def with_state(self) -> Mapping[str, Border | Crossing | Corridor | Measure | Instrument]:
        """Everything that can be asked about, in the order in which answers list it."""
        kinds = (self.borders, self.crossings, self.corridors, self.measures, self.instruments)
        return ChainMap(*reversed(kinds))  # type: ignore[arg-type]  # a chain lists its last map first

    @cached_property
    def measures_at(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the measures whose scope names each place."""
        found: dict[str, list[str]] = {}
        for key, places in self._places_of_measures():
            for place in places:
                found.setdefault(place, []).append(key)
        return {place: tuple(keys) for place, keys in found.items()}

    def _places_of_measures(self) -> Iterator[tuple[str, Sequence[str]]]:
        if isinstance(self.measures, Shelf):
            return ((key, places.split(" ")) for key, places in self.measures.places().items())
        return ((key, measure.scope.at) for key, measure in self.measures.items())

    def authorities(self, border: Border) -> tuple[str, ...]:
        """The parties whose leave a border needs: those of its two sides."""
        return tuple(dict.fromkeys(self.territories[side].authority for side in border.between))

    def border_between(self, one: str, other: str) -> Border | None:
        """The border of two territories, in either order."""
        return self._by_sides.get(frozenset((one, other)))

    @cached_property
    def _by_sides(self) -> Mapping[frozenset[str], Border]:
        return {frozenset(border.between): border for border in self.borders.values()}


SUBJECTS: dict[str, type[Subject]] = {  # by kind
    SubjectKind.DATASET: Dataset,
    SubjectKind.PARTY: Party,
    SubjectKind.TERRITORY: Territory,
    SubjectKind.BORDER: Border,
    SubjectKind.CROSSING: Crossing,
    SubjectKind.CORRIDOR: Corridor,
    SubjectKind.MEASURE: Measure,
    SubjectKind.INSTRUMENT: Instrument,
}
_TABLES = {
    SubjectKind.PARTY: "parties",
    SubjectKind.TERRITORY: "territories",
    SubjectKind.BORDER: "borders",
    SubjectKind.CROSSING: "crossings",
    SubjectKind.CORRIDOR: "corridors",
    SubjectKind.MEASURE: "measures",
    SubjectKind.INSTRUMENT: "instruments",
}
