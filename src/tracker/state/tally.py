"""The tally of a lane: how many measures decide in which way from each instant on, as arrays. Source: design §6.

Tallies add up: that of some measures and that of all others make that of all. So the lanes on which a few announcements
bear are brought up to date by taking away the tally of these measures as it was, and adding it as it is.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from tracker.model.dates import BEGINNING
from tracker.model.vocabulary import Status
from tracker.state.consents import Role, Slots, slots_of
from tracker.state.lanes import Lane
from tracker.state.permission import LAPSED, LIFTED, Decision, consequences
from tracker.state.status import PASSABLE, SEVERITY, STATUSES, UNHINDERED, status_of
from tracker.timeline.columns import BoolArray, IntArray

Bits = NDArray[np.uint8]

MAX_POINTS = 4_096  # judged in one go: bounds the memory
WIDTH = len(Decision) + 2  # keys of one slot: its decisions, and when something was lifted, or lapsed, in it
WAS_LIFTED, HAS_LAPSED = WIDTH - 2, WIDTH - 1  # these only ever grow
DECISIONS = 1 << len(Decision)  # sets of them: 16 bits hold one
OPERATING = STATUSES.index(Status.OPERATING)
UNSET = 255
CONSEQUENCES: Bits = np.full((len(Role), DECISIONS), UNSET, dtype=np.uint8)  # filled as they come up
STATUS_OF: Bits = np.array([STATUSES.index(status_of(some)) for some in range(32)], dtype=np.uint8)  # by consequences
SEVERITY_OF: Bits = np.array([SEVERITY[status] for status in STATUSES], dtype=np.uint8)[STATUS_OF]
PASSABLE_OF: BoolArray = np.array([status in PASSABLE for status in STATUSES])  # by status
UNHINDERED_OF: BoolArray = np.array([status in UNHINDERED for status in STATUSES])


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

    Of the slot `passages`, it is how many passages were seen at the instant; of the keys WAS_LIFTED and HAS_LAPSED, how
    many measures ended so at the instant.
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
        status[UNHINDERED_OF[status] & _passed_since(PASSABLE_OF[status], passage)] = OPERATING
        changes = np.flatnonzero(np.append(True, status[1:] != status[:-1]))
        return Runs(points[changes], status[changes])

    def _judged(self, points: IntArray, slots: Slots, max_points: int) -> Iterator[tuple[slice, Bits, BoolArray]]:
        """From some points on the status but for passages, and whether something was seen to pass just then."""
        row, width = np.searchsorted(points, self.instant), WIDTH * (slots.passages + 1)
        standing = np.zeros(width, dtype=np.int64)
        ends = _Ends(self.key)
        for start in range(0, len(points), max_points):
            part = slice(start, min(start + max_points, len(points)))
            entries = slice(*np.searchsorted(row, (part.start, part.stop)))
            more = np.zeros((part.stop - part.start, width), dtype=np.int64)
            more[row[entries] - start, self.key[entries]] = self.count[entries]
            counts = standing + np.cumsum(more, axis=0)
            standing = counts[-1]
            counts = counts.reshape(len(more), -1, WIDTH)[:, :-1, : len(Decision)]
            bits = np.packbits(counts > 0, axis=2, bitorder="little").view(np.dtype("<u2"))[:, :, 0]
            decisions: NDArray[np.uint16] = bits.copy()
            ends.judge(decisions, more)
            yield (
                part,
                STATUS_OF[_joined(_consequences(slots.roles, decisions), slots)],
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


class _Ends:
    """Slots in which measures were lifted and others lapsed: where the last to end lapsed, none counts as lifted."""

    def __init__(self, keys: IntArray) -> None:
        lifted, lapsed = (keys[keys % WIDTH == kind] // WIDTH for kind in (WAS_LIFTED, HAS_LAPSED))
        self._slots = np.intersect1d(lifted, lapsed)
        self._last = np.full((2, len(self._slots)), -1)  # point at which something was last lifted, and lapsed
        self._points = 0

    def judge(self, decisions: NDArray[np.uint16], more: IntArray) -> None:
        """Clear LIFTED in the decisions of some points, the next in order, as `last_end` does.

        Args: decisions: shape (points, slots); more: how many more there are of each key, shape (points, keys).
        """
        if not len(self._slots):
            return
        numbers = self._points + np.arange(len(more))[:, None]
        last = []
        for kind, carried in zip((WAS_LIFTED, HAS_LAPSED), self._last, strict=True):
            ended = np.where(more[:, self._slots * WIDTH + kind] > 0, numbers, -1)
            last.append(np.maximum(np.maximum.accumulate(ended, axis=0), carried))
        judged = decisions[:, self._slots]
        later = (last[1] > last[0]) & (judged & LAPSED > 0)
        decisions[:, self._slots] = np.where(later, judged & ~np.uint16(LIFTED), judged)
        self._last, self._points = np.array([rows[-1] for rows in last]), self._points + len(more)


def _consequences(roles: Sequence[Role], decisions: NDArray[np.uint16]) -> Bits:
    """The consequences of decisions in slots with some roles. Shape like that of the decisions: (points, slots)."""
    made: Bits = CONSEQUENCES[roles, decisions]
    slots = np.flatnonzero((made == UNSET).any(axis=0)).tolist()
    for slot in slots:
        for some in np.unique(decisions[:, slot]).tolist():
            CONSEQUENCES[roles[slot], some] = consequences(roles[slot], some)
    return CONSEQUENCES[roles, decisions] if slots else made


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
