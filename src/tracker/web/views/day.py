"""What a day was like: how many lanes were in which state, what had just been said, what was to come."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

from tracker.model.dates import DAY, Instant
from tracker.model.vocabulary import SubjectKind
from tracker.presentation.lane_groups import label
from tracker.queries.answers import PledgeAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.history import Turn
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.web.timeline import STATUSES, Timeline, Track
from tracker.web.url_params import Viewpoint
from tracker.web.views.pledged import ledger

NEWEST, SOONEST = 6, 5
JUST = 7  # days


@dataclass(frozen=True)
class Turned:
    """A change of a lane."""

    track: Track
    turn: Turn
    before: str | None

    @property
    def label(self) -> str:
        """The lane in words."""
        return label([self.track.lane]) if self.track.lane else ""


@dataclass(frozen=True)
class Day:
    """What the panel shows while nothing is chosen."""

    counts: dict[str, int]  # lanes by status, the worst first
    total: int
    changed: list[Turned]  # on that day
    newest: list[tuple[AnnouncementAnswer, bool]]  # and whether it was announced within the week
    upcoming: list[Turned]
    overdue: list[PledgeAnswer]
    due: list[PledgeAnswer]


def day_view(timeline: Timeline, viewpoint: Viewpoint, clocks: Clocks) -> Day:
    """The day that ends at an instant."""
    at = clocks.as_of
    tracks = [track for key in timeline.tracks for track in timeline.lanes(key, viewpoint.mode, viewpoint.traffic)]
    counted = Counter(track.status(at) for track in tracks)
    pledges = ledger(timeline, clocks)
    until = bisect_right(timeline.announced, at)
    said = zip(timeline.announcements[:until], timeline.announced[:until], strict=True)
    newest = [(each, at - spoken < JUST * DAY) for each, spoken in said][-NEWEST:]
    return Day(
        counts={status.value: counted[status.value] for status in STATUSES},
        total=len(tracks),
        changed=_changed(timeline, at),
        newest=newest[::-1],
        upcoming=_upcoming(timeline, at),
        overdue=sorted((each for each in pledges if each.status == "overdue"), key=lambda each: each.overdue_days or 0)[
            :SOONEST
        ],
        due=sorted((each for each in pledges if each.due and each.status == "open"), key=lambda each: each.due or "")[
            :SOONEST
        ],
    )


def _changed(timeline: Timeline, at: Instant) -> list[Turned]:
    found = []
    for tracks in timeline.tracks.values():
        for track in tracks:
            number = track.number(at)
            if number >= 0 and at - track.times[number] < DAY:
                found.append(_turned(track, number))
    return found


def _turned(track: Track, number: int) -> Turned:
    return Turned(track, track.turns[number], track.turns[number - 1].change.status if number else None)


def _upcoming(timeline: Timeline, at: Instant) -> list[Turned]:
    """Of measures: each of their changes moves many lanes."""
    found = []
    for key in timeline.kinds(SubjectKind.MEASURE):
        for track in timeline.tracks.get(key, ()):
            found += [_turned(track, track.turns.index(turn)) for turn in track.upcoming(at)]
    return sorted(found, key=lambda each: each.turn.at)[:SOONEST]
