"""Reports of traffic on a lane, and of the infrastructure along it. Source: design §6."""

from collections.abc import Iterable
from typing import NamedTuple

from tracker.model.dates import Edge
from tracker.model.effects import Passage
from tracker.model.vocabulary import Mode
from tracker.state.lanes import Lane
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Question


class Seen(NamedTuple):
    """A passage on a lane, or a report that there was none."""

    on: Edge
    row: int
    effect: Passage
    gate: str  # the lane's subject; of a border, the crossing where it is known


def passages(view: View, lane: Lane, question: Question = ANYTHING) -> list[Seen]:
    """The passages of a lane, by day.

    Traffic on a corridor has passed every border and crossing on its path, and traffic at a crossing its border;
    traffic at a border or crossing says nothing of the corridors that lead over it.
    """
    rows = view.passed.get((lane.subject, lane.direction), ())
    return sorted(
        Seen(view.begins(row), row, effect, gate)
        for row, effect, gate in rows
        if effect.mode is lane.mode
        and effect.traffic is lane.traffic
        and _of_class(effect, question)
        and lane.life.holds(view.begins(row).latest)
    )


def _of_class(effect: Passage, question: Question) -> bool:
    """A passage of other goods than those asked about, or from or to elsewhere, does not count; one not stated does."""
    for asked, stated in ((question.origin, effect.origin), (question.destination, effect.destination)):
        if asked is not None and stated is not None and asked != stated:
            return False
    if question.goods is None or effect.hs is None:
        return True
    return effect.hs.startswith(question.goods) or question.goods.startswith(effect.hs)


def readiness_tracks(view: View, places: Iterable[str], mode: Mode) -> tuple[int, ...]:
    """The tracks of readiness at some places for a mode, ascending."""
    by_place = view.readiness_at.get(mode)
    if by_place is None:
        return ()
    names = {place.lower() for place in places}
    return tuple(sorted(track for name in names for track in by_place.get(name, ())))
