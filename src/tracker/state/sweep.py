"""Many lanes through time: what bears on each of them, shared where lanes are alike. Source: design §6."""

from array import array
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tracker.model.dates import Instant
from tracker.model.lifespans import ALWAYS, Lifespan
from tracker.state.beside import stands_beside
from tracker.state.causal_runs import CausalRuns, causal_runs
from tracker.state.consents import ApplicableMeasure, RequiredConsents, required_consents
from tracker.state.deciding import WIDTH
from tracker.state.decision_changes import (
    DecisionChange,
    at_places,
    beside_changes,
    during,
    measure_changes,
    readiness_changes,
)
from tracker.state.lanes import Lane, onward
from tracker.state.narrowing import holds_in_part
from tracker.state.observations import Seen, passages
from tracker.state.permission import ENDS, LIFTED, Decision
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Question
from tracker.state.tally import BESIDE, HAS_LAPSED, WAS_LIFTED, Runs, Tally
from tracker.state.tracks import Stretch, maker
from tracker.timeline.columns import IntArray, spread
from tracker.timeline.track_history import NOTHING, deciding, turns


class Mark(NamedTuple):
    """The announcement behind a change of a lane's status, and whether its day is uncertain."""

    announcement: str | None  # the first that made the change; none at the beginning of time, or of the lane
    uncertain: bool


class Sweep:
    """The lanes of one view, for one question."""

    def __init__(self, view: View, question: Question = ANYTHING) -> None:
        self.view = view
        self.turns = turns(view.assertions)
        self.changes = ChangeLists()
        self._question = question
        self._lists: dict[Hashable, int] = {}

    def lane(self, lane: Lane) -> "LaneSweep":
        """One lane of the view."""
        lane = onward(self.view.registry, lane, self._question.origin, self._question.destination)
        needed = required_consents(self.view, lane, self._question)
        lists = array("q")
        for consent in needed.consents:
            for applicable in consent.measures:
                place = needed.slots.numbers.get(applicable.place, -1)
                if stands_beside(applicable):
                    within = needed.slots.span_of(consent.slot)
                    lists.extend((needed.slots.passages, self._of_measure(applicable, within), place))
                    continue
                lists.extend((consent.slot, self._of_measure(applicable), place))
                if applicable.differs_for_rest:
                    lists.extend((needed.slots.count + consent.slot, self._for_rest(applicable), place))
        for slot, track in needed.readiness:
            lists.extend((slot, self._of_readiness(track), -1))
        return LaneSweep(self, lane, needed, lists)

    def passages(self, lane: Lane) -> list[Seen]:
        """The passages of a lane, and reports that there were none."""
        return passages(self.view, lane, self._question)

    def _of_measure(self, applicable: ApplicableMeasure, within: Lifespan = ALWAYS) -> int:
        """The list of changes of a measure's decision during a time; lanes on which it bears alike share it."""
        key = applicable.tracks, applicable.terms, within
        number = self._lists.get(key)
        if number is None:
            make = beside_changes if stands_beside(applicable) else measure_changes
            changes = make(self.view, applicable, self._course, self._question)
            number = self._lists[key] = self.changes.add(changes if within == ALWAYS else during(within, changes))
        return number

    def _for_rest(self, applicable: ApplicableMeasure) -> int:
        """The list of what differs in the decision of a measure for the flow in none of the classes and exemptions."""
        key = applicable.tracks, applicable.terms, "rest"
        number = self._lists.get(key)
        if number is None:
            terms = applicable.terms.rest or applicable.terms
            whole = measure_changes(self.view, applicable, self._course, self._question)
            rest = measure_changes(
                self.view, applicable._replace(terms=terms), self._course, self._question._replace(rest=True)
            )
            number = self._lists[key] = self.changes.add_difference(rest, whole)
        return number

    def _of_readiness(self, track: int) -> int:
        number = self._lists.get(track)
        if number is None:
            number = self._lists[track] = self.changes.add(readiness_changes(self.view, track, self._course))
        return number

    def _course(self, track: int) -> Iterable[Stretch]:
        if holds_in_part(self.view, track):  # what stands at other hours may change without a turn
            course = self.view.course(track)
            return zip(course.points, course.standings, strict=True)
        rows = slice(*self.turns.offsets[track : track + 2])
        return zip(self.turns.instant[rows].tolist(), self.turns.after[rows].tolist(), strict=True)

    @cached_property
    def unsure(self) -> tuple[IntArray, IntArray]:
        """Tracks, and the latest instants at which a row of theirs begins or ends that may do so earlier."""
        rows = self.view.assertions
        edges = ((rows.begins_earliest, rows.begins_latest), (rows.ends_earliest, rows.ends_latest))
        both = [(latest.instants, earliest.instants != latest.instants) for earliest, latest in edges]
        tracks = np.concatenate([rows.track[unsure] for _, unsure in both]).astype(np.int64)
        return tracks, np.concatenate([latest[unsure] for latest, unsure in both])


class LaneSweep:
    """One lane at all instants."""

    def __init__(self, sweep: Sweep, lane: Lane, needed: RequiredConsents, lists: Sequence[int]) -> None:
        """Sweep a lane. Args: lists: by turns a slot, the number of a list of changes in it, and of their place."""
        self._sweep, self._lane, self._needed = sweep, lane, needed
        self._seen = sweep.passages(lane)
        self._list_slots, self._lists, self._list_places = np.array(lists, dtype=np.int64).reshape(-1, 3).T

    @property
    def silent(self) -> bool:
        """Whether nothing at all was announced about the lane."""
        return not len(self._lists) and not self._seen

    @cached_property
    def tally(self) -> Tally:
        """The tally of everything that bears on the lane."""
        number, instant, decision, cause, count = self._sweep.changes.of(self._lists)
        slot, slots = self._list_slots[number], self._needed.slots
        key = slot * WIDTH + np.where(slot == slots.passages, BESIDE, decision)
        placed = at_places(cause, self._list_places[number])
        changes = [*slots.changes(), *((at, slots.readiness, 0) for at in self._lane.life.edges)]
        at, own, more = np.array(changes, dtype=np.int64).reshape(-1, 3).T
        # where the lane begins and ends, there is a point, but nothing changes
        by_registry = Tally(
            at,
            own * WIDTH + np.where(more == 0, WAS_LIFTED, Decision.LACKING),
            np.zeros_like(at),
            np.where(more == 0, 1, more),
        )
        seen = [(seen.on.latest, slots.passage(seen.gate)) for seen in self._seen if not seen.effect.none]
        passed, gate = np.array(seen, dtype=np.int64).reshape(-1, 2).T
        announced = Tally(instant, key, placed, count) + Tally(
            passed, gate * WIDTH, np.zeros_like(passed), np.ones_like(passed)
        )
        return announced + by_registry if changes else announced

    @property
    def runs(self) -> Runs:
        """Each status of the lane."""
        return self.tally.runs(self._lane)

    @property
    def causal_runs(self) -> CausalRuns:
        """Each status of the lane, and each cause of it."""
        return causal_runs(self.tally, self._lane)

    def marks(self, instants: Sequence[Instant]) -> list[Mark]:
        """The marks of some instants, each the beginning of a status."""
        first = self._lane.life.begin
        return [Mark(None, False) if at == first else Mark(self._made_in(at), at in self._unsure) for at in instants]

    def _made_in(self, at: Instant) -> str | None:
        (turned, instants), turns, view = self._turned, self._sweep.turns, self._sweep.view
        place, row = int(np.searchsorted(instants, at)), self._first_passages.get(at)
        if place < len(turned) and instants[place] == at:
            before, after = (deciding(int(standing[turned[place]])) for standing in (turns.before, turns.after))
            row = maker(view, before, after, at)
        return None if row is None else view.assertions.announced_in(row)

    @cached_property
    def _first_passages(self) -> dict[Instant, int]:
        """The first passage that was seen at each instant."""
        return {seen.on.latest: seen.row for seen in reversed(self._seen) if not seen.effect.none}

    @cached_property
    def _tracks(self) -> IntArray:
        return np.array(sorted(self._needed.tracks), dtype=np.int64)

    @cached_property
    def _turned(self) -> tuple[IntArray, IntArray]:
        """The turns at which what decides a track changes, by instant and then by track; and the instants."""
        turns = self._sweep.turns
        turn, _ = turns.of_tracks(self._tracks)
        turn = turn[np.maximum(turns.before[turn], NOTHING) != np.maximum(turns.after[turn], NOTHING)]
        turn = turn[np.argsort(turns.instant[turn], kind="stable")]
        return turn, turns.instant[turn]

    @cached_property
    def _unsure(self) -> set[Instant]:
        """The latest days of what may begin or end on an earlier one."""
        tracks, latest = self._sweep.unsure
        days: set[Instant] = set(latest[np.isin(tracks, self._tracks)].tolist())
        return days.union(seen.on.latest for seen in self._seen if seen.on.earliest != seen.on.latest)


class ChangeLists:
    """Lists of changes, one after another in flat arrays."""

    def __init__(self) -> None:
        self._columns = [array("q") for _ in range(4)]  # instants, decisions, causes, counts
        self._offsets = array("q", [0])

    def add(self, changes: Iterable[DecisionChange]) -> int:
        """Add a list. Returns: its number."""
        for at, decision, count, cause, begins in changes:
            self._put(at, decision, cause, count)
            if count > 0 and begins and ENDS >> decision & 1:
                self._put(at, WAS_LIFTED if LIFTED >> decision & 1 else HAS_LAPSED, 0, 1)
        return self._close()

    def add_difference(self, changes: Iterable[DecisionChange], less: Iterable[DecisionChange]) -> int:
        """Add a list of changes without some others; of a measure, all ends are in both. Returns: its number."""
        counts: Counter[tuple[Instant, int]] = Counter()
        for sign, some in ((1, changes), (-1, less)):
            for change in some:
                counts[change.at, change.decision] += sign * change.more
        for (at, key), difference in counts.items():
            if difference:
                self._put(at, key, 0, difference)
        return self._close()

    def _close(self) -> int:
        self._offsets.append(len(self._columns[0]))
        return len(self._offsets) - 2

    def _put(self, *numbers: int) -> None:
        for column, number in zip(self._columns, numbers, strict=True):
            column.append(number)

    def of(self, lists: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
        """The changes of some lists: of each the place of its list, and its instant, decision, cause and count."""
        offsets = np.asarray(self._offsets)
        begins, counts = offsets[lists], offsets[lists + 1] - offsets[lists]
        rows = spread(begins, counts)
        instant, decision, cause, count = (np.asarray(column)[rows] for column in self._columns)
        return np.repeat(np.arange(len(lists)), counts), instant, decision, cause, count
