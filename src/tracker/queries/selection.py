"""Selections: the subjects and lanes that a question is about."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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
        origin, destination = (
            None if name is None else find_territory(registry, name) for name in (self.origin, self.destination)
        )
        return Question(self.goods, self.only, origin, destination)

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
