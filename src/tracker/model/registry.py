"""Subjects of the registry: those that have a state, and the territories and parties behind them."""

import json
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, cast, get_args

from pydantic import Field, Strict, StrictBool, StringConstraints

from tracker.model.classes import FlowClass
from tracker.model.dataset import NO_ID, Dataset, TimeZone, entry_id
from tracker.model.fields import (
    InstrumentId,
    MeasureId,
    Model,
    OnExpiryField,
    PartyId,
    SubjectId,
    TerritoryId,
)
from tracker.model.names import Names
from tracker.model.scope import Scope
from tracker.model.text import Line, NoteField
from tracker.model.unvalidated import unvalidated
from tracker.model.vocabulary import MeasureKind, MeasureLevel, Mode, PartyKind, SubjectKind, Traffic

Longitude = Annotated[float, Strict(), Field(ge=-180, le=180)]
Latitude = Annotated[float, Strict(), Field(ge=-90, le=90)]
OfficialIds = Annotated[
    dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")], Line] | None,
    Field(description="Official numbers by register, such as celex."),
]


class Party(Model):
    """A party: it decides, acts or speaks."""

    type: Literal[SubjectKind.PARTY] = SubjectKind.PARTY
    id: PartyId
    name: Line
    kind: PartyKind
    aliases: tuple[Line, ...] = ()
    note: NoteField = None


class Territory(Model):
    """A territory: a state, or a detached part of one."""

    type: Literal[SubjectKind.TERRITORY] = SubjectKind.TERRITORY
    id: TerritoryId
    name: Line
    authority: PartyId
    transit: Literal["open"] | None = None
    timezone: TimeZone | None = None  # of the hours of measures; none: the dataset's
    aliases: tuple[Line, ...] = ()
    note: NoteField = None


class Border(Model):
    """A border between two territories."""

    type: Literal[SubjectKind.BORDER] = SubjectKind.BORDER
    id: SubjectId
    name: Line | None = None
    between: tuple[TerritoryId, TerritoryId]
    modes: tuple[Mode, ...] = Field(min_length=1)
    traffic: tuple[Traffic, ...] = Field(default=(Traffic.GOODS, Traffic.PEOPLE), min_length=1)
    normally: Literal["open"] | None = None
    crossings: Literal["all", "some"] | None = None  # which of its crossings are registered; None counts as some
    aliases: tuple[Line, ...] = ()
    note: NoteField = None


class Crossing(Model):
    """A crossing point on a border."""

    type: Literal[SubjectKind.CROSSING] = SubjectKind.CROSSING
    id: SubjectId
    border: SubjectId
    modes: tuple[Mode, ...] = Field(min_length=1)
    traffic: tuple[Traffic, ...] = Field(default=(Traffic.GOODS, Traffic.PEOPLE), min_length=1)
    names: dict[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")], Line] = Field(min_length=1)
    location: tuple[Longitude, Latitude] | None = None
    timezone: TimeZone | None = None  # of the hours of measures; none: that of the authority's side
    aliases: tuple[Line, ...] = ()
    note: NoteField = None

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
    note: NoteField = None


class Measure(Model):
    """One authority's policy on a scope."""

    type: Literal[SubjectKind.MEASURE] = SubjectKind.MEASURE
    id: MeasureId
    title: Line
    authority: PartyId
    kind: MeasureKind
    level: MeasureLevel
    de_facto: StrictBool = False  # enforced without a legal act: seen, not declared
    extraterritorial: StrictBool = False  # a threat to those who pass elsewhere: secondary sanctions
    scope: Scope
    on_expiry: OnExpiryField = None  # none: unknown
    under: InstrumentId | None = None  # the text that it rests on
    unit: Line | None = None  # of amounts
    nomenclature: Line | None = None  # of goods; none: HS 2022
    ids: OfficialIds = None
    note: NoteField = None

    @property
    def name(self) -> str:
        return self.title


class Instrument(Model):
    """A text with a life cycle."""

    type: Literal[SubjectKind.INSTRUMENT] = SubjectKind.INSTRUMENT
    id: InstrumentId
    title: Line
    parties: tuple[PartyId, ...] = ()
    ids: OfficialIds = None
    aliases: tuple[Line, ...] = ()
    note: NoteField = None

    @property
    def name(self) -> str:
        return self.title


Subject = Dataset | Party | Territory | Border | Crossing | Corridor | FlowClass | Measure | Instrument
AnySubject = Annotated[Subject, Field(discriminator="type")]
Place = Territory | Border | Crossing | Corridor
LaneSubject = Border | Crossing | Corridor  # what has lanes


class Entry(NamedTuple):
    """A subject as entered at a position of the log; held as JSON until it is used."""

    position: int
    kind: str  # a SubjectKind
    id: str
    subject: Subject | str
    places: str | None = None  # of a measure: where its scope is, separated by spaces

    @classmethod
    def of(cls, position: int, subject: Subject) -> "Entry":
        places = " ".join(subject.scope.at) if isinstance(subject, Measure) else None
        return cls(position, subject.type, entry_id(subject.type, subject.id), subject, places)

    def made(self) -> Subject:
        if isinstance(self.subject, str):
            return unvalidated(SUBJECTS[self.kind], json.loads(self.subject))
        return self.subject


class Shelf(Mapping[str, Any]):
    """Subjects of one kind by id, each decoded at its first use."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = entries
        self._made: dict[str, Subject] = {}

    def __getitem__(self, key: str) -> Subject:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self.entry(key).made()
        return made

    def entry(self, key: str) -> Entry:
        """The entry of an id, whose subject may not be decoded yet. Raises: KeyError."""
        return self.entries[key]

    def places(self) -> Mapping[str, str]:
        """The places in the scope of each measure, separated by spaces."""
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
    classes: Mapping[str, FlowClass] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    instruments: Mapping[str, Instrument] = field(default_factory=dict)

    @classmethod
    def of(cls, subjects: Iterable[Subject]) -> "Registry":
        """Build a registry from subjects; of two with one kind and id, the later one counts.

        Raises: ValueError where there is no dataset among them.
        """
        return cls.of_entries(Entry.of(0, subject) for subject in subjects)

    @classmethod
    def of_entries(cls, entries: Iterable[Entry]) -> "Registry":
        """Build a registry from entries; of two with one kind and id, the later one counts.

        Raises: ValueError where there is no dataset among them.
        """
        tables: dict[str, dict[str, Entry]] = {kind: {} for kind in SubjectKind}
        for entry in entries:
            tables[entry.kind][entry.id] = entry
        return cls.of_shelves({kind: Shelf(table) for kind, table in tables.items()})

    @classmethod
    def of_shelves(cls, shelves: Mapping[str, Shelf]) -> "Registry":
        """Build a registry from a shelf for each kind.

        Raises: ValueError where there is no dataset among them.
        """
        if NO_ID not in shelves[SubjectKind.DATASET]:
            raise ValueError("no [dataset] table: a registry begins with one")
        dataset = cast(Dataset, shelves[SubjectKind.DATASET][NO_ID])
        return cls(dataset, **{name: shelves[kind] for kind, name in _TABLES.items()})

    def subjects(self) -> Iterator[Subject]:
        """All subjects, each after those that it refers to."""
        yield self.dataset
        for name in _TABLES.values():
            yield from getattr(self, name).values()

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """Territories, borders, crossings and corridors by id: the places of effects and scopes."""
        kinds = (self.territories, self.borders, self.crossings, self.corridors)
        return ChainMap(*reversed(kinds))  # type: ignore[arg-type]  # a chain lists its last map first

    @cached_property
    def with_state(self) -> Mapping[str, Border | Crossing | Corridor | Measure | Instrument]:
        """Borders, crossings, corridors, measures and instruments by id, in the order of answers."""
        kinds = (self.borders, self.crossings, self.corridors, self.measures, self.instruments)
        return ChainMap(*reversed(kinds))  # type: ignore[arg-type]  # a chain lists its last map first

    @cached_property
    def names(self) -> Names:
        """The subjects by their names."""
        return Names(self)

    @cached_property
    def measures_at(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the measures whose scope names each place."""
        measures: dict[str, list[str]] = {}
        for key, places in self._places_of_measures():
            for place in places:
                measures.setdefault(place, []).append(key)
        return {place: tuple(keys) for place, keys in measures.items()}

    def _places_of_measures(self) -> Iterator[tuple[str, Sequence[str]]]:
        if isinstance(self.measures, Shelf):
            return ((key, places.split(" ")) for key, places in self.measures.places().items())
        return ((key, measure.scope.at) for key, measure in self.measures.items())

    def authorities(self, border: Border) -> tuple[str, ...]:
        """The parties whose consent a border needs: those of its two sides."""
        return tuple(dict.fromkeys(self.territories[side].authority for side in border.between))

    def crossings_of(self, border: str) -> Sequence[Crossing]:
        """The registered crossing points of a border, in the order of the registry."""
        return self._by_border.get(border, ())

    @cached_property
    def _by_border(self) -> Mapping[str, Sequence[Crossing]]:
        crossings: dict[str, list[Crossing]] = {}
        for crossing in self.crossings.values():
            crossings.setdefault(crossing.border, []).append(crossing)
        return crossings

    def border_between(self, one: str, other: str) -> Border | None:
        """The border of two territories, in either order."""
        return self._by_sides.get(frozenset((one, other)))

    @cached_property
    def _by_sides(self) -> Mapping[frozenset[str], Border]:
        return {frozenset(border.between): border for border in self.borders.values()}


SUBJECTS: Mapping[str, type[Subject]] = {  # by kind
    model.model_fields["type"].default: model for model in get_args(Subject)
}
_TABLES = {
    SubjectKind.PARTY: "parties",
    SubjectKind.TERRITORY: "territories",
    SubjectKind.BORDER: "borders",
    SubjectKind.CROSSING: "crossings",
    SubjectKind.CORRIDOR: "corridors",
    SubjectKind.CLASS: "classes",
    SubjectKind.MEASURE: "measures",
    SubjectKind.INSTRUMENT: "instruments",
}
