"""The causes of a lane on which many measures bear, each made when it is looked at. Source: design §6."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, NamedTuple, overload

import numpy as np

from tracker.model.vocabulary import Level
from tracker.state.consents import ApplicableMeasure, Cause
from tracker.state.deciding import RANKS
from tracker.state.decision_spans import LaneSpans, kinds, numbered
from tracker.state.permission import LAPSED
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.columns import IntArray

Make = Callable[[IntArray, IntArray], list[Cause]]  # from the numbers of spans, and the ranks of levels


class SpannedLane(NamedTuple):
    """The measures on a lane, and the times in which they decide."""

    assertions: Assertions
    measures: Sequence[ApplicableMeasure]  # as spans number them
    own_tracks: IntArray  # of each measure
    spans: LaneSpans
    make: Make


class ManyCauses(Sequence[Cause]):
    """Causes of different measures, and silences, the worst first; equal to the tuple of them."""

    def __init__(self, lane: SpannedLane, numbers: IntArray, ranks: IntArray, silences: Sequence[Cause] = ()) -> None:
        """Args: numbers: of the spans from which the causes stand, -1 and less for silences; ranks: of their levels."""
        self._lane, self._numbers, self._ranks, self._silences = lane, numbers, ranks, silences

    def joined_by(self, silence: Cause, key: Callable[[Cause], Any]) -> "ManyCauses":
        """These causes and a silence at its place in their order. Args: key: by which they are ordered."""
        first, end = (np.searchsorted(self._ranks, RANKS[silence.level], side) for side in ("left", "right"))
        place = bisect_right(self, key(silence), int(first), int(end), key=key)
        numbers = np.insert(self._numbers, place, -1 - len(self._silences))
        ranks = np.insert(self._ranks, place, RANKS[silence.level])
        return ManyCauses(self._lane, numbers, ranks, (*self._silences, silence))

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Cause: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Cause]: ...
    def __getitem__(self, index: int | slice) -> Cause | Sequence[Cause]:
        if isinstance(index, slice):
            return tuple(self._made(np.arange(len(self))[index]))
        return next(self._made(np.array([range(len(self))[index]])))

    def __iter__(self) -> Iterator[Cause]:
        yield self[0]  # often the only one that is looked at
        yield from self._made(np.arange(1, len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple | ManyCauses) and len(self) == len(other) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def _made(self, places: IntArray) -> Iterator[Cause]:
        numbers = self._numbers[places]
        spoken = numbers >= 0
        words = iter(self._lane.make(numbers[spoken], self._ranks[places[spoken]]))
        return (next(words) if number >= 0 else self._silences[-1 - number] for number in numbers.tolist())

    def tracks(self, level: Level) -> IntArray:
        """The own tracks of the measures that have a level."""
        numbers = self._numbers[(self._numbers >= 0) & (self._ranks == RANKS[level])]
        tracks: IntArray = self._lane.own_tracks[self._lane.spans.spans.measure[numbers]]
        return tracks

    def count(self, level: Level) -> int:
        """How many measures, and silences at a place, have a level."""
        spoken = int((self._ranks[self._numbers >= 0] == RANKS[level]).sum())
        return spoken + len({silence.place for silence in self._silences if silence.level is level})

    @property
    def kinds(self) -> Sequence[Cause]:
        """The first cause of each kind: those of one kind differ in their measures and dates alone."""
        lane, places = self._lane, np.flatnonzero(self._numbers >= 0)
        numbers = self._numbers[places]
        measure, row, own, lapses, _ = self._columns(numbers)
        about = numbered([(some.place, some.measure.authority, some.measure.de_facto) for some in lane.measures])
        rows = lane.assertions
        exempting = np.where(rows.track[row] == own, 0, row + 1)
        columns = (about[measure], self._ranks[places], lapses, rows.value[row], rows.attribution[row], exempting)
        first, _ = kinds([*(column.astype(np.int64) for column in columns), lane.spans.consent[numbers]])
        return tuple(self._made(np.sort([*places[first], *np.flatnonzero(self._numbers < 0)])))

    @property
    def worst(self) -> Hashable:
        """Equal only where the worst causes are the same words, whatever their order; but for their places."""
        numbers = self._numbers[self._ranks == self._ranks[0]]
        silent = frozenset(self._silences[-1 - number] for number in numbers[numbers < 0].tolist())
        _, row, own, lapses, begun = self._columns(numbers[numbers >= 0])
        order = np.argsort(own)
        return silent, np.array([column[order] for column in (row, own, lapses, begun)], dtype=np.int64).tobytes()

    def _columns(self, numbers: IntArray) -> tuple[IntArray, ...]:
        """Of some spans: the measure, the row, the measure's track, whether it has lapsed, and since when it stood."""
        spans = self._lane.spans.spans
        measure = spans.measure[numbers]
        lapses = LAPSED >> spans.decision[numbers] & 1
        return measure, spans.row[numbers], self._lane.own_tracks[measure], lapses, spans.begun[numbers]
