"""From everybody's word along a lane to its status. Source: design §6, the last table."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tracker.model.dates import BEGINNING, Edge, Instant
from tracker.model.effects import Readiness
from tracker.model.vocabulary import Level, ReadinessState, Status
from tracker.state.bundle import Bundle, bundle, open_edge
from tracker.state.lanes import Lane
from tracker.state.observations import Seen, passages
from tracker.state.permission import Cause, Leave, causes, leave, worst_first
from tracker.state.readiness import readiness_tracks
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Question
from tracker.state.status import PASSABLE, status_from
from tracker.timeline.track_history import deciding, lapsed
from tracker.timeline.value_at import Reading

MANY = 64  # tracks: where more of them bear on a lane, its points are judged all at once
BY_ITS_WORD = (Level.PERMITTED, Level.RESTRICTED)
WORST_READINESS_FIRST = (ReadinessState.ABSENT, ReadinessState.WORKS, ReadinessState.READY)


class Judgement(NamedTuple):
    """What a lane amounts to while the same stands on every track of it, whatever has been seen to pass."""

    status: Status  # never `operating`: that takes a passage
    word: Sequence[Cause]  # of those that were not silent, in no order
    readiness: tuple[int, ...]  # rows, the worst first


class Verdict(NamedTuple):
    """What a lane amounts to at an instant, whatever has been seen to pass."""

    status: Status  # never `operating`: that takes a passage
    causes: tuple[Cause, ...]
    readiness: tuple[int, ...]  # rows, the worst first


class Uncertainty(NamedTuple):
    """What a lane, or a track, would be if an uncertain edge fell on another of its days."""

    alternative: str | None
    edge: Edge


class Move(NamedTuple):
    """A change of what decides a track."""

    at: Instant
    track: int
    before: int  # rows; -1 where nothing decides
    after: int
    status: Status  # of the lane from then on


@dataclass(frozen=True, eq=False)
class LaneHistory:
    """One lane in one state of knowledge, evaluated where it is looked at."""

    view: View
    lane: Lane
    question: Question = ANYTHING
    _judgements: dict[tuple[int, ...], Judgement] = field(init=False, default_factory=dict)
    _statuses: dict[tuple[int, ...], Status] = field(init=False, default_factory=dict)
    _begun: dict[int, int | None] = field(init=False, default_factory=dict)

    @cached_property
    def _leave(self) -> Leave:
        return leave(self.view, self.lane, self.question)

    @cached_property
    def _readiness(self) -> tuple[int, ...]:
        return readiness_tracks(self.view, self.lane)

    @cached_property
    def tracks(self) -> tuple[int, ...]:
        """The tracks on which the status depends."""
        return tuple(sorted(self._leave.tracks.union(self._readiness)))

    @cached_property
    def bundle(self) -> Bundle:
        """The same, as they run together."""
        return bundle(self.view, self.tracks)

    @cached_property
    def seen(self) -> list[Seen]:
        """Passages, and reports that there were none."""
        return passages(self.view, self.lane, self.question)

    @cached_property
    def _seen_to_pass(self) -> list[Instant]:
        """When something was seen to pass, ascending."""
        return sorted(seen.on.latest for seen in self.seen if not seen.effect.none)

    @cached_property
    def points(self) -> list[Instant]:
        """Where the status may change, ascending, from the beginning of time."""
        points = self.bundle.points
        return sorted({*points, *self._seen_to_pass}) if self._seen_to_pass else points

    def verdict(self, at: Instant, reading: Reading = Reading.LATE) -> Verdict:
        """The verdict at an instant."""
        if reading is Reading.LATE:
            found = self._judge(self.bundle.standings(at))
        else:
            winners, ended = self.view.decided(at, reading)
            found = self._judge(
                tuple(winners[each] if winners[each] >= 0 else lapsed(ended[each]) for each in self.tracks)
            )
        word = worst_first(self.view, self.lane, (*self._leave.silences, *found.word))
        return Verdict(found.status, tuple(word), found.readiness)

    def _judge(self, standings: tuple[int, ...]) -> Judgement:
        found = self._judgements.get(standings)
        if found is None:
            by_track = dict(zip(self.tracks, standings, strict=True))
            word = causes(self.view, self.lane, self._leave, by_track, self.question)
            rows = sorted((by_track[track] for track in self._readiness if by_track[track] >= 0), key=self._worst)
            status = status_of(word, self._leave.silent, [self._state(row) for row in rows])
            found = Judgement(status, word, tuple(rows))
            self._judgements[standings] = found
        return found

    def _state(self, row: int) -> ReadinessState:
        effect = self.view.effect(row)
        assert isinstance(effect, Readiness)
        return effect.state

    def _worst(self, row: int) -> int:
        return WORST_READINESS_FIRST.index(self._state(row))

    def number(self, at: Instant) -> int:
        """Which of the points an instant comes after."""
        return bisect_right(self.points, at) - 1

    def _permitted(self, number: int) -> Status:
        """The status from one of the points on, whatever has been seen to pass."""
        if len(self.tracks) > MANY:
            return self._swept[number]
        at = self.points[number]
        said = self.bundle.said(at)  # whatever its dates: a ban that was extended thirty times is judged once
        found = self._statuses.get(said)
        if found is None:
            found = self._statuses[said] = self._judge(self.bundle.standings(at)).status
        return found

    @cached_property
    def _swept(self) -> list[Status]:
        """The same from each of the points on, where looking at every track at each of them would take too long."""
        from tracker.state.contributions import STATUSES  # as a rule a question needs neither
        from tracker.state.sweep import sweep_of

        sweep = sweep_of(self.view, self.tracks, self.question)
        points, verdicts, _ = sweep.lane(self.lane).tally.verdicts(self.lane)
        here = np.searchsorted(points, self.points, side="right") - 1
        return [STATUSES[code] for code in verdicts[here].tolist()]

    def passable_from(self, number: int) -> int | None:
        """The point since which the lane has been passable without a break; None where it is not passable."""
        begun = self._begun
        first = number
        while first not in begun and self._permitted(first) in PASSABLE:
            if first == 0:
                begun[0] = 0
                break
            first -= 1
        if first not in begun:
            begun[first] = None
        for each in range(first + 1, number + 1):
            before = begun[each - 1]
            begun[each] = each if before is None else before
        return begun[number]

    def passed(self, at: Instant) -> list[Seen]:
        """The passages seen by an instant since the lane last became passable."""
        start = self.passable_from(self.number(at))
        if start is None:
            return []
        since = self.points[start]
        return [seen for seen in self.seen if not seen.effect.none and since <= seen.on.latest <= at]

    def status(self, number: int) -> Status:
        """The status from one of the points on."""
        status = self._permitted(number)
        if status is not Status.OPEN or not self._seen_to_pass:
            return status
        start = self.passable_from(number)
        assert start is not None
        times, at = self._seen_to_pass, self.points[number]
        passed = bisect_right(times, at) > bisect_left(times, self.points[start])
        return Status.OPERATING if passed else status

    def since(self, number: int) -> int:
        """The point at which the present status began."""
        status = self.status(number)
        while number and self.status(number - 1) is status:
            number -= 1
        return number

    def edge(self, number: int) -> Edge | None:
        """A point with its uncertainty; None for the beginning of time."""
        at = self.points[number]
        if at == BEGINNING:
            return None
        uncertain = self.bundle.edge_at(at)
        return uncertain or next((seen.on for seen in self.seen if seen.on.latest == at), Edge(at, at))

    def moves(self, number: int) -> list[Move]:
        """What changes at one of the points; nothing at the beginning of time."""
        if number == 0:
            return []
        at = self.points[number]
        return [Move(at, *turned, self.status(number)) for turned in self.bundle.turned.get(at, ())]

    def coming(self, at: Instant) -> list[Move]:
        """The changes known for later than an instant, soonest first."""
        later = range(self.number(at) + 1, len(self.points))
        return [move for number in later for move in self.moves(number)]

    def runs(self) -> list[int]:
        """The points at which the status changes, the beginning of time first."""
        return [n for n in range(len(self.points)) if n == 0 or self.status(n) is not self.status(n - 1)]

    def uncertainty(self, at: Instant) -> Uncertainty | None:
        """Another status that the lane may have at an instant, because an edge is uncertain.

        Tracks that wait for the same edge move together: one event moved them all.
        """
        open_here = self.bundle.undecided(at)
        if not open_here:
            return None
        number = self.number(at)
        here = dict(zip(self.tracks, self.bundle.standings(at), strict=True))
        together: dict[Edge, dict[int, int]] = {}
        for track, row in open_here:
            edge = open_edge(self.view, at, deciding(here[track]), row)
            together.setdefault(edge, {}).setdefault(track, row)
        for edge, others in together.items():
            alternative = self._judge(tuple(_instead(here, others))).status
            if alternative is not self._permitted(number):
                return Uncertainty(alternative, edge)
        return None


def _instead(here: Mapping[int, int], others: Mapping[int, int]) -> Iterator[int]:
    """What stands if other rows (or none, -1) decided some tracks; where none does, what decided has ended."""
    for track, standing in here.items():
        row = others.get(track)
        if row is None or (row < 0 and standing < 0):
            yield standing
        else:
            yield row if row >= 0 else lapsed(standing)


def lane_history(view: View, lane: Lane, question: Question = ANYTHING) -> LaneHistory:
    """The history of a lane; that of a question without classes is kept with the view."""
    if question != ANYTHING:
        return LaneHistory(view, lane, question)
    found = view.memo.get(lane)
    if found is None:
        found = view.memo[lane] = LaneHistory(view, lane)
    assert isinstance(found, LaneHistory)
    return found


def status_of(word: Sequence[Cause], silent: frozenset[Level], readiness: Sequence[ReadinessState]) -> Status:
    """The status that everybody's word or silence and the infrastructure amount to."""
    levels = silent.union([cause.level for cause in word])
    return status_from(
        prohibited=Level.PROHIBITED in levels,
        unknown=Level.UNKNOWN in levels,
        spoken=any(cause.level in BY_ITS_WORD and cause.required for cause in word),
        lacking=any(state is not ReadinessState.READY for state in readiness),
        restricted=Level.RESTRICTED in levels,
    )
