"""What was promised, and what became of it. Source: design §7."""

from typing import NamedTuple

from tracker.model.dates import DAY, Edge, Instant, ends
from tracker.model.effects import Fulfil, Pledge, Withdraw
from tracker.model.vocabulary import PledgeStatus
from tracker.state.record import View


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
    found = []
    for track, _ in view.assertions.beginning("pledge:"):
        standing = _standing(view, track, at)
        if standing is not None:
            found.append(standing)
    return sorted(found, key=lambda each: view.row(each.row).place_in_order)


def _standing(view: View, track: int, at: Instant) -> PledgeStanding | None:
    row = view.course(track).winner(at)
    made = [int(each) for each in view.rows_of[track] if isinstance(view.effect(each), Pledge)]
    made = [each for each in made if view.row(each).begins.latest <= at]
    if row < 0 or not made:
        return None
    pledge = view.effect(made[-1])
    assert isinstance(pledge, Pledge)
    due = ends(pledge.due, None, view.tz) if pledge.due is not None else None
    ended = row if isinstance(view.effect(row), Fulfil | Withdraw) else -1
    reached = view.row(ended).begins.latest if ended >= 0 else at
    late = None if due is None else (reached - due.latest) // DAY + 1
    return PledgeStanding(
        pledge,
        _status(view, ended, late),
        made[-1],
        ended,
        due,
        (reached - view.row(made[-1]).begins.latest) // DAY,
        late if late is not None and late > 0 else None,
    )


def _status(view: View, ended: int, late: int | None) -> PledgeStatus:
    if ended >= 0:
        fulfilled = isinstance(view.effect(ended), Fulfil)
        return PledgeStatus.FULFILLED if fulfilled else PledgeStatus.WITHDRAWN
    return PledgeStatus.OVERDUE if late is not None and late > 0 else PledgeStatus.OPEN
