"""Each status of a lane and each cause of it, from its tally. Source: design §9, "What decides".

The array form of `LaneHistory.causal_runs` and `decisive_cause`; a law keeps the two equal.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracker.model.dates import FOREVER, Instant
from tracker.model.vocabulary import Level, Status
from tracker.state.deciding import LEVEL_OF, MIXING, WIDTH, decisive
from tracker.state.decision_changes import MAX_PLACE
from tracker.state.lanes import Lane
from tracker.state.permission import DECISIONS, LAPSED, Decision
from tracker.state.slots import Role, Slots, slots_of
from tracker.state.status import STATUSES, Consequence
from tracker.state.tally import BESIDE, MAX_POINTS, OPERATING, WAS_LIFTED, Bits, Judged, Tally, severities
from tracker.timeline.columns import BoolArray, IntArray

Sums = NDArray[np.uint64]
Decisions = NDArray[np.uint16]
NO_CAUSE = 0
_LAST = (FOREVER,)
_ALL = np.arange(len(Decision), dtype=np.uint16)
_OPEN = STATUSES.index(Status.OPEN)
_OF_MEASURES = [STATUSES.index(status) for status in LEVEL_OF]
_UNKNOWN = [STATUSES.index(status) for status, level in LEVEL_OF.items() if level is Level.UNKNOWN]


class CausalRuns(NamedTuple):
    """Each status of a lane, each time by other causes, and from when; the beginning of time first."""

    instant: IntArray
    status: Bits  # its number in `STATUSES`
    otherwise: Bits  # as in `Runs`
    cause: IntArray  # the number of the decisive cause; 0: none, or a silence
    beside: list[set[int]]  # the numbers of the restrictions beside the status that are in force at some time of it

    @property
    def severity(self) -> Bits:
        """How bad each status is: see `tracker.state.status.severity`."""
        return severities(self.status, self.otherwise)


class _Part(NamedTuple):
    """The causes that decide from some points on. Shapes (points,), and (points, slots)."""

    sums: Sums
    decisive: Decisions
    silent: BoolArray


def causal_runs(tally: Tally, lane: Lane, max_points: int = MAX_POINTS) -> CausalRuns:
    """Each status of a lane and each cause of it, if this is its whole tally.

    Args: max_points: judged in one go.
    """
    slots, points = slots_of(lane.steps), tally.points
    shape = len(points), len(slots.roles)
    whole = _Part(np.zeros(shape[0], np.uint64), np.zeros(shape, np.uint16), np.zeros(shape, np.bool_))
    weights = _Weights(tally, slots)

    def judged() -> Iterator[Judged]:
        for some in tally.judged(slots, max_points):
            sums, decisive_part, silent = weights.part(some)
            whole.sums[some.part], whole.decisive[some.part], whole.silent[some.part] = sums, decisive_part, silent
            yield some

    status, otherwise = tally.statuses(slots, judged())
    whole.sums[status == OPERATING] = 0
    columns = (status, otherwise, whole.sums)
    changed = np.append(True, np.any([column[1:] != column[:-1] for column in columns], axis=0))
    runs = tally.in_life(lane, changed)
    causes = _Causes(tally, slots, points[runs], status[runs], whole.decisive[runs], whole.silent[runs], lane.life.end)
    return CausalRuns(points[runs], status[runs], otherwise[runs], causes.numbers, causes.beside)


class _Weights:
    """The sums of the numbers of all causes that stand, by point and key."""

    def __init__(self, tally: Tally, slots: Slots) -> None:
        self._slots = slots
        mine = tally.key < WIDTH * slots.passages
        self._row, self._key = np.searchsorted(tally.points, tally.instant[mine]), tally.key[mine]
        alike = np.arange(slots.passages)
        alike[[*slots.alike]] = [*slots.alike.values()]
        key = alike[self._key // WIDTH] * WIDTH + self._key % WIDTH
        mixed = (2 * key + 1).astype(np.uint64) * np.uint64(MIXING)
        self._weight = tally.cause[mine].astype(np.uint64) * mixed * tally.count[mine].astype(np.uint64)
        self._standing = np.zeros(WIDTH * slots.passages, np.uint64)

    def part(self, judged: Judged) -> _Part:
        """The causes that decide from the next points on."""
        start, stop = judged.part.start, judged.part.stop
        entries = slice(*np.searchsorted(self._row, (start, stop)))
        more = np.zeros((stop - start, len(self._standing)), np.uint64)
        np.add.at(more, (self._row[entries] - start, self._key[entries]), self._weight[entries])
        sums = self._standing + np.cumsum(more, axis=0, dtype=np.uint64)
        self._standing = sums[-1]
        deciding = judged.deciding(self._slots)
        some = np.where(deciding, _decisive(self._slots, judged), 0).astype(np.uint16)
        shares = sums.reshape(stop - start, -1, WIDTH)[:, :, : len(Decision)]
        counts = (some[:, :, None] >> _ALL & 1).astype(np.uint64)
        unknown = deciding & (judged.following & np.uint8(Consequence.UNKNOWN) > 0)
        silent, by_silence = unknown & (some & LAPSED == 0), np.isin(judged.chosen.status, _UNKNOWN)
        own = (shares * counts).sum(axis=(1, 2), dtype=np.uint64)
        silences = (silent * np.array(self._slots.silences, np.uint64)).sum(axis=1, dtype=np.uint64)
        return _Part(own + silences * by_silence, some, silent)


def _decisive(slots: Slots, judged: Judged) -> Decisions:
    """The sets of decisions in each slot that decide the status at each point."""
    roles = np.array(slots.roles, dtype=np.int64) * len(STATUSES)
    keys = (roles[None, :] + judged.chosen.status[:, None].astype(np.int64)) * (DECISIONS + 1) + judged.decisions
    distinct, places = np.unique(keys, return_inverse=True)
    made = [
        decisive(Role(key // (DECISIONS + 1) // len(STATUSES)), key % (DECISIONS + 1),
                 STATUSES[key // (DECISIONS + 1) % len(STATUSES)])
        for key in distinct.tolist()
    ]  # fmt: skip
    return np.array(made, dtype=np.uint16)[places].reshape(keys.shape)


class _Causes:
    """The decisive cause of each run, as `decisive_cause` finds it."""

    def __init__(
        self,
        tally: Tally,
        slots: Slots,
        instants: IntArray,
        status: Bits,
        decisive: Decisions,
        silent: BoolArray,
        end: Instant,
    ) -> None:
        """Find the causes of some runs. Args: end: of the last of them."""
        self._instants, self._opening, self._end = instants, status == _OPEN, end
        unknown = np.isin(status, _UNKNOWN)[:, None]
        named = np.isin(status, _OF_MEASURES)[:, None]
        self._decisive = np.where(named, np.where(unknown, decisive & np.uint16(LAPSED), decisive), 0)
        silent = silent & unknown
        self.numbers = np.zeros(len(instants), dtype=np.int64)
        self._taken: list[tuple[int, ...]] = [_LAST] * len(instants)  # the order of the cause of each run
        for slot in np.flatnonzero(silent.any(axis=0)).tolist():
            place = next(site.place for site, authorities, _, _ in slots.sites if slot in authorities)
            for run in np.flatnonzero(silent[:, slot]).tolist():
                self._take(run, (slots.numbers[place] + 1, FOREVER, slot, 0))
        self.beside: list[set[int]] = [set() for _ in instants]
        for key, *spans in _spans(tally):
            if key == slots.passages * WIDTH + BESIDE:
                self._put_beside(*spans)
            else:
                self._consider(key, *spans)

    def _put_beside(self, numbers: IntArray, begins: IntArray, ends: IntArray) -> None:
        first = np.searchsorted(self._instants, begins, "right") - 1
        last = np.searchsorted(self._instants, ends, "left")
        last = np.where(begins < self._end, last, 0)
        for number, begin, end in zip(numbers.tolist(), first.tolist(), last.tolist(), strict=True):
            for run in range(max(begin, 0), end):
                self.beside[run].add(number)

    def _consider(self, key: int, numbers: IntArray, begins: IntArray, ends: IntArray) -> None:
        """Consider the spans in which causes stand that decide alike, at one place; the first begun first."""
        slot, decision = divmod(key, WIDTH)
        place, reported = int(numbers[0] >> 1 & MAX_PLACE), int(~numbers[0] & 1)
        counts = self._decisive[:, slot] >> decision & 1 == 1
        first = np.minimum(np.searchsorted(np.maximum.accumulate(ends), self._instants, "right"), len(ends) - 1)
        stands = (begins[first] <= self._instants) & (self._instants < ends[first])
        for run in np.flatnonzero(counts & ~self._opening & stands).tolist():
            span = first[run]
            self._take(run, (place, int(begins[span]), slot, int(numbers[span])))
        for run in np.flatnonzero(counts & self._opening).tolist():
            newest = _newest(int(self._instants[run]), begins, ends)
            if newest is not None:
                self._take(run, (reported, -int(begins[newest]), place, slot, int(numbers[newest])))

    def _take(self, run: int, order: tuple[int, ...]) -> None:
        """Take a cause for a run, if it goes before the one taken so far. Args: order: its number last."""
        if order < self._taken[run]:
            self._taken[run], self.numbers[run] = order, order[-1]


def _newest(at: int, begins: IntArray, ends: IntArray) -> int | None:
    """The last begun of the spans that hold an instant; of equals the first."""
    number = int(np.searchsorted(begins, at, "right")) - 1
    while number >= 0 and ends[number] <= at:
        number -= 1
    if number < 0:
        return None
    equals = slice(int(np.searchsorted(begins, begins[number])), number + 1)
    return equals.start + int(np.argmax(ends[equals] > at))


def _spans(tally: Tally) -> Iterator[tuple[int, IntArray, IntArray, IntArray]]:
    """The spans in which causes stand, by key, place and whether they are declared: key, numbers, begins and ends."""
    kept = (tally.cause != NO_CAUSE) & (tally.key % WIDTH < WAS_LIFTED)
    instant, key, cause, count = (column[kept] for column in (tally.instant, tally.key, tally.cause, tally.count))
    if not len(instant):
        return
    order = np.lexsort((instant, cause, key))
    instant, key, cause, count = instant[order], key[order], cause[order], count[order]
    first = np.append(True, (key[1:] != key[:-1]) | (cause[1:] != cause[:-1]))
    total = np.cumsum(count)
    total -= np.repeat((total - count)[first], np.diff(np.append(np.flatnonzero(first), len(first))))
    before = np.where(first, 0, np.append(0, total[:-1]))
    begin = np.flatnonzero((total > 0) & (before <= 0))
    stops = np.flatnonzero((total <= 0) | np.append(first[1:], True))
    stop = stops[np.searchsorted(stops, begin)]
    ends = np.where(total[stop] <= 0, instant[stop], FOREVER)
    begins, key, cause = instant[begin], key[begin], cause[begin]
    groups = key * (2 * MAX_PLACE + 2) + (cause & (2 * MAX_PLACE + 1))
    order = np.lexsort((cause, begins, groups))
    bounds = np.flatnonzero(np.append(True, groups[order][1:] != groups[order][:-1])).tolist()
    for start, end in zip(bounds, [*bounds[1:], len(order)], strict=True):
        some = order[start:end]
        yield int(key[some[0]]), cause[some], begins[some], ends[some]
