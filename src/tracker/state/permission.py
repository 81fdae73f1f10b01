"""The rule of consent: how measures decide at a place, and the consequences for a lane. Source: design §6.

Both drivers ask here: `LaneHistory`, which answers for one lane with reasons, and `Sweep`, which goes over many lanes.
A decision depends on the arguments of `contribution` alone: all it needs to know of a lane belongs into `Terms`.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import cache, reduce
from operator import or_
from typing import NamedTuple

from tracker.model.dates import BEGINNING, Instant
from tracker.model.effects import Readiness
from tracker.model.vocabulary import Level, MeasureKind, ReadinessState, Regime
from tracker.state.consents import ApplicableMeasure, Consent
from tracker.state.force import best_first, exempted_level, has_conditions, is_over, level_in_force
from tracker.state.record import View
from tracker.state.scope import Coverage, Question, beside_status, of_class
from tracker.state.slots import Role
from tracker.state.status import Consequence
from tracker.timeline.track_history import NOTHING, run_out


class Decision(IntEnum):
    """How one measure decides at a place, or one report on infrastructure."""

    PROHIBITED = 0
    RESTRICTED = 1
    RESTRICTED_IN_PART = 2  # a restriction of a part of the flow
    EXEMPTED = 3  # a restriction of all of the flow is in force or has lapsed, and the flow asked about is free of it
    PERMITTED = 4
    PERMITTED_IN_PART = 5
    LIFTED = 6  # a restriction of all of the flow was ended by a statement
    LAPSED = 7  # a restriction of all of the flow has run out, and no statement says how it goes on
    PERMISSION_LAPSED = 8
    LACKING = 9  # infrastructure; or the slot is that of another time, or of a crossing that does not exist
    END_PROHIBITED = 10  # what stays in the territory, or comes from it: import or export
    END_RESTRICTED = 11
    TRANSIT_PROHIBITED = 12  # what goes on from a border or crossing, or has come from further
    TRANSIT_RESTRICTED = 13
    PERMITTED_ON_CONDITIONS = 14
    EXEMPTED_ON_CONDITIONS = 15  # of one that has lapsed; of one in force it is RESTRICTED


# Sets of decisions are whole numbers, with one bit for each decision.
WHOLLY = 1 << Decision.PROHIBITED | 1 << Decision.RESTRICTED
IN_PART = 1 << Decision.RESTRICTED_IN_PART
PARTLY = 1 << Decision.PERMITTED_IN_PART
EXEMPTED = 1 << Decision.EXEMPTED | 1 << Decision.EXEMPTED_ON_CONDITIONS
PERMITTED = 1 << Decision.PERMITTED | 1 << Decision.PERMITTED_ON_CONDITIONS
LIFTED, LACKING = 1 << Decision.LIFTED, 1 << Decision.LACKING
RESTRICTION_LAPSED = 1 << Decision.LAPSED
LAPSED = RESTRICTION_LAPSED | 1 << Decision.PERMISSION_LAPSED
ENDS = LIFTED | LAPSED
END_HALF = 1 << Decision.END_PROHIBITED | 1 << Decision.END_RESTRICTED
TRANSIT_HALF = 1 << Decision.TRANSIT_PROHIBITED | 1 << Decision.TRANSIT_RESTRICTED
HALVES = END_HALF | TRANSIT_HALF
DECISIONS = (1 << len(Decision)) - 1
BOTH_PROHIBITED = 1 << Decision.END_PROHIBITED | 1 << Decision.TRANSIT_PROHIBITED

BARRING = {
    Level.PROHIBITED: Decision.PROHIBITED,
    Level.RESTRICTED: Decision.RESTRICTED,
    Level.PERMITTED: Decision.EXEMPTED,
}
ALLOWING = {Level.RESTRICTED: Decision.PERMITTED_ON_CONDITIONS, Level.PERMITTED: Decision.PERMITTED}
LEVELS = {
    Decision.PROHIBITED: Level.PROHIBITED,
    Decision.RESTRICTED: Level.RESTRICTED,
    Decision.RESTRICTED_IN_PART: Level.RESTRICTED,
    Decision.EXEMPTED: Level.PERMITTED,
    Decision.PERMITTED: Level.PERMITTED,
    Decision.PERMITTED_IN_PART: Level.RESTRICTED,
    Decision.LIFTED: Level.PERMITTED,
    Decision.LAPSED: Level.UNKNOWN,
    Decision.PERMISSION_LAPSED: Level.UNKNOWN,
    Decision.PERMITTED_ON_CONDITIONS: Level.RESTRICTED,
    Decision.EXEMPTED_ON_CONDITIONS: Level.RESTRICTED,
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


def traits(applicable: ApplicableMeasure) -> tuple[object, ...]:
    """All of a measure at a place on which its decisions depend, beside what was announced."""
    measure = applicable.measure
    return measure.kind, measure.level, measure.on_expiry, measure.extraterritorial, applicable.terms


def contribution(
    view: View, applicable: ApplicableMeasure, standings: Sequence[int], question: Question
) -> Contribution | None:
    """Decide what a measure amounts to at a place; None where it says nothing there.

    Args: standings: what stands on each of its tracks.
    """
    own, terms = standings[0], applicable.terms
    if beside_status(applicable.measure) or (question.rest and not applicable.holds_rest):
        return None
    if own < 0:
        return _run_out(view, applicable, standings, question)
    in_force = level_in_force(view, applicable, own, question)
    if in_force is None:
        whole = terms.coverage is Coverage.FULL and applicable.measure.kind is MeasureKind.RESTRICTION
        return Contribution(Decision.LIFTED, own) if whole else None
    level, covered = in_force
    beside = covered is Coverage.BESIDE and applicable.measure.kind is MeasureKind.RESTRICTION
    if level is None or covered is Coverage.NONE or beside:
        return None
    if applicable.measure.kind is MeasureKind.PERMISSION:
        return Contribution(
            ALLOWING.get(level, Decision.PROHIBITED) if covered is Coverage.FULL else Decision.PERMITTED_IN_PART, own
        )
    level, row = exempted_level(view, applicable, standings, level, question)
    if covered is Coverage.FULL:
        return Contribution(BARRING[level], row)
    half = terms.half if covered is terms.coverage and not view.in_part(own) else None
    return None if level is Level.PERMITTED else Contribution(_in_part(half, level), row)


def contributions(
    view: View, applicable: ApplicableMeasure, standings: Sequence[int], at: Instant, question: Question
) -> tuple[Contribution, ...]:
    """Decide what a measure amounts to at a place: several decisions where other statements hold at other hours.

    Args: standings: what stands on each of its tracks at the instant.
    """
    if view.assertions.holds is None:  # as a rule
        alone = contribution(view, applicable, standings, question)
        return () if alone is None else (alone,)
    exemptions = [row for standing in standings[1:] for row in view.layers(standing, at)]
    made: list[Contribution] = []
    for row in reversed(view.layers(standings[0], at)):
        own = contribution(view, applicable, (row, *exemptions), question)
        if own is not None:
            made.append(own)
        if made and made[0].decision is Decision.PROHIBITED and _is_milder(view, applicable, row, question):
            made[0] = Contribution(Decision.RESTRICTED, row)  # closed but for these hours
    return tuple({own.decision: own for own in made}.values())


def _is_milder(view: View, applicable: ApplicableMeasure, row: int, question: Question) -> bool:
    """Whether a row restricts at some hours what is otherwise prohibited."""
    in_force = level_in_force(view, applicable, row, question) if row >= 0 and view.in_part(row) else None
    return in_force is not None and in_force[0] is Level.RESTRICTED and in_force[1] is not Coverage.NONE


def _run_out(
    view: View, applicable: ApplicableMeasure, standings: Sequence[int], question: Question
) -> Contribution | None:
    """The decision of a measure that is not in force, and was not ended by a statement."""
    last = run_out(standings[0])
    if applicable.terms.coverage is not Coverage.FULL or last == NOTHING or is_over(view, applicable.measure, last):
        return None
    if of_class(getattr(view.said(last), "only", None), question) is not Coverage.FULL:
        return None
    if applicable.measure.kind is MeasureKind.PERMISSION:
        return Contribution(Decision.PERMISSION_LAPSED, last)
    freed = [row for row in standings[1:] if row in applicable.terms.freed and not view.in_part(row)]
    if row := best_first(view, freed):
        conditions = has_conditions(view, row[0])
        return Contribution(Decision.EXEMPTED_ON_CONDITIONS if conditions else Decision.EXEMPTED, row[0])
    return Contribution(Decision.LAPSED, last)


def _in_part(half: Regime | None, level: Level) -> Decision:
    """The decision of a restriction of a part, which may be all that stays, or all that goes on."""
    if half is None:
        return Decision.RESTRICTED_IN_PART
    if half is Regime.TRANSIT:
        return Decision.TRANSIT_PROHIBITED if level is Level.PROHIBITED else Decision.TRANSIT_RESTRICTED
    return Decision.END_PROHIBITED if level is Level.PROHIBITED else Decision.END_RESTRICTED


def infrastructure(view: View, standing: int) -> Decision | None:
    """Judge infrastructure by what stands on one track of readiness; None where nothing is lacking."""
    effect = view.said(standing) if standing >= 0 else None
    return Decision.LACKING if isinstance(effect, Readiness) and effect.state is not ReadinessState.READY else None


def halves_together(role: Role, decisions: int) -> Decision:
    """The decision of restrictions of what stays and of what goes on: together the milder in full, else one in part."""
    if role is Role.OTHERS or not (decisions & END_HALF and decisions & TRANSIT_HALF):
        return Decision.RESTRICTED_IN_PART
    return Decision.PROHIBITED if decisions & BOTH_PROHIBITED == BOTH_PROHIBITED else Decision.RESTRICTED


def _joined(role: Role, decisions: int) -> int:
    halves = decisions & HALVES
    return decisions & ~halves | 1 << halves_together(role, decisions) if halves else decisions


@cache
def counting(role: Role, decisions: int) -> int:
    """Of all decisions in one slot of a lane, those that count: steps 1 to 6. Takes and returns a set.

    A restriction of a part lowers what is permitted or assumed, and leaves unknown what is unknown.

    Args: decisions: without LIFTED where a lapse came later, see `last_end`.
    """
    decisions = _joined(role, decisions)
    if role is Role.READINESS:
        return decisions & LACKING
    if decisions & LACKING or role is Role.EXISTENCE:
        return 0
    if role is Role.OTHERS:
        return decisions & (WHOLLY | IN_PART)
    if decisions & WHOLLY:
        return decisions & (WHOLLY | IN_PART | EXEMPTED)
    count = _freeing(role, decisions)
    unknown = count & LAPSED if count else role is Role.NEEDED
    return count if unknown else count | decisions & IN_PART


def _freeing(role: Role, decisions: int) -> int:
    """The decisions that count by steps 2 to 5, where no restriction of all of the flow is in force.

    A permission of a part of the flow says nothing against the rest, so it counts only where the rest is not free
    already: were it to come before steps 3 and 5, allowing something more would close a lane.
    """
    exempted = 0 if decisions & RESTRICTION_LAPSED else EXEMPTED
    partly = PARTLY if role is Role.NEEDED or decisions & LAPSED else 0
    if decisions & (PERMITTED | exempted):
        return decisions & (PERMITTED | exempted | LIFTED)
    return next((decisions & step for step in (LIFTED, partly, LAPSED) if decisions & step), 0)


def last_end(decisions: int, lifted: Instant, lapsed: Instant) -> int:
    """A set of decisions without LIFTED, if the last lapse came after the last lifting: step 3.

    At one instant the lifting counts: it is the later word, as a rule, and a lapse is none.
    """
    return decisions & ~LIFTED if decisions & LAPSED and lapsed > lifted else decisions


@cache
def consequences(role: Role, decisions: int) -> int:
    """The set of `Consequence` for a lane that follows from the set of all decisions in one of its slots.

    Args: decisions: as for `counting`.
    """
    count = counting(role, decisions)
    if role is Role.READINESS:
        return int(Consequence.LACKING) if count else 0
    if decisions & LACKING:
        return int(Consequence.ABSENT) if role is Role.EXISTENCE else 0
    if role is Role.EXISTENCE:
        return 0
    following = reduce(or_, [CONSEQUENCES[level] for decision, level in LEVELS.items() if count >> decision & 1], 0)
    if role is Role.OTHERS or not count & ~IN_PART:  # a restriction of a part is no word about the whole
        following &= ~Consequence.SPOKEN
    return int(following if count else CONSEQUENCES[Level.UNKNOWN if role is Role.NEEDED else Level.ASSUMED])


def decided_at(
    view: View, consent: Consent, standings: Mapping[int, int], at: Instant, question: Question
) -> tuple[int, list[tuple[Contribution, ApplicableMeasure]]]:
    """The set of the decisions in a consent's slot, as for `counting`; and each of them.

    Args: standings: what stands on every track; at: the instant at which it does.
    """
    decisions = 0
    made: list[tuple[Contribution, ApplicableMeasure]] = []
    for applicable in consent.measures:
        if beside_status(applicable.measure):
            continue
        for own in contributions(view, applicable, [standings[track] for track in applicable.tracks], at, question):
            decisions |= 1 << own.decision
            made.append((own, applicable))
    if decisions & LIFTED and decisions & LAPSED:
        ends = {Decision.LIFTED: BEGINNING, Decision.LAPSED: BEGINNING}
        for (decision, row), applicable in made:
            if ENDS >> decision & 1:
                kind = Decision.LIFTED if decision is Decision.LIFTED else Decision.LAPSED
                ends[kind] = max(ends[kind], _ended(view, applicable, decision, row, at, question))
        decisions = last_end(decisions, ends[Decision.LIFTED], ends[Decision.LAPSED])
    return decisions, made


def _ended(
    view: View, applicable: ApplicableMeasure, decision: Decision, row: int, at: Instant, question: Question
) -> Instant:
    """When a measure ended that has been lifted, or has lapsed, by an instant."""
    course = view.course(applicable.tracks[0])
    number = bisect_right(course.points, at) - 1
    others = [NOTHING] * (len(applicable.tracks) - 1)  # exemptions do not move the end of what they are from
    made = [
        {one.decision: one.row for one in contributions(view, applicable, [own, *others], point, question)}
        for point, own in zip(course.points[: number + 1], course.standings, strict=False)
    ]
    if made[number].get(decision) != row:  # another reading of an uncertain edge
        return view.begins(row).latest if decision is Decision.LIFTED else view.ends(row)
    while number:
        if decision not in made[number - 1]:
            break
        number -= 1
    return course.points[number]
