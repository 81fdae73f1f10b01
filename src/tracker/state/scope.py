"""How much of a lane's flow a scope covers at a place: nothing, a part, or all. Source: design §6."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from tracker.model.effects import Exempt
from tracker.model.registry import Scope
from tracker.model.vocabulary import Regime, Traffic
from tracker.state.lanes import Lane, Site


class Coverage(IntEnum):
    """How much of a lane's flow a measure covers."""

    NONE = 0
    BESIDE = 1  # a part, narrowed by goods, origin or destination that the question leaves open
    PART = 2
    FULL = 3


class Question(NamedTuple):
    """The flow that is asked about: goods or a class, and where it comes from and goes; all where nothing is given.

    `rest` asks about what no class and no exemption holds, but for the class that is named: design §9, `otherwise`.
    """

    goods: str | None = None  # HS prefix
    only: str | None = None  # a narrower class, in words
    origin: str | None = None  # a territory
    destination: str | None = None
    rest: bool = False


ANYTHING = Question()


def covers_all(scope: Scope) -> bool:
    """Whether a scope covers in full whatever it reaches, from wherever and to wherever it goes."""
    narrower = (scope.regime, scope.direction, scope.origin, scope.destination, scope.goods, scope.only)
    return all(limit is None for limit in narrower)


def coverage(scope: Scope, lane: Lane, site: Site | None, question: Question = ANYTHING) -> Coverage:
    """How much of the lane's flow a scope covers at a site that it reaches; without a site, on the lane as a whole."""
    if not moves(scope, lane) or not _goes(scope, lane, site):
        return Coverage.NONE
    parts = (
        _of_regime(scope.regime, lane, site, question),
        _of_end(scope.origin, lane.origin, question.origin, lane),
        _of_destination(scope.destination, lane, question),
        _of_goods(scope.goods, lane, question),
        of_class(scope.only, question),
    )
    return min(parts)


def half(scope: Scope, lane: Lane, site: Site | None, question: Question) -> Regime | None:
    """The regime of a scope that covers a part of the lane's flow because of that regime alone."""
    if scope.regime is None or coverage(scope, lane, site, question) is not Coverage.PART:
        return None
    whole = scope.model_copy(update={"regime": None})
    return scope.regime if coverage(whole, lane, site, question) is Coverage.FULL else None


def _of_regime(regime: Regime | None, lane: Lane, site: Site | None, question: Question) -> Coverage:
    """How much of the lane's flow is under a regime of a territory on its path."""
    if regime is None or site is None or site.regime is None:
        return Coverage.FULL
    if lane.traffic is Traffic.PEOPLE:
        return _of_people(regime, lane, site.regime)
    if not lane.over_one_gate or site.regime is Regime.TRANSIT:
        return Coverage.FULL if regime is site.regime else Coverage.NONE
    if regime not in (site.regime, Regime.TRANSIT):
        return Coverage.NONE
    asked = question.origin if site.regime is Regime.EXPORT else question.destination
    if asked is None:
        return Coverage.PART  # it may stay, or go on
    return Coverage.FULL if (asked == site.place) is (regime is site.regime) else Coverage.NONE


def _of_people(regime: Regime, lane: Lane, role: Regime) -> Coverage:
    """People enter every territory but the first, and leave every one but the last."""
    if regime is Regime.TRANSIT:
        return Coverage.PART if lane.over_one_gate or role is Regime.TRANSIT else Coverage.NONE
    away = Regime.EXPORT if regime is Regime.IMPORT else Regime.IMPORT
    return Coverage.NONE if role is away else Coverage.FULL


def _of_end(territories: Sequence[str] | None, own: str, asked: str | None, lane: Lane) -> Coverage:
    """How much of the lane's flow comes from some territories, or goes to them.

    Args: own: the lane's own end; asked: the territory that the question names, beyond it where it is another.
    """
    if territories is None:
        return Coverage.FULL
    beyond = asked is not None and lane.over_one_gate and lane.traffic is Traffic.GOODS
    if asked in territories or (own in territories and not beyond):
        return Coverage.FULL
    return Coverage.BESIDE if asked is None else Coverage.NONE


def _of_destination(territories: Sequence[str] | None, lane: Lane, question: Question) -> Coverage:
    covered = _of_end(territories, lane.destination, question.destination, lane)
    if covered is Coverage.BESIDE and territories == (lane.origin,):
        return Coverage.NONE  # nothing goes to where it leaves
    return covered


def moves(scope: Scope | Exempt, lane: Lane) -> bool:
    """Whether a scope is about the lane's mode and traffic."""
    return (scope.modes is None or lane.mode in scope.modes) and (
        scope.traffic is None or lane.traffic in scope.traffic
    )


def _goes(scope: Scope | Exempt, lane: Lane, site: Site | None) -> bool:
    return scope.direction is None or scope.direction in (lane.direction, site.direction if site else None)


def _of_goods(prefixes: Sequence[str] | None, lane: Lane, question: Question) -> Coverage:
    if prefixes is None:
        return Coverage.FULL
    if lane.traffic is not Traffic.GOODS:
        return Coverage.NONE
    goods = question.goods
    if goods is None:
        return Coverage.BESIDE
    if any(goods.startswith(prefix) for prefix in prefixes):
        return Coverage.FULL
    return Coverage.BESIDE if any(prefix.startswith(goods) for prefix in prefixes) else Coverage.NONE


def of_class(classes: Sequence[str] | None, question: Question) -> Coverage:
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


def exempts_all(effect: Exempt) -> bool:
    """Whether an exemption holds in full for whatever its measure reaches."""
    scope = (
        effect.at, effect.direction, effect.modes, effect.traffic,
        effect.origin, effect.destination, effect.goods, effect.only,
    )  # fmt: skip
    return all(limit is None for limit in scope)


def exempted(effect: Exempt, lane: Lane, site: Site | None, question: Question = ANYTHING) -> Coverage:
    """How much of the flow that is asked about an exemption holds at a site; without one, on the lane as a whole."""
    places = lane.places if site is None else site.matches | {lane.subject}
    if (
        not moves(effect, lane)
        or not _goes(effect, lane, site)
        or (effect.at is not None and places.isdisjoint(effect.at))
    ):
        return Coverage.NONE
    parts = min(
        _of_end(effect.origin, lane.origin, question.origin, lane),
        _of_destination(effect.destination, lane, question),
        _of_goods(effect.goods, lane, question),
        of_class(effect.only, question),
    )
    return Coverage.PART if parts is Coverage.BESIDE else parts
