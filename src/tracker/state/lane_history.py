"""The reasons for a lane's status at an instant, and what changes it. Source: design §6."""

from bisect import insort
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from typing import NamedTuple

import numpy as np

from tracker.model.dates import BEGINNING, FOREVER, Edge, Instant
from tracker.model.effects import Readiness
from tracker.model.vocabulary import Level, ReadinessState, Status
from tracker.state.beside import Beside, causes_beside
from tracker.state.consents import ApplicableMeasure, Cause, Consent
from tracker.state.deciding import KINDS, RANKS, level_ranks
from tracker.state.decision_spans import FEW
from tracker.state.lane_statuses import LaneStatuses
from tracker.state.lanes import Lane
from tracker.state.many_causes import ManyCauses, SpannedLane
from tracker.state.permission import (
    LACKING,
    LAPSED,
    consequences,
    counting,
    decided_at,
    infrastructure,
)
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Question
from tracker.state.tracks import instead_of, maker, open_edge, waiting
from tracker.timeline.columns import BoolArray, IntArray
from tracker.timeline.track_history import deciding

MANY = 128  # causes that are not made before they are looked at
LEVELS_BY_RANK = tuple(Level)
LEVELS_COUNT = len(LEVELS_BY_RANK)
WORST_READINESS_FIRST = {ReadinessState.ABSENT: 0, ReadinessState.WORKS: 1, ReadinessState.READY: 2}


class Verdict(NamedTuple):
    """A lane's status at an instant but for passages, and the reasons."""

    status: Status  # never `operating`: that takes a passage
    causes: Sequence[Cause]  # the worst first
    readiness: tuple[int, ...]  # rows, the worst first
    exceptions: tuple[Cause, ...]  # restrictions of a part that the question leaves open: beside the status
    formalities: tuple[Cause, ...] = ()  # what anybody can meet
    exposure: tuple[Cause, ...] = ()  # threats to those who pass elsewhere


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


NO_DATE = FOREVER  # the instant of a change that waits for its date


class LaneHistory(LaneStatuses):
    """One lane in one state of knowledge: its statuses, the reasons at an instant, and what changes them."""

    def verdict(self, at: Instant) -> Verdict:
        """The verdict at an instant."""
        number, (slots, _, _, readiness) = self.number(at), self._needed
        decisive, status = slots.deciding(self._best(number)), self._choices[number].status
        beside = list(causes_beside(self.view, self._beside_at(at), at, self.question))
        lacking = {track: self.view.course(track).at(at) for slot, track in readiness if slot in decisive}
        rows = {row: None for row in lacking.values() if row >= 0}
        return Verdict(
            status,
            self._causes_at(at, decisive),
            tuple(sorted(rows, key=self._readiness)),
            *(tuple(self._worst_first((0, cause) for kind, cause in beside if kind is own)) for own in Beside),
        )

    @cached_property
    def _beside(self) -> list[Consent]:
        """The measures that stand beside the status, by consent."""
        pairs = zip(self._needed.consents, self._groups, strict=True)
        return [consent._replace(measures=group.beside) for consent, group in pairs if group.beside]

    def _beside_at(self, at: Instant) -> list[Consent]:
        """The measures that stand beside the status where consent is needed at an instant, by consent."""
        out = self._needed.slots.out_at(at)
        return [consent for consent in self._beside if consent.slot not in out] if out else self._beside

    def _causes_at(self, at: Instant, slots: Sequence[int]) -> Sequence[Cause]:
        """The causes in some slots that count at an instant: the worst first, one a measure and step."""
        (choice, decisions, _), roles = self._judged[self.number(at)], self._needed.slots.roles
        ranks = np.full((len(roles), KINDS), -1)
        for slot in slots:
            ranks[slot] = level_ranks(roles[slot], decisions[slot])
        lane, spans = self._spans, self._spans.spans
        numbers = spans.standing(at)
        rank = ranks[lane.slot[numbers], spans.decision[numbers]]
        counts = rank >= 0
        if choice.status is Status.CLOSED and self._needed.slots.gates:  # of crossings, only those that close it count
            counts &= (rank == RANKS[Level.PROHIBITED]) | ~self._at_crossing[spans.measure[numbers]]
        numbers, rank = numbers[counts], rank[counts]
        keys = (spans.measure, spans.decision, lane.consent, lane.number, lane.slot, spans.begun, lane.place)
        order = np.lexsort((*(key[numbers] for key in keys), rank))
        numbers, rank = numbers[order], rank[order]
        own = self._own_tracks[spans.measure[numbers]]
        repeated = len(set(own.tolist())) < len(own)
        silences = self._worst_first(self._silences(slots, choice.status, decisions))
        if len(numbers) > MANY and not repeated:
            many = ManyCauses(self._spanned, numbers, rank)
            return reduce(lambda causes, silence: causes.joined_by(silence, self._rank), silences, many)
        causes = self._made(numbers, rank)
        if repeated:
            causes = self._distinct(causes)
        for reason in silences:
            insort(causes, reason, key=self._rank)
        return tuple(causes)

    def _silences(self, slots: Sequence[int], status: Status, decisions: Sequence[int]) -> Iterator[tuple[int, Cause]]:
        """The authorities in some slots that are silent. Args: decisions: in each slot."""
        roles, crossings = self._needed.slots.roles, self._needed.slots.gates
        spoken = ((consent.slot, consent.silence) for consent in self._needed.consents if consent.silence)
        for slot, silence in (*self._needed.silences, *spoken):
            told = status is not Status.CLOSED or silence.place not in crossings
            counts = slot in slots and not decisions[slot] & LACKING
            if counts and told and not counting(roles[slot], decisions[slot]):
                yield slot, silence

    @cached_property
    def _measures(self) -> list[ApplicableMeasure]:
        """The measures of all consents, as spans number them."""
        return [applicable for consent in self._needed.consents for applicable in consent.measures]

    @cached_property
    def _own_tracks(self) -> IntArray:
        """The own track of each measure."""
        return np.concatenate([np.zeros(0, dtype=np.int64), *(group.tracks for group in self._groups)])

    @cached_property
    def _at_crossing(self) -> BoolArray:
        """Whether each measure is told of a crossing that the path does not name."""
        crossings = self._needed.slots.gates
        return np.array([applicable.place in crossings for applicable in self._measures], dtype=np.bool_)

    @cached_property
    def _spanned(self) -> SpannedLane:
        return SpannedLane(self.view.assertions, self._measures, self._own_tracks, self._spans, self._made)

    @cached_property
    def _causes_made(self) -> dict[int, Cause]:
        """The causes made so far, by the number of a span and the rank of a level: see `_made`."""
        return {}

    def _made(self, numbers: IntArray, ranks: IntArray) -> list[Cause]:
        """The causes that stand in some spans. Args: ranks: of the level of each."""
        made, keys = self._causes_made, (numbers * LEVELS_COUNT + ranks).tolist()
        new = [key for key in keys if key not in made]
        if new:
            made.update(zip(new, self._new_causes(*np.divmod(new, LEVELS_COUNT)), strict=True))
        return [made[key] for key in keys]

    def _new_causes(self, numbers: IntArray, ranks: IntArray) -> Iterator[Cause]:
        lane, spans = self._spans, self._spans.spans
        if len(numbers) > FEW:
            self.view.follow(np.unique(self._own_tracks[spans.measure[numbers]]).tolist())
        needed = [consent.silence is not None for consent in self._needed.consents]
        lapses = LAPSED >> spans.decision & 1 == 1
        columns = (spans.measure, spans.row, lapses, lane.consent, spans.begun, lane.number)
        for rank, number, row, has_lapsed, consent, begun, cause in zip(
            ranks.tolist(), *(column[numbers].tolist() for column in columns), strict=True
        ):
            applicable = self._measures[number]
            measure, level = applicable.measure, LEVELS_BY_RANK[rank]
            yield Cause(
                applicable.place, measure.authority, level, measure.id, row, has_lapsed, needed[consent], begun, cause
            )

    def parts(self, causes: Sequence[Cause], at: Instant) -> tuple[int, ...]:
        """The rows behind those causes at an instant that restrict the lane: exemptions of a part, and measures."""
        if isinstance(causes, ManyCauses):
            decides = np.isin(self._own_tracks, causes.tracks(Level.RESTRICTED)) & self._needed_at(at)
        else:
            names = {cause.measure for cause in causes if cause.level is Level.RESTRICTED}
            named = np.array([applicable.measure.id in names for applicable in self._measures], dtype=np.bool_)
            decides = named & self._needed_at(at)
        measure, row, begins, ends = self._parts
        rows: list[int] = row[decides[measure] & (begins <= at) & (at < ends)].tolist()
        return tuple(dict.fromkeys(rows))

    def _needed_at(self, at: Instant) -> BoolArray:
        """Whether the consent is needed at an instant on which each measure bears."""
        out, consents = self._needed.slots.out_at(at), self._needed.consents
        needed = np.array([consent.slot not in out for consent in consents], dtype=np.bool_)
        return np.repeat(needed, [len(consent.measures) for consent in consents])

    @cached_property
    def _parts(self) -> tuple[IntArray, ...]:
        """The times in which measures and exemptions of a part stand: numbers of measures, rows, begins and ends."""
        stretches = [
            (number, row, begins, ends)
            for number, applicable in enumerate(self._measures)
            for track in (*applicable.tracks[1:], applicable.tracks[0])
            for row, begins, ends in self.view.course(track).spans
            if track == applicable.tracks[0] or row in applicable.terms.freed_in_part
        ]
        return tuple(np.array(stretches, dtype=np.int64).reshape(-1, 4).T)

    def _status_if(self, at: Instant, instead: Mapping[int, int]) -> Status:
        """The status at an instant but for passages, if something else stood on some tracks."""
        slots, consents, _, readiness = self._needed
        decisions, out = list(self._judged[self.number(at)].decisions), slots.out_at(at)
        for number, consent in enumerate(consents):
            if consent.slot not in out and not self._group_tracks[number].isdisjoint(instead):
                decisions[consent.slot] = self._decisions_if(at, number, instead)
        lacking = {slot: LACKING if slot in out else 0 for slot, _ in readiness}
        for slot, track in readiness:
            made = infrastructure(self.view, instead.get(track, self.view.course(track).at(at)))
            lacking[slot] |= 0 if made is None else 1 << made
        for slot, some in lacking.items():
            decisions[slot] = some
        return slots.choice(list(map(consequences, slots.roles, decisions))).status

    @cached_property
    def _group_tracks(self) -> list[frozenset[int]]:
        """The tracks of the measures of each consent."""
        return [frozenset(track for some in group.measures for track in some.tracks) for group in self._groups]

    def _decisions_if(self, at: Instant, number: int, instead: Mapping[int, int]) -> int:
        """The set of decisions in the slot of a consent, as for `counting`, if something else stood on some tracks."""
        standings = {**self.track_set.standings(at), **instead}
        return decided_at(self.view, self._needed.consents[number], standings, at, self.question)[0]

    def _worst_first(self, reasons: Iterable[tuple[int, Cause]]) -> list[Cause]:
        """Causes by how bad they are, then along the path, then the longest standing first; one a measure and step.

        Args: reasons: with the slots of the causes.
        """
        ordered = sorted(reasons, key=lambda reason: (*self._rank(reason[1])[:-1], reason[0], reason[1].number))
        return self._distinct([cause for _, cause in ordered])

    def _rank(self, cause: Cause) -> tuple[int, int, Instant, int]:
        place = self._needed.slots.numbers.get(cause.place, -1)
        return RANKS[cause.level], place, cause.begun, cause.number

    def _distinct(self, causes: Iterable[Cause]) -> list[Cause]:
        """The first cause of each measure at each step."""
        places = self._needed.slots.numbers
        distinct: dict[Hashable, Cause] = {}
        for cause in causes:
            distinct.setdefault(cause._replace(place=str(places.get(cause.place, cause.place))), cause)
        return list(distinct.values())

    def _readiness(self, row: int) -> int:
        effect = self.view.said(row)
        assert isinstance(effect, Readiness)
        return WORST_READINESS_FIRST[effect.state]

    def edge(self, number: int) -> Edge | None:
        """A point with its uncertainty; None for the beginning of time."""
        at = self.points[number]
        if number == 0:
            return None if at == BEGINNING else Edge(at, at)  # the lane begins
        uncertain = self.track_set.edge_at(at)
        return uncertain or next((seen.on for seen in self.seen if seen.on.latest == at), Edge(at, at))

    def moves(self, number: int) -> list[Move]:
        """The changes on tracks at one of the points; none at the beginning of time."""
        if number == 0:
            return []
        at = self.points[number]
        return [Move(at, *move, self.status(number)) for move in self.track_set.moves_at(at)]

    def coming(self, at: Instant) -> list[Move]:
        """The changes known for later than an instant, soonest first.

        Of a lane that takes the best of several crossings, or on which others are in charge at other times, only those
        that change its status or the best crossings.
        """
        later = range(self.number(at) + 1, len(self.points))
        if self._needed.slots.choices or self._needed.slots.lacking:
            return [move for number in later if self.shifts(number) for move in self.moves(number)]
        return [move for number in later for move in self.moves(number)]

    def waiting(self, at: Instant) -> Iterator[Move]:
        """The changes that are decided and wait for a date, with the status that each would make at an instant."""
        for track in self.track_set.undated:
            row = waiting(self.view, track)
            if row is not None:
                standing = self.view.course(track).at(at)
                yield Move(NO_DATE, track, deciding(standing), row, self._status_if(at, {track: row}))

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
        standings = {track: self.view.course(track).at(at) for track, _ in undecided}
        by_edge: dict[Edge, dict[int, int]] = {}
        for track, row in undecided:
            edge = open_edge(self.view, at, deciding(standings[track]), row)
            by_edge.setdefault(edge, {}).setdefault(track, row)
        for edge, rows in by_edge.items():
            alternative = self._status_if(at, instead_of(standings, rows))
            if alternative is not self._choices[self.number(at)].status:
                return Uncertainty(alternative, edge)
        return None


def lane_history(view: View, lane: Lane, question: Question = ANYTHING) -> LaneHistory:
    """The history of a lane; that of a question without goods or a class is kept with the view."""
    if question != ANYTHING:
        return LaneHistory(view, lane, question)
    history = view.memo.get(lane)
    if history is None:
        history = view.memo[lane] = LaneHistory(view, lane)
    assert isinstance(history, LaneHistory)
    return history
