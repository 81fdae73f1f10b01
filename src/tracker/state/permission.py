"""What a measure amounts to at a place, and what consents make of a lane. Source: design §6, steps 1 to 7.

Both drivers ask here: `LaneHistory`, which answers for one lane with reasons, and `Sweep`, which goes over many lanes.
A rule looks at its arguments and at nothing else: what it needs to know of a lane belongs into `Terms`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import cache, reduce
from operator import or_
from typing import NamedTuple

from tracker.model.dates import Instant
from tracker.model.effects import Ease, Extend, Impose, Permit, Readiness
from tracker.model.vocabulary import Level, MeasureKind, MeasureLevel, ReadinessState
from tracker.state.consents import ApplicableMeasure, Cause, Consent, Role
from tracker.state.record import View
from tracker.state.scope import Coverage, Question, named
from tracker.state.status import Outcome
from tracker.state.tracks import Stretch, together
from tracker.timeline.track_history import NOTHING, run_out

Courses = Callable[[int], Iterable[Stretch]]  # of a track: what stands on it, from when on


class Amount(IntEnum):
    """What one measure, or one report on infrastructure, amounts to at a place."""

    PROHIBITED = 0
    RESTRICTED = 1
    EXEMPTED = 2  # a restriction in force, of which the flow asked about is free
    PERMITTED = 3
    PERMITTED_IN_PART = 4
    LIFTED = 5  # a restriction of all of the flow that a decision ended
    LAPSED = 6  # a measure on all of the flow that ended without a decision
    LACKING = 7


# Sets of amounts are numbers, with one bit for each amount.
AGAINST = 1 << Amount.PROHIBITED | 1 << Amount.RESTRICTED
BARRING = AGAINST | 1 << Amount.EXEMPTED
FREEING = 1 << Amount.PERMITTED | 1 << Amount.LIFTED
PARTLY, LAPSED, LACKING = 1 << Amount.PERMITTED_IN_PART, 1 << Amount.LAPSED, 1 << Amount.LACKING
IN_FORCE = {
    (MeasureKind.RESTRICTION, Level.PROHIBITED): Amount.PROHIBITED,
    (MeasureKind.RESTRICTION, Level.RESTRICTED): Amount.RESTRICTED,
    (MeasureKind.RESTRICTION, Level.PERMITTED): Amount.EXEMPTED,
    (MeasureKind.PERMISSION, Level.PROHIBITED): Amount.PROHIBITED,
    (MeasureKind.PERMISSION, Level.RESTRICTED): Amount.PERMITTED_IN_PART,
    (MeasureKind.PERMISSION, Level.PERMITTED): Amount.PERMITTED,
}
LEVELS = {
    Amount.PROHIBITED: Level.PROHIBITED,
    Amount.RESTRICTED: Level.RESTRICTED,
    Amount.EXEMPTED: Level.PERMITTED,
    Amount.PERMITTED: Level.PERMITTED,
    Amount.PERMITTED_IN_PART: Level.RESTRICTED,
    Amount.LIFTED: Level.PERMITTED,
    Amount.LAPSED: Level.UNKNOWN,
}
OUTCOMES = {
    Level.PROHIBITED: Outcome.PROHIBITED,
    Level.UNKNOWN: Outcome.UNKNOWN,
    Level.RESTRICTED: Outcome.RESTRICTED | Outcome.SPOKEN,
    Level.PERMITTED: Outcome.SPOKEN,
    Level.ASSUMED: Outcome(0),
}


class Contribution(NamedTuple):
    """What a measure amounts to, and the row that makes it so."""

    amount: Amount
    row: int


class AmountChange(NamedTuple):
    """An amount that begins to stand, or stands no longer."""

    at: Instant
    amount: Amount
    more: int  # 1 or -1


def contribution(
    view: View, bearing: ApplicableMeasure, standings: Sequence[int], question: Question
) -> Contribution | None:
    """What a measure amounts to at a place; None where it says nothing of it.

    Args: standings: what stands on each of its tracks.
    """
    (own,) = standings
    kind, whole = bearing.measure.kind, bearing.terms.coverage is Coverage.FULL
    if own < 0:
        return Contribution(Amount.LAPSED, run_out(own)) if whole and own != NOTHING else None
    level = _level_in_force(view, bearing, own, question)
    if level is not None:
        return Contribution(IN_FORCE[kind, level], own)
    return Contribution(Amount.LIFTED, own) if whole and kind is MeasureKind.RESTRICTION else None


def _level_in_force(view: View, bearing: ApplicableMeasure, row: int, question: Question) -> Level | None:
    """How strict a measure is while a row decides; None where the row ends it."""
    effect, partly = view.said(row), bearing.terms.coverage is Coverage.PART
    match effect:
        case Permit():
            partly = partly or bool(effect.limits and not named(effect.limits, question))
            return Level.RESTRICTED if partly else Level.PERMITTED
        case Ease() if row in bearing.terms.eased:
            return Level.PERMITTED if named(effect.limits, question) else Level.RESTRICTED
        case Impose() | Extend() | Ease():
            level = (effect.level if isinstance(effect, Impose) else None) or bearing.measure.level
            return Level.RESTRICTED if partly or level is MeasureLevel.RESTRICTED else Level.PROHIBITED
        case _:
            return None


def infrastructure(view: View, standing: int) -> Amount | None:
    """What a report on infrastructure amounts to; None where nothing is lacking."""
    effect = view.said(standing) if standing >= 0 else None
    return Amount.LACKING if isinstance(effect, Readiness) and effect.state is not ReadinessState.READY else None


@cache
def counting(role: Role, amounts: int) -> int:
    """Of the set of amounts in one slot of a lane, those that count. Source: design §6, steps 1 to 6.

    A permission of a part of the flow says nothing against the rest, so it counts only where the rest is not free
    already: were it to come before steps 3 and 5, allowing something more would close a lane.
    """
    if role is Role.READINESS:
        return amounts & LACKING
    if role is Role.OTHERS:
        return amounts & AGAINST
    partly = PARTLY if role is Role.NEEDED or amounts & LAPSED else 0
    return next((amounts & step for step in (BARRING, FREEING, partly, LAPSED) if amounts & step), 0)


@cache
def outcome(role: Role, amounts: int) -> int:
    """What the set of all amounts in one slot makes of the lane, as an `Outcome`."""
    count = counting(role, amounts)
    if role is Role.READINESS:
        return int(Outcome.LACKING) if count else 0
    silence = Level.UNKNOWN if role is Role.NEEDED else Level.ASSUMED
    levels = [level for amount, level in LEVELS.items() if count >> amount & 1] or [silence]
    made = reduce(or_, [OUTCOMES[level] for level in levels])
    return int(made & ~Outcome.SPOKEN if role is Role.OTHERS else made)


def words(
    view: View, consent: Consent, role: Role, standings: Mapping[int, int], question: Question
) -> tuple[int, list[Cause]]:
    """All the amounts in a consent's slot, and the words in it that count, or its silence.

    Args: standings: what stands on every track.
    Returns: the set of amounts, and the words in the order of `Amount`.
    """
    amounts, made = 0, []
    for bearing in consent.measures:
        contributed = contribution(view, bearing, [standings[track] for track in bearing.tracks], question)
        if contributed is not None:
            amounts |= 1 << contributed.amount
            made.append((contributed, bearing))
    count = counting(role, amounts)
    if not count:
        return amounts, [] if consent.silence is None else [consent.silence]
    made.sort(key=lambda each: each[0].amount)
    required = consent.silence is not None
    return amounts, [
        Cause(
            bearing.place,
            bearing.measure.authority,
            LEVELS[amount],
            bearing.measure.id,
            row,
            lapsed=amount is Amount.LAPSED,
            required=required,
        )
        for (amount, row), bearing in made
        if count >> amount & 1
    ]


def measure_changes(
    view: View, bearing: ApplicableMeasure, courses: Courses, question: Question
) -> Iterator[AmountChange]:
    """Where what a measure amounts to at a place changes, in time."""
    made = (
        (at, contribution(view, bearing, standings, question))
        for at, standings in together([courses(track) for track in bearing.tracks])
    )
    return _changes((at, each.amount if each else None) for at, each in made)


def readiness_changes(view: View, track: int, courses: Courses) -> Iterator[AmountChange]:
    """Where what is reported of infrastructure changes, in time."""
    return _changes((at, infrastructure(view, standing)) for at, standing in courses(track))


def _changes(amounts: Iterable[tuple[Instant, Amount | None]]) -> Iterator[AmountChange]:
    last: Amount | None = None
    for at, amount in amounts:
        if amount is not last:
            if last is not None:
                yield AmountChange(at, last, -1)
            if amount is not None:
                yield AmountChange(at, amount, 1)
            last = amount
