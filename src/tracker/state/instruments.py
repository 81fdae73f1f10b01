"""How far a text has come, overall and by party; pledges, and what became of them. Source: design §7."""

from collections.abc import Mapping
from typing import NamedTuple

from tracker.model.dates import DAY, Edge, Instant, ends
from tracker.model.effects import Fulfil, Pledge, StageReached, Withdraw
from tracker.model.registry import Instrument
from tracker.model.vocabulary import PledgeStatus, Stage
from tracker.state.record import View
from tracker.state.tracks import Deciding, deciding_at
from tracker.timeline.assertions import stage_track


class StageStanding(NamedTuple):
    """The stage of a text at an instant; none before the first."""

    stage: Stage | None
    row: int
    since: Edge | None
    alternative: Stage | None
    alternative_edge: Edge | None


class InstrumentStanding(NamedTuple):
    """A text at an instant."""

    overall: StageStanding
    by_party: Mapping[str, StageStanding]


def instrument_standing(view: View, instrument: Instrument, at: Instant) -> InstrumentStanding:
    """How far a text had come at an instant."""
    prefix = stage_track(instrument.id) + ":"
    by_party = {}
    for _, name in view.assertions.beginning(prefix):
        standing = _stage_standing(view, deciding_at(view, name, at))
        if standing.row >= 0:
            effect = view.effect(standing.row)
            assert isinstance(effect, StageReached)
            assert effect.party is not None
            by_party[effect.party] = standing
    return InstrumentStanding(_stage_standing(view, deciding_at(view, stage_track(instrument.id), at)), by_party)


def _stage_standing(view: View, deciding: Deciding) -> StageStanding:
    stage, since = stage_at(view, deciding.row), view.row(deciding.row).begins if deciding.row >= 0 else None
    if deciding.alternative is None or stage_at(view, deciding.alternative) == stage:
        return StageStanding(stage, deciding.row, since, None, None)
    return StageStanding(stage, deciding.row, since, stage_at(view, deciding.alternative), deciding.alternative_edge)


def stage_at(view: View, row: int) -> Stage | None:
    """The stage that a row of a text's track brings; none where there is no row."""
    if row < 0:
        return None
    effect = view.effect(row)
    assert isinstance(effect, StageReached)
    return effect.stage


class PledgeStanding(NamedTuple):
    """A pledge at an instant."""

    pledge: Pledge
    status: PledgeStatus
    row: int  # of the pledge
    ended: int  # of what ended it; -1 while nothing has
    due: Edge | None  # exclusive: the day after the last day
    lag_days: int | None  # from the pledge to its end, or, while it is open, to the instant
    overdue_days: int | None  # past its due date's latest day


def pledges(view: View, at: Instant) -> list[PledgeStanding]:
    """Every pledge made by an instant, oldest first."""
    standings = (_pledge_standing(view, track, at) for track, _ in view.assertions.beginning("pledge:"))
    made = [standing for standing in standings if standing is not None]
    return sorted(made, key=lambda standing: view.row(standing.row).place_in_order)


def _pledge_standing(view: View, track: int, at: Instant) -> PledgeStanding | None:
    row = view.course(track).winner(at)
    rows = (made for made in view.rows_of(track) if isinstance(view.effect(made), Pledge))
    made = [number for number in rows if view.begins(number).latest <= at]
    if row < 0 or not made:
        return None
    pledge = view.effect(made[-1])
    assert isinstance(pledge, Pledge)
    due = ends(pledge.due, None, view.tz) if pledge.due is not None else None
    ended = row if isinstance(view.effect(row), Fulfil | Withdraw) else -1
    reached = view.begins(ended).latest if ended >= 0 else at
    late = None if due is None else (reached - due.latest) // DAY + 1
    return PledgeStanding(
        pledge,
        _pledge_status(view, ended, late),
        made[-1],
        ended,
        due,
        (reached - view.begins(made[-1]).latest) // DAY,
        late if late is not None and late > 0 else None,
    )


def _pledge_status(view: View, ended: int, late: int | None) -> PledgeStatus:
    if ended >= 0:
        fulfilled = isinstance(view.effect(ended), Fulfil)
        return PledgeStatus.FULFILLED if fulfilled else PledgeStatus.WITHDRAWN
    return PledgeStatus.OVERDUE if late is not None and late > 0 else PledgeStatus.OPEN
