"""The tally of a lane: how many measures decide in which way from each instant on, as arrays. Source: design §6.

Tallies add up: that of some measures and that of all others make that of all. So the lanes on which a few announcements
bear are brought up to date by taking away the tally of these measures as it was, and adding it as it is.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from tracker.model.dates import BEGINNING
from tracker.model.lifespans import ALWAYS
from tracker.model.vocabulary import Status
from tracker.state.deciding import WIDTH
from tracker.state.lanes import Lane
from tracker.state.permission import DECISIONS, LAPSED, LIFTED, Decision, consequences
from tracker.state.slots import Role, Slots, slots_of
from tracker.state.status import PASSABLE, STATUSES, UNHINDERED, Choice, choose, severity, status_of
from tracker.timeline.columns import BoolArray, IntArray

Bits = NDArray[np.uint8]

MAX_POINTS = 4_096  # judged in one go: bounds the memory
WAS_LIFTED, HAS_LAPSED = WIDTH - 2, WIDTH - 1  # these only ever grow
BESIDE = 1  # in the slot `passages`: restrictions in force that stand beside the status
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
        return severities(self.status, self.otherwise)


def severities(status: Bits, otherwise: Bits) -> Bits:
    """How bad each status is. Shapes alike. Args: as in `Runs`."""
    made: Bits = SEVERITY_OF[status, np.minimum(otherwise, len(STATUSES))]
    return made


class Chosen(NamedTuple):
    """The best sites of a lane from some points on, and the status by them, but for passages."""

    status: Bits  # its number in `STATUSES`; shape (points,)
    best: BoolArray  # shape (points, sites of all choices)
    counting: BoolArray  # whether passages at a gate count; shape (points, slots of passages)


class Judged(NamedTuple):
    """A lane from some points on."""

    part: slice  # of the points
    decisions: NDArray[np.uint16]  # sets; shape (points, slots)
    following: Bits  # sets of `Consequence`; shape (points, slots)
    chosen: Chosen
    rest: Chosen | None  # for the flow that no class and no exemption holds; None: as for the whole flow

    def deciding(self, slots: Slots) -> BoolArray:
        """The slots that decide, as `LaneStatuses` has it. Shape (points, slots)."""
        best = self.chosen.best if self.rest is None else _passable_for_rest(self.chosen, self.rest, slots)
        deciding = np.ones(self.following.shape, dtype=np.bool_)
        for number, site in enumerate(chain(*slots.choices)):
            deciding[:, site] = best[:, number, None]
        return deciding


@dataclass(frozen=True, eq=False)
class Tally:
    """By instant, key and cause, how many more decide so from then on. A key is a slot of a lane and a `Decision`.

    Of the slots of passages, it is how many passages were seen at the instant, and of the first of them by BESIDE, how
    many restrictions more stand beside the status from then on; of the keys WAS_LIFTED and HAS_LAPSED, how many
    measures ended so at the instant. Behind all slots of the lane stand the same again: how many more or
    less decide so for the flow that no class and no exemption holds; there causes are not told apart.
    """

    instant: IntArray
    key: IntArray
    cause: IntArray  # its number; 0 of a passage, and of what is counted in WAS_LIFTED and HAS_LAPSED
    count: IntArray

    @classmethod
    def of(cls, instant: IntArray, key: IntArray, cause: IntArray, count: IntArray) -> Self:
        """The sum of counts in any order."""
        order = np.lexsort((cause, key, instant))
        instant, key, cause, count = instant[order], key[order], cause[order], count[order]
        first = np.ones(len(instant), dtype=np.bool_)
        first[1:] = (instant[1:] != instant[:-1]) | (key[1:] != key[:-1]) | (cause[1:] != cause[:-1])
        begins = np.flatnonzero(first)
        total = np.add.reduceat(count, begins) if len(begins) else count
        kept = begins[total != 0]
        return cls(instant[kept], key[kept], cause[kept], total[total != 0])

    def __add__(self, other: "Tally") -> "Tally":
        return Tally.of(
            np.concatenate((self.instant, other.instant)),
            np.concatenate((self.key, other.key)),
            np.concatenate((self.cause, other.cause)),
            np.concatenate((self.count, other.count)),
        )

    def __neg__(self) -> "Tally":
        return Tally(self.instant, self.key, self.cause, -self.count)

    def __len__(self) -> int:
        return len(self.instant)

    @cached_property
    def points(self) -> IntArray:
        """The instants at which the status may change, the beginning of time first."""
        return np.unique(np.append(self.instant, BEGINNING))

    def runs(self, lane: Lane, max_points: int = MAX_POINTS) -> Runs:
        """Each status of the lane, if this is its whole tally.

        Args: max_points: judged in one go.
        """
        slots = slots_of(lane.steps)
        status, otherwise = self.statuses(slots, self.judged(slots, max_points))
        number = status.astype(np.int64) << 8 | otherwise
        changes = self.in_life(lane, np.append(True, number[1:] != number[:-1]))
        return Runs(self.points[changes], status[changes], otherwise[changes])

    def in_life(self, lane: Lane, changed: BoolArray) -> IntArray:
        """The numbers of the points at which something changes while a lane exists; it begins at one of them.

        Args: changed: shape (points,).
        """
        if lane.life == ALWAYS:
            return np.flatnonzero(changed)
        points = self.points
        return np.flatnonzero(
            (changed | (points == lane.life.begin)) & (points >= lane.life.begin) & (points < lane.life.end)
        )

    def judged(self, slots: Slots, max_points: int = MAX_POINTS) -> Iterator[Judged]:
        """The lane from each point on, but for passages, some points at a time."""
        whole = self._following(self.points, slots, max_points)
        rest = self._of_rest(slots)
        if rest is None:
            for part, decisions, following in whole:
                yield Judged(part, decisions, following, _choose(following, slots), None)
            return
        for (part, decisions, following), (_, _, of_rest) in zip(
            whole, rest._following(self.points, slots, max_points), strict=True
        ):
            yield Judged(part, decisions, following, _choose(following, slots), _choose(of_rest, slots))

    def statuses(self, slots: Slots, parts: Iterable[Judged]) -> tuple[Bits, Bits]:
        """The status from each point on, and that of the rest: see `Runs`. Args: parts: all that is judged."""
        judged = list(parts)
        passages = self._passages(slots)
        status = _with_passages([part.chosen for part in judged], passages)
        rest = _with_passages([part.rest or part.chosen for part in judged], passages)
        return status, np.where((status == RESTRICTED) & (rest != RESTRICTED), rest, np.uint8(UNSET))

    def _of_rest(self, slots: Slots) -> "Tally | None":
        """The tally for the flow that no class and no exemption holds; None where nothing differs for it."""
        if not len(self.key) or self.key.max() < WIDTH * slots.count:
            return None
        return Tally.of(self.instant, self.key % (WIDTH * slots.count), np.zeros_like(self.cause), self.count)

    def _passages(self, slots: Slots) -> BoolArray:
        """Whether something was seen to pass at each point. Shape (points, slots of passages)."""
        passages = np.zeros((len(self.points), slots.count - slots.passages), dtype=np.bool_)
        slot = self.key // WIDTH
        seen = (slot >= slots.passages) & (slot < slots.count) & (self.key % WIDTH != BESIDE)
        passages[np.searchsorted(self.points, self.instant[seen]), slot[seen] - slots.passages] = True
        return passages

    def _following(
        self, points: IntArray, slots: Slots, max_points: int
    ) -> Iterator[tuple[slice, NDArray[np.uint16], Bits]]:
        """The decisions in each slot from some points on, and what follows, some points at a time."""
        width = WIDTH * slots.passages
        mine = self.key < width
        row, key, count = np.searchsorted(points, self.instant[mine]), self.key[mine], self.count[mine]
        standing, ends = np.zeros(width, dtype=np.int64), _Ends(key)
        for start in range(0, len(points), max_points):
            part = slice(start, min(start + max_points, len(points)))
            entries = slice(*np.searchsorted(row, (part.start, part.stop)))
            more = np.zeros((part.stop - part.start, width), dtype=np.int64)
            np.add.at(more, (row[entries] - start, key[entries]), count[entries])
            counts = standing + np.cumsum(more, axis=0)
            standing = counts[-1]
            counts = counts.reshape(len(more), -1, WIDTH)[:, :, : len(Decision)]
            bits = np.packbits(counts > 0, axis=2, bitorder="little").view(np.dtype("<u2"))[:, :, 0]
            decisions: NDArray[np.uint16] = bits & np.uint16(DECISIONS)
            ends.judge(decisions, more)
            yield part, decisions, _consequences(slots.roles, decisions)

    def packed(self) -> bytes:
        """The tally in few bytes: most instants are close to the one before."""
        instant = np.diff(self.instant, prepend=0).tobytes()
        small = [column.astype(np.int32).tobytes() for column in (self.key, self.count)]
        return zlib.compress(b"".join((instant, self.cause.tobytes(), *small)), 1)

    @classmethod
    def unpacked(cls, data: bytes) -> Self:
        """The tally from the bytes that `packed` made."""
        plain = zlib.decompress(data)
        size = len(plain) // 24
        instant, cause = np.frombuffer(plain, np.int64, 2 * size).reshape(2, size)
        key, count = np.frombuffer(plain, np.int32, 2 * size, 16 * size).astype(np.int64).reshape(2, size)
        return cls(np.cumsum(instant), key, cause, count)


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


def _choose(consequences: Bits, slots: Slots) -> Chosen:
    """Choose the best sites of a lane. Args: consequences: shape (points, slots)."""
    common: Bits = np.bitwise_or.reduce(consequences[:, slots.common] if slots.choices else consequences, axis=1)
    if not slots.choices:
        empty = np.ones((len(common), 0), dtype=np.bool_)
        return Chosen(STATUS_OF[common], empty, np.ones((len(common), 1), dtype=np.bool_))
    sites = [np.bitwise_or.reduce(consequences[:, site], axis=1) for site in chain(*slots.choices)]
    distinct, inverse = np.unique(np.stack([common, *sites], axis=1), axis=0, return_inverse=True)
    inverse = inverse.ravel()
    lengths = [len(choice) for choice in slots.choices]
    choices = [_choice(row, lengths) for row in distinct.tolist()]
    best = [
        [number in numbers for numbers, length in zip(choice.best, lengths, strict=True) for number in range(length)]
        for choice in choices
    ]
    return Chosen(
        np.array([STATUSES.index(choice.status) for choice in choices], dtype=np.uint8)[inverse],
        np.array(best, dtype=np.bool_)[inverse],
        np.array([(True, *chain(*choice.passable)) for choice in choices], dtype=np.bool_)[inverse],
    )


def _choice(consequences: Sequence[int], lengths: Sequence[int]) -> Choice:
    """Choose the best sites. Args: consequences: in common, then of each site; lengths: the sites of each choice."""
    common, *sites = consequences
    of_sites = iter(sites)
    return choose(common, tuple(tuple(islice(of_sites, length)) for length in lengths))


def _passable_for_rest(chosen: Chosen, rest: Chosen, slots: Slots) -> BoolArray:
    """The best sites; where the lane is restricted and passable for the rest, those that are passable for it."""
    asked = ((chosen.status == RESTRICTED) & PASSABLE_OF[rest.status])[:, None]
    best, start = chosen.best.copy(), 0
    for choice in slots.choices:
        sites = slice(start, start + len(choice))
        narrower = best[:, sites] & rest.counting[:, 1:][:, sites]
        best[:, sites] = np.where(asked & narrower.any(axis=1, keepdims=True), narrower, best[:, sites])
        start += len(choice)
    return best


def _with_passages(parts: Sequence[Chosen], passages: BoolArray) -> Bits:
    """The status from each point on: operating where a passage that counts was seen since the lane became passable.

    Args: passages: whether one was seen at a point; shape (points, slots of passages).
    """
    status = np.concatenate([part.status for part in parts])
    counting = np.concatenate([part.counting for part in parts])
    number = np.arange(len(status))[:, None]
    barred = np.maximum.accumulate(np.where(PASSABLE_OF[status][:, None], -1, number))
    last = np.maximum.accumulate(np.where(passages, number, -1))
    passed = ((last > barred) & counting).any(axis=1)
    operating: Bits = np.where(UNHINDERED_OF[status] & passed, np.uint8(OPERATING), status)
    return operating
