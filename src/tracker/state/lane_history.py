"""One lane through time: its status from each point on, and the reasons at an instant. Source: design §6."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tracker.model.dates import BEGINNING, Edge, Instant
from tracker.model.effects import Readiness
from tracker.model.vocabulary import Level, ReadinessState, Status
from tracker.state.consents import ApplicableMeasure, Cause, RequiredConsents, joined, required_consents
from tracker.state.deciding import Judgement, SlotChange, judged
from tracker.state.decision_changes import DecisionChange, at_place, measure_changes, readiness_changes
from tracker.state.lanes import Lane, onward
from tracker.state.observations import Seen, passages
from tracker.state.permission import (
    Contribution,
    causes,
    consequences,
    exceptions,
    infrastructure,
)
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Question
from tracker.state.status import PASSABLE, UNHINDERED, status_of
from tracker.state.tracks import Stretch, TrackSet, maker, open_edge, track_set
from tracker.timeline.track_history import deciding, lapsed

WORST_LEVEL_FIRST = {level: rank for rank, level in enumerate(Level)}
WORST_READINESS_FIRST = {ReadinessState.ABSENT: 0, ReadinessState.WORKS: 1, ReadinessState.READY: 2}


class Verdict(NamedTuple):
    """A lane's status at an instant but for passages, and the reasons."""

    status: Status  # never `operating`: that takes a passage
    causes: tuple[Cause, ...]  # the worst first
    readiness: tuple[int, ...]  # rows, the worst first
    exceptions: tuple[Cause, ...]  # restrictions of a part that the question leaves open: beside the status


class Uncertainty(NamedTuple):
    """Another status of a lane or a track that is possible because an edge is uncertain."""

    alternative: str | None
    edge: Edge


class Move(NamedTuple):
    """A change of what decides a track on which a lane depends."""

    at: Instant
    track: int
    before: int  # rows; -1 where nothing decides
    after: int
    status: Status  # of the lane from then on


@dataclass(frozen=True, eq=False)
class LaneHistory:
    """One lane in one state of knowledge, from the beginning of time on.

    Points are the instants at which its status may change, ascending, the beginning of time first; most questions are
    about the number of one of them.
    """

    view: View
    lane: Lane
    question: Question = ANYTHING

    @cached_property
    def _needed(self) -> RequiredConsents:
        question = self.question
        lane = onward(self.view.registry, self.lane, question.origin, question.destination)
        return required_consents(self.view, lane, question)

    @cached_property
    def tracks(self) -> tuple[int, ...]:
        """The tracks on which the status depends."""
        return tuple(sorted(self._needed.tracks))

    @cached_property
    def track_set(self) -> TrackSet:
        """The tracks on which the status depends, looked at together."""
        return track_set(self.view, self.tracks)

    @cached_property
    def seen(self) -> list[Seen]:
        """Passages, and reports that there were none."""
        return passages(self.view, self.lane, self.question)

    @cached_property
    def _passages(self) -> list[Instant]:
        """When something was seen to pass, ascending."""
        return sorted(seen.on.latest for seen in self.seen if not seen.effect.none)

    @cached_property
    def points(self) -> list[Instant]:
        """The instants at which the status may change."""
        points = self.track_set.points
        return sorted({*points, *self._passages}) if self._passages else points

    def verdict(self, at: Instant) -> Verdict:
        """The verdict at an instant."""
        return self._judge(self.track_set.standings(at), at)

    def _judge(self, standings: Mapping[int, int], at: Instant) -> Verdict:
        """The verdict at an instant. Args: standings: what stands on each track."""
        slots, consents, silences, readiness = self._needed
        reasons = list(silences)
        decisions = [0] * len(slots.roles)
        for consent in consents:
            slot, role = consent.slot, slots.roles[consent.slot]
            decisions[slot], counting = causes(self.view, consent, role, standings, at, self.question, self._dated)
            reasons += [(slot, cause) for cause in counting]
        for slot, track in readiness:
            lacking = infrastructure(self.view, standings[track])
            decisions[slot] |= 0 if lacking is None else 1 << lacking
        following = list(map(consequences, slots.roles, decisions))
        decisive = slots.deciding(following)
        beside = exceptions(self.view, consents, standings, at, self.question)
        rows = [standings[track] for slot, track in readiness if slot in decisive and standings[track] >= 0]
        return Verdict(
            status_of(joined(following, decisive)),
            tuple(self._worst_first(reason for reason in reasons if reason[0] in decisive)),
            tuple(sorted(rows, key=self._readiness)),
            tuple(self._worst_first((0, cause) for cause in beside)),
        )

    def _worst_first(self, reasons: Iterable[tuple[int, Cause]]) -> list[Cause]:
        """Causes, each once, by how bad they are, then along the path, then the longest standing first.

        Args: reasons: with the slots of the causes.
        """

        def urgency(reason: tuple[int, Cause]) -> tuple[int, int, Instant, int, int]:
            slot, cause = reason
            place = self._places.get(cause.place, -1)
            return WORST_LEVEL_FIRST[cause.level], place, cause.begun, slot, cause.number

        return list(dict.fromkeys(cause for _, cause in sorted(reasons, key=urgency)))

    @cached_property
    def _places(self) -> dict[str, int]:
        """The number of each place along the path."""
        return self._needed.slots.numbers

    def _dated(self, applicable: ApplicableMeasure, at: Instant, made: Contribution) -> tuple[Instant, int]:
        """Since when a contribution has stood at an instant, and the number of its cause."""
        changes = self._changes_of(applicable)
        number = bisect_right(changes, at, key=_instant_of) - 1
        change = changes[number] if number >= 0 else None
        if change is None or change.more < 0 or change.decision is not made.decision:  # another reading of an edge
            return self.view.begins(made.row).latest, 0
        return change.at, at_place(change.cause, self._places.get(applicable.place, -1))

    def _readiness(self, row: int) -> int:
        effect = self.view.said(row)
        assert isinstance(effect, Readiness)
        return WORST_READINESS_FIRST[effect.state]

    def number(self, at: Instant) -> int:
        """The number of the last point by an instant."""
        return bisect_right(self.points, at) - 1

    def status(self, number: int) -> Status:
        """The status from one of the points on."""
        return self._statuses[number]

    def decides(self, number: int) -> Judgement:
        """The status from one of the points on, and the causes that decide it; a mere prolongation leaves both."""
        status = self._statuses[number]
        return Judgement(status, 0 if status is Status.OPERATING else self._causes[number].causes)

    @cached_property
    def _statuses(self) -> list[Status]:
        """The status from each point on."""
        return [
            Status.OPERATING if status in UNHINDERED and self._passed_by(number) else status
            for number, (status, _) in enumerate(self._judged)
        ]

    def _passed_by(self, number: int) -> bool:
        """Whether something was seen to pass by a point since the lane last became passable."""
        start = self.passable_from(number)
        assert start is not None
        return bisect_right(self._passages, self.points[number]) > bisect_left(self._passages, self.points[start])

    @cached_property
    def _judged(self) -> list[Judgement]:
        """The status from each point on, but for passages: never `operating`."""
        return judged(self._needed.slots, self.points, self._changes())

    @cached_property
    def _causes(self) -> list[Judgement]:
        """The status from each point on, but for passages, and what decides it."""
        return judged(self._needed.slots, self.points, self._changes(), causes=True)

    def _changes(self) -> Iterator[SlotChange]:
        """The changes of decisions in each slot."""
        for consent in self._needed.consents:
            for applicable in consent.measures:
                place = self._places.get(applicable.place, -1)
                for change in self._changes_of(applicable):
                    yield SlotChange(change.at, consent.slot, change, at_place(change.cause, place))
        for slot, track in self._needed.readiness:
            for change in readiness_changes(self.view, track, self._course):
                yield SlotChange(change.at, slot, change, change.cause)

    def _changes_of(self, applicable: ApplicableMeasure) -> Sequence[DecisionChange]:
        """The changes of a measure's decision; kept with the view, as many lanes share them."""
        key = DecisionChange, applicable.tracks, applicable.terms, self.question
        changes = self.view.memo.get(key)
        if changes is None:
            changes = tuple(measure_changes(self.view, applicable, self._course, self.question))
            self.view.memo[key] = changes
        assert isinstance(changes, tuple)
        return changes

    def _course(self, track: int) -> Iterable[Stretch]:
        course = self.view.course(track)
        return zip(course.points, course.standings, strict=True)

    def passable_from(self, number: int) -> int | None:
        """The point since which the lane has been passable without a break; None where it is not passable."""
        return self._passable_from[number]

    @cached_property
    def _passable_from(self) -> list[int | None]:
        begun: int | None = None
        numbers: list[int | None] = []
        for number, (status, _) in enumerate(self._judged):
            begun = None if status not in PASSABLE else number if begun is None else begun
            numbers.append(begun)
        return numbers

    def passed(self, at: Instant) -> list[Seen]:
        """The passages seen by an instant since the lane last became passable."""
        start = self.passable_from(self.number(at))
        if start is None:
            return []
        since = self.points[start]
        return [seen for seen in self.seen if not seen.effect.none and since <= seen.on.latest <= at]

    def since(self, number: int) -> int:
        """The point at which the present status began."""
        status = self.status(number)
        while number and self.status(number - 1) is status:
            number -= 1
        return number

    def runs(self) -> list[int]:
        """The points at which the status changes, the beginning of time first."""
        return [n for n in range(len(self.points)) if n == 0 or self.status(n) is not self.status(n - 1)]

    def causal_runs(self) -> list[int]:
        """The points at which the status changes or what decides it, the beginning of time first."""
        return [n for n in range(len(self.points)) if n == 0 or self.decides(n) != self.decides(n - 1)]

    def edge(self, number: int) -> Edge | None:
        """A point with its uncertainty; None for the beginning of time."""
        at = self.points[number]
        if at == BEGINNING:
            return None
        uncertain = self.track_set.edge_at(at)
        return uncertain or next((seen.on for seen in self.seen if seen.on.latest == at), Edge(at, at))

    def moves(self, number: int) -> list[Move]:
        """The changes on tracks at one of the points; none at the beginning of time."""
        if number == 0:
            return []
        at = self.points[number]
        return [Move(at, *move, self.status(number)) for move in self.track_set.moves.get(at, ())]

    def coming(self, at: Instant) -> list[Move]:
        """The changes known for later than an instant, soonest first."""
        later = range(self.number(at) + 1, len(self.points))
        return [move for number in later for move in self.moves(number)]

    def made_by(self, number: int) -> tuple[str, ...]:
        """The announcements that made the lane what it is from one of its points on; none at the beginning of time."""
        if number == 0:
            return ()
        at = self.points[number]
        rows = [maker(self.view, move.before, move.after, at) for move in self.moves(number)]
        rows += [seen.row for seen in self.seen if seen.on.latest == at and not seen.effect.none]
        return tuple(dict.fromkeys(self.view.row(row).announcement for row in rows if row >= 0))

    def uncertainty(self, at: Instant) -> Uncertainty | None:
        """Another status that the lane may have at an instant, because an edge is uncertain.

        Tracks that wait for the same edge move together: one event moved them all.
        """
        undecided = self.track_set.undecided(at)
        if not undecided:
            return None
        standings = self.track_set.standings(at)
        by_edge: dict[Edge, dict[int, int]] = {}
        for track, row in undecided:
            edge = open_edge(self.view, at, deciding(standings[track]), row)
            by_edge.setdefault(edge, {}).setdefault(track, row)
        for edge, rows in by_edge.items():
            alternative = self._judge({**standings, **_instead(standings, rows)}, at).status
            if alternative is not self._judged[self.number(at)].status:
                return Uncertainty(alternative, edge)
        return None


def _instant_of(change: DecisionChange) -> Instant:
    return change.at


def _instead(standings: Mapping[int, int], rows: Mapping[int, int]) -> Mapping[int, int]:
    """The standings of some tracks if other rows (or none, -1) decided them; where none does, the former has ended."""
    ended = {track: lapsed(standing) if standing >= 0 else standing for track, standing in standings.items()}
    return {track: row if row >= 0 else ended[track] for track, row in rows.items()}


def lane_history(view: View, lane: Lane, question: Question = ANYTHING) -> LaneHistory:
    """The history of a lane; that of a question without goods or a class is kept with the view."""
    if question != ANYTHING:
        return LaneHistory(view, lane, question)
    history = view.memo.get(lane)
    if history is None:
        history = view.memo[lane] = LaneHistory(view, lane)
    assert isinstance(history, LaneHistory)
    return history
