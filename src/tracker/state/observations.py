"""Traffic that was seen to pass a lane. Source: design §6."""

from typing import NamedTuple

from tracker.model.dates import Edge
from tracker.model.effects import Passage
from tracker.state.lanes import Lane
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
    here = view.passed.get((lane.subject, lane.direction), ())
    found = [
        Seen(view.begins(row), row, effect)
        for row, effect in here
        if effect.mode is lane.mode and effect.traffic is lane.traffic and _of_class(effect, question)
    ]
    return sorted(found)


def _of_class(effect: Passage, question: Question) -> bool:
    """A passage of another class than the one asked about does not count; one of no stated class does."""
    if question.goods is None or effect.hs is None:
        return True
    return effect.hs.startswith(question.goods) or question.goods.startswith(effect.hs)
