"""Where a measure stands. Source: design §5 and §6."""

from collections.abc import Sequence
from typing import NamedTuple

from tracker.model.dates import Edge, Instant
from tracker.model.effects import AnyEffect, Exempt, Extend, Impose, Lift, Permit, Revoke
from tracker.model.lists import in_words
from tracker.model.registry import Measure
from tracker.model.vocabulary import MeasureLevel, MeasureState
from tracker.state.force import is_over
from tracker.state.record import View
from tracker.state.tracks import (
    Deciding,
    amount_of,
    amount_since,
    deciding_at,
    maker,
    next_row,
    prolongs,
    runs,
    since,
    until,
    waiting,
)
from tracker.timeline.assertions import measure_track
from tracker.timeline.track_history import NOTHING


class Waiting(NamedTuple):
    """A change that has been decided and waits for its date."""

    view: View  # what had been announced by the instant asked about
    row: int
    own: int  # the row of that view by which the measure is in force; -1: it is not


class MeasureStanding(NamedTuple):
    """A measure at an instant."""

    view: View  # of the row; of an upcoming one, what had been announced by then
    state: MeasureState
    row: int | None  # the assertion that makes it so; of an upcoming one, the one to come
    level: MeasureLevel | None
    limits: tuple[str, ...]  # for whom and how, also of the exemptions that run
    since: Edge | None
    decided: Instant | None  # when the latest decision on its state was announced
    until: Edge | None
    alternative: MeasureState | None  # what it would be if an uncertain day fell otherwise
    alternative_edge: Edge | None
    own: int | None = None  # the assertion of the measure itself while it is in force, exemptions aside
    amount_since: Edge | None = None  # since when it has had its amount; None where it has none
    exemptions: tuple[int, ...] = ()  # the rows of those that run
    waiting: Waiting | None = None  # the change that is decided and has no date


class MeasureRun(NamedTuple):
    """A time during which what decides a measure's state stays the same, its exemptions too, or is only prolonged."""

    at: Instant
    before: int  # the row that decided, or ended, before it; -1: none
    row: int  # that decides from then on, of an eased measure the exemption that began last; -1: none does
    last: int  # that decides at its end
    made: tuple[int, ...]  # the rows that made the change, and then those that prolonged it
    own: int  # the row of the measure itself; -1: none decides
    exemptions: tuple[int, ...]  # the rows of those that run


def measure_standing(view: View, measure: Measure, at: Instant) -> MeasureStanding:
    """Where a measure stands at an instant; it is upcoming if that had been announced by then."""
    name = measure_track(measure.id)
    deciding = deciding_at(view, name, at)
    state, row = _state(view, measure, deciding, deciding.row, at)
    alternative = None
    if deciding.alternative is not None:  # if that is that nothing decides, what does has ended
        alternative, _ = _state(view, measure, deciding._replace(ended=deciding.row), deciding.alternative, at)
    uncertain = alternative is not None and alternative is not state
    level, limits = level_of(view, measure, deciding.row)
    own = row if state is MeasureState.IN_FORCE else None
    running: list[int] = []
    if state is MeasureState.EASED:
        own, running = row, exemptions(view, measure, at)
        limits = (*limits, *(words for one in running for words in limits_of(view.effect(one))))
        row = _newest(view, running)
    standing = MeasureStanding(
        view,
        state,
        row,
        level,
        limits,
        _since(view, measure, state, row, at),
        _decided(view, measure, at),
        None if deciding.track < 0 else _until(view, measure, deciding.track, at),
        alternative if uncertain else None,
        deciding.alternative_edge if uncertain else None,
        own,
        None if own is None or amount_of(view.said(own)) is None else amount_since(view, own, at),
        tuple(running),
        None,
    )
    foreseen = view.foreseen(at)
    undated = waiting(foreseen, foreseen.track(name))
    if undated is not None:
        row = NOTHING if own is None else foreseen.course(foreseen.track(name)).winner(at)
        standing = standing._replace(waiting=Waiting(foreseen, undated, row))
    if state is not MeasureState.NONE:
        return standing
    coming = _coming(foreseen, name, at)
    if coming is None:
        begins_it = undated is not None and state_of(foreseen, undated) is MeasureState.IN_FORCE
        return standing._replace(state=MeasureState.UPCOMING, until=None) if begins_it else standing
    begins = until(foreseen, foreseen.track(name), at)
    announced = foreseen.row(coming).order
    return standing._replace(view=foreseen, state=MeasureState.UPCOMING, row=coming, decided=announced, until=begins)


def _since(view: View, measure: Measure, state: MeasureState, row: int | None, at: Instant) -> Edge | None:
    if row is None:
        return None
    if state is MeasureState.EASED:
        begun = [change for change in _easings(view, measure) if change <= at]
        return view.begins(row) if view.begins(row).latest == begun[-1] else Edge(begun[-1], begun[-1])
    return view.row(row).ends if state in (MeasureState.LAPSED, MeasureState.OVER) else since(view, row, at)


def _decided(view: View, measure: Measure, at: Instant) -> Instant | None:
    """When the last of the statements was made that brought about the state at an instant, or prolonged it by then."""
    run = next((run for run in reversed(measure_runs(view, measure)) if run.at <= at), None)
    if run is None:
        return None
    made, *prolonged = (view.row(row) for row in run.made)
    return max([made.order, *(row.order for row in prolonged if row.begins.latest <= at)])


def _state(view: View, measure: Measure, deciding: Deciding, row: int, at: Instant) -> tuple[MeasureState, int | None]:
    if row >= 0:
        state = state_of(view, row)
        eased = state is MeasureState.IN_FORCE and exemptions(view, measure, at)
        return MeasureState.EASED if eased else state, row
    if deciding.ended < 0:
        return MeasureState.NONE, None
    over = is_over(view, measure, deciding.ended)
    return MeasureState.OVER if over else MeasureState.LAPSED, deciding.ended


def _coming(view: View, name: str, at: Instant) -> int | None:
    """The row by which a measure comes into force next; None where nothing is announced, or only an end."""
    track = view.track(name)
    row = None if track < 0 else next_row(view, track, at)
    return None if row is None or state_of(view, row) is not MeasureState.IN_FORCE else row


def _until(view: View, measure: Measure, track: int, at: Instant) -> Edge | None:
    """When the state of a measure ends, if that is known: with what decides it, or where it is eased, or no longer."""
    own = until(view, track, at)
    change = next((change for change in _easings(view, measure) if change > at), None)
    if change is None or view.course(track).winner(at) < 0 or (own is not None and own.latest <= change):
        return own
    return Edge(change, change)


def _easings(view: View, measure: Measure) -> list[Instant]:
    """Where a first exemption from a measure begins to run, and where the last ends, in turn."""
    points = sorted(_easing_points(view, measure))
    running = [bool(exemptions(view, measure, point)) for point in points]
    return [at for at, before, now in zip(points, [False, *running], running, strict=False) if before != now]


def measure_runs(view: View, measure: Measure) -> list[MeasureRun]:
    """Every change of what decides a measure's state or of the exemptions from it, but for those that only prolong."""
    track = view.track(measure_track(measure.id))
    if track < 0:
        return []
    own = runs(view, track)
    points = _easing_points(view, measure)
    if not points:
        return [MeasureRun(*run, run.row, ()) for run in own]
    found: list[MeasureRun] = []
    for at in sorted({run.at for run in own} | {at for at in points if own and at > own[0].at}):
        run = next(run for run in reversed(own) if run.at <= at)
        in_force = run.row >= 0 and state_of(view, run.row) is MeasureState.IN_FORCE
        running = exemptions(view, measure, at) if in_force else []
        last = found[-1] if found else None
        changed = _changed(view, last.exemptions if last else (), running)
        if last is not None and at != run.at and not changed:
            if running:
                more = (row for row in running if row not in (*last.exemptions, *last.made))
                made = (*last.made, *more)
                found[-1] = last._replace(last=_newest(view, running), made=made, exemptions=tuple(running))
            continue
        row = _newest(view, running) if running else run.row
        makers = [_maker(view, *pair, at) for pair in changed] if in_force else []
        makers += run.made if at == run.at else []
        before = run.before if run.row < 0 or last is None else last.row
        last_row = row if running else run.last
        found.append(MeasureRun(at, before, row, last_row, tuple(makers), run.row, tuple(running)))
    return found


def _changed(view: View, before: Sequence[int], after: Sequence[int]) -> list[tuple[int, int]]:
    """Of the exemptions of two times those that began, or ended, with what decides their tracks (-1: nothing)."""
    track = view.assertions.track
    one, other = ({int(track[row]): row for row in rows} for rows in (before, after))
    pairs = [(one.get(number, NOTHING), other.get(number, NOTHING)) for number in {**one, **other}]
    return [pair for pair in pairs if min(pair) < 0 or (pair[0] != pair[1] and not prolongs(view, *pair))]


def _maker(view: View, before: int, after: int, at: Instant) -> int:
    """The row by which an exemption began, or ended: a lifting, or the row itself where its end was set in advance."""
    track = int(view.assertions.track[max(before, after)])
    return maker(view, before, view.course(track).winner(at), at)


def state_of_run(view: View, measure: Measure, run: MeasureRun) -> MeasureState:
    """The state of a measure during a run."""
    if run.row >= 0:
        return state_of(view, run.row)
    return MeasureState.OVER if is_over(view, measure, run.before) else MeasureState.LAPSED


def exemption_of_row(view: View, row: int) -> str:
    """The id of the exemption that a row is about."""
    exemption: str = view.assertions.tracks[view.assertions.track[row]].split(":")[1]
    return exemption


def _easing_points(view: View, measure: Measure) -> set[Instant]:
    tracks = view.exemptions_from.get(measure.id, ())
    return {point for track in tracks for point in view.course(track).points[1:]}


def exemptions(view: View, measure: Measure, at: Instant) -> list[int]:
    """The rows of the exemptions from a measure that run at an instant."""
    rows = [view.course(track).winner(at) for track in view.exemptions_from.get(measure.id, ())]
    return [row for row in rows if row >= 0 and isinstance(view.effect(row), Exempt)]


def _newest(view: View, exemptions: list[int]) -> int:
    return max(exemptions, key=lambda row: view.begins(row).latest)


def limits_of(effect: AnyEffect) -> tuple[str, ...]:
    """For whom an effect is, how, and at which hours, in words."""
    hours = getattr(effect, "when", None)
    only, conditions = in_words(getattr(effect, "only", None)), getattr(effect, "conditions", ())
    return (*only, *conditions, *((hours,) if hours else ()))


def state_of(view: View, row: int) -> MeasureState:
    """The state in which a deciding row leaves its measure."""
    effect = view.effect(row)
    match effect:
        case Impose() | Extend() | Permit():
            return MeasureState.IN_FORCE
        case Exempt():
            return MeasureState.EASED
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
        case Permit() | Exempt():
            return measure.level, limits_of(effect)
        case _:
            return None, ()
