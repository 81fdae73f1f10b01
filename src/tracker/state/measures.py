"""Where a measure stands. Source: design §5 and §6."""

from typing import NamedTuple

from tracker.model.dates import Edge, Instant
from tracker.model.effects import Ease, Extend, Impose, Lift, Permit, Revoke
from tracker.model.registry import Measure
from tracker.model.vocabulary import MeasureLevel, MeasureState
from tracker.state.record import View
from tracker.state.tracks import Deciding, deciding_at, next_row, since, until
from tracker.timeline.assertions import measure_track


class MeasureStanding(NamedTuple):
    """A measure at an instant."""

    state: MeasureState
    row: int | None  # the assertion that makes it so; of an upcoming one, the one to come
    level: MeasureLevel | None
    limits: tuple[str, ...]
    since: Edge | None
    until: Edge | None
    alternative: MeasureState | None  # what it would be if an uncertain day fell otherwise
    alternative_edge: Edge | None


def measure_standing(view: View, measure: Measure, at: Instant) -> MeasureStanding:
    """Where a measure stands at an instant."""
    deciding = deciding_at(view, measure_track(measure.id), at)
    if deciding.track < 0:
        return MeasureStanding(MeasureState.NONE, None, None, (), None, None, None, None)
    state, row = _state(view, deciding, deciding.row, at)
    alternative = None
    if deciding.alternative is not None:  # if that is that nothing decides, what does has ended
        alternative, _ = _state(view, deciding._replace(ended=deciding.row), deciding.alternative, at)
    if alternative is state:
        alternative = None
    level, limits = level_of(view, measure, deciding.row)
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
    return view.row(row).ends if state is MeasureState.LAPSED else since(view, row)


def _state(view: View, deciding: Deciding, row: int, at: Instant) -> tuple[MeasureState, int | None]:
    if row >= 0:
        return state_of(view, row), row
    if deciding.ended >= 0:
        return MeasureState.LAPSED, deciding.ended
    coming = next_row(view, deciding.track, at)
    return (MeasureState.NONE, None) if coming is None else (MeasureState.UPCOMING, coming)


def state_of(view: View, row: int) -> MeasureState:
    """The state in which a deciding row leaves its measure."""
    effect = view.effect(row)
    match effect:
        case Impose() | Extend() | Permit():
            return MeasureState.IN_FORCE
        case Ease():
            return MeasureState.EASED
        case Lift() | Revoke():
            return MeasureState.LIFTED
        case _:
            raise AssertionError(f"{effect.type} is not on a measure's track")


def level_of(view: View, measure: Measure, row: int) -> tuple[MeasureLevel | None, tuple[str, ...]]:
    """How strict a measure is while a row decides, and its limits in words."""
    if row < 0:
        return None, ()
    effect = view.effect(row)
    match effect:
        case Impose():
            return effect.level or measure.level, effect.limits
        case Ease():
            return MeasureLevel.RESTRICTED, effect.limits
        case Permit():
            return measure.level, effect.limits
        case Extend():
            return measure.level, ()
        case _:
            return None, ()
