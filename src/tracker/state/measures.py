"""Where a measure stands. Source: design §5 and §6."""

from typing import NamedTuple

from tracker.model.dates import Edge, Instant
from tracker.model.effects import AnyEffect, Exempt, Extend, Impose, Lift, Permit, Revoke
from tracker.model.registry import Measure
from tracker.model.vocabulary import MeasureLevel, MeasureState
from tracker.state.permission import is_over
from tracker.state.record import View
from tracker.state.tracks import Deciding, deciding_at, next_row, since, until
from tracker.timeline.assertions import measure_track


class MeasureStanding(NamedTuple):
    """A measure at an instant."""

    state: MeasureState
    row: int | None  # the assertion that makes it so; of an upcoming one, the one to come
    level: MeasureLevel | None
    limits: tuple[str, ...]  # for whom and how, also of the exemptions that run
    since: Edge | None
    until: Edge | None
    alternative: MeasureState | None  # what it would be if an uncertain day fell otherwise
    alternative_edge: Edge | None


def measure_standing(view: View, measure: Measure, at: Instant) -> MeasureStanding:
    """Where a measure stands at an instant."""
    deciding = deciding_at(view, measure_track(measure.id), at)
    if deciding.track < 0:
        return MeasureStanding(MeasureState.NONE, None, None, (), None, None, None, None)
    state, row = _state(view, measure, deciding, deciding.row, at)
    alternative = None
    if deciding.alternative is not None:  # if that is that nothing decides, what does has ended
        alternative, _ = _state(view, measure, deciding._replace(ended=deciding.row), deciding.alternative, at)
    if alternative is state:
        alternative = None
    level, limits = level_of(view, measure, deciding.row)
    if state is MeasureState.EASED:
        limits = (*limits, *(words for row in exemptions(view, measure, at) for words in limits_of(view.effect(row))))
    return MeasureStanding(
        state,
        row,
        level,
        limits,
        _since(view, state, row),
        until(view, deciding.track, at),
        alternative,
        deciding.alternative_edge if alternative is not None else None,
    )


def _since(view: View, state: MeasureState, row: int | None) -> Edge | None:
    if row is None:
        return None
    return view.row(row).ends if state in (MeasureState.LAPSED, MeasureState.OVER) else since(view, row)


def _state(view: View, measure: Measure, deciding: Deciding, row: int, at: Instant) -> tuple[MeasureState, int | None]:
    if row >= 0:
        state = state_of(view, row)
        eased = state is MeasureState.IN_FORCE and exemptions(view, measure, at)
        return MeasureState.EASED if eased else state, row
    if deciding.ended >= 0:
        over = is_over(view, measure, deciding.ended)
        return MeasureState.OVER if over else MeasureState.LAPSED, deciding.ended
    coming = next_row(view, deciding.track, at)
    return (MeasureState.NONE, None) if coming is None else (MeasureState.UPCOMING, coming)


def exemptions(view: View, measure: Measure, at: Instant) -> list[int]:
    """The rows of the exemptions from a measure that run at an instant."""
    rows = [view.course(track).winner(at) for track in view.exemptions_from.get(measure.id, ())]
    return [row for row in rows if row >= 0 and isinstance(view.effect(row), Exempt)]


def limits_of(effect: AnyEffect) -> tuple[str, ...]:
    """For whom an effect is, and how, in words."""
    return (*(getattr(effect, "only", None) or ()), *getattr(effect, "conditions", ()))


def state_of(view: View, row: int) -> MeasureState:
    """The state in which a deciding row leaves its measure."""
    effect = view.effect(row)
    match effect:
        case Impose() | Extend() | Permit():
            return MeasureState.IN_FORCE
        case Lift():
            return MeasureState.LIFTED
        case Revoke():
            return MeasureState.REVOKED
        case _:
            raise AssertionError(f"{effect.type} is not on a measure's track")


def level_of(view: View, measure: Measure, row: int) -> tuple[MeasureLevel | None, tuple[str, ...]]:
    """How strict a measure is while a row decides, and its limits in words."""
    if row < 0:
        return None, ()
    effect = view.effect(row)
    match effect:
        case Impose() | Extend():
            return effect.level or measure.level, limits_of(effect)
        case Permit():
            return measure.level, limits_of(effect)
        case _:
            return None, ()
