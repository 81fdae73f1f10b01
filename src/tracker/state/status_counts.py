"""How many tracks say what about a lane, from each instant on: its status at every instant. Source: design §6.

A tally adds up: that of some tracks and that of the others is that of all. So what a few new announcements change is
found by taking away what their tracks said before, and adding what they say now.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from tracker.model.dates import BEGINNING
from tracker.model.vocabulary import Status
from tracker.state.contributions import AMOUNTS, STATUS_OF, STATUSES, Bits, Kind
from tracker.state.lanes import Lane
from tracker.state.observed import PASSABLE_CODES, seen_since
from tracker.timeline.columns import BoolArray, IntArray

BITS = 8  # of `Said`
AT_ONCE = 4_096  # instants judged in one go: bounds the memory
OPEN, OPERATING = STATUSES.index(Status.OPEN), STATUSES.index(Status.OPERATING)


class Runs(NamedTuple):
    """Each status of a lane, and from when; the beginning of time first."""

    instant: IntArray
    status: Bits  # by its number in `STATUSES`


class Slots:
    """Those whose word counts on a lane, numbered: who must give leave, along the lane, and then these three."""

    def __init__(self, lane: Lane) -> None:
        needed = [Kind.ASSUMED if step.assumed else Kind.NEEDED for step in lane.steps for _ in step.authorities]
        self.kinds = np.array([*needed, Kind.UNASKED, Kind.READINESS])
        self.unasked, self.readiness, self.seen = range(len(needed), len(needed) + 3)


@dataclass(frozen=True, eq=False)
class Tally:
    """By instant and key: how many more tracks say it from then on. A key is a slot and a bit of `Said`.

    Of the slot `seen`, it is how many passages were seen at the instant.
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

    def runs(self, lane: Lane) -> Runs:
        """Each status of the lane that it is the whole tally of."""
        points, status, seen = self.verdicts(lane)
        operating = seen_since(np.isin(status, PASSABLE_CODES), seen, np.zeros(1, dtype=np.int64))
        status[(status == OPEN) & operating] = OPERATING
        changes = np.flatnonzero(np.append(True, status[1:] != status[:-1]))
        return Runs(points[changes], status[changes])

    def verdicts(self, lane: Lane) -> tuple[IntArray, Bits, BoolArray]:
        """Instants, the status from each on, whatever was seen to pass, and whether something was seen just then."""
        points = np.unique(np.append(self.instant, BEGINNING))
        status, seen = np.zeros(len(points), dtype=np.uint8), np.zeros(len(points), dtype=np.bool_)
        for part, judged, passed in self._judged(points, Slots(lane)):
            status[part], seen[part] = judged, passed
        return points, status, seen

    def _judged(self, points: IntArray, slots: Slots) -> Iterator[tuple[slice, Bits, BoolArray]]:
        row, width = np.searchsorted(points, self.instant), BITS * (slots.seen + 1)
        standing = np.zeros(width, dtype=np.int64)
        for start in range(0, len(points), AT_ONCE):
            part = slice(start, min(start + AT_ONCE, len(points)))
            here = slice(*np.searchsorted(row, (part.start, part.stop)))
            more = np.zeros((part.stop - part.start, width), dtype=np.int64)
            more[row[here] - start, self.key[here]] = self.count[here]
            counts = standing + np.cumsum(more, axis=0)
            standing = counts[-1]
            said = np.packbits(counts.reshape(len(more), -1, BITS) > 0, axis=2, bitorder="little")[:, : slots.seen, 0]
            amounts = np.bitwise_or.reduce(AMOUNTS[slots.kinds, said], axis=1)
            yield part, STATUS_OF[amounts], more[:, BITS * slots.seen] > 0

    def packed(self) -> bytes:
        """As few bytes; most instants are close to the one before."""
        instant = np.diff(self.instant, prepend=0).tobytes()
        return zlib.compress(instant + self.key.astype(np.int32).tobytes() + self.count.astype(np.int32).tobytes(), 1)

    @classmethod
    def unpacked(cls, data: bytes) -> Self:
        plain = zlib.decompress(data)
        size = len(plain) // 16
        key, count = np.frombuffer(plain, np.int32, 2 * size, 8 * size).astype(np.int64).reshape(2, size)
        return cls(np.cumsum(np.frombuffer(plain, np.int64, size)), key, count)
