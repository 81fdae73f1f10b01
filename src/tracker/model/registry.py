"""Subjects of the registry: those that have a state, and the territories and parties behind them."""

from collections import ChainMap
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, cast, get_args

import msgspec
from pydantic import Field, StrictBool, StringConstraints

from tracker.model.charges import Charge, ever_in_charge
from tracker.model.classes import FlowClass
from tracker.model.dataset import NO_ID, Dataset, entry_id
from tracker.model.dates import zone
from tracker.model.fields import (
    InstrumentId,
    MeasureId,
    Model,
    OnExpiryField,
    PartyId,
)
from tracker.model.names import Names
from tracker.model.places import Border as Border
from tracker.model.places import Corridor as Corridor
from tracker.model.places import Crossing as Crossing
from tracker.model.places import Party as Party
from tracker.model.places import Territory as Territory
from tracker.model.scope import Scope
from tracker.model.text import Line, NoteField
from tracker.model.unvalidated import unvalidated
from tracker.model.vocabulary import MeasureKind, MeasureLevel, PartyKind, SubjectKind

OfficialIds = Annotated[
    dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")], Line] | None,
    Field(description="Official numbers by register, such as celex."),
]


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
    inside: StrictBool = False  # of a bloc: whether it reaches flows between its members, too
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
            return unvalidated(SUBJECTS[self.kind], msgspec.json.decode(self.subject))
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

    @cached_property
    def tz(self) -> tzinfo:
        """The time zone of bare dates."""
        return zone(self.dataset.timezone)

    @cached_property
    def blocs(self) -> Mapping[str, Party]:
        """The parties that have members."""
        return {key: party for key, party in self.parties.items() if party.kind is PartyKind.BLOC}

    def members_of(self, bloc: str, outer: frozenset[str] = frozenset()) -> frozenset[str]:
        """The parties that are in a bloc at some time, or in charge of a territory that is; of no bloc none.

        Args: outer: blocs that are passed over.
        """
        members: set[str] = set()
        for member in self.blocs[bloc].members if bloc in self.blocs and bloc not in outer else ():
            territory = self.territories.get(member.territory or "")
            members.update(ever_in_charge(territory.authority) if territory else ())
            if member.party is not None:
                is_bloc = member.party in self.blocs
                members.update(self.members_of(member.party, outer | {bloc}) if is_bloc else (member.party,))
        return frozenset(members)

    @cached_property
    def memo(self) -> dict[Hashable, Any]:
        """Results worked out from the registry, kept as long as it lives."""
        return {}

    def sides(self, gate: Border | Crossing) -> tuple[tuple[str, str | tuple[Charge, ...]], ...]:
        """The two territories of a border or crossing, each with the authority of that side."""
        border = self.borders[gate.border] if isinstance(gate, Crossing) else gate
        own = (gate.authorities or {}) if isinstance(gate, Crossing) else {}
        return tuple((side, own.get(side) or self.territories[side].authority) for side in border.between)

    def authorities(self, gate: Border | Crossing) -> tuple[str, ...]:
        """The parties whose consent a border or crossing needs at some time: those of its two sides."""
        made = self.memo.get(gate.id)
        if made is None:
            sides = self.sides(gate)
            made = self.memo[gate.id] = tuple(dict.fromkeys(party for _, own in sides for party in ever_in_charge(own)))
        parties: tuple[str, ...] = made
        return parties

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
