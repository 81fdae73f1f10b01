"""The tally of a lane: how many measures decide in which way from each instant on, as arrays. Source: design §6.

Tallies add up: that of some measures and that of all others make that of all. So the lanes on which a few announcements
bear are brought up to date by taking away the tally of these measures as it was, and adding it as it is.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from tracker.model.dates import BEGINNING
from tracker.model.vocabulary import Status
from tracker.state.consents import Role, Slots, slots_of
from tracker.state.lanes import Lane
from tracker.state.permission import LAPSED, LIFTED, Decision, consequences
from tracker.state.status import PASSABLE, STATUSES, UNHINDERED, Choice, choose, severity, status_of
from tracker.timeline.columns import BoolArray, IntArray

Bits = NDArray[np.uint8]

MAX_POINTS = 4_096  # judged in one go: bounds the memory
WIDTH = 16  # keys of one slot: its decisions, and when something was lifted, or lapsed, in it
WAS_LIFTED, HAS_LAPSED = WIDTH - 2, WIDTH - 1  # these only ever grow
DECISIONS = (1 << len(Decision)) - 1
OPERATING, RESTRICTED = STATUSES.index(Status.OPERATING), STATUSES.index(Status.RESTRICTED)
UNSET = 255
CONSEQUENCES: Bits = np.full((len(Role), DECISIONS + 1), UNSET, dtype=np.uint8)  # filled as they come up
STATUS_OF: Bits = np.array([STATUSES.index(status_of(some)) for some in range(32)], dtype=np.uint8)  # by consequences
PASSABLE_OF: BoolArray = np.array([status in PASSABLE for status in STATUSES])  # by status
UNHINDERED_OF: BoolArray = np.array([status in UNHINDERED for status in STATUSES])
SEVERITY_OF: Bits = np.array(  # by status, then by that of the rest; no rest last
    [[severity(status, rest) for rest in (*STATUSES, None)] for status in STATUSES], dtype=np.uint8
)


class Runs(NamedTuple):
    """Each status of a lane, and from when; the beginning of time first."""

    instant: IntArray
    status: Bits  # its number in `STATUSES`
    otherwise: Bits  # of `restricted`: the number of the status of the rest; UNSET where that is restricted, too

    def at(self, instants: IntArray) -> "Runs":
        """The statuses at some instants. Shapes like theirs."""
        number = np.searchsorted(self.instant, instants, side="right") - 1
        return Runs(instants, self.status[number], self.otherwise[number])

    @property
    def severity(self) -> Bits:
        """How bad each status is: see `tracker.state.status.severity`."""
        severities: Bits = SEVERITY_OF[self.status, np.minimum(self.otherwise, len(STATUSES))]
        return severities


@dataclass(frozen=True, eq=False)
class Tally:
    """By instant and key, how many more measures decide so from then on. A key is a slot of a lane and a `Decision`.

    Of the slots of passages, it is how many passages were seen at the instant; of the keys WAS_LIFTED and HAS_LAPSED,
    how many measures ended so at the instant. Behind all slots of the lane stand the same again: how many more or
    less decide so for the flow that no class and no exemption holds.
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
        points, slots = np.unique(np.append(self.instant, BEGINNING)), slots_of(lane.steps)
        passages = self._passages(points, slots)
        status = _with_passages(*self._judged(points, slots, max_points), passages)
        otherwise = np.full_like(status, UNSET)
        if len(self.key) and self.key.max() >= WIDTH * slots.count:
            rest = _with_passages(*self._of_rest(slots)._judged(points, slots, max_points), passages)
            otherwise = np.where((status == RESTRICTED) & (rest != RESTRICTED), rest, otherwise)
        number = status.astype(np.int64) << 8 | otherwise
        changes = np.flatnonzero(np.append(True, number[1:] != number[:-1]))
        return Runs(points[changes], status[changes], otherwise[changes])

    def _of_rest(self, slots: Slots) -> "Tally":
        """The tally for the flow that no class and no exemption holds, in the slots of the lane."""
        return Tally.of(self.instant, self.key % (WIDTH * slots.count), self.count)

    def _passages(self, points: IntArray, slots: Slots) -> BoolArray:
        """Whether something was seen to pass at each point, by slots of passages."""
        passages = np.zeros((len(points), slots.count - slots.passages), dtype=np.bool_)
        slot = self.key // WIDTH
        seen = (slot >= slots.passages) & (slot < slots.count)
        passages[np.searchsorted(points, self.instant[seen]), slot[seen] - slots.passages] = True
        return passages

    def _judged(self, points: IntArray, slots: Slots, max_points: int) -> tuple[Bits, BoolArray]:
        """From some points on the status but for passages, and whether passages count, by slots of passages."""
        width = WIDTH * slots.passages
        mine = self.key < width
        row, key, count = np.searchsorted(points, self.instant[mine]), self.key[mine], self.count[mine]
        standing, ends = np.zeros(width, dtype=np.int64), _Ends(key)
        judged = []
        for start in range(0, len(points), max_points):
            stop = min(start + max_points, len(points))
            entries = slice(*np.searchsorted(row, (start, stop)))
            more = np.zeros((stop - start, width), dtype=np.int64)
            more[row[entries] - start, key[entries]] = count[entries]
            counts = standing + np.cumsum(more, axis=0)
            standing = counts[-1]
            counts = counts.reshape(len(more), -1, WIDTH)
            bits = np.packbits(counts > 0, axis=2, bitorder="little").view(np.dtype("<u2"))[:, :, 0]
            decisions: NDArray[np.uint16] = bits & np.uint16(DECISIONS)
            ends.judge(decisions, more)
            judged.append(_chosen(_consequences(slots.roles, decisions), slots))
        statuses, counting = zip(*judged, strict=True)
        return np.concatenate(statuses), np.concatenate(counting)

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


def _chosen(consequences: Bits, slots: Slots) -> tuple[Bits, BoolArray]:
    """The status that follows from the consequences in a lane's slots, and whether passages count at each of its gates.

    Args: consequences: shape (points, slots). Returns: shapes (points,) and (points, slots of passages).
    """
    common: Bits = np.bitwise_or.reduce(consequences[:, slots.common] if slots.choices else consequences, axis=1)
    if not slots.choices:
        return STATUS_OF[common], np.ones((len(common), 1), dtype=np.bool_)
    sites = [np.bitwise_or.reduce(consequences[:, site], axis=1) for choice in slots.choices for site in choice]
    distinct, inverse = np.unique(np.stack([common, *sites], axis=1), axis=0, return_inverse=True)
    lengths = [len(choice) for choice in slots.choices]
    choices = [_choice(row, lengths) for row in distinct.tolist()]
    status = np.array([STATUSES.index(choice.status) for choice in choices], dtype=np.uint8)
    passable = np.array([(True, *chain(*choice.passable)) for choice in choices])
    inverse = inverse.ravel()
    return status[inverse], passable[inverse]


def _choice(consequences: Sequence[int], lengths: Sequence[int]) -> Choice:
    """Choose the best sites. Args: consequences: in common, then of each site; lengths: the sites of each choice."""
    common, *sites = consequences
    of_sites = iter(sites)
    return choose(common, tuple(tuple(islice(of_sites, length)) for length in lengths))


def _with_passages(status: Bits, counting: BoolArray, passages: BoolArray) -> Bits:
    """The status with passages: operating where one that counts was seen since the lane last became passable.

    Args: status: shape (points,); counting: whether a passage at a gate counts from a point on; passages: whether one
        was seen there at a point; shapes (points, gates).
    """
    number = np.arange(len(status))[:, None]
    barred = np.maximum.accumulate(np.where(PASSABLE_OF[status][:, None], -1, number))
    last = np.maximum.accumulate(np.where(passages, number, -1))
    passed = ((last > barred) & counting).any(axis=1)
    operating: Bits = np.where(UNHINDERED_OF[status] & passed, np.uint8(OPERATING), status)
    return operating
