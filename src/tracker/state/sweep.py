"""Many lanes through time: their status at every instant, as arrays. Source: design §6.

A lane's tally counts, from each instant on, how many measures decide in which way. Tallies add up: that of some
measures and that of all others make that of all. So the lanes on which a few announcements bear are brought up to date
by taking away the tally of these measures as it was, and adding it as it is.
"""

import zlib
from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from tracker.model.dates import BEGINNING, Instant
from tracker.model.vocabulary import Status
from tracker.state.consents import ApplicableMeasure, RequiredConsents, Role, Slots, required_consents, slots_of
from tracker.state.lanes import Lane
from tracker.state.observations import Seen, passages
from tracker.state.permission import Decision, DecisionChange, consequences, measure_changes, readiness_changes
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Question
from tracker.state.status import PASSABLE, SEVERITY, STATUSES, status_of
from tracker.state.tracks import Stretch, maker
from tracker.timeline.columns import BoolArray, IntArray, spread
from tracker.timeline.track_history import NOTHING, deciding, turns

Bits = NDArray[np.uint8]

MAX_POINTS = 4_096  # judged in one go: bounds the memory
WIDTH = len(Decision)  # keys of one slot
OPEN, OPERATING = STATUSES.index(Status.OPEN), STATUSES.index(Status.OPERATING)
CONSEQUENCES: Bits = np.array(
    [[consequences(role, decisions) for decisions in range(1 << WIDTH)] for role in Role], dtype=np.uint8
)
STATUS_OF: Bits = np.array([STATUSES.index(status_of(some)) for some in range(32)], dtype=np.uint8)  # by consequences
SEVERITY_OF: Bits = np.array([SEVERITY[status] for status in STATUSES], dtype=np.uint8)[STATUS_OF]
PASSABLE_OF: BoolArray = np.array([status in PASSABLE for status in STATUSES])  # by status


class Runs(NamedTuple):
    """Each status of a lane, and from when; the beginning of time first."""

    instant: IntArray
    status: Bits  # its number in `STATUSES`

    def at(self, instants: IntArray) -> Bits:
        """The status at each of some instants. Shape like theirs."""
        statuses: Bits = self.status[np.searchsorted(self.instant, instants, side="right") - 1]
        return statuses


@dataclass(frozen=True, eq=False)
class Tally:
    """By instant and key, how many more measures decide so from then on. A key is a slot of a lane and a `Decision`.

    Of the slot `passages`, it is how many passages were seen at the instant.
    """

    instant: IntArray
    key: IntArray
    count: IntArray

    @classmethod
    def of(cls, instant: IntArray, key: IntArray, count: IntArray) -> Self:
        """The sum of counts in any order."""
        order = np.lexsort((key, instant))
        instant, key, count = instant[order], key[order], count[order]
        first = np.ones(len(instant), dtype=np.bool_)
        first[1:] = (instant[1:] != instant[:-1]) | (key[1:] != key[:-1])
        begins = np.flatnonzero(first)
        total = np.add.reduceat(count, begins) if len(begins) else count
        kept = begins[total != 0]
        return cls(instant[kept], key[kept], total[total != 0])

    def __add__(self, other: "Tally") -> "Tally":
        return Tally.of(
            np.concatenate((self.instant, other.instant)),
            np.concatenate((self.key, other.key)),
            np.concatenate((self.count, other.count)),
        )

    def __neg__(self) -> "Tally":
        return Tally(self.instant, self.key, -self.count)

    def __len__(self) -> int:
        return len(self.instant)

    def runs(self, lane: Lane, max_points: int = MAX_POINTS) -> Runs:
        """Each status of the lane, if this is its whole tally.

        Args: max_points: judged in one go.
        """
        points = np.unique(np.append(self.instant, BEGINNING))
        status, passage = np.zeros(len(points), dtype=np.uint8), np.zeros(len(points), dtype=np.bool_)
        for part, judged, passed in self._judged(points, slots_of(lane.steps), max_points):
            status[part], passage[part] = judged, passed
        status[(status == OPEN) & _passed_since(PASSABLE_OF[status], passage)] = OPERATING
        changes = np.flatnonzero(np.append(True, status[1:] != status[:-1]))
        return Runs(points[changes], status[changes])

    def _judged(self, points: IntArray, slots: Slots, max_points: int) -> Iterator[tuple[slice, Bits, BoolArray]]:
        """From some points on the status but for passages, and whether something was seen to pass just then."""
        row, width = np.searchsorted(points, self.instant), WIDTH * (slots.passages + 1)
        standing = np.zeros(width, dtype=np.int64)
        for start in range(0, len(points), max_points):
            part = slice(start, min(start + max_points, len(points)))
            entries = slice(*np.searchsorted(row, (part.start, part.stop)))
            more = np.zeros((part.stop - part.start, width), dtype=np.int64)
            more[row[entries] - start, self.key[entries]] = self.count[entries]
            counts = standing + np.cumsum(more, axis=0)
            standing = counts[-1]
            decisions = np.packbits(counts.reshape(len(more), -1, WIDTH) > 0, axis=2, bitorder="little")[:, :-1, 0]
            yield (
                part,
                STATUS_OF[_joined(CONSEQUENCES[slots.roles, decisions], slots)],
                more[:, WIDTH * slots.passages] > 0,
            )

    def packed(self) -> bytes:
        """The tally in few bytes: most instants are close to the one before."""
        instant = np.diff(self.instant, prepend=0).tobytes()
        return zlib.compress(instant + self.key.astype(np.int32).tobytes() + self.count.astype(np.int32).tobytes(), 1)

    @classmethod
    def unpacked(cls, data: bytes) -> Self:
        """The tally from the bytes that `packed` made."""
        plain = zlib.decompress(data)
        size = len(plain) // 16
        key, count = np.frombuffer(plain, np.int32, 2 * size, 8 * size).astype(np.int64).reshape(2, size)
        return cls(np.cumsum(np.frombuffer(plain, np.int64, size)), key, count)


def _joined(consequences: Bits, slots: Slots) -> Bits:
    """Join the consequences in a lane's slots as `Slots.deciding` has it. Shape (points, slots) to (points,)."""
    made: Bits = np.bitwise_or.reduce(consequences[:, slots.common] if slots.choices else consequences, axis=1)
    for choice in slots.choices:
        sites = np.stack([np.bitwise_or.reduce(consequences[:, site], axis=1) for site in choice], axis=1)
        best = np.argmin(SEVERITY_OF[sites], axis=1)
        made |= np.take_along_axis(sites, best[:, None], axis=1)[:, 0]
    return made


def _passed_since(passable: BoolArray, passage: BoolArray) -> BoolArray:
    """Whether the last passage came after the last point at which the lane was not passable. Shape (points,)."""
    number = np.arange(len(passable))
    barred = np.maximum.accumulate(np.where(passable, -1, number))
    last: IntArray = np.maximum.accumulate(np.where(passage, number, -1))
    return last > barred


class Mark(NamedTuple):
    """The announcement behind a change of a lane's status, and whether its day is uncertain."""

    announcement: str | None  # the first that made the change; none at the beginning of time
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
        needed = required_consents(self.view, lane, self._question)
        lists = array("q")
        for consent in needed.consents:
            for applicable in consent.measures:
                lists.extend((consent.slot, self._of_measure(applicable)))
        for slot, track in needed.readiness:
            lists.extend((slot, self._of_readiness(track)))
        return LaneSweep(self, lane, needed, lists)

    def passages(self, lane: Lane) -> list[Seen]:
        """The passages of a lane, and reports that there were none."""
        return passages(self.view, lane, self._question)

    def _of_measure(self, applicable: ApplicableMeasure) -> int:
        """The list of changes of a measure's decision; lanes on which it bears alike share it."""
        key = applicable.tracks, applicable.terms
        number = self._lists.get(key)
        if number is None:
            changes = measure_changes(self.view, applicable, self._course, self._question)
            number = self._lists[key] = self.changes.add(changes)
        return number

    def _of_readiness(self, track: int) -> int:
        number = self._lists.get(track)
        if number is None:
            number = self._lists[track] = self.changes.add(readiness_changes(self.view, track, self._course))
        return number

    def _course(self, track: int) -> Iterable[Stretch]:
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
        """Sweep a lane. Args: lists: by turns a slot, and the number of a list of changes in it."""
        self._sweep, self._lane, self._needed = sweep, lane, needed
        self._seen = sweep.passages(lane)
        self._list_slots, self._lists = np.array(lists, dtype=np.int64).reshape(-1, 2).T

    @property
    def silent(self) -> bool:
        """Whether nothing at all was announced about the lane."""
        return not len(self._lists) and not self._seen

    @cached_property
    def tally(self) -> Tally:
        """The tally of everything that bears on the lane."""
        number, instant, decision, count = self._sweep.changes.of(self._lists)
        passed = np.array(self._passages, dtype=np.int64)
        key = self._list_slots[number] * WIDTH + decision
        return Tally(instant, key, count) + Tally(
            passed, np.full_like(passed, self._needed.slots.passages * WIDTH), np.ones_like(passed)
        )

    @property
    def runs(self) -> Runs:
        """Each status of the lane."""
        return self.tally.runs(self._lane)

    @property
    def _passages(self) -> list[Instant]:
        return [seen.on.latest for seen in self._seen if not seen.effect.none]

    def marks(self, instants: Sequence[Instant]) -> list[Mark]:
        """The marks of some instants, each the beginning of a status."""
        return [
            Mark(None, False) if at == BEGINNING else Mark(self._made_in(at), at in self._unsure) for at in instants
        ]

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
        self._instant, self._decision, self._count = array("q"), array("q"), array("q")
        self._offsets = array("q", [0])

    def add(self, changes: Iterable[DecisionChange]) -> int:
        """Add a list. Returns: its number."""
        for at, decision, count in changes:
            self._instant.append(at)
            self._decision.append(decision)
            self._count.append(count)
        self._offsets.append(len(self._instant))
        return len(self._offsets) - 2

    def of(self, lists: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """The changes of some lists: for each change the place of its list, its instant, its decision, its count."""
        offsets = np.asarray(self._offsets)
        begins, counts = offsets[lists], offsets[lists + 1] - offsets[lists]
        rows = spread(begins, counts)
        instant, decision, count = (np.asarray(column)[rows] for column in (self._instant, self._decision, self._count))
        return np.repeat(np.arange(len(lists)), counts), instant, decision, count
