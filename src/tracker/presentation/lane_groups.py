"""Lanes that agree, as groups, and the labels of those groups."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import permutations
from math import prod
from typing import TYPE_CHECKING, Protocol, TypeVar

from tracker.model.vocabulary import Mode, Traffic
from tracker.presentation.statuses import sides

if TYPE_CHECKING:
    from tracker.queries.answers import LaneAnswer
    from tracker.queries.change_answers import Difference
    from tracker.queries.need_answers import LaneNeedsAnswer, NeedAnswer

T = TypeVar("T")
LaneKey = tuple[str, str, str]  # mode, traffic, direction
Product = tuple[tuple[str, ...], ...]  # modes, traffic, directions: every combination of them


class Laned(Protocol):
    """A part of an answer about one lane; without mode, traffic and direction where its subject has no lanes."""

    @property
    def mode(self) -> Mode | None: ...
    @property
    def traffic(self) -> Traffic | None: ...
    @property
    def direction(self) -> str | None: ...


def group_by(items: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    """Items with equal keys together, in the order of the first of each group."""
    groups: dict[Hashable, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def group_lanes(lanes: "Iterable[LaneAnswer]") -> "list[list[LaneAnswer]]":
    """Lanes that differ in nothing but their name and the order of their places: both ways along one path are one.

    Where several authorities decide alike, the reason names the first along the path: then each way has its own.
    """

    def content(lane: "LaneAnswer") -> Hashable:
        return (
            lane.status, lane.otherwise, lane.but_for, lane.through, lane.since, lane.reason, lane.uncertain,
            frozenset(lane.disputed), frozenset(lane.because), frozenset(lane.exceptions),
            frozenset(lane.formalities), frozenset(lane.exposure), lane.readiness, lane.passages,
            frozenset(lane.upcoming),
        )  # fmt: skip

    return group_by(lanes, content)


def group_needs(lanes: "Iterable[LaneNeedsAnswer]") -> "list[list[LaneNeedsAnswer]]":
    """Lanes that lack the same and are promised the same, whatever the order of the places."""

    def content(needs: "Sequence[NeedAnswer]") -> Hashable:
        return frozenset(
            (
                need.kind, need.authority, need.measure, frozenset(need.places),
                frozenset(pledge.pledge for pledge in need.pledges),
            )
            for need in needs
        )  # fmt: skip

    def shown(lane: "LaneNeedsAnswer") -> Hashable:
        alternatives = frozenset(map(content, lane.alternatives))
        return lane.status, lane.otherwise, lane.but_for, lane.count, content(lane.needs), alternatives

    return group_by(lanes, shown)


def group_differences(differences: "Iterable[Difference]") -> "list[list[Difference]]":
    """Lanes of a subject that changed alike and for the same reasons."""
    return group_by(
        differences,
        lambda change: (change.subject, *sides(change), change.reason_before, change.reason_after),
    )


def label(group: Iterable[Laned], every: Sequence[Laned] = ()) -> str:
    """A group of lanes in words, on one line: "road+rail · goods · both ways"."""
    return "; ".join(label_parts(group, every))


def label_parts(group: Iterable[Laned], every: Sequence[Laned] = ()) -> list[str]:
    """A group of lanes in words, which name exactly these lanes and no other.

    Args: every: all lanes of the subject, where a group of all of them is to be called so.
    Returns: a text for each product of modes, traffic and directions; none where the subject has no lanes.
    """
    lanes = _keys(group)
    if not lanes:
        return []
    products = _products(lanes)
    if len(every) > 1 and len(products) == 1 and set(lanes) == set(_keys(every)):
        modes, traffic, _ = products[0]
        return [f"all lanes ({'+'.join(modes)} · {'+'.join(traffic)})"]
    return [_words(*product) for product in products]


def _keys(lanes: Iterable[Laned]) -> list[LaneKey]:
    keys = [
        (mode.value, traffic.value, direction)
        for lane in lanes
        if (mode := lane.mode) and (traffic := lane.traffic) and (direction := lane.direction)
    ]
    return list(dict.fromkeys(keys))


def _products(lanes: Sequence[LaneKey]) -> list[Product]:
    """A few products that cover exactly the given lanes; one if one is enough."""
    whole = tuple(tuple(dict.fromkeys(values)) for values in zip(*lanes, strict=True))
    if prod(map(len, whole)) == len(lanes):
        return [whole]
    splits = (_split(lanes, axes) for axes in permutations(range(3)))
    return [tuple(values[axis] for axis in range(3)) for values in min(splits, key=len)]


def _split(lanes: Sequence[LaneKey], axes: Sequence[int]) -> list[dict[int, tuple[str, ...]]]:
    """Products made one axis after the other: values that go with the same rest are put together."""
    axis, *others = axes

    def rest(value: str) -> frozenset[tuple[str, ...]]:
        return frozenset(tuple(lane[other] for other in others) for lane in lanes if lane[axis] == value)

    products = []
    for values in group_by(dict.fromkeys(lane[axis] for lane in lanes), rest):
        part = [lane for lane in lanes if lane[axis] == values[0]]
        products += [{axis: tuple(values), **product} for product in (_split(part, others) if others else [{}])]
    return products


def _words(modes: tuple[str, ...], traffic: tuple[str, ...], directions: tuple[str, ...]) -> str:
    return f"{'+'.join(modes)} · {'+'.join(traffic)} · {_direction(directions)}"


def _direction(directions: tuple[str, ...]) -> str:
    if len(directions) == 2 and directions[0] == ">".join(reversed(directions[1].split(">"))):
        return "both ways"
    return ", ".join(directions)
