"""Where a measure stands. Source: design §5 and §6."""

from typing import NamedTuple

from tracker.model.dates import Edge, Instant
from tracker.model.effects import Ease, Extend, Impose, Lift, Permit, Revoke
from tracker.model.registry import Measure
from tracker.model.vocabulary import MeasureLevel, MeasureState
from tracker.state.record import View
from tracker.state.tracks import Deciding, deciding_at, next_row, runs, since, until
from tracker.timeline.assertions import measure_track


class MeasureStanding(NamedTuple):
    """A measure at an instant."""

    view: View  # of the row; of an upcoming one, what had been announced by then
    state: MeasureState
    row: int | None  # the assertion that makes it so; of an upcoming one, the one to come
    level: MeasureLevel | None
    limits: tuple[str, ...]
    since: Edge | None
    decided: Instant | None  # when the latest decision on its state was announced
    until: Edge | None
    alternative: MeasureState | None  # what it would be if an uncertain day fell otherwise
    alternative_edge: Edge | None


def measure_standing(view: View, measure: Measure, at: Instant) -> MeasureStanding:
    """Where a measure stands at an instant; it is upcoming if that had been announced by then."""
    name = measure_track(measure.id)
    deciding = deciding_at(view, name, at)
    state, row = _state(view, deciding, deciding.row)
    alternative = None
    if deciding.alternative is not None:  # if that is that nothing decides, what does has ended
        alternative, _ = _state(view, deciding._replace(ended=deciding.row), deciding.alternative)
    uncertain = alternative is not None and alternative is not state
    level, limits = level_of(view, measure, deciding.row)
    standing = MeasureStanding(
        view,
        state,
        row,
        level,
        limits,
        _since(view, state, row, at),
        _decided(view, deciding.track, at),
        None if deciding.track < 0 else until(view, deciding.track, at),
        alternative if uncertain else None,
        deciding.alternative_edge if uncertain else None,
    )
    foreseen = view.foreseen(at)
    coming = _coming(foreseen, name, at) if state is MeasureState.NONE else None
    if coming is None:
        return standing
    begins = until(foreseen, foreseen.track(name), at)
    announced = foreseen.row(coming).order
    return standing._replace(view=foreseen, state=MeasureState.UPCOMING, row=coming, decided=announced, until=begins)


def _since(view: View, state: MeasureState, row: int | None, at: Instant) -> Edge | None:
    if row is None:
        return None
    return view.row(row).ends if state is MeasureState.LAPSED else since(view, row, at)


def _decided(view: View, track: int, at: Instant) -> Instant | None:
    """When the last of the statements was made that brought about the state at an instant, or prolonged it by then."""
    run = next((run for run in reversed(runs(view, track)) if run.at <= at), None) if track >= 0 else None
    if run is None:
        return None
    made, *prolonged = (view.row(row) for row in run.made)
    return max([made.order, *(row.order for row in prolonged if row.begins.latest <= at)])


def _state(view: View, deciding: Deciding, row: int) -> tuple[MeasureState, int | None]:
    if row >= 0:
        return state_of(view, row), row
    return (MeasureState.LAPSED, deciding.ended) if deciding.ended >= 0 else (MeasureState.NONE, None)


def _coming(view: View, name: str, at: Instant) -> int | None:
    """The row by which a measure comes into force next; None where nothing is announced, or only an end."""
    track = view.track(name)
    row = None if track < 0 else next_row(view, track, at)
    return None if row is None or state_of(view, row) is MeasureState.LIFTED else row


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
