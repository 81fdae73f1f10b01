"""The reasons for a lane's status at an instant, and what changes it. Source: design §6."""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tracker.model.dates import BEGINNING, FOREVER, Edge, Instant
from tracker.model.effects import Readiness
from tracker.model.vocabulary import Level, ReadinessState, Status
from tracker.state.beside import Beside, causes_beside
from tracker.state.consents import ApplicableMeasure, Cause, Consent
from tracker.state.decision_changes import DecisionChange, at_place
from tracker.state.lane_statuses import LaneStatuses
from tracker.state.lanes import Lane
from tracker.state.permission import (
    Contribution,
    Decision,
    causes,
    consequences,
    infrastructure,
)
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Question
from tracker.state.status import Choice
from tracker.state.tracks import maker, open_edge, waiting
from tracker.timeline.track_history import deciding, lapsed

WORST_LEVEL_FIRST = {level: rank for rank, level in enumerate(Level)}
WORST_READINESS_FIRST = {ReadinessState.ABSENT: 0, ReadinessState.WORKS: 1, ReadinessState.READY: 2}


class Verdict(NamedTuple):
    """A lane's status at an instant but for passages, and the reasons."""

    status: Status  # never `operating`: that takes a passage
    causes: tuple[Cause, ...]  # the worst first
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
        standings, (slots, _, _, readiness) = self.track_set.standings(at), self._needed
        choice, reasons = self._judge(standings, at)
        decisive = slots.deciding(self._best(self.number(at)))
        beside = list(causes_beside(self.view, self._consents_at(at), at, self.question))
        rows = {standings[track]: None for slot, track in readiness if slot in decisive and standings[track] >= 0}
        return Verdict(
            choice.status,
            tuple(self._worst_first(self._decisive(reasons, decisive, choice.status))),
            tuple(sorted(rows, key=self._readiness)),
            *(tuple(self._worst_first((0, cause) for kind, cause in beside if kind is own)) for own in Beside),
        )

    def parts(self, causes: Iterable[Cause], at: Instant) -> tuple[int, ...]:
        """The rows behind those causes at an instant that restrict the lane: exemptions of a part, and measures."""
        decisive = {cause.measure for cause in causes if cause.level is Level.RESTRICTED}
        rows = [
            row
            for consent in self._consents_at(at)
            for applicable in consent.measures
            if applicable.measure.id in decisive
            for row in self._parts_of(applicable, at)
        ]
        return tuple(dict.fromkeys(rows))

    def _parts_of(self, applicable: ApplicableMeasure, at: Instant) -> Iterator[int]:
        own, *exemptions = (self.view.course(track).at(at) for track in applicable.tracks)
        yield from (row for row in exemptions if row in applicable.terms.freed_in_part)
        if own >= 0:
            yield own

    def _judge(self, standings: Mapping[int, int], at: Instant) -> tuple[Choice, list[tuple[int, Cause]]]:
        """The status at an instant, and by slot all that counts there. Args: standings: what stands on each track."""
        slots, _, silences, readiness = self._needed
        out = slots.out_at(at)
        reasons = [silence for silence in silences if silence[0] not in out] if out else list(silences)
        decisions = [0] * len(slots.roles)
        for slot in out:
            decisions[slot] = 1 << Decision.LACKING
        for consent in self._consents_at(at):
            slot, role = consent.slot, slots.roles[consent.slot]
            decisions[slot], counting = causes(self.view, consent, role, standings, at, self.question, self._dated)
            reasons += [(slot, cause) for cause in counting]
        for slot, track in readiness:
            lacking = infrastructure(self.view, standings[track])
            decisions[slot] |= 0 if lacking is None else 1 << lacking
        return slots.choice(list(map(consequences, slots.roles, decisions))), reasons

    def _consents_at(self, at: Instant) -> Sequence[Consent]:
        """The consents that are needed at an instant."""
        out, consents = self._needed.slots.out_at(at), self._needed.consents
        return [consent for consent in consents if consent.slot not in out] if out else consents

    def _decisive(
        self, reasons: Iterable[tuple[int, Cause]], slots: Sequence[int], status: Status
    ) -> Iterator[tuple[int, Cause]]:
        """The causes in slots that decide; of crossings of a lane that is closed, those alone that close it."""
        crossings = self._needed.slots.gates
        for slot, cause in reasons:
            closes = status is not Status.CLOSED or cause.level is Level.PROHIBITED
            if slot in slots and (closes or cause.place not in crossings):
                yield slot, cause

    def _worst_first(self, reasons: Iterable[tuple[int, Cause]]) -> list[Cause]:
        """Causes by how bad they are, then along the path, then the longest standing first; one a measure and step.

        Args: reasons: with the slots of the causes.
        """
        places = self._needed.slots.numbers

        def urgency(reason: tuple[int, Cause]) -> tuple[int, int, Instant, int, int]:
            slot, cause = reason
            return WORST_LEVEL_FIRST[cause.level], places.get(cause.place, -1), cause.begun, slot, cause.number

        distinct: dict[Hashable, Cause] = {}
        for _, cause in sorted(reasons, key=urgency):
            distinct.setdefault(cause._replace(place=str(places.get(cause.place, cause.place))), cause)
        return list(distinct.values())

    def _dated(self, applicable: ApplicableMeasure, at: Instant, made: Contribution) -> tuple[Instant, int]:
        """Since when a contribution has stood at an instant, and the number of its cause."""
        changes = self._changes_of(applicable)
        number = bisect_right(changes, at, key=_instant_of) - 1
        change = next((one for one in reversed(changes[: number + 1]) if one.decision is made.decision), None)
        if change is None or change.more < 0:  # another reading of an edge
            return self.view.begins(made.row).latest, 0
        return change.at, at_place(change.cause, self._needed.slots.numbers.get(applicable.place, -1))

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
        return [Move(at, *move, self.status(number)) for move in self.track_set.moves.get(at, ())]

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
        standings = self.track_set.standings(at)
        for track in self.tracks:
            row = waiting(self.view, track)
            if row is not None:
                status = self._judge({**standings, track: row}, at)[0].status
                yield Move(NO_DATE, track, deciding(standings[track]), row, status)

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
            alternative = self._judge({**standings, **_instead(standings, rows)}, at)[0].status
            if alternative is not self._choices[self.number(at)].status:
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
