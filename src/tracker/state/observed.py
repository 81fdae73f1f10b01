"""For many lanes, whether traffic has been seen since they last became passable. Source: design §6.

It has been at an instant if the lane was passable at the last passage before it, and at every change since.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tracker.model.dates import FOREVER, Instant
from tracker.state.amounts import STATUSES
from tracker.state.layout import RAN_OUT, ROWS, Layout, spread, statuses_of
from tracker.state.passage import passages
from tracker.state.paths import Lane
from tracker.state.record import View
from tracker.state.scope import Question
from tracker.state.status import PASSABLE
from tracker.timeline.columns import BoolArray, IntArray
from tracker.timeline.value_at import winners_of

AT_ONCE = 2_000_000  # claims judged in one go: bounds the memory
_PASSABLE = [STATUSES.index(status) for status in PASSABLE]


@dataclass(frozen=True, eq=False)
class Observed:
    """The points of every lane on which traffic was ever seen, lane by lane, from its first passage on."""

    count: int  # of all lanes
    lanes: IntArray  # the numbers of those that have points
    begins: IntArray  # the first point of each
    instants: IntArray  # ascending within a lane; shape (points,)
    seen: BoolArray  # from each point on, whether a passage has been seen since the lane became passable

    def since_passable(self, at: Instant) -> BoolArray:
        """Whether traffic has been seen on each lane, passable ever since. Shape (lanes,)."""
        found = np.zeros(self.count, dtype=np.bool_)
        if len(self.lanes):
            past = np.add.reduceat((self.instants <= at).astype(np.int64), self.begins)
            found[self.lanes] = (past > 0) & self.seen[self.begins + past - 1]
        return found


def observed(view: View, lanes: Sequence[Lane], question: Question, of: Layout, first_end: IntArray) -> Observed:
    """Find when traffic was seen, and whether the lanes stayed passable.

    Args: first_end: when the first row of each track ends.
    """
    moved = [(number, on) for number, lane in enumerate(lanes) for on in _moved(view, lane, question)]
    lane, instant = np.array(moved, dtype=np.int64).reshape(len(moved), 2).T
    passed = _points(of, lane, instant)
    seen = np.zeros(len(passed.instant), dtype=np.bool_)
    for begin, end in _parts(of, passed.lane):
        part = slice(begin, end)
        seen[part] = _passable(of, passed.lane[part], passed.instant[part], first_end)
    numbers, begins = np.unique(passed.lane, return_index=True)
    return Observed(len(lanes), numbers, begins, passed.instant, _since(seen, passed.passage, begins))


def _moved(view: View, lane: Lane, question: Question) -> Iterator[Instant]:
    return (seen.on.latest for seen in passages(view, lane, question) if not seen.effect.none)


@dataclass(frozen=True, eq=False)
class _Points:
    """Where the status of a lane may change, by lane and then in time."""

    lane: IntArray
    instant: IntArray
    passage: BoolArray  # whether traffic was seen there


def _points(of: Layout, lane: IntArray, instant: IntArray) -> _Points:
    """The passages, and every change of a lane's tracks after its first."""
    first = np.full(len(of.constant), FOREVER)
    np.minimum.at(first, lane, instant)
    owner = of.claim_lane
    claims = np.flatnonzero(first[owner] < FOREVER)
    columns, tracks = of.columns, of.claim_track[claims]
    counts = np.diff(columns.offsets)[tracks]
    rows, owner = spread(columns.offsets[tracks], counts), np.repeat(owner[claims], counts)
    edges = np.concatenate(
        [column.values[column.ranks[rows]] for column in (columns.begins_latest, columns.ends_latest)]
    )
    lanes = np.concatenate([lane, owner, owner])
    instants = np.concatenate([instant, edges])
    kept = (first[lanes] <= instants) & (instants < FOREVER)
    passage = np.arange(len(lanes)) < len(lane)
    order = np.lexsort((~passage[kept], instants[kept], lanes[kept]))  # of points that coincide, the passage first
    lanes, instants, passage = (each[kept][order] for each in (lanes, instants, passage))
    new = np.ones(len(lanes), dtype=np.bool_)
    new[1:] = (lanes[1:] != lanes[:-1]) | (instants[1:] != instants[:-1])
    return _Points(lanes[new], instants[new], passage[new])


def _parts(of: Layout, lane: IntArray) -> Iterator[tuple[int, int]]:
    """Parts of the points that can be judged at once."""
    size = np.cumsum(np.bincount(of.claim_lane, minlength=len(of.constant))[lane])
    begin = 0
    while begin < len(lane):
        done = size[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(size, done + AT_ONCE, side="right")))
        yield begin, end
        begin = end


def _passable(of: Layout, lane: IntArray, instant: IntArray, first_end: IntArray) -> BoolArray:
    """Whether lanes are passable at instants. Shape (points,), like both."""
    apart, claims = of.taken(lane)
    counts = np.bincount(of.claim_lane, minlength=len(of.constant))[lane]
    at = np.repeat(instant, counts)
    tracks = of.claim_track[claims]
    deciding = winners_of(of.columns, tracks, at)
    silent = np.where(first_end[tracks] <= at, RAN_OUT, 0)
    standing = np.where(deciding >= 0, deciding - of.columns.offsets[tracks] + ROWS, silent)
    return np.isin(statuses_of(apart, apart.table[apart.claim_block + standing]), _PASSABLE)


def _since(passable: BoolArray, passage: BoolArray, begins: IntArray) -> BoolArray:
    """Whether the last passage came after the last point at which the lane was not passable."""
    number = np.arange(len(passable))
    barrier = np.full(len(passable), -1)
    barrier[begins] = begins - 1  # what was on another lane does not count
    barred = np.maximum.accumulate(np.where(passable, barrier, number))
    last: IntArray = np.maximum.accumulate(np.where(passage, number, -1))
    return last > barred
