"""Lanes that agree, as one row with one label."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import groupby
from typing import Protocol, TypeVar

from tracker.model.vocabulary import Mode, Traffic


class Laned(Protocol):
    """One lane's part of an answer."""

    @property
    def mode(self) -> Mode: ...
    @property
    def traffic(self) -> Traffic: ...
    @property
    def direction(self) -> str: ...


Item = TypeVar("Item")
SomeLane = TypeVar("SomeLane", bound=Laned)
Cell = tuple[str, str, str]  # mode, traffic, direction
Box = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def folded(items: Iterable[Item], key: Callable[[Item], Hashable]) -> list[list[Item]]:
    """The items that agree, together, in the order in which the first of each stands."""
    groups: dict[Hashable, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def label(chosen: Sequence[Laned], every: Sequence[Laned] = ()) -> str:
    """What lanes have in common, a line for each part: "road+rail · goods · both ways".

    Args: every: all lanes of the subject, where the question named no kind of them.
    """
    cells = [_cell(lane) for lane in chosen]
    if every and len(every) > 1 and set(cells) == {_cell(lane) for lane in every}:
        modes, traffic = (tuple(dict.fromkeys(part)) for part in list(zip(*cells, strict=True))[:2])
        return f"all lanes ({'+'.join(modes)} · {'+'.join(traffic)})"
    return "\n".join(_words(box) for box in min(_boxes(cells, (0, 1)), _boxes(cells, (1, 0)), key=len))


def _cell(lane: Laned) -> Cell:
    return lane.mode, lane.traffic, lane.direction


def _boxes(cells: Sequence[Cell], order: tuple[int, int]) -> list[Box]:
    """A few products of modes, traffic and directions that cover exactly these cells."""
    outer, inner = order
    found = []
    for names in _alike(cells, outer, lambda cell: (cell[inner], cell[2])):
        part = [cell for cell in cells if cell[outer] == names[0]]
        for others in _alike(part, inner, lambda cell: (cell[2],)):
            ways = tuple(cell[2] for cell in part if cell[inner] == others[0])
            found.append((names, others, ways) if outer == 0 else (others, names, ways))
    return found


def _alike(cells: Sequence[Cell], axis: int, rest: Callable[[Cell], tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The values on one axis, those together that go with the same rest."""
    values = list(dict.fromkeys(cell[axis] for cell in cells))
    with_rest = {value: frozenset(rest(cell) for cell in cells if cell[axis] == value) for value in values}
    return [tuple(group) for group in folded(values, lambda value: with_rest[value])]


def _words(box: Box) -> str:
    modes, traffic, ways = box
    return f"{'+'.join(modes)} · {'+'.join(traffic)} · {_way(ways)}"


def _way(ways: tuple[str, ...]) -> str:
    if len(ways) == 2 and ways[0] == ">".join(reversed(ways[1].split(">"))):
        return "both ways"
    return ", ".join(ways)


def of_subject(items: Sequence[Item], subject: Callable[[Item], str]) -> list[tuple[str, list[Item]]]:
    """Items that follow each other and are about one subject."""
    return [(name, list(group)) for name, group in groupby(items, subject)]
