"""What an assertion says, whatever its dates: two of one manner on a track make the same of every lane."""

from collections.abc import Hashable

from tracker.model.effects import AnyEffect, Ease, Impose, Permit, Readiness
from tracker.state.record import View
from tracker.timeline.course import NOTHING

LAPSED = -2


class Manners:
    """The manner of each row of a view, as a number."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._numbers: dict[Hashable, int] = {}
        self._known = {NOTHING: NOTHING}

    def of(self, standing: int) -> int:
        """The manner of what stands on a track; -1 where nothing does, -2 where a row has run out."""
        found = self._known.get(standing)
        if found is None:
            found = LAPSED if standing < NOTHING else self._number(_manner(self._view.effect(standing)))
            self._known[standing] = found
        return found

    def _number(self, manner: Hashable) -> int:
        return self._numbers.setdefault(manner, len(self._numbers))


def _manner(effect: AnyEffect) -> Hashable:
    match effect:
        case Impose():
            return effect.type, effect.level
        case Permit():
            return effect.type, effect.limits
        case Ease():
            narrower = (effect.at, effect.direction, effect.modes, effect.traffic, effect.origin, effect.destination)
            return effect.type, effect.limits, *narrower
        case Readiness():
            return effect.type, effect.state
        case _:
            return effect.type


def manners(view: View) -> Manners:
    """The manners of a view's rows, kept with it."""
    found = view.memo.get(Manners)
    if found is None:
        found = view.memo[Manners] = Manners(view)
    assert isinstance(found, Manners)
    return found
