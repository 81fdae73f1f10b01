"""The subjects that a passage passed. Source: design §6."""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.model.effects import Passage
from tracker.model.registry import Corridor, LaneSubject, Registry, Territory
from tracker.state.lanes import stations


class Passed(NamedTuple):
    """A subject that was passed."""

    subject: str
    direction: str
    gate: str  # the subject itself; of a border, the crossing where it is known


def passed(registry: Registry, effect: Passage) -> Iterator[Passed]:
    """Every subject that a passage passed; in both directions where nothing tells which."""
    place = registry.places.get(effect.at)
    if place is None or isinstance(place, Territory):
        return
    for path in paths_passed(registry, place, effect):
        yield Passed(effect.at, f"{path[0]}>{path[-1]}", effect.at)
        yield from (gate for gate in _gates(registry, path) if gate.subject != effect.at)


def paths_passed(registry: Registry, subject: LaneSubject, effect: Passage) -> list[tuple[str, ...]]:
    """The ways along a subject that a passage may have taken, by its direction, else by where it came from and went."""
    path = stations(registry, subject)
    ways = [path, path[::-1]] if not isinstance(subject, Corridor) or subject.two_way else [path]
    if effect.direction is not None:
        return [way for way in ways if effect.direction == f"{way[0]}>{way[-1]}"]
    return [way for way in ways if effect.origin != way[-1] and effect.destination != way[0]]


def _gates(registry: Registry, path: tuple[str, ...]) -> Iterator[Passed]:
    for number, place in enumerate(path):
        if place in registry.territories:
            continue
        direction = f"{path[number - 1]}>{path[number + 1]}"
        yield Passed(place, direction, place)
        if place in registry.crossings:
            yield Passed(registry.crossings[place].border, direction, place)
