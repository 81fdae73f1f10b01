"""Traffic that was seen to pass a lane. Source: design §6."""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.model.dates import Edge
from tracker.model.effects import Passage
from tracker.model.registry import Registry, Territory
from tracker.state.paths import Lane, stations
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Question


class Seen(NamedTuple):
    """A passage on a lane, or a report that there was none."""

    on: Edge
    row: int
    effect: Passage


def passages(view: View, lane: Lane, question: Question = ANYTHING) -> list[Seen]:
    """What was seen on a lane, by day.

    Traffic on a corridor has passed every border and crossing on its path, and traffic at a crossing its border;
    what was seen at a border or crossing says nothing of the corridors that lead over it.
    """
    found = [
        Seen(view.row(row).begins, row, effect)
        for row, effect in view.passages
        if effect.mode is lane.mode
        and effect.traffic is lane.traffic
        and _way(view.registry, effect, lane.subject) == lane.direction
        and _of_class(effect, question)
    ]
    return sorted(found)


def _way(registry: Registry, effect: Passage, subject: str) -> str | None:
    """The direction in which a passage passed a subject; None where it did not, or its direction is not known."""
    place = registry.places.get(effect.at)
    if place is None or isinstance(place, Territory):
        return None
    path = stations(registry, place)
    way = effect.direction
    if way is None and effect.origin and effect.destination:
        way = f"{effect.origin}>{effect.destination}"
    if way == f"{path[-1]}>{path[0]}":
        path = path[::-1]
    elif way != f"{path[0]}>{path[-1]}":
        return None
    if effect.at == subject:
        return way
    return next((direction for gate, direction in _gates(registry, path) if gate == subject), None)


def _gates(registry: Registry, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for number, place in enumerate(path):
        if place in registry.territories:
            continue
        direction = f"{path[number - 1]}>{path[number + 1]}"
        yield place, direction
        if place in registry.crossings:
            yield registry.crossings[place].border, direction


def _of_class(effect: Passage, question: Question) -> bool:
    """A passage of another class than the one asked about does not count; one of no stated class does."""
    if question.goods is None or effect.hs is None:
        return True
    return effect.hs.startswith(question.goods) or question.goods.startswith(effect.hs)
