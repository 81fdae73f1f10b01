"""Which announcements made a change."""

from tracker.state.lane_history import LaneHistory
from tracker.state.tracks import maker


def made_by(history: LaneHistory, number: int) -> tuple[str, ...]:
    """The announcements that made a lane what it is from one of its points on; none at the beginning of time."""
    if number == 0:
        return ()
    view, at = history.view, history.points[number]
    rows = [maker(view, move.before, move.after, at) for move in history.moves(number)]
    rows += [seen.row for seen in history.seen if seen.on.latest == at and not seen.effect.none]
    return tuple(dict.fromkeys(view.row(row).announcement for row in rows if row >= 0))
