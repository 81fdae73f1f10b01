"""Selections: the subjects and lanes that a question is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypedDict

from tracker.model.errors import BadRequest, UnknownSubject
from tracker.model.registry import Border, Corridor, Crossing, Instrument, Measure, Registry
from tracker.model.vocabulary import Mode, Status, SubjectKind, Traffic
from tracker.state.lanes import Lane, lanes
from tracker.state.scope import Question

Stateful = Border | Crossing | Corridor | Measure | Instrument
KINDS = (
    SubjectKind.BORDER,
    SubjectKind.CROSSING,
    SubjectKind.CORRIDOR,
    SubjectKind.MEASURE,
    SubjectKind.INSTRUMENT,
)


@dataclass(frozen=True)
class Selection:
    """Filters of a question; without any, it is about everything."""

    subjects: tuple[str, ...] = ()
    kind: SubjectKind | None = None
    mode: Mode | None = None
    traffic: Traffic | None = None
    direction: str | None = None
    status: Status | None = None
    goods: str | None = None
    only: str | None = None
    origin: str | None = None  # a territory, by id, name or alias
    destination: str | None = None

    def __post_init__(self) -> None:
        goods = self.goods
        if goods is not None and not (goods.isascii() and goods.isdigit() and 2 <= len(goods) <= 10):
            raise BadRequest(f"goods {goods!r} is not an HS prefix: write 2 to 10 digits, such as 1001 for wheat")

    def question(self, registry: Registry) -> Question:
        """The flow that the question is narrowed to.

        Raises: UnknownSubject.
        """
        ends = (None if name is None else territory(registry, name) for name in (self.origin, self.destination))
        return Question(self.goods, self.only, *ends)

    @property
    def narrows_lanes(self) -> bool:
        """Whether it is about some lanes only, and so about no measure or text."""
        return any((self.mode, self.traffic, self.direction, self.status))


class Identity(TypedDict):
    """The fields of an answer that name a lane, or a measure or text as a whole."""

    subject: str
    kind: SubjectKind
    mode: Mode | None
    traffic: Traffic | None
    direction: str | None


def identity(subject: Stateful, lane: Lane | None) -> Identity:
    """The fields of an answer that name a lane of a subject, or the subject itself."""
    return {
        "subject": subject.id,
        "kind": subject.type,
        "mode": lane.mode if lane else None,
        "traffic": lane.traffic if lane else None,
        "direction": lane.direction if lane else None,
    }


def find(registry: Registry, name: str) -> Stateful:
    """Find a subject by its id or an alias, whatever the case.

    Raises: UnknownSubject, with the nearest registered ones.
    """
    subject = registry.with_state.get(name)
    if subject is not None:
        return subject
    names = _names(registry)
    key = names.get(name.casefold())
    if key is not None:
        return registry.with_state[key]
    near = [names[match] for match in get_close_matches(name.casefold(), names, n=3, cutoff=0.6)]
    hint = f": did you mean {', '.join(dict.fromkeys(near))}?" if near else ": `tracker state` lists them all"
    raise UnknownSubject(f"nothing that has a state is registered as {name!r}{hint}")


def territory(registry: Registry, name: str) -> str:
    """Find the id of a territory by its id, name or alias.

    Raises: UnknownSubject.
    """
    territories = registry.territories.values()
    names = {alias.casefold(): territory.id for territory in territories for alias in territory.aliases}
    names |= {territory.name.casefold(): territory.id for territory in territories}
    names |= {key.casefold(): key for key in registry.territories}
    key = names.get(name.casefold())
    if key is None:
        near = get_close_matches(name.casefold(), names, n=1)
        hint = f"did you mean {names[near[0]]}?" if near else f"write one of {', '.join(registry.territories)}"
        raise UnknownSubject(f"no territory is registered as {name!r}: {hint}")
    return key


def _names(registry: Registry) -> dict[str, str]:
    """Ids by name or alias in small letters."""
    names: dict[str, str] = {}
    for kind in (registry.borders, registry.crossings, registry.corridors, registry.instruments):
        for subject in kind.values():
            names.update((alias.casefold(), subject.id) for alias in subject.aliases)
    names.update((key.casefold(), key) for key in registry.with_state)
    return names


def chosen(registry: Registry, selection: Selection) -> Sequence[Stateful]:
    """The chosen subjects, in the order of the registry or of the question.

    Raises: UnknownSubject.
    """
    if selection.subjects:
        keys = dict.fromkeys(find(registry, name).id for name in selection.subjects)
        subjects: Sequence[Stateful] = [registry.with_state[key] for key in keys]
    else:
        subjects = list(registry.with_state.values())
    return [subject for subject in subjects if selection.kind in (None, subject.type)]


def chosen_lanes(registry: Registry, subject: Border | Crossing | Corridor, selection: Selection) -> list[Lane]:
    """The chosen lanes of a subject."""
    return [
        lane
        for lane in lanes(registry, subject)
        if selection.mode in (None, lane.mode)
        and selection.traffic in (None, lane.traffic)
        and (selection.direction is None or selection.direction.casefold() == lane.direction.casefold())
    ]
