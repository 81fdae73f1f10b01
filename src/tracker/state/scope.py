"""How much of a lane's flow a scope covers at a place: nothing, a part, or all. Source: design §6."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from tracker.model.effects import Ease
from tracker.model.registry import Scope
from tracker.model.vocabulary import Traffic
from tracker.state.lanes import Lane, Site


class Coverage(IntEnum):
    """How much of a lane's flow a measure covers."""

    NONE = 0
    PART = 1
    FULL = 2


class Question(NamedTuple):
    """The class of cargo or traveller that is asked about; all of them where nothing is given."""

    goods: str | None = None  # HS prefix
    only: str | None = None  # a narrower class, in words


ANYTHING = Question()


def reaches(scope: Scope, site: Site, lane: Lane) -> bool:
    """Whether a scope that names a site is about the lane's mode and traffic, and the site's regime on its path."""
    if site.regime is not None and scope.regime not in (None, site.regime):
        return False
    return _moves(scope, lane)


def covers_all(scope: Scope) -> bool:
    """Whether a scope covers in full whatever it reaches, from wherever and to wherever it goes."""
    narrower = (scope.direction, scope.origin, scope.destination, scope.goods, scope.only)
    return all(limit is None for limit in narrower)


def coverage(scope: Scope, lane: Lane, site: Site | None, question: Question = ANYTHING) -> Coverage:
    """How much of the lane's flow a scope covers at a site that it reaches; without a site, on the lane as a whole."""
    if not _fits(scope, lane, site):
        return Coverage.NONE
    return min(_of_goods(scope.goods, lane, question), _of_class(scope.only, question))


def _moves(scope: Scope | Ease, lane: Lane) -> bool:
    return (scope.modes is None or lane.mode in scope.modes) and (
        scope.traffic is None or lane.traffic in scope.traffic
    )


def _fits(scope: Scope | Ease, lane: Lane, site: Site | None) -> bool:
    return (
        _moves(scope, lane)
        and (scope.direction is None or scope.direction in (lane.direction, site.direction if site else None))
        and (scope.origin is None or lane.origin in scope.origin)
        and (scope.destination is None or lane.destination in scope.destination)
    )


def _of_goods(prefixes: Sequence[str] | None, lane: Lane, question: Question) -> Coverage:
    if prefixes is None:
        return Coverage.FULL
    if lane.traffic is not Traffic.GOODS:
        return Coverage.NONE
    goods = question.goods
    if goods is None:
        return Coverage.PART
    if any(goods.startswith(prefix) for prefix in prefixes):
        return Coverage.FULL
    return Coverage.PART if any(prefix.startswith(goods) for prefix in prefixes) else Coverage.NONE


def _of_class(classes: Sequence[str] | None, question: Question) -> Coverage:
    """Words for classes may overlap, so a class other than the one asked about still covers it in part."""
    if classes is None or named(classes, question):
        return Coverage.FULL
    return Coverage.PART


def named(classes: Sequence[str], question: Question) -> bool:
    """Whether the class that is asked about is among these, which may say "... only"."""
    if question.only is None:
        return False
    name = _plain(question.only)
    return any(_plain(words) == name for words in classes)


def _plain(words: str) -> str:
    return words.casefold().strip().removesuffix(" only")


def eases_all(effect: Ease) -> bool:
    """Whether an `ease` has no narrower scope than its measure."""
    narrower = (effect.at, effect.direction, effect.modes, effect.traffic, effect.origin, effect.destination)
    return all(limit is None for limit in narrower)


def eased(effect: Ease, lane: Lane, site: Site | None) -> bool:
    """Whether a lane is within the narrower scope of an `ease`; outside it the measure keeps its full level."""
    if effect.at is not None and (lane.places if site is None else site.matches | {lane.subject}).isdisjoint(effect.at):
        return False
    return _fits(effect, lane, site)
