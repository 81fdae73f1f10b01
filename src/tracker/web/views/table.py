"""The table twin of the map: every subject's lanes at a date, in words."""

from dataclasses import dataclass

from tracker.model.dates import BEGINNING, Instant
from tracker.queries.history import StatusChange
from tracker.web.timeline import Timeline, Track
from tracker.web.url_params import Viewpoint
from tracker.web.views.lanes import Group, Row, groups


@dataclass(frozen=True)
class Said:
    """What a row says at an instant."""

    group: Group
    row: Row
    status: str
    since: str | None
    reason: str
    first: bool  # of its subject


def table(timeline: Timeline, viewpoint: Viewpoint, at: Instant) -> list[Said]:
    """A row for all lanes that have always been alike."""
    return [
        _said(group, row, at, number == 0)
        for group in groups(timeline, viewpoint, at)
        for number, row in enumerate(group.rows)
    ]


def _said(group: Group, row: Row, at: Instant, first: bool) -> Said:
    turn = current(row.track, at)
    since = turn.change.at if turn and turn.at > BEGINNING else None
    return Said(group, row, row.status, since, turn.change.reason if turn else "", first)


def current(track: Track, at: Instant) -> StatusChange | None:
    """The turn that an instant comes after."""
    number = track.number(at)
    return track.turns[number] if number >= 0 else None
