"""Everything that was ever so, by lane: worked out once for each state of the record and of knowledge."""

import math
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from tracker.model.dates import BEGINNING, FOREVER, Edge, Instant, moment
from tracker.model.registry import Border
from tracker.model.vocabulary import Mode, Status, SubjectKind, Traffic
from tracker.queries.announcements import AnnouncementFilter, announcements
from tracker.queries.clocks import Clocks
from tracker.queries.history import StatusChange, status_changes
from tracker.queries.selection import Selection, Stateful, chosen
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.services.records import Tracker
from tracker.state.lanes import Lane
from tracker.state.observations import Seen, passages
from tracker.state.record import View
from tracker.state.scope import Question
from tracker.state.severity import SEVERITY
from tracker.web.map_layout import Sheet, sheet_of
from tracker.web.time_axis import Scale, day_of, scales

T = TypeVar("T")

KEPT = 6  # states of knowledge
STATUSES = tuple(sorted(Status, key=lambda status: -SEVERITY[status]))  # from the worst to the best
RANK: Mapping[str, int] = {status.value: number for number, status in enumerate(STATUSES)}
AGES_AGO = -1_000_000.0


def local_day(at: Instant, tz: tzinfo) -> float:
    """Days since 1970 by the dataset's own calendar; the hour as a fraction."""
    if at <= BEGINNING:
        return AGES_AGO
    if at >= FOREVER:
        return -AGES_AGO
    local = moment(at, tz).replace(tzinfo=None)
    return math.floor((local - datetime(1970, 1, 1)) / timedelta(days=1) * 10_000) / 10_000


class Blend(NamedTuple):
    """What several lanes amount to together: the worst of them and the best."""

    worst: str
    best: str

    @property
    def words(self) -> str:
        return self.worst if self.worst == self.best else f"{self.worst} to {self.best}"


@dataclass(frozen=True, eq=False)
class Track:
    """One lane of a subject, or the subject itself where it has none, through all of time."""

    subject: Stateful
    lane: Lane | None
    turns: tuple[StatusChange, ...]
    edges: tuple[Edge | None, ...]  # of each turn; None where the day is known
    announced: tuple[Instant | None, ...]  # of each turn: when it had been announced in full
    passed: tuple[Seen, ...] = ()

    @cached_property
    def times(self) -> list[Instant]:
        return [turn.at for turn in self.turns]

    def number(self, at: Instant) -> int:
        """Which turn an instant comes after; -1 before the first."""
        return bisect_right(self.times, at) - 1

    def status(self, at: Instant) -> str:
        number = self.number(at)
        return self.turns[number].change.status if number >= 0 else "none"

    def upcoming(self, at: Instant) -> list[StatusChange]:
        """What had been announced by an instant for later."""
        start = self.number(at) + 1
        later = zip(self.turns[start:], self.announced[start:], strict=True)
        return [turn for turn, said in later if said is not None and said <= at]


class Timeline:
    """All tracks in one state of knowledge, and what else a page needs of it."""

    def __init__(self, tracker: Tracker, clocks: Clocks, goods: str | None) -> None:
        self.record, self.clocks, self.goods = tracker.record, clocks, goods
        self.today = tracker.today
        self.view: View = tracker.record.at(clocks.known)
        self.tz = tracker.record.tz
        self.position = tracker.record.position
        self._lock = threading.RLock()
        self._kept: dict[str, Any] = {}

    @cached_property
    def announcements(self) -> list[AnnouncementAnswer]:
        """In the order of announcement."""
        return announcements(self.record, self.clocks, AnnouncementFilter())

    @cached_property
    def announced(self) -> list[Instant]:
        """When each of them was announced."""
        return [self.view.contents[each.id][0].order for each in self.announcements]

    @cached_property
    def spoken(self) -> list[float]:
        """The days on which they were."""
        return [local_day(at, self.tz) for at in self.announced]

    @cached_property
    def by_id(self) -> Mapping[str, AnnouncementAnswer]:
        return {each.id: each for each in self.announcements}

    @cached_property
    def tracks(self) -> Mapping[str, tuple[Track, ...]]:
        """By subject."""
        return {
            subject.id: tuple(self._tracks(subject))
            for subject in chosen(self.view.registry, Selection(goods=self.goods))
        }

    def _tracks(self, subject: Stateful) -> Iterator[Track]:
        selection = Selection(goods=self.goods)
        for lane, each in status_changes(self.view, subject, selection):
            seen = passages(self.view, lane, Question(self.goods)) if lane else ()
            yield Track(
                subject,
                lane,
                tuple(each),
                tuple(_edge(turn, self.tz) for turn in each),
                tuple(self._announced(turn) for turn in each),
                tuple(seen),
            )

    def _announced(self, turn: StatusChange) -> Instant | None:
        found = [self.view.contents[key][0].order for key in turn.change.announcements if key in self.view.contents]
        return max(found, default=None)

    @cached_property
    def sheet(self) -> Sheet:
        return sheet_of(self.view.registry)

    @cached_property
    def span(self) -> tuple[int, int]:
        """The first and the last day that the time machine shows."""
        events = [at for each in self._all for at in each.times if BEGINNING < at < FOREVER] + self.announced
        days = [local_day(at, self.tz) for at in events] or [float(day_of(self.today))]
        return int(min(days)) - 45, int(max(*days, day_of(self.today))) + 60

    @property
    def _all(self) -> Iterable[Track]:
        return (track for each in self.tracks.values() for track in each)

    @cached_property
    def scales(self) -> Mapping[str, Scale]:
        return scales(self.spoken, *self.span)

    def lanes(self, subject: str, modes: Sequence[Mode], traffic: Sequence[Traffic]) -> list[Track]:
        """The lanes of a subject that a filter lets through."""
        found = self.tracks.get(subject, ())
        return [each for each in found if each.lane and each.lane.mode in modes and each.lane.traffic in traffic]

    def blend(self, tracks: Sequence[Track], at: Instant) -> Blend | None:
        """What tracks amount to together; None where there is none."""
        found = sorted((track.status(at) for track in tracks), key=lambda each: RANK.get(each, 99))
        return Blend(found[0], found[-1]) if found else None

    @property
    def tag(self) -> str:
        """What tells this state of knowledge from others of the same record."""
        return f"{self.clocks.known.announced_by}-{self.clocks.known.recorded_by}-{self.goods or ''}"

    def prepare(self) -> None:
        """Work out all that a page needs."""
        _ = self.tracks, self.sheet, self.scales, self.by_id

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """Something made of this timeline, made once."""
        with self._lock:
            if name not in self._kept:
                self._kept[name] = make()
        found: T = self._kept[name]
        return found

    def name(self, key: str, other: str | None = None) -> str:
        """What people call a subject; a border goes by its two sides."""
        registry = self.view.registry
        subject = registry.with_state.get(key)
        if isinstance(subject, Border) and not subject.name:
            sides = [registry.territories[side].name for side in subject.between if side in registry.territories]
            return " – ".join(side.removesuffix(" (mainland)") for side in sides)
        return (subject.name if subject is not None else None) or other or key

    def day_text(self, at: Instant) -> str:
        """An instant's day, as people write it."""
        return moment(at, self.tz).date().isoformat()

    def kinds(self, kind: SubjectKind) -> list[str]:
        return [key for key, each in self.view.registry.with_state.items() if each.type is kind]


def _edge(turn: StatusChange, tz: tzinfo) -> Edge | None:
    """The days between which a turn took place, if it is not known to the day."""
    text = turn.change.at or ""
    if not text.startswith("["):
        return None
    first = datetime.fromisoformat(text[1:11]).replace(tzinfo=tz)
    return Edge(int(first.timestamp()) * 1_000_000, turn.at)


class Timelines:
    """The last few timelines that were asked for; shared by threads."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[object, ...], Timeline] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, tracker: Tracker, clocks: Clocks, goods: str | None) -> Timeline:
        """The timeline of a record, in a state of knowledge, for a class of goods."""
        key = (id(tracker.record), tracker.record.position, tracker.today, clocks.known, goods)
        with self._lock:
            found = self._held.get(key)
            if found is None:
                found = self._held[key] = Timeline(tracker, clocks, goods)
            self._held.move_to_end(key)
            while len(self._held) > KEPT:
                self._held.popitem(last=False)
        return found
