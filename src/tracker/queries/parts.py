"""Who or what an effect is for, in words: classes, goods, ends of the way, hours."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from tracker.model.dates import Instant
from tracker.model.effects import AnyEffect, Exempt, Extend, Impose, Permit, names_of
from tracker.model.fields import ALL_BUT
from tracker.model.lists import Words, in_words, told_apart
from tracker.model.registry import Measure
from tracker.model.scope import Scope
from tracker.state.lane_history import LaneHistory, Verdict
from tracker.state.record import View
from tracker.state.status import PASSABLE

MAX_NAMED = 3  # firms, ships or persons that are listed; of more, how many there are


def amount_text(amount: str | None, unit: str | None) -> str | None:
    """An amount with its unit."""
    return " ".join([amount, unit]) if amount and unit else amount


def hours_of(effect: AnyEffect) -> str | None:
    """The times at which an effect applies, as written."""
    hours: str | None = getattr(effect, "when", None)
    return hours


def flow_words(view: View, scope: Scope | Exempt) -> tuple[str, ...]:
    """The goods, the ends of the way and the names that narrow a scope, in words."""
    flows = _flows(view, scope.goods or (), scope.origin or (), scope.destination or ())
    names = names_text(scope.named) if isinstance(scope, Scope) else None
    return (*flows, names) if names else tuple(flows)


def _flows(view: View, goods: Words, origin: Words, destination: Words) -> Iterator[str]:
    if goods:
        yield f"goods {', '.join(in_words(goods))}"
    for word, territories in (("from", origin), ("to", destination)):
        if territories:
            yield f"{word} {', '.join(in_words(tuple(_territory(view, key) for key in territories)))}"


def _territory(view: View, key: str) -> str:
    """The name of a territory in a list, with the sign before it that it has there."""
    territory = view.registry.territories.get(key.removeprefix(ALL_BUT))
    return key if territory is None else key[: key.startswith(ALL_BUT)] + territory.name


def names_text(names: Words | None) -> str | None:
    """The firms, ships or persons that a scope names; of many, how many. None where it names none."""
    if not names:
        return None
    return f"{len(names)} named" if len(names) > MAX_NAMED else f"by name {', '.join(names)}"


def left_out(view: View, scope: Scope | Exempt | Permit | Impose | Extend) -> tuple[str, ...]:
    """The classes, goods and ends of the way that a scope or an effect leaves out, in words."""
    lists = (told_apart(getattr(scope, key, None) or ())[1] for key in ("only", "goods", "origin", "destination"))
    classes, *flows = lists
    return (*classes, *_flows(view, *flows))


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
            words = in_words(effect.only) or flow_words(view, effect)
        case _:
            words = in_words(getattr(effect, "only", None)) or in_words(measure.scope.only)
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
    words = _words(history.view, rows, allowing)
    return tuple(dict.fromkeys(chain.from_iterable([words[row] for row in rows])))


def _words(view: View, rows: Iterable[int], allowing: bool) -> Mapping[int, tuple[str, ...]]:
    """The words of some rows, and of others; kept with the view, as every row of a history asks."""
    words = view.memo.setdefault((for_whom, allowing), {})
    assert isinstance(words, dict)
    words |= {row: tuple(_words_of(view, row, allowing)) for row in rows if row not in words}
    return words


def _words_of(view: View, row: int, allowing: bool) -> Iterator[str]:
    """Who or what a row is for that allows, or bars; of one that does the opposite, who or what it leaves out."""
    effect = view.effect(row)
    own = view.assertions.tracks[view.assertions.track[row]].partition(":")[2]
    names = names_of(effect.measure) if isinstance(effect, Exempt) else (own,)
    measures = [view.registry.measures[name] for name in names]
    if isinstance(effect, Exempt | Permit) is allowing:
        for measure in measures:
            yield from for_whom(view, measure, effect)
    elif isinstance(effect, Permit | Impose | Extend):
        yield from (*left_out(view, effect), *left_out(view, measures[0].scope))
