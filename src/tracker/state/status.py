"""From everybody's word along a lane to its status. Source: design §6, the last table."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tracker.model.dates import BEGINNING, Edge, Instant
from tracker.model.effects import Readiness
from tracker.model.vocabulary import Level, ReadinessState, Status
from tracker.state.passage import Seen, passages
from tracker.state.paths import Lane
from tracker.state.permission import Cause, Leave, causes, leave
from tracker.state.record import Decided, View
from tracker.state.scope import ANYTHING, Question
from tracker.timeline.value_at import Reading

PASSABLE = (Status.RESTRICTED, Status.OPERATING, Status.OPEN)
BY_ITS_WORD = (Level.PERMITTED, Level.RESTRICTED)


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

    @cached_property
    def _leave(self) -> Leave:
        return leave(self.view, self.lane, self.question)

    @cached_property
    def _readiness(self) -> tuple[int, ...]:
        return readiness_tracks(self.view, self.lane)

    @cached_property
    def tracks(self) -> tuple[int, ...]:
        """The tracks on which the status depends."""
        return tuple(sorted(self._leave.tracks | set(self._readiness)))

    @cached_property
    def seen(self) -> list[Seen]:
        """Passages, and reports that there were none."""
        return passages(self.view, self.lane, self.question)

    @cached_property
    def points(self) -> list[Instant]:
        """Where the status may change, ascending, from the beginning of time."""
        moved = {seen.on.latest for seen in self.seen if not seen.effect.none}
        return [BEGINNING, *sorted(moved.union(self.view.changes(self.tracks)))]

    @cached_property
    def _verdicts(self) -> dict[tuple[int, ...], Verdict]:
        return {}

    def verdict(self, at: Instant, reading: Reading = Reading.LATE) -> Verdict:
        """The verdict at an instant."""
        return self._judge(self.view.decided(at, reading))

    def _judge(self, decided: Decided) -> Verdict:
        winners, ended = decided
        key = tuple(winners[track] if winners[track] >= 0 else -2 - ended[track] for track in self.tracks)
        found = self._verdicts.get(key)
        if found is None:
            word = tuple(causes(self.view, self.lane, self._leave, decided, self.question))
            rows = sorted((winners[track] for track in self._readiness if winners[track] >= 0), key=self._worst)
            found = Verdict(status_of(word, [self._state(row) for row in rows]), word, tuple(rows))
            self._verdicts[key] = found
        return found

    def _state(self, row: int) -> ReadinessState:
        effect = self.view.effect(row)
        assert isinstance(effect, Readiness)
        return effect.state

    def _worst(self, row: int) -> int:
        return (ReadinessState.ABSENT, ReadinessState.WORKS, ReadinessState.READY).index(self._state(row))

    def number(self, at: Instant) -> int:
        """Which of the points an instant comes after."""
        return bisect_right(self.points, at) - 1

    def passable_from(self, number: int) -> int | None:
        """The point since which the lane has been passable without a break; None where it is not passable."""
        if self.verdict(self.points[number]).status not in PASSABLE:
            return None
        while number and self.verdict(self.points[number - 1]).status in PASSABLE:
            number -= 1
        return number

    def passed(self, at: Instant) -> list[Seen]:
        """The passages seen by an instant since the lane last became passable."""
        start = self.passable_from(self.number(at))
        if start is None:
            return []
        since = self.points[start]
        return [seen for seen in self.seen if not seen.effect.none and since <= seen.on.latest <= at]

    def status(self, number: int) -> Status:
        """The status from one of the points on."""
        status = self.verdict(self.points[number]).status
        return Status.OPERATING if status is Status.OPEN and self.passed(self.points[number]) else status

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
        columns = self.view.assertions
        for track in self.tracks:
            for row in self.view.rows_of[track]:
                if columns.begins_latest[row] == at and columns.begins_earliest[row] != at:
                    return self.view.row(int(row)).begins
                if columns.ends_latest[row] == at and columns.ends_earliest[row] != at:
                    return self.view.row(int(row)).ends
        return next((seen.on for seen in self.seen if seen.on.latest == at), Edge(at, at))

    def moves(self, number: int) -> list[Move]:
        """What changes at one of the points."""
        at = self.points[number]
        before, after = self.view.winners(at - 1), self.view.winners(at)
        return [
            Move(at, track, before[track], after[track], self.status(number))
            for track in self.tracks
            if before[track] != after[track]
        ]

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
        here, status = self.view.decided(at), self.verdict(at).status
        together: dict[Edge, dict[int, int]] = {}
        for track, row in undecided(self.view, at, self.tracks):
            edge = open_edge(self.view, at, here.winners[track], row)
            together.setdefault(edge, {}).setdefault(track, row)
        for edge, others in together.items():
            alternative = self._judge(here.but(others.items())).status
            if alternative is not status:
                return Uncertainty(alternative, edge)
        return None


def lane_history(view: View, lane: Lane, question: Question = ANYTHING) -> LaneHistory:
    """The history of a lane; that of a question without classes is kept with the view."""
    if question != ANYTHING:
        return LaneHistory(view, lane, question)
    found = view.memo.get(lane)
    if found is None:
        found = view.memo[lane] = LaneHistory(view, lane)
    assert isinstance(found, LaneHistory)
    return found


def readiness_tracks(view: View, lane: Lane) -> tuple[int, ...]:
    """The tracks of what parties said of the infrastructure of a lane's places, for its mode."""
    places = {place.lower() for place in lane.places}
    return tuple(
        track for name, track in view.readiness if name[2] in places and name[3] == lane.mode and track in view.rows_of
    )


def status_of(word: Sequence[Cause], readiness: Sequence[ReadinessState]) -> Status:
    """The first status that applies."""
    levels = {cause.level for cause in word}
    if Level.PROHIBITED in levels:
        return Status.CLOSED
    if Level.UNKNOWN in levels:
        spoken = any(cause.level in BY_ITS_WORD and cause.required for cause in word)
        return Status.ONE_SIDED if spoken else Status.UNVERIFIED
    if any(state is not ReadinessState.READY for state in readiness):
        return Status.UNREADY
    return Status.RESTRICTED if Level.RESTRICTED in levels else Status.OPEN


def undecided(view: View, at: Instant, tracks: Sequence[int]) -> list[tuple[int, int]]:
    """For each track whose value is uncertain at an instant, the rows (or -1) that may decide it instead."""
    certain, possible, late = (
        view.winners(at, reading) for reading in (Reading.CERTAIN, Reading.POSSIBLE, Reading.LATE)
    )
    found = []
    for track in tracks:
        if certain[track] == possible[track]:
            continue
        columns = view.assertions
        rows = [
            int(row)
            for row in view.rows_of[track]
            if row > certain[track] and columns.begins_earliest[row] <= at < columns.ends_latest[row]
        ]
        found += [(track, row) for row in (*reversed(rows), certain[track]) if row != late[track]]
    return found


def open_edge(view: View, at: Instant, row: int, other: int) -> Edge:
    """The uncertain edge that leaves open which of two rows decides at an instant."""
    for candidate in (other, row):
        if candidate < 0:
            continue
        assertion = view.row(candidate)
        for edge in (assertion.begins, assertion.ends):
            if edge.earliest <= at < edge.latest:
                return edge
    return Edge(at, at)
