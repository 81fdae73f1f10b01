"""The measures that are shown beside the status of a lane, and take no part in it. Source: design §6 and §9."""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto

from tracker.model.dates import Instant
from tracker.model.registry import Measure
from tracker.model.vocabulary import Level, MeasureKind, MeasureLevel
from tracker.state.consents import ApplicableMeasure, Cause, Consent
from tracker.state.force import exempted_level, level_in_force
from tracker.state.permission import Contribution, Decision
from tracker.state.record import View
from tracker.state.scope import Coverage, Question
from tracker.state.tracks import since


class Beside(Enum):
    """Why a measure stands beside the status."""

    EXCEPTION = auto()  # a restriction of goods, origins or destinations that the question leaves open
    FORMALITY = auto()  # what anybody can meet
    EXPOSURE = auto()  # a threat to those who pass elsewhere


def kind_beside(measure: Measure) -> Beside:
    """Why a measure stands beside the status, if it does."""
    if measure.extraterritorial:
        return Beside.EXPOSURE
    return Beside.FORMALITY if measure.level is MeasureLevel.FORMALITY else Beside.EXCEPTION


def stands_beside(applicable: ApplicableMeasure) -> bool:
    """Whether a measure stands beside the status of a lane at a place."""
    measure = applicable.measure
    if kind_beside(measure) is not Beside.EXCEPTION:
        return True
    return applicable.terms.coverage is Coverage.BESIDE and measure.kind is MeasureKind.RESTRICTION


def beside(
    view: View, applicable: ApplicableMeasure, standings: Sequence[int], at: Instant, question: Question
) -> tuple[Contribution, ...]:
    """The row by which a measure stands beside the status; none while it is not in force, or the flow is exempt.

    Args: standings: what stands on each of its tracks at the instant.
    """
    exemptions = [row for standing in standings[1:] for row in view.layers(standing, at)]
    layers = (_row_beside(view, applicable, (row, *exemptions), question) for row in view.layers(standings[0], at))
    return next(((made,) for made in layers if made is not None), ())


def _row_beside(
    view: View, applicable: ApplicableMeasure, standings: Sequence[int], question: Question
) -> Contribution | None:
    in_force = level_in_force(view, applicable, standings[0], question) if standings[0] >= 0 else None
    if in_force is None or in_force[1] is Coverage.NONE:
        return None
    level = in_force[0] or Level.RESTRICTED  # a formality has none
    left, row = exempted_level(view, applicable, standings, level, question)
    if left is Level.PERMITTED:
        return None
    return Contribution(Decision.PROHIBITED if left is Level.PROHIBITED else Decision.RESTRICTED, row)


def causes_beside(
    view: View, consents: Iterable[Consent], at: Instant, question: Question
) -> Iterator[tuple[Beside, Cause]]:
    """The measures that stand beside the status at an instant, with what they are."""
    for consent in consents:
        for applicable in consent.measures:
            if not stands_beside(applicable):
                continue
            standings = [view.course(track).at(at) for track in applicable.tracks]
            for made in beside(view, applicable, standings, at, question):
                measure = applicable.measure
                level = Level.PROHIBITED if made.decision is Decision.PROHIBITED else Level.RESTRICTED
                required, begun = consent.silence is not None, since(view, made.row, at).latest
                yield (
                    kind_beside(measure),
                    Cause(
                        applicable.place, measure.authority, level, measure.id, made.row, required=required, begun=begun
                    ),
                )
