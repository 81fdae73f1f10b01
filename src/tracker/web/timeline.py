"""The timeline: the status of every lane through all of time, computed once for each state of the record."""

import math
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import NamedTuple

from tracker.model.dates import BEGINNING, FOREVER, Edge, Instant, moment
from tracker.model.names import name_of
from tracker.model.vocabulary import Mode, SubjectKind, Traffic
from tracker.presentation.statuses import LOOKS, look
from tracker.queries.announcements import AnnouncementFilter, announcements
from tracker.queries.clocks import Clocks, end_of_cover
from tracker.queries.history import StatusChange, status_changes
from tracker.queries.reasons import reason_at
from tracker.queries.selection import Selection, Stateful, chosen
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.services.records import Tracker
from tracker.state.instruments import pledges
from tracker.state.lane_history import lane_history
from tracker.state.lanes import Lane
from tracker.state.observations import Seen, passages
from tracker.state.record import View
from tracker.web.map_layout import MapSheet, sheet_of
from tracker.web.time_axis import TimeScale, day_of, scales

MAX_TIMELINES = 6  # kept in memory, the least recently used are dropped
RANK: Mapping[str, int] = {look: number for number, look in enumerate(LOOKS)}
FIRST_DAY = -1_000_000.0  # in place of the beginning of time; its negative stands for the end
DAYS_BEFORE, DAYS_AFTER = 45, 60  # shown before the first event and after the last


def local_day(at: Instant, tz: tzinfo) -> float:
    """Days since 1970 by the dataset's own calendar; the hour as a fraction."""
    if at <= BEGINNING:
        return FIRST_DAY
    if at >= FOREVER:
        return -FIRST_DAY
    local = moment(at, tz).replace(tzinfo=None)
    return math.floor((local - datetime(1970, 1, 1)) / timedelta(days=1) * 10_000) / 10_000


class StatusRange(NamedTuple):
    """The worst and the best status of several lanes."""

    worst: str
    best: str

    @property
    def words(self) -> str:
        """The worst and the best status in words; one word if they are equal."""
        return self.worst if self.worst == self.best else f"{self.worst} to {self.best}"


@dataclass(frozen=True, eq=False)
class StatusTrack:
    """The statuses of one lane, or of a subject without lanes, through all of time."""

    subject: Stateful
    lane: Lane | None
    turns: tuple[StatusChange, ...]
    edges: tuple[Edge | None, ...]  # by turn: the span in which it took place; None where the day is known
    announced: tuple[Instant | None, ...]  # by turn: when it had been announced in full
    passages: tuple[Seen, ...] = ()

    @cached_property
    def times(self) -> list[Instant]:
        """The instants of the turns."""
        return [turn.at for turn in self.turns]

    def index_at(self, at: Instant) -> int:
        """The index of the last turn before an instant; -1 before the first."""
        return bisect_right(self.times, at) - 1

    @cached_property
    def looks(self) -> list[str]:
        """The looks of the turns' statuses."""
        return [look(turn.change.status, turn.change.otherwise) for turn in self.turns]

    def status(self, at: Instant) -> str:
        """The look of the status at an instant; "none" before the first turn, and while the lane does not exist."""
        index = self.index_at(at)
        return self.looks[index] if index >= 0 and self.exists(at) else "none"

    def exists(self, at: Instant) -> bool:
        """Whether the lane exists at an instant; a subject without lanes always does."""
        return self.lane is None or self.lane.life.holds(at)

    @property
    def end(self) -> Instant:
        """When the lane ceases to exist; FOREVER where that is not known."""
        return FOREVER if self.lane is None else self.lane.life.end

    def shown(self, at: Instant) -> tuple[object, ...]:
        """All that makes a difference at an instant: the look of the status, the amount and the exemptions."""
        index = self.index_at(at)
        change = self.turns[index].change if index >= 0 else None
        return self.status(at), change and change.amount, change and change.exemptions

    def status_begun(self, at: Instant) -> StatusChange | None:
        """The turn at which the status at an instant began, whatever has decided it since; None before the first."""
        index = self.index_at(at)
        while index > 0 and self.turns[index - 1].change.status == self.turns[index].change.status:
            index -= 1
        return self.turns[index] if index >= 0 else None

    def upcoming(self, at: Instant) -> list[StatusChange]:
        """The turns after an instant that had been announced by then."""
        start = self.index_at(at) + 1
        later = zip(self.turns[start:], self.announced[start:], strict=True)
        return [turn for turn, announced in later if announced is not None and announced <= at]


class PledgeSpan(NamedTuple):
    """The life of a pledge, in days since 1970, and the places that it is about."""

    at: tuple[str, ...]
    begin: float
    end: float  # -FIRST_DAY while it is open


class Timeline:
    """All tracks as known by some clocks, and what pages derive from them."""

    def __init__(self, tracker: Tracker, clocks: Clocks, flow: Selection) -> None:
        self.record, self.clocks, self.flow = tracker.record, clocks, flow
        self.today = tracker.today
        self.position = tracker.record.position
        self.view: View = tracker.record.over_periods(clocks.known, clocks.as_of)
        self.tz = tracker.record.tz

    @cached_property
    def announcements(self) -> list[AnnouncementAnswer]:
        """All announcements, in the order of announcement."""
        return announcements(self.record, self.clocks, AnnouncementFilter())

    @cached_property
    def announced(self) -> list[Instant]:
        """When each announcement was made."""
        return [self.view.contents[announcement.id][0].order for announcement in self.announcements]

    @cached_property
    def announced_days(self) -> list[float]:
        """When each announcement was made, in days since 1970."""
        return [local_day(at, self.tz) for at in self.announced]

    @cached_property
    def by_id(self) -> Mapping[str, AnnouncementAnswer]:
        """All announcements by id."""
        return {announcement.id: announcement for announcement in self.announcements}

    @cached_property
    def tracks(self) -> Mapping[str, tuple[StatusTrack, ...]]:
        """All tracks by subject."""
        return {subject.id: tuple(self._tracks_of(subject)) for subject in chosen(self.view.registry, self.flow)}

    def _tracks_of(self, subject: Stateful) -> Iterator[StatusTrack]:
        question = self.flow.question(self.view.registry)
        for lane, track_turns in status_changes(self.view, subject, self.flow):
            yield StatusTrack(
                subject,
                lane,
                tuple(track_turns),
                tuple(_edge(turn, self.tz) for turn in track_turns),
                tuple(self._announced_at(turn) for turn in track_turns),
                tuple(passages(self.view, lane, question)) if lane else (),
            )

    def _announced_at(self, turn: StatusChange) -> Instant | None:
        contents = self.view.contents
        return max((contents[key][0].order for key in turn.change.announcements if key in contents), default=None)

    @cached_property
    def sheet(self) -> MapSheet:
        """The map without statuses."""
        return sheet_of(self.view.registry)

    @cached_property
    def span(self) -> tuple[int, int]:
        """The first and the last day that the time slider shows."""
        all_tracks = (track for tracks in self.tracks.values() for track in tracks)
        events = [at for track in all_tracks for at in track.times if BEGINNING < at < FOREVER] + self.announced
        today = float(day_of(self.today))
        days = [local_day(at, self.tz) for at in events] or [today]
        return int(min(days)) - DAYS_BEFORE, int(max(*days, today)) + DAYS_AFTER

    @cached_property
    def covered(self) -> float | None:
        """The end of the last day that the coders have covered, in days since 1970; None where it is not said."""
        end = end_of_cover(self.view.registry.dataset, self.tz)
        return None if end is None else local_day(end + 1, self.tz)

    @cached_property
    def scales(self) -> Mapping[str, TimeScale]:
        """The scales of the axis, by name."""
        return scales(self.announced_days, *self.span)

    @cached_property
    def pledge_spans(self) -> list[PledgeSpan]:
        """The life of every pledge."""
        spans = []
        for standing in pledges(self.view, FOREVER - 1):
            begin = self.view.row(standing.row).begins.latest
            end = self.view.row(standing.ended).begins.latest if standing.ended >= 0 else FOREVER
            spans.append(PledgeSpan(standing.pledge.at, local_day(begin, self.tz), local_day(end, self.tz)))
        return spans

    def lanes(self, subject: str, modes: Sequence[Mode], traffic: Sequence[Traffic]) -> list[StatusTrack]:
        """The tracks of those lanes of a subject that have one of some modes and kinds of traffic."""
        tracks = self.tracks.get(subject, ())
        return [track for track in tracks if track.lane and track.lane.mode in modes and track.lane.traffic in traffic]

    def prepare(self) -> None:
        """Compute all that a page needs."""
        _ = self.tracks, self.sheet, self.scales, self.by_id

    def reason(self, track: StatusTrack, at: Instant) -> str:
        """The decisive reason for the status of a track at an instant; of a measure or text, for its last change."""
        if not track.exists(at):
            return ""
        if track.lane is not None:
            return reason_at(lane_history(self.view, track.lane, self.flow.question(self.view.registry)), at)
        index = track.index_at(at)
        return track.turns[index].change.reason if index >= 0 else ""

    def name(self, key: str, other: str | None = None) -> str:
        """The name of a subject, territory or party; a border without one goes by its two sides."""
        name = name_of(self.view.registry, key)
        return (other or key) if name == key else name

    def day_text(self, at: Instant) -> str:
        """The local day of an instant."""
        return moment(at, self.tz).date().isoformat()

    def subjects_of(self, kind: SubjectKind) -> list[str]:
        """The ids of all subjects of a kind."""
        return [key for key, subject in self.view.registry.with_state.items() if subject.type is kind]


def _edge(turn: StatusChange, tz: tzinfo) -> Edge | None:
    """The span in which a turn took place, if it is not known to the day."""
    text = turn.change.at or ""
    if not text.startswith("["):
        return None
    first = datetime.fromisoformat(text[1:11]).replace(tzinfo=tz)
    return Edge(int(first.timestamp()) * 1_000_000, turn.at)


class Timelines:
    """A cache of the timelines last used; safe for threads."""

    def __init__(self) -> None:
        self._timelines: OrderedDict[tuple[object, ...], Timeline] = OrderedDict()
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Forget all timelines."""
        with self._lock:
            self._timelines.clear()

    def of(self, tracker: Tracker, clocks: Clocks, flow: Selection) -> Timeline:
        """The timeline of a record, as known by some clocks, for a flow of goods."""
        key = (
            id(tracker.record),
            tracker.record.position,
            tracker.today,
            clocks.known,
            flow,
            tracker.record.listed_until(clocks.as_of),
        )
        with self._lock:
            timeline = self._timelines.get(key)
            if timeline is None:
                timeline = self._timelines[key] = Timeline(tracker, clocks, flow)
            self._timelines.move_to_end(key)
            while len(self._timelines) > MAX_TIMELINES:
                self._timelines.popitem(last=False)
        return timeline
