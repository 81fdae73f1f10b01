"""How much of a lane's flow a scope covers at a place: nothing, a part, or all. Source: design §6."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from tracker.model.classes import NO_CLASSES, AskedClasses, word_key
from tracker.model.effects import Exempt
from tracker.model.lists import Words, told_apart
from tracker.model.registry import Measure
from tracker.model.scope import Scope
from tracker.model.vocabulary import MeasureLevel, Regime, Traffic
from tracker.state.lanes import Lane, Site


class Coverage(IntEnum):
    """How much of a lane's flow a measure covers."""

    NONE = 0
    BESIDE = 1  # a part, narrowed by goods, names, origin or destination that the question leaves open
    PART = 2
    FULL = 3


class Question(NamedTuple):
    """The flow that is asked about: goods and classes, and where it comes from and goes; all where nothing is given.

    `rest` asks about what no class and no exemption holds, but for the classes that are named: design §9, `otherwise`.
    """

    goods: str | None = None  # HS prefix
    only: AskedClasses = NO_CLASSES
    origin: str | None = None  # a territory
    destination: str | None = None
    rest: bool = False
    by_chapter: bool = False  # goods are numbered otherwise than in the scopes: they are compared to two digits


ANYTHING = Question()
EDITION = "HS 2022"  # of the codes in questions
CHAPTER_DIGITS = 2  # all that codes of different editions have in common
CHAPTERS = frozenset(f"{number:02}" for number in range(1, 98) if number != 77)  # of the nomenclature; 77 is empty


def beside_status(measure: Measure) -> bool:
    """Whether a measure is shown beside the status of every lane, and never in it."""
    return measure.extraterritorial or measure.level is MeasureLevel.FORMALITY


def other_edition(measure: Measure) -> str | None:
    """The nomenclature of a measure's goods where it is another than that of questions; None where it is the same."""
    own = measure.nomenclature
    return own if own and measure.scope.goods is not None and own != EDITION else None


def asked_of(measure: Measure, question: Question) -> Question:
    """A question as it is put to a measure, whose goods may be numbered in another edition."""
    return question if other_edition(measure) is None else question._replace(by_chapter=True)


def covers_all(scope: Scope) -> bool:
    """Whether a scope covers in full whatever it reaches, from wherever and to wherever it goes."""
    of_flow = scope.regime is None and scope.direction is None and scope.only is None and scope.named is None
    return of_flow and scope.origin is None and scope.destination is None and scope.goods is None


def coverage(scope: Scope, lane: Lane, site: Site | None, question: Question = ANYTHING) -> Coverage:
    """How much of the lane's flow a scope covers at a site that it reaches; without a site, on the lane as a whole."""
    if not moves(scope, lane) or not _goes(scope, lane, site):
        return Coverage.NONE
    if covers_all(scope):
        return Coverage.FULL
    regime = _of_regime(scope.regime, lane, site, question)
    named = Coverage.FULL if scope.named is None else Coverage.BESIDE
    return min(regime, named, _of_lists(scope, lane, question))


def _of_lists(scope: Scope | Exempt, lane: Lane, question: Question) -> Coverage:
    """How much of the lane's flow is in all the lists of a scope or an exemption: ends of the way, goods, classes."""
    return min(
        _listed(scope.origin, lambda ends: _of_end(ends, lane.origin, question.origin, lane), question),
        _listed(scope.destination, lambda ends: _of_destination(ends, lane, question), question),
        _of_goods(scope.goods, lane, question),
        of_class(scope.only, question),
    )


def _listed(words: Words | None, covered: Callable[[Words], Coverage], question: Question) -> Coverage:
    """How much of the flow a list covers. Args: covered: how much of it some words cover that are meant."""
    if words is None:
        return Coverage.FULL
    meant, left_out = told_apart(words)
    part = covered(meant) if meant else Coverage.FULL
    return min(part, _without(covered(left_out), question)) if left_out else part


def _without(left_out: Coverage, question: Question) -> Coverage:
    """How much of the flow is covered by all but a list: the whole with an exemption, which does not hold the rest."""
    if left_out is Coverage.FULL:
        return Coverage.NONE
    return Coverage.FULL if left_out is Coverage.NONE or question.rest else Coverage.PART


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


def _of_end(territories: Sequence[str], own: str, asked: str | None, lane: Lane) -> Coverage:
    """How much of the lane's flow comes from some territories, or goes to them.

    Args: own: the lane's own end; asked: the territory that the question names, beyond it where it is another.
    """
    beyond = asked is not None and lane.over_one_gate and lane.traffic is Traffic.GOODS
    if asked in territories or (own in territories and not beyond):
        return Coverage.FULL
    return Coverage.BESIDE if asked is None else Coverage.NONE


def _of_destination(territories: Sequence[str], lane: Lane, question: Question) -> Coverage:
    covered = _of_end(territories, lane.destination, question.destination, lane)
    if covered is Coverage.BESIDE and set(territories) == {lane.origin}:
        return Coverage.NONE  # nothing goes to where it leaves
    return covered


def moves(scope: Scope | Exempt, lane: Lane) -> bool:
    """Whether a scope is about the lane's mode and traffic."""
    return (scope.modes is None or lane.mode in scope.modes) and (
        scope.traffic is None or lane.traffic in scope.traffic
    )


def _goes(scope: Scope | Exempt, lane: Lane, site: Site | None) -> bool:
    return scope.direction is None or scope.direction in (lane.direction, site.direction if site else None)


def _of_goods(prefixes: Words | None, lane: Lane, question: Question) -> Coverage:
    if prefixes is not None and lane.traffic is not Traffic.GOODS:
        return Coverage.NONE
    return _listed(prefixes, lambda codes: _of_codes(codes, question), question)


def _of_codes(prefixes: Words, question: Question) -> Coverage:
    goods = question.goods
    if goods is None:
        covered = of_chapters(prefixes)
        return Coverage.FULL if covered is Coverage.PART and question.rest else covered
    if question.by_chapter:
        chapters = {prefix[:CHAPTER_DIGITS] for prefix in prefixes}
        return Coverage.BESIDE if goods[:CHAPTER_DIGITS] in chapters else Coverage.NONE
    if any(goods.startswith(prefix) for prefix in prefixes):
        return Coverage.FULL
    return Coverage.BESIDE if any(prefix.startswith(goods) for prefix in prefixes) else Coverage.NONE


@lru_cache(maxsize=4_096)
def of_chapters(prefixes: Words) -> Coverage:
    """How much of all goods some codes cover: a list that names every chapter, if only in part, is as good as all."""
    if {code for code in prefixes if len(code) == CHAPTER_DIGITS} >= CHAPTERS:
        return Coverage.FULL
    return Coverage.PART if {code[:CHAPTER_DIGITS] for code in prefixes} >= CHAPTERS else Coverage.BESIDE


def of_class(classes: Words | None, question: Question) -> Coverage:
    """How much of the flow is in some classes, or in all but some."""
    return _listed(classes, lambda words: _of_words(words, question.only), question)


def _of_words(words: Words, asked: AskedClasses) -> Coverage:
    """How much of the classes asked about some words hold: all if one word does, nothing if each excludes them."""
    keys = [word_key(word) for word in words]
    if not asked.holding.isdisjoint(keys):
        return Coverage.FULL
    return Coverage.NONE if asked.excluded.issuperset(keys) else Coverage.PART


def narrowed_by_class(scope: Scope, question: Question) -> bool:
    """Whether a scope is for some classes that do not hold the whole flow asked about."""
    meant = () if scope.only is None else told_apart(scope.only)[0]
    return bool(meant) and _of_words(meant, question.only) is not Coverage.FULL


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
    parts = _of_lists(effect, lane, question._replace(rest=False))  # the rest is what no exemption is known to hold
    return Coverage.PART if parts is Coverage.BESIDE else parts
