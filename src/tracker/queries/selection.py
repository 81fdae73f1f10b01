"""Selections: the subjects and lanes that a question is about."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypedDict

from tracker.model.classes import asked_classes
from tracker.model.errors import BadRequest, UnknownSubject
from tracker.model.registry import Border, Corridor, Crossing, Instrument, Measure, Registry
from tracker.model.vocabulary import Mode, Status, SubjectKind, Traffic
from tracker.state.lanes import Lane, lanes
from tracker.state.scope import Question

MAX_SHOWN = 20  # directions in an error
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
    direction: str | None = None  # FROM>TO, each by id, name or alias
    status: Status | None = None
    goods: str | None = None
    only: tuple[str, ...] = ()  # classes, by ids, names or other words; at most one of each group
    origin: str | None = None  # a territory, by id, name or alias
    destination: str | None = None

    def __post_init__(self) -> None:
        goods = self.goods
        if goods is not None and not (goods.isascii() and goods.isdigit() and 2 <= len(goods) <= 10):
            raise BadRequest(f"goods {goods!r} is not an HS prefix: write 2 to 10 digits, such as 1001 for wheat")

    def question(self, registry: Registry) -> Question:
        """The flow that the question is narrowed to.

        Raises: UnknownSubject; BadRequest where two classes are of one group.
        """
        origin, destination = (
            None if name is None else find_territory(registry, name) for name in (self.origin, self.destination)
        )
        return Question(self.goods, asked_classes(registry.classes, self.only), origin, destination)

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
    """Find a subject by its id, an alias or a name in any language, whatever the case and accents.

    Raises: UnknownSubject, with the nearest registered ones.
    """
    everything = "`tracker state` lists them all"
    return registry.with_state[find_id(registry, name, KINDS, "nothing that has a state", everything)]


def find_party(registry: Registry, name: str) -> str:
    """Find the id of a party.

    Raises: UnknownSubject, with the nearest registered ones.
    """
    return find_id(registry, name, (SubjectKind.PARTY,), "no party", f"write one of {', '.join(registry.parties)}")


def find_territory(registry: Registry, name: str) -> str:
    """Find the id of a territory.

    Raises: UnknownSubject, with the nearest registered ones.
    """
    everything = f"write one of {', '.join(registry.territories)}"
    return find_id(registry, name, (SubjectKind.TERRITORY,), "no territory", everything)


def find_id(registry: Registry, name: str, kinds: Collection[SubjectKind], nothing: str, otherwise: str) -> str:
    """Find the id of a subject of some kinds by any of its names.

    Args: nothing, otherwise: the words of the error for what is not registered, and where nothing is like it.
    Raises: UnknownSubject, also where several subjects have the name.
    """
    keys = registry.names.matching(name, kinds)
    if len(keys) == 1:
        return keys[0]
    if keys:
        raise UnknownSubject(f"{name!r} is a name of several subjects: write one of their ids, {', '.join(keys)}")
    near = registry.names.near(name, kinds)
    hint = f"did you mean {', '.join(near)}?" if near else otherwise
    raise UnknownSubject(f"{nothing} is registered as {name!r}: {hint}")


def chosen(registry: Registry, selection: Selection) -> Sequence[Stateful]:
    """The chosen subjects, in the order of the registry or of the question.

    Raises: UnknownSubject; BadRequest where none of them has a lane like the one asked for.
    """
    if selection.subjects:
        keys = dict.fromkeys(find(registry, name).id for name in selection.subjects)
        subjects: Sequence[Stateful] = [registry.with_state[key] for key in keys]
    else:
        subjects = list(registry.with_state.values())
    subjects = [subject for subject in subjects if selection.kind in (None, subject.type)]
    if subjects and any((selection.mode, selection.traffic, selection.direction)):
        _check_lanes(registry, subjects, selection)
    return subjects


def _check_lanes(registry: Registry, subjects: Sequence[Stateful], selection: Selection) -> None:
    """Raise BadRequest where no subject has a lane like the one asked for, and say what lanes there are."""
    with_lanes = [subject for subject in subjects if isinstance(subject, Border | Crossing | Corridor)]
    if any(chosen_lanes(registry, subject, selection) for subject in with_lanes):
        return
    every = [lane for subject in with_lanes for lane in lanes(registry, subject)]
    asked = {"mode": selection.mode, "traffic": selection.traffic, "direction": selection.direction}
    there = {
        name: sorted({str(getattr(lane, name)) for lane in every}) for name, value in asked.items() if value is not None
    }
    names = ", ".join(selection.subjects) or "the record"
    lists = "; ".join(f"{name}: {_some(values) or 'none, as it has no lanes'}" for name, values in there.items())
    raise BadRequest(f"{names} has no lane like the one asked for: choose among what there is, {lists}")


def _some(values: Sequence[str]) -> str:
    more = f" and {len(values) - MAX_SHOWN} more" if len(values) > MAX_SHOWN else ""
    return ", ".join(values[:MAX_SHOWN]) + more


def chosen_lanes(registry: Registry, subject: Border | Crossing | Corridor, selection: Selection) -> list[Lane]:
    """The chosen lanes of a subject."""
    direction = selection.direction and _direction(registry, selection.direction)
    return [
        lane
        for lane in lanes(registry, subject)
        if selection.mode in (None, lane.mode)
        and selection.traffic in (None, lane.traffic)
        and direction in (None, lane.direction.casefold())
    ]


def _direction(registry: Registry, text: str) -> str:
    """A direction with the ids of its two territories, which may have been written by their names, in small letters."""
    ids = (registry.names.matching(side.strip(), (SubjectKind.TERRITORY,)) for side in text.split(">"))
    sides = [found[0] if len(found) == 1 else side.strip() for found, side in zip(ids, text.split(">"), strict=True)]
    return ">".join(sides).casefold()
