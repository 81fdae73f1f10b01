"""Rules of the registry: every entry that is referred to is registered, and fits."""

from collections.abc import Iterator
from itertools import pairwise

from tracker.dataset.class_rules import class_findings, list_findings, only_findings
from tracker.dataset.life_rules import (
    authority_findings,
    bloc_findings,
    inside_findings,
    life_findings,
    side_findings,
)
from tracker.dataset.references import (
    PLACE_KINDS,
    References,
    flow_findings,
    places_named,
    unknown_name,
    unknown_names,
    unknown_places,
)
from tracker.dataset.suggestions import differs_in_case, one_of, reserved_name, show
from tracker.dataset.validation import NOT_ALL_BUT, EntryFinding
from tracker.model.classes import FlowClass
from tracker.model.dataset import Dataset
from tracker.model.errors import Severity
from tracker.model.fields import ALL_BUT
from tracker.model.names import name_key
from tracker.model.registry import Border, Corridor, Crossing, Instrument, Measure, Party, Registry, Subject, Territory
from tracker.model.scope import Scope
from tracker.model.vocabulary import MeasureKind, MeasureLevel, SubjectKind

CorridorGate = Border | Crossing  # between two territories of a path


def subject_findings(subject: Subject, known: References) -> Iterator[EntryFinding]:
    """Findings about one entry of the registry."""
    yield from life_findings(subject, known)
    match subject:
        case Dataset():
            pass
        case Party():
            yield from bloc_findings(subject, known)
        case Territory():
            yield from authority_findings(subject.authority, ("authority",), known)
        case Border():
            yield from _border(subject, known)
        case Crossing():
            yield from _crossing(subject, known)
        case Corridor():
            yield from _path(subject, known)
            yield from _gates(subject, known.registry)
        case FlowClass():
            yield from class_findings(subject, known)
        case Measure():
            yield from _measure(subject, known)
        case Instrument():
            yield from unknown_names(subject.parties, "parties", known, SubjectKind.PARTY)


def _border(border: Border, known: References) -> Iterator[EntryFinding]:
    yield from unknown_names(border.between, "between", known, SubjectKind.TERRITORY)
    one, other = sorted(border.between)
    if one == other:
        yield EntryFinding(("between",), f"border {border.id} has {one} on both sides: name two territories")
    elif border.id != f"{one}-{other}":
        message = (
            f"the border between {one} and {other} is called {one}-{other}, in alphabetical order: rename {border.id}"
        )
        yield EntryFinding((), message)


def _crossing(crossing: Crossing, known: References) -> Iterator[EntryFinding]:
    yield from unknown_name(crossing.border, "border", known, SubjectKind.BORDER)
    border = known.registry.borders.get(crossing.border)
    if border is not None:
        yield from _more_than(border, crossing)
    yield from side_findings(crossing, known)


def _more_than(gate: CorridorGate, subject: Crossing | Corridor) -> Iterator[EntryFinding]:
    """Findings where a crossing has a mode or traffic that its border lacks, or a corridor one that its gate lacks."""
    for key in ("modes", "traffic"):
        allowed = getattr(gate, key)
        for number, one in enumerate(getattr(subject, key)):
            if one not in allowed:
                has = f"{gate.type} {gate.id}, which has {one_of(allowed)}"
                yield EntryFinding(
                    (key, number), f"{subject.id} has {one}, but not its {has}: take it out here or add it there"
                )


def _path(corridor: Corridor, known: References) -> Iterator[EntryFinding]:
    """Findings about a corridor's path: territories in order, with at most one crossing point between two."""
    path, registry = corridor.path, known.registry
    yield from unknown_names(path, "path", known, SubjectKind.TERRITORY, SubjectKind.CROSSING)
    for number in {0, len(path) - 1}:
        if path[number] in registry.crossings:
            yield EntryFinding(
                ("path", number), f"a path begins and ends in a territory, not at crossing {path[number]}"
            )
    if path[0] == path[-1]:
        yield EntryFinding(
            ("path",), f"corridor {corridor.id} ends where it begins, in {path[0]}: its ends must differ"
        )
    for number, (one, other) in enumerate(pairwise(path), start=1):
        if one in registry.territories and other in registry.territories:
            border = "-".join(sorted((one, other)))
            if not registry.border_between(one, other) and known.unknown(border, SubjectKind.BORDER):
                message = f"no border between {one} and {other} is registered: add [border.{border}] or mend the path"
                yield EntryFinding(("path", number), message)
        elif one in registry.crossings and other in registry.crossings:
            yield EntryFinding(("path", number), f"{one} and {other} follow each other: put the territory between them")
    for number in range(1, len(path) - 1):
        yield from _on_the_way(corridor, number, registry)


def _on_the_way(corridor: Corridor, number: int, registry: Registry) -> Iterator[EntryFinding]:
    """A finding if a crossing point does not join the two territories beside it in a path."""
    before, name, after = corridor.path[number - 1 : number + 2]
    crossing = registry.crossings.get(name)
    border = registry.borders.get(crossing.border) if crossing else None
    if border and {before, after} <= registry.territories.keys() and set(border.between) != {before, after}:
        message = f"crossing {name} is on {border.id}, not between {before} and {after}: mend the path of {corridor.id}"
        yield EntryFinding(("path", number), message)


def _gates(corridor: Corridor, registry: Registry) -> Iterator[EntryFinding]:
    for one, other in pairwise(corridor.path):
        gate: CorridorGate | None = registry.crossings.get(other) or registry.border_between(one, other)
        if gate is not None:
            yield from _more_than(gate, corridor)


def _measure(measure: Measure, known: References) -> Iterator[EntryFinding]:
    yield from unknown_name(measure.authority, "authority", known, SubjectKind.PARTY)
    yield from inside_findings(measure, known)
    permits = measure.level is MeasureLevel.PERMITTED
    if measure.kind is MeasureKind.RESTRICTION and permits:
        yield EntryFinding(
            ("level",), f'restriction {measure.id} cannot have level "permitted": write prohibited or restricted'
        )
    if measure.kind is MeasureKind.PERMISSION and not permits:
        yield EntryFinding(
            ("level",), f'permission {measure.id} has level {show(measure.level)}: write level = "permitted"'
        )
    for finding in _scope(measure.scope, known):
        yield finding._replace(path=("scope", *finding.path))


def _scope(scope: Scope, known: References) -> Iterator[EntryFinding]:
    yield from unknown_places(scope.at, "at", known, *PLACE_KINDS)
    places = places_named(scope.at, known)
    yield from flow_findings(scope, places, known)
    for key in ("goods", "origin", "destination"):
        yield from list_findings(key, getattr(scope, key), known)
    yield from only_findings(scope.only, known)
    if any(name.startswith(ALL_BUT) for name in scope.named or ()):
        yield EntryFinding(("named",), f"`named` {NOT_ALL_BUT}")
    if scope.regime and places and not any(isinstance(place, Territory) for place in places):
        message = f'`regime = "{scope.regime}"` is about a territory, and `at` names none: leave it out or add one'
        yield EntryFinding(("regime",), message)


def twin_findings(registry: Registry) -> Iterator[tuple[Subject, EntryFinding]]:
    """Findings where two territories have more than one border: crossing points tell its parts apart."""
    first: dict[frozenset[str], Border] = {}
    for border in registry.borders.values():
        twin = first.setdefault(frozenset(border.between), border)
        if twin is not border:
            sides = " and ".join(border.between)
            yield border, EntryFinding((), f"{twin.id} is already the border between {sides}: keep one of the two")


def uncounted_findings(registry: Registry) -> Iterator[tuple[Subject, EntryFinding]]:
    """Findings where crossing points of a border are registered, and the border does not say whether all are."""
    for border in registry.borders.values():
        crossings = registry.crossings_of(border.id)
        if crossings and border.crossings is None:
            message = (
                f"border {border.id} has registered crossing points ({', '.join(each.id for each in crossings)}): "
                'write crossings = "all" if there are no others, or crossings = "some", which is what counts now'
            )
            yield border, EntryFinding((), message, Severity.WARNING)


def alias_findings(registry: Registry) -> Iterator[tuple[Subject, EntryFinding]]:
    """Findings where an alias means two subjects, or is the id of another."""
    owners: dict[str, Subject] = {}
    for subject in registry.subjects():
        owners.setdefault(name_key(subject.id), subject)
    for subject in registry.subjects():
        for number, alias in enumerate(getattr(subject, "aliases", ())):
            owner = owners.setdefault(name_key(alias), subject)
            if not _same(owner, subject):
                named = f"{owner.type} {owner.id}"
                message = f"alias {show(alias)} of {subject.id} already means {named}: keep it for one of them"
                yield subject, EntryFinding(("aliases", number), message)


def case_findings(registry: Registry) -> Iterator[tuple[Subject, EntryFinding]]:
    """Findings where two ids differ in case only, or a file on Windows could not have one as its name."""
    first: dict[str, str] = {}
    for subject in registry.subjects():
        if isinstance(subject, Dataset):
            continue
        if reserved := reserved_name(subject.id):
            yield subject, EntryFinding((), reserved)
        other = first.setdefault(subject.id.casefold(), subject.id)
        if other != subject.id:
            yield subject, EntryFinding((), differs_in_case(subject.id, other))


def _same(one: Subject, other: Subject) -> bool:
    """Whether two subjects are a party and the territory of its id, which may share aliases."""
    shared = {SubjectKind.PARTY, SubjectKind.TERRITORY}
    return one.id == other.id and (one.type == other.type or {one.type, other.type} == shared)
