"""How strictly a measure is in force at a place, and how much of that its exemptions leave. Source: design §6."""

from collections.abc import Sequence

from tracker.model.effects import Exempt, Extend, Impose, Permit
from tracker.model.registry import Measure
from tracker.model.vocabulary import Level, MeasureLevel, OnExpiry
from tracker.state.consents import ApplicableMeasure
from tracker.state.ended_parties import ends_with_party
from tracker.state.record import View
from tracker.state.scope import Coverage, Question, of_class

RESTRICTING = {
    MeasureLevel.PROHIBITED: Level.PROHIBITED,
    MeasureLevel.PERMITTED: Level.PROHIBITED,
    MeasureLevel.RESTRICTED: Level.RESTRICTED,
}


def is_over(view: View, measure: Measure, row: int) -> bool:
    """Whether a row that has ended ended its measure by the measure's own terms, and not with its authority."""
    if ends_with_party(view.registry, measure, view.ends(row)):
        return False
    effect = view.said(row)
    own = effect.on_expiry if isinstance(effect, Impose | Extend | Permit) else None
    return (own or measure.on_expiry) is OnExpiry.ENDS


def has_conditions(view: View, row: int) -> bool:
    """Whether those who are exempt by a row still have to meet conditions."""
    effect = view.said(row)
    return isinstance(effect, Exempt) and bool(effect.conditions)


def best_first(view: View, exemptions: Sequence[int]) -> Sequence[int]:
    """Rows of exemptions, those without conditions first."""
    return sorted(exemptions, key=lambda row: has_conditions(view, row))


def exempted_level(
    view: View, applicable: ApplicableMeasure, standings: Sequence[int], level: Level, question: Question
) -> tuple[Level, int]:
    """The strictness that running exemptions leave of a restriction, and the deciding row; without any, its own."""
    freed = [row for row in standings[1:] if row in applicable.terms.freed]
    for row in best_first(view, [row for row in freed if not view.in_part(row)]):
        return (Level.RESTRICTED if has_conditions(view, row) else Level.PERMITTED), row
    for row in standings[1:]:
        if (row in applicable.terms.freed_in_part or row in freed) and not question.rest:
            return Level.RESTRICTED, row
    return level, standings[0]


def level_in_force(
    view: View, applicable: ApplicableMeasure, row: int, question: Question
) -> tuple[Level | None, Coverage] | None:
    """How strict a measure is while a row decides, exemptions aside, and of how much; None where the row ends it.

    A formality has no level, nor has what is for classes that the question leaves out.
    """
    effect = view.said(row)
    match effect:
        case Permit():
            level: Level | None = Level.RESTRICTED if effect.conditions else Level.PERMITTED
        case Impose() | Extend():
            level = RESTRICTING.get(effect.level or applicable.measure.level)
        case _:
            return None
    held = min(Coverage.PART if view.in_part(row) else Coverage.FULL, of_class(effect.only, question))
    if question.rest and held is not Coverage.FULL:
        return None, Coverage.NONE
    return level, min(applicable.terms.coverage, held)
