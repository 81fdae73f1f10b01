"""The summary of a day: lanes by status, the newest announcements, and scheduled changes."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

from tracker.model.dates import DAY, Instant
from tracker.model.vocabulary import SubjectKind
from tracker.presentation.lane_groups import label
from tracker.presentation.statuses import LOOKS
from tracker.queries.answers import PledgeAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.history import StatusChange
from tracker.queries.promises import promises
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.web.statuses_at import StatusesAt
from tracker.web.timeline import StatusTrack, Timeline
from tracker.web.url_params import ViewParams

MAX_ANNOUNCEMENTS, MAX_TO_COME = 6, 5
FRESH_DAYS = 7


@dataclass(frozen=True)
class LaneChange:
    """A change of a lane's status."""

    track: StatusTrack
    turn: StatusChange
    before: str | None

    @property
    def label(self) -> str:
        """The lane in words."""
        return label([self.track.lane]) if self.track.lane else ""


@dataclass(frozen=True)
class DaySummary:
    """The variables of the panel while no subject is chosen."""

    counts: dict[str, int]  # lanes by status, the worst first
    total: int
    changed: list[LaneChange]  # on that day
    newest: list[tuple[AnnouncementAnswer, bool]]  # and whether it was announced within the week
    upcoming: list[LaneChange]
    overdue: list[PledgeAnswer]
    due: list[PledgeAnswer]


def day_summary(timeline: Timeline, view: ViewParams, clocks: Clocks) -> DaySummary:
    """The summary of the day that ends at the instant of the clocks."""
    at = clocks.as_of
    tracks = [track for key in timeline.tracks for track in timeline.lanes(key, view.mode, view.traffic)]
    tracks = [track for track in tracks if track.exists(at)]
    statuses = Counter(map(StatusesAt(timeline, clocks).status, tracks))
    pledges = promises(timeline.record, clocks)
    overdue = [pledge for pledge in pledges if pledge.status == "overdue"]
    due = [pledge for pledge in pledges if pledge.due and pledge.status == "open"]
    until = bisect_right(timeline.announced, at)
    announced = list(zip(timeline.announcements, timeline.announced, strict=True))[:until][-MAX_ANNOUNCEMENTS:]
    return DaySummary(
        counts={look: statuses[look] for look in LOOKS},
        total=len(tracks),
        changed=_changed(timeline, at),
        newest=[(announcement, at - moment < FRESH_DAYS * DAY) for announcement, moment in reversed(announced)],
        upcoming=_upcoming(timeline, at),
        overdue=sorted(overdue, key=lambda pledge: pledge.overdue_days or 0)[:MAX_TO_COME],
        due=sorted(due, key=lambda pledge: pledge.due or "")[:MAX_TO_COME],
    )


def _changed(timeline: Timeline, at: Instant) -> list[LaneChange]:
    changes = []
    for tracks in timeline.tracks.values():
        for track in tracks:
            index = track.index_at(at)
            if index >= 0 and at - track.times[index] < DAY:
                changes.append(_lane_change(track, index))
    return changes


def _lane_change(track: StatusTrack, index: int) -> LaneChange:
    return LaneChange(track, track.turns[index], track.looks[index - 1] if index else None)


def _upcoming(timeline: Timeline, at: Instant) -> list[LaneChange]:
    """The next changes of measures: each of them would show as changes of many lanes."""
    changes = [
        _lane_change(track, track.turns.index(turn))
        for key in timeline.subjects_of(SubjectKind.MEASURE)
        for track in timeline.tracks.get(key, ())
        for turn in track.upcoming(at)
    ]
    return sorted(changes, key=lambda change: change.turn.at)[:MAX_TO_COME]
