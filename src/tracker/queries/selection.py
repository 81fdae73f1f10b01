"""Which subjects and lanes a question is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

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
    """What a question is about; nothing given means all."""

    subjects: tuple[str, ...] = ()
    kind: SubjectKind | None = None
    mode: Mode | None = None
    traffic: Traffic | None = None
    direction: str | None = None
    status: Status | None = None
    goods: str | None = None
    only: str | None = None

    def __post_init__(self) -> None:
        goods = self.goods
        if goods is not None and not (goods.isascii() and goods.isdigit() and 2 <= len(goods) <= 10):
            raise BadRequest(f"goods {goods!r} is not an HS prefix: write 2 to 10 digits, such as 1001 for wheat")

    @property
    def question(self) -> Question:
        return Question(self.goods, self.only)

    @property
    def narrows_lanes(self) -> bool:
        return any((self.mode, self.traffic, self.direction, self.status))


def find(registry: Registry, name: str) -> Stateful:
    """A subject by its id or an alias, whatever the case.

    Raises: UnknownSubject, with the nearest known ones.
    """
    exact = registry.with_state.get(name)
    if exact is not None:
        return exact
    names = _names(registry)
    found = names.get(name.casefold())
    if found is not None:
        return registry.with_state[found]
    near = [names[each] for each in get_close_matches(name.casefold(), names, n=3, cutoff=0.6)]
    hint = f": did you mean {', '.join(dict.fromkeys(near))}?" if near else ": `tracker state` lists them all"
    raise UnknownSubject(f"nothing that has a state is registered as {name!r}{hint}")


def _names(registry: Registry) -> dict[str, str]:
    names: dict[str, str] = {}
    for kind in (registry.borders, registry.crossings, registry.corridors, registry.instruments):
        for subject in kind.values():
            names.update((alias.casefold(), subject.id) for alias in subject.aliases)
    names.update((key.casefold(), key) for key in registry.with_state)
    return names


def chosen(registry: Registry, selection: Selection) -> Sequence[Stateful]:
    """The subjects that a question is about, in the order of the registry or of the question.

    Raises: UnknownSubject.
    """
    if selection.subjects:
        found = list(dict.fromkeys(find(registry, name).id for name in selection.subjects))
        subjects: Sequence[Stateful] = [registry.with_state[key] for key in found]
    else:
        subjects = list(registry.with_state.values())
    return [subject for subject in subjects if selection.kind in (None, subject.type)]


def chosen_lanes(registry: Registry, subject: Border | Crossing | Corridor, selection: Selection) -> list[Lane]:
    """The lanes of a subject that a question is about."""
    return [
        lane
        for lane in lanes(registry, subject)
        if selection.mode in (None, lane.mode)
        and selection.traffic in (None, lane.traffic)
        and (selection.direction is None or selection.direction.casefold() == lane.direction.casefold())
    ]
