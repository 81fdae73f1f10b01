"""The rule of consent: how measures decide at a place, and the consequences for a lane. Source: design §6.

Both drivers ask here: `LaneHistory`, which answers for one lane with reasons, and `Sweep`, which goes over many lanes.
A decision depends on the arguments of `contribution` alone: all it needs to know of a lane belongs into `Terms`.
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
from tracker.state.status import Consequence
from tracker.state.tracks import Stretch, together
from tracker.timeline.track_history import NOTHING, run_out

Courses = Callable[[int], Iterable[Stretch]]  # by track: the stretches of its history


class Decision(IntEnum):
    """How one measure decides at a place, or one report on infrastructure."""

    PROHIBITED = 0
    RESTRICTED = 1
    EXEMPTED = 2  # a restriction is in force, and the flow asked about is free of it
    PERMITTED = 3
    PERMITTED_IN_PART = 4
    LIFTED = 5  # a restriction of all of the flow was ended by a statement
    LAPSED = 6  # a measure on all of the flow has run out, and no statement says how it goes on
    LACKING = 7  # infrastructure


# Sets of decisions are whole numbers, with one bit for each decision.
AGAINST = 1 << Decision.PROHIBITED | 1 << Decision.RESTRICTED
BARRING = AGAINST | 1 << Decision.EXEMPTED
FREEING = 1 << Decision.PERMITTED | 1 << Decision.LIFTED
PARTLY, LAPSED, LACKING = 1 << Decision.PERMITTED_IN_PART, 1 << Decision.LAPSED, 1 << Decision.LACKING

IN_FORCE = {
    (MeasureKind.RESTRICTION, Level.PROHIBITED): Decision.PROHIBITED,
    (MeasureKind.RESTRICTION, Level.RESTRICTED): Decision.RESTRICTED,
    (MeasureKind.RESTRICTION, Level.PERMITTED): Decision.EXEMPTED,
    (MeasureKind.PERMISSION, Level.PROHIBITED): Decision.PROHIBITED,
    (MeasureKind.PERMISSION, Level.RESTRICTED): Decision.PERMITTED_IN_PART,
    (MeasureKind.PERMISSION, Level.PERMITTED): Decision.PERMITTED,
}
LEVELS = {
    Decision.PROHIBITED: Level.PROHIBITED,
    Decision.RESTRICTED: Level.RESTRICTED,
    Decision.EXEMPTED: Level.PERMITTED,
    Decision.PERMITTED: Level.PERMITTED,
    Decision.PERMITTED_IN_PART: Level.RESTRICTED,
    Decision.LIFTED: Level.PERMITTED,
    Decision.LAPSED: Level.UNKNOWN,
}
CONSEQUENCES = {
    Level.PROHIBITED: Consequence.PROHIBITED,
    Level.UNKNOWN: Consequence.UNKNOWN,
    Level.RESTRICTED: Consequence.RESTRICTED | Consequence.SPOKEN,
    Level.PERMITTED: Consequence.SPOKEN,
    Level.ASSUMED: Consequence(0),
}


class Contribution(NamedTuple):
    """The decision of a measure, and the row that makes it."""

    decision: Decision
    row: int


class DecisionChange(NamedTuple):
    """A decision that begins to stand, or stands no longer."""

    at: Instant
    decision: Decision
    more: int  # 1 or -1


def contribution(
    view: View, applicable: ApplicableMeasure, standings: Sequence[int], question: Question
) -> Contribution | None:
    """Decide what a measure amounts to at a place; None where it says nothing there.

    Args: standings: what stands on each of its tracks.
    """
    (own,) = standings
    kind, whole = applicable.measure.kind, applicable.terms.coverage is Coverage.FULL
    if own < 0:
        return Contribution(Decision.LAPSED, run_out(own)) if whole and own != NOTHING else None
    level = _level_in_force(view, applicable, own, question)
    if level is not None:
        return Contribution(IN_FORCE[kind, level], own)
    return Contribution(Decision.LIFTED, own) if whole and kind is MeasureKind.RESTRICTION else None


def _level_in_force(view: View, applicable: ApplicableMeasure, row: int, question: Question) -> Level | None:
    """How strict a measure is while a row decides; None where the row ends it."""
    effect, partly = view.said(row), applicable.terms.coverage is Coverage.PART
    match effect:
        case Permit():
            partly = partly or bool(effect.limits and not named(effect.limits, question))
            return Level.RESTRICTED if partly else Level.PERMITTED
        case Ease() if row in applicable.terms.eased:
            return Level.PERMITTED if named(effect.limits, question) else Level.RESTRICTED
        case Impose() | Extend() | Ease():
            level = (effect.level if isinstance(effect, Impose) else None) or applicable.measure.level
            return Level.RESTRICTED if partly or level is MeasureLevel.RESTRICTED else Level.PROHIBITED
        case _:
            return None


def infrastructure(view: View, standing: int) -> Decision | None:
    """Judge infrastructure by what stands on one track of readiness; None where nothing is lacking."""
    effect = view.said(standing) if standing >= 0 else None
    return Decision.LACKING if isinstance(effect, Readiness) and effect.state is not ReadinessState.READY else None


@cache
def counting(role: Role, decisions: int) -> int:
    """Of all decisions in one slot of a lane, those that count: steps 1 to 6. Takes and returns a set.

    A permission of a part of the flow says nothing against the rest, so it counts only where the rest is not free
    already: were it to come before steps 3 and 5, allowing something more would close a lane.
    """
    if role is Role.READINESS:
        return decisions & LACKING
    if role is Role.OTHERS:
        return decisions & AGAINST
    partly = PARTLY if role is Role.NEEDED or decisions & LAPSED else 0
    return next((decisions & step for step in (BARRING, FREEING, partly, LAPSED) if decisions & step), 0)


@cache
def consequences(role: Role, decisions: int) -> int:
    """The set of `Consequence` for a lane that follows from the set of all decisions in one of its slots."""
    count = counting(role, decisions)
    if role is Role.READINESS:
        return int(Consequence.LACKING) if count else 0
    silence = Level.UNKNOWN if role is Role.NEEDED else Level.ASSUMED
    levels = [level for decision, level in LEVELS.items() if count >> decision & 1] or [silence]
    following = reduce(or_, [CONSEQUENCES[level] for level in levels])
    return int(following & ~Consequence.SPOKEN if role is Role.OTHERS else following)


def causes(
    view: View, consent: Consent, role: Role, standings: Mapping[int, int], question: Question
) -> tuple[int, list[Cause]]:
    """The set of all decisions in a consent's slot, and as causes those that count, or its silence.

    Args: standings: what stands on every track.
    """
    decisions, contributions = 0, []
    for applicable in consent.measures:
        made = contribution(view, applicable, [standings[track] for track in applicable.tracks], question)
        if made is not None:
            decisions |= 1 << made.decision
            contributions.append((made, applicable))
    count = counting(role, decisions)
    if not count:
        return decisions, [] if consent.silence is None else [consent.silence]
    contributions.sort(key=_decision)
    required = consent.silence is not None
    return decisions, [
        Cause(
            applicable.place,
            applicable.measure.authority,
            LEVELS[decision],
            applicable.measure.id,
            row,
            lapsed=decision is Decision.LAPSED,
            required=required,
        )
        for (decision, row), applicable in contributions
        if count >> decision & 1
    ]


def _decision(contributed: tuple[Contribution, ApplicableMeasure]) -> Decision:
    return contributed[0].decision


def measure_changes(
    view: View, applicable: ApplicableMeasure, courses: Courses, question: Question
) -> Iterator[DecisionChange]:
    """Where the decision of a measure at a place changes, in time."""
    made = (
        (at, contribution(view, applicable, standings, question))
        for at, standings in together([courses(track) for track in applicable.tracks])
    )
    return _changes((at, None if contributed is None else contributed.decision) for at, contributed in made)


def readiness_changes(view: View, track: int, courses: Courses) -> Iterator[DecisionChange]:
    """Where the decision of a report on infrastructure changes, in time."""
    return _changes((at, infrastructure(view, standing)) for at, standing in courses(track))


def _changes(decisions: Iterable[tuple[Instant, Decision | None]]) -> Iterator[DecisionChange]:
    last: Decision | None = None
    for at, decision in decisions:
        if decision is not last:
            if last is not None:
                yield DecisionChange(at, last, -1)
            if decision is not None:
                yield DecisionChange(at, decision, 1)
            last = decision
