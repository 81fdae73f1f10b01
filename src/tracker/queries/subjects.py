"""Entries of the registry: subjects with a state, territories and parties."""

from collections.abc import Iterator

from pydantic import Field

from tracker.model.classes import FlowClass
from tracker.model.dataset import Dataset
from tracker.model.fields import OnExpiryField
from tracker.model.registry import Border, Corridor, Crossing, Instrument, Measure, Party, Registry, Subject, Territory
from tracker.model.scope import Scope
from tracker.model.vocabulary import MeasureKind, MeasureLevel, Mode, SubjectKind, Traffic
from tracker.queries.answers import Answer, KindField, NameField, UnitField
from tracker.queries.clocks import Clocks
from tracker.queries.selection import KINDS, find, find_party, find_territory
from tracker.state.lanes import stations
from tracker.state.record import Record


class SubjectAnswer(Answer):
    """An entry of the registry; fields that its kind does not have are empty."""

    id: str = Field(description="Id of the subject, which never changes.")
    kind: KindField
    name: NameField
    names: dict[str, str] = Field(default_factory=dict, description="Its name by language (ISO 639).")
    aliases: tuple[str, ...] = Field((), description="Other names.")
    modes: tuple[Mode, ...] = Field((), description="Means of transport.")
    traffic: tuple[Traffic, ...] = Field((), description="Goods or people.")
    path: tuple[str, ...] = Field((), description="Territories along the way, with the gate between each two of them.")
    between: tuple[str, ...] = Field((), description="The two territories of a border or crossing point.")
    border: str | None = Field(None, description="Id of the border that the crossing point is on.")
    location: tuple[float, float] | None = Field(None, description="Longitude and latitude, WGS 84, approximate.")
    two_way: bool | None = Field(None, description="Whether the corridor is for both directions.")
    authority: str | None = Field(None, description="Id of the party that decides.")
    measure_kind: MeasureKind | None = Field(None, description="Whether the measure forbids or allows.")
    level: MeasureLevel | None = Field(None, description="Strictness of the measure.")
    scope: Scope | None = Field(None, description="Scope of the measure.")
    parties: tuple[str, ...] = Field((), description="Ids of the parties to the text.")
    group: str | None = Field(None, description="Group of the class: its classes exclude each other unless nested.")
    within: tuple[str, ...] = Field((), description="Ids of the classes that the class is within.")
    on_expiry: OnExpiryField = None
    extraterritorial: bool | None = Field(None, description="Whether the measure threatens those who pass elsewhere.")
    under: str | None = Field(None, description="Id of the text that the measure rests on.")
    unit: UnitField = None
    nomenclature: str | None = Field(None, description="Nomenclature of the measure's goods; null: HS 2022.")
    ids: dict[str, str] | None = Field(None, description="Official numbers by register; null: none.")
    note: str | None = Field(None, description="Remark of the coder.")


def subjects(record: Record, clocks: Clocks, kind: SubjectKind | None = None) -> list[SubjectAnswer]:
    """List the subjects registered by the clock of record, in the order of the registry."""
    registry = record.at(clocks.known).registry
    kinds = (registry.with_state, registry.territories, registry.parties, registry.classes)
    entries = [entry for table in kinds for entry in table.values()]
    return [_answer(registry, entry) for entry in entries if kind in (None, entry.type)]


def subject(record: Record, clocks: Clocks, name: str) -> SubjectAnswer:
    """Answer for one entry by its id or a name: a subject with a state, else a territory, party or class.

    Raises: UnknownSubject.
    """
    registry = record.at(clocks.known).registry
    if not registry.names.matching(name, KINDS):
        if registry.names.matching(name, (SubjectKind.TERRITORY,)):
            return _answer(registry, registry.territories[find_territory(registry, name)])
        if registry.names.matching(name, (SubjectKind.PARTY,)):
            return _answer(registry, registry.parties[find_party(registry, name)])
        if keys := registry.names.matching(name, (SubjectKind.CLASS,)):
            return _answer(registry, registry.classes[keys[0]])
    return _answer(registry, find(registry, name))


def _answer(registry: Registry, subject: Subject) -> SubjectAnswer:
    assert not isinstance(subject, Dataset)
    common = {"id": subject.id, "kind": subject.type, "name": subject.name or subject.id, "note": subject.note}
    return SubjectAnswer.model_validate(common | dict(_fields_of_kind(registry, subject)))


def _fields_of_kind(registry: Registry, subject: Subject) -> Iterator[tuple[str, object]]:
    if not isinstance(subject, Measure | Dataset):
        yield "aliases", subject.aliases
    match subject:
        case Border() | Crossing() | Corridor():
            yield from _fields_of_lanes(registry, subject)
        case Measure():
            yield "authority", subject.authority
            yield "measure_kind", subject.kind
            yield "level", subject.level
            yield "scope", subject.scope
            yield "on_expiry", subject.on_expiry
            yield "extraterritorial", subject.extraterritorial
            yield "under", subject.under
            yield "unit", subject.unit
            yield "nomenclature", subject.nomenclature
            yield "ids", subject.ids
        case Instrument():
            yield "parties", subject.parties
            yield "ids", subject.ids
        case Territory():
            yield "authority", subject.authority
        case FlowClass():
            yield "group", subject.group
            yield "within", subject.within
        case Party() | Dataset():
            pass


def _fields_of_lanes(registry: Registry, subject: Border | Crossing | Corridor) -> Iterator[tuple[str, object]]:
    yield "modes", subject.modes
    yield "traffic", subject.traffic
    yield "path", stations(registry, subject)
    match subject:
        case Border():
            yield "between", subject.between
        case Crossing():
            yield "between", registry.borders[subject.border].between
            yield "border", subject.border
            yield "location", subject.location
            yield "names", subject.names
        case Corridor():
            yield "two_way", subject.two_way
