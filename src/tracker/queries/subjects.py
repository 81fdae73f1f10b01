"""What is registered: everything that has a state, and the parties and territories behind it."""

from collections.abc import Iterator, Sequence

from pydantic import Field

from tracker.model.errors import UnknownSubject
from tracker.model.registry import (
    Border,
    Corridor,
    Crossing,
    Dataset,
    Instrument,
    Measure,
    Party,
    Registry,
    Scope,
    Subject,
    Territory,
)
from tracker.model.vocabulary import MeasureKind, MeasureLevel, Mode, SubjectKind, Traffic
from tracker.queries.answer import Answer
from tracker.queries.clocks import Clocks
from tracker.queries.selection import find
from tracker.state.lanes import stations
from tracker.state.record import Record


class SubjectAnswer(Answer):
    """One entry of the registry; what its kind does not have is empty."""

    id: str
    kind: SubjectKind
    name: str
    names: dict[str, str] = Field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    modes: tuple[Mode, ...] = ()
    traffic: tuple[Traffic, ...] = ()
    path: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    border: str | None = None
    location: tuple[float, float] | None = None
    two_way: bool | None = None
    authority: str | None = None
    measure_kind: MeasureKind | None = None
    level: MeasureLevel | None = None
    scope: Scope | None = None
    parties: tuple[str, ...] = ()
    note: str | None = None


def subjects(record: Record, clocks: Clocks, kind: SubjectKind | None = None) -> list[SubjectAnswer]:
    """Everything registered by then, in the order of the registry."""
    registry = record.at(clocks.known).registry
    listed = (*registry.with_state.values(), *registry.territories.values(), *registry.parties.values())
    return [subject_answer(registry, each) for each in listed if kind in (None, each.type)]


def subject(record: Record, clocks: Clocks, name: str) -> SubjectAnswer:
    """One entry: what has a state by its id or an alias, else a territory or a party by its id.

    Raises: UnknownSubject.
    """
    registry = record.at(clocks.known).registry
    try:
        return subject_answer(registry, find(registry, name))
    except UnknownSubject:
        other = registry.territories.get(name) or registry.parties.get(name)
        if other is None:
            raise
        return subject_answer(registry, other)


def subject_answer(registry: Registry, subject: Subject) -> SubjectAnswer:
    """An entry as it is answered."""
    assert not isinstance(subject, Dataset)
    common = {"id": subject.id, "kind": subject.type, "name": subject.name or subject.id, "note": subject.note}
    return SubjectAnswer.model_validate(common | dict(_particular(registry, subject)))


def _particular(registry: Registry, subject: Subject) -> Iterator[tuple[str, object]]:
    if not isinstance(subject, Measure | Dataset):
        yield "aliases", subject.aliases
    match subject:
        case Border() | Crossing() | Corridor():
            yield from _of_way(registry, subject)
        case Measure():
            yield "authority", subject.authority
            yield "measure_kind", subject.kind
            yield "level", subject.level
            yield "scope", subject.scope
        case Instrument():
            yield "parties", subject.parties
        case Territory():
            yield "authority", subject.authority
        case Party() | Dataset():
            pass


def _of_way(registry: Registry, subject: Border | Crossing | Corridor) -> Iterator[tuple[str, object]]:
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


def located(registry: Registry, path: Sequence[str]) -> list[tuple[float, float]]:
    """The known locations of the crossing points on a path, in order."""
    found = [registry.crossings[place].location for place in path if place in registry.crossings]
    return [location for location in found if location is not None]
