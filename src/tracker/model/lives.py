"""When a subject exists: by its own dates, and by those of the places that it needs. Source: design §3."""

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import pairwise

from tracker.model.dates import Instant
from tracker.model.lifespans import ALWAYS, Lifespan
from tracker.model.registry import Border, Corridor, Crossing, Party, Registry, Territory


def life_of(registry: Registry, subject: Party | Territory | Border | Crossing | Corridor) -> Lifespan:
    """When a subject exists; a border, crossing or corridor only while its territories and crossings do.

    Names that are not registered are passed over.
    """
    own = subject.own_life(registry.tz)
    match subject:
        case Border():
            sides = (registry.territories.get(side) for side in subject.between)
            return _common(own, *(side.own_life(registry.tz) for side in sides if side is not None))
        case Crossing():
            border = registry.borders.get(subject.border)
            return own if border is None else _common(own, life_of(registry, border))
        case Corridor():
            return _common(own, life_of_path(registry, subject.path))
        case _:
            return own


def life_of_path(registry: Registry, path: Sequence[str]) -> Lifespan:
    """When all territories and crossings of a path exist, and the borders between two territories of it."""
    places = (registry.crossings.get(name) or registry.territories.get(name) for name in path)
    borders = (
        registry.border_between(one, other)
        for one, other in pairwise(path)
        if one in registry.territories and other in registry.territories
    )
    return _common(*(life_of(registry, place) for place in (*places, *borders) if place is not None))


def _common(*lives: Lifespan) -> Lifespan:
    return reduce(Lifespan.meet, lives, ALWAYS)


def exists(registry: Registry, subject: Party | Territory | Border | Crossing | Corridor, at: Instant) -> bool:
    """Whether a subject exists at an instant."""
    return life_of(registry, subject).holds(at)


def leave_gaps(lives: Iterable[Lifespan], whole: Lifespan) -> bool:
    """Whether some instant of a time is in none of several others."""
    reached = whole.begin
    for life in sorted(lives):
        if life.begin > reached:
            break
        reached = max(reached, life.end)
    return reached < whole.end
