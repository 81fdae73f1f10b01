"""Who or what an effect is for, in words: classes, goods, ends of the way, hours."""

from collections.abc import Iterator
from itertools import chain

from tracker.model.dates import Instant
from tracker.model.effects import AnyEffect, Exempt, Permit, names_of
from tracker.model.registry import Measure, Scope
from tracker.state.lane_history import LaneHistory, Verdict
from tracker.state.record import View
from tracker.state.status import PASSABLE


def amount_text(amount: str | None, unit: str | None) -> str | None:
    """An amount with its unit."""
    return " ".join([amount, unit]) if amount and unit else amount


def hours_of(effect: AnyEffect) -> str | None:
    """The times at which an effect applies, as written."""
    hours: str | None = getattr(effect, "when", None)
    return hours


def flow_words(view: View, scope: Scope | Exempt) -> tuple[str, ...]:
    """The goods and the ends of the way that narrow a scope, in words."""
    return tuple(_flows(view, scope))


def _flows(view: View, scope: Scope | Exempt) -> Iterator[str]:
    if scope.goods:
        yield f"goods {', '.join(scope.goods)}"
    for word, territories in (("from", scope.origin), ("to", scope.destination)):
        if territories:
            entries = view.registry.territories
            yield f"{word} {', '.join(entries[key].name if key in entries else key for key in territories)}"


def place_words(view: View, effect: Exempt) -> tuple[str, ...]:
    """The places, modes, traffic and direction that narrow an exemption, in words."""
    places = view.registry.places
    at = [(places[key].name if key in places else None) or key for key in effect.at or ()]
    moves = ["+".join(effect.modes or ()), "+".join(effect.traffic or ()), effect.direction or ""]
    return tuple(filter(None, (f"at {', '.join(at)}" if at else "", *moves)))


def for_whom(view: View, measure: Measure, effect: AnyEffect) -> tuple[str, ...]:
    """Who or what an effect on a measure is for, as parts of all that pass; empty where it is for all."""
    match effect:
        case Exempt():
            words = effect.only or flow_words(view, effect)
        case _:
            words = getattr(effect, "only", None) or measure.scope.only or ()
    whom = tuple(word.removesuffix(" only") for word in words)
    hours = hours_of(effect)
    return whom if hours is None else tuple(f"{word} ({hours})" for word in whom) or (hours,)


def but_for(history: LaneHistory, at: Instant, verdict: Verdict) -> tuple[str, ...]:
    """Of a restricted lane at an instant: who passes where the rest may not, or who may not where it may.

    Empty where the rest is restricted, too, or no words are on record.
    """
    otherwise = history.otherwise(history.number(at))
    if otherwise is None:
        return ()
    allowing = otherwise not in PASSABLE
    rows = history.parts(verdict.causes, at)
    return tuple(dict.fromkeys(chain.from_iterable([_words(history.view, row, allowing) for row in rows])))


def _words(view: View, row: int, allowing: bool) -> tuple[str, ...]:
    """For whom a row is that allows, or bars; kept with the view, as every row of a history asks."""
    key = for_whom, row, allowing
    words = view.memo.get(key)
    if words is None:
        words = view.memo[key] = tuple(_words_of(view, row, allowing))
    assert isinstance(words, tuple)
    return words


def _words_of(view: View, row: int, allowing: bool) -> Iterator[str]:
    effect = view.effect(row)
    if isinstance(effect, Exempt | Permit) is allowing:
        own = view.assertions.tracks[view.assertions.track[row]].partition(":")[2]
        for measure in names_of(effect.measure) if isinstance(effect, Exempt) else (own,):
            yield from for_whom(view, view.registry.measures[measure], effect)
