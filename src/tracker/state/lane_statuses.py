"""The status of one lane from each point on, with the best crossings. Source: design §6."""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np

from tracker.model.dates import Instant
from tracker.model.lifespans import ALWAYS
from tracker.model.vocabulary import Status
from tracker.state.consents import ApplicableMeasure, RequiredConsents, required_consents
from tracker.state.deciding import MIXING, WIDTH, Judged, Judgement, SlotChange, judged, weight
from tracker.state.decision_changes import Courses, readiness_changes
from tracker.state.decision_spans import FEW, LaneSpans, MeasureGroup, lane_spans
from tracker.state.lanes import Lane, Step, onward
from tracker.state.observations import Seen, passages
from tracker.state.permission import Decision
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Question
from tracker.state.status import PASSABLE, UNHINDERED, Choice, severity
from tracker.state.track_sets import TrackSet, track_set
from tracker.state.tracks import Stretch


class Through(NamedTuple):
    """The best crossings of a border that the path names."""

    border: str
    crossings: tuple[str, ...]  # in the order of the registry; none where the lane is closed
    another: bool  # whether one that nobody registered is among the best
    any_of_them: bool  # whether they are all equally good
    shut: int  # of the registered crossings: those by which the lane is not passable
    registered: int


@dataclass(frozen=True, eq=False)
class LaneStatuses:
    """The statuses of one lane in one state of knowledge, from the beginning of time on.

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
        if all(len(group.measures) <= FEW for group in self._groups):
            return tuple(sorted(self._needed.tracks))
        readiness = np.array([track for _, track in self._needed.readiness], dtype=np.int64)
        tracks = np.unique(np.concatenate([readiness, *(group.bearing for group in self._groups)]))
        return tuple(tracks.tolist())

    @property
    def told_tracks(self) -> set[int]:
        """The tracks that an answer on the lane tells of: also those of what stands beside the status."""
        measures = (applicable for consent in self._needed.consents for applicable in consent.measures)
        return {*self.tracks, *(track for applicable in measures for track in applicable.tracks)}

    @cached_property
    def track_set(self) -> TrackSet:
        """The tracks on which the status depends, looked at together."""
        return track_set(self.view, self.tracks)

    @cached_property
    def seen(self) -> list[Seen]:
        """Passages, and reports that there were none."""
        return passages(self.view, self.lane, self.question)

    @cached_property
    def _passages(self) -> dict[str, list[Instant]]:
        """When something was seen to pass, ascending, by gate."""
        passages: dict[str, list[Instant]] = {}
        for seen in self.seen:
            if not seen.effect.none:
                passages.setdefault(seen.gate, []).append(seen.on.latest)
        return {gate: sorted(instants) for gate, instants in passages.items()}

    @cached_property
    def points(self) -> list[Instant]:
        """The instants at which the status may change; of a lane that begins, the first is when it does."""
        points, edges, life = self.track_set.points, self._needed.slots.edges, self.lane.life
        if self._passages or edges:
            points = sorted({*points, *edges, *chain(*self._passages.values())})
        return points if life == ALWAYS else [life.begin, *(at for at in points if life.begin < at < life.end)]

    def number(self, at: Instant) -> int:
        """The number of the last point by an instant."""
        return bisect_right(self.points, at) - 1

    def status(self, number: int) -> Status:
        """The status from one of the points on."""
        return self._statuses[number]

    @cached_property
    def _statuses(self) -> list[Status]:
        """The status from each point on."""
        return [
            Status.OPERATING if choice.status in UNHINDERED and self._passed_by(number) else choice.status
            for number, choice in enumerate(self._choices)
        ]

    @cached_property
    def _rest(self) -> "LaneStatuses":
        """The lane for the flow that no class and no exemption holds: with the same points."""
        return LaneStatuses(self.view, self.lane, self.question._replace(rest=True))

    def otherwise(self, number: int) -> Status | None:
        """The status of the rest where the lane is restricted from a point on; None where the rest is, too."""
        rest = self._rest.status(number) if self.status(number) is Status.RESTRICTED else None
        return None if rest is Status.RESTRICTED else rest

    def severity(self, number: int) -> int:
        """How bad the status is from a point on: see `tracker.state.status.severity`."""
        return severity(self.status(number), self.otherwise(number))

    def _best(self, number: int) -> tuple[tuple[int, ...], ...]:
        """The numbers of the best sites from a point on; of restricted ones, those that are passable for the rest."""
        choice = self._choices[number]
        if choice.status is not Status.RESTRICTED or not choice.best:
            return choice.best
        rest = self._rest._choices[number]
        if rest.status not in PASSABLE:
            return choice.best
        return tuple(
            tuple(site for site in best if passable[site]) or best
            for best, passable in zip(choice.best, rest.passable, strict=True)
        )

    def through(self, number: int) -> tuple[Through, ...]:
        """The best crossings from a point on of each border that the path names; of a corridor, only while passable."""
        choice = self._choices[number]
        chosen = iter(zip(self._best(number), choice.passable, strict=True))
        ways = []
        for step in self.lane.steps:
            only = ((0,), (choice.status in PASSABLE,))
            best, passable = next(chosen) if len(step.alternatives) > 1 else only
            if any(site.on_path for site in step.alternatives):
                ways.append(
                    _through(step, () if choice.status is Status.CLOSED else best, passable, self.points[number])
                )
        return tuple(ways) if choice.status in PASSABLE or self.lane.over_one_gate else ()

    def _passed_by(self, number: int) -> bool:
        """Whether something was seen to pass by a point since the lane last became passable."""
        start = self.passable_from(number)
        assert start is not None
        return any(
            self._counts(gate, number)
            and bisect_right(instants, self.points[number]) > bisect_left(instants, self.points[start])
            for gate, instants in self._passages.items()
        )

    def _counts(self, gate: str, number: int) -> bool:
        """Whether passages at a gate count from a point on: not those at a crossing that is not passable."""
        site = self._needed.slots.gates.get(gate)
        return site is None or list(chain(*self._choices[number].passable))[site]

    @cached_property
    def _choices(self) -> list[Choice]:
        """The status from each point on, but for passages: never `operating`; and the best sites."""
        return [judgement.choice for judgement in self._judged]

    @cached_property
    def _judged(self) -> list[Judged]:
        return judged(self._needed.slots, self.points, self._changes())

    @cached_property
    def _causes(self) -> list[int]:
        """The causes that decide the status from each point on, as numbers that are equal as long as they stay."""
        changes, best = self._changes(), self._best
        return [judgement.causes for judgement in judged(self._needed.slots, self.points, changes, best)]

    def decides(self, number: int) -> Judgement:
        """The status from one of the points on, and the causes that decide it; a mere prolongation leaves both."""
        status = self.status(number)
        causes = 0 if status is Status.OPERATING else self._causes[number]
        return Judgement(status, self.otherwise(number), causes)

    @cached_property
    def _groups(self) -> Sequence[MeasureGroup]:
        """The measures of each consent, looked at together."""
        return [
            _measure_group(self.view, consent.measures, self.question, self._course)
            for consent in self._needed.consents
        ]

    @cached_property
    def _spans(self) -> LaneSpans:
        """The times in which the measures on the lane decide."""
        return lane_spans(self._needed, self._groups)

    def _changes(self) -> Iterator[SlotChange]:
        """The changes of decisions in each slot."""
        yield from map(SlotChange._make, self._spans.changes(WIDTH, MIXING))
        for at, slot, more in self._needed.slots.changes():
            yield SlotChange(at, slot, Decision.LACKING, more, 0, more > 0)
        for slot, track in self._needed.readiness:
            for at, decision, more, cause, begins in readiness_changes(self.view, track, self._course):
                fresh = begins and more > 0
                yield SlotChange(at, slot, decision, more if begins else 0, more * weight(slot, decision, cause), fresh)

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
        for number, choice in enumerate(self._choices):
            begun = None if choice.status not in PASSABLE else number if begun is None else begun
            numbers.append(begun)
        return numbers

    def since(self, number: int) -> int:
        """The point at which the present status began."""
        status = self.status(number)
        while number and self.status(number - 1) is status:
            number -= 1
        return number

    def runs(self) -> list[int]:
        """The points at which the status changes, or that of the rest, the beginning of time first."""
        return [n for n in range(len(self.points)) if n == 0 or self._state(n) != self._state(n - 1)]

    def _state(self, number: int) -> tuple[Status, Status | None]:
        return self.status(number), self.otherwise(number)

    def causal_runs(self) -> list[int]:
        """The points at which the status changes, that of the rest, or what decides it; the beginning of time first."""
        return [n for n in range(len(self.points)) if n == 0 or self.decides(n) != self.decides(n - 1)]

    def turns(self) -> list[int]:
        """Points at which the status, what decides it or the best crossing changes; the beginning of time first."""
        return [n for n in range(len(self.points)) if n == 0 or self._way(n) != self._way(n - 1)]

    def _way(self, number: int) -> tuple[Hashable, ...]:
        """The status, what decides it, and the best crossings from a point on."""
        return *self.decides(number), self._crossings(number)

    def _crossings(self, number: int) -> tuple[Hashable, ...]:
        return tuple((way.border, way.crossings, way.another) for way in self.through(number))

    def shifts(self, number: int) -> bool:
        """Whether the status, that of the rest or the best crossing changes at a point."""
        now, before = ((self._state(n), self._crossings(n)) for n in (number, number - 1))
        return number > 0 and now != before

    def passed(self, at: Instant) -> list[Seen]:
        """The passages seen by an instant since the lane last became passable; not at crossings that are shut."""
        number = self.number(at)
        start = self.passable_from(number)
        if start is None:
            return []
        since = self.points[start]
        return [
            seen
            for seen in self.seen
            if not seen.effect.none and since <= seen.on.latest <= at and self._counts(seen.gate, number)
        ]


def _through(step: Step, best: Sequence[int], passable: Sequence[bool], at: Instant) -> Through:
    sites = [step.alternatives[number] for number in best if not step.alternatives[number].missing]
    existing = [not any(span.holds(at) for span in site.absent) for site in step.alternatives]
    ways = zip(step.alternatives, passable, existing, strict=True)
    registered = [way for site, way, there in ways if site.on_path and there]
    return Through(
        step.place,
        tuple(site.place for site in sites if site.on_path),
        any(not site.on_path for site in sites),
        len(sites) == sum(existing),
        registered.count(False),
        len(registered),
    )


def _measure_group(
    view: View, measures: Sequence[ApplicableMeasure], question: Question, courses: Courses
) -> MeasureGroup:
    """The measures of a consent; many are kept with the view, as lanes share them."""
    if len(measures) <= FEW:
        return MeasureGroup(view, measures, question, courses)
    key = MeasureGroup, question, tuple([one.tracks for one in measures]), tuple([id(one.terms) for one in measures])
    group = view.memo.get(key)
    if group is None:
        group = view.memo[key] = MeasureGroup(view, measures, question, courses)  # keeps the terms alive
    assert isinstance(group, MeasureGroup)
    return group
