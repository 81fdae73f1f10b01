"""For many lanes, whether traffic has been seen since they last became passable. Source: design §6.

It has been at an instant if the lane was passable at the last passage before it, and at every change since.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tracker.model.dates import FOREVER, Instant
from tracker.state.blocks import RAN_OUT, ROWS
from tracker.state.contributions import STATUSES
from tracker.state.lanes import Lane
from tracker.state.layout import Layout, statuses_of
from tracker.state.observations import passages
from tracker.state.record import View
from tracker.state.scope import Question
from tracker.state.status import PASSABLE
from tracker.timeline.columns import BoolArray, IntArray, spread
from tracker.timeline.value_at import winners_of

AT_ONCE = 2_000_000  # claims judged in one go: bounds the memory
PASSABLE_CODES = [STATUSES.index(status) for status in PASSABLE]


class Observed:
    """The lanes on which traffic was ever seen, each judged when it is first asked about."""

    def __init__(self, view: View, lanes: Sequence[Lane], question: Question, of: Layout, first_end: IntArray) -> None:
        moved = [(number, on) for number, lane in enumerate(lanes) for on in _moved(view, lane, question)]
        lane, instant = np.array(moved, dtype=np.int64).reshape(len(moved), 2).T
        self._of = of
        self._first_end = first_end  # when the first row of each track ends
        self._points = _points(of, lane, instant)
        self._lanes, self._begins, self._counts = np.unique(self._points.lane, return_index=True, return_counts=True)
        self._judged = np.zeros(len(self._lanes), dtype=np.bool_)
        self._seen = np.zeros(len(self._points.lane), dtype=np.bool_)  # from each point on, since it became passable

    def since_passable(self, among: BoolArray, at: Instant) -> BoolArray:
        """Of some lanes, those on which traffic has been seen by an instant, passable ever since. Shape (lanes,)."""
        found = np.zeros(len(among), dtype=np.bool_)
        chosen = np.flatnonzero(among[self._lanes])
        if len(chosen):
            self._judge(chosen[~self._judged[chosen]])
            past = np.add.reduceat((self._points.instant <= at).astype(np.int64), self._begins)[chosen]
            found[self._lanes[chosen]] = (past > 0) & self._seen[self._begins[chosen] + past - 1]
        return found

    def _judge(self, chosen: IntArray) -> None:
        """Find out where lanes were passable, and so where what was seen counts."""
        points = spread(self._begins[chosen], self._counts[chosen])
        lane, instant = self._points.lane[points], self._points.instant[points]
        passable = np.zeros(len(points), dtype=np.bool_)
        for part in _parts(self._of, lane):
            passable[part] = _passable(self._of, lane[part], instant[part], self._first_end)
        begins = np.cumsum(self._counts[chosen]) - self._counts[chosen]
        self._seen[points] = seen_since(passable, self._points.passage[points], begins)
        self._judged[chosen] = True


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


def _parts(of: Layout, lane: IntArray) -> Iterator[slice]:
    """Parts of the points that can be judged at once."""
    size = np.cumsum(np.bincount(of.claim_lane, minlength=len(of.constant))[lane])
    begin = 0
    while begin < len(lane):
        done = size[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(size, done + AT_ONCE, side="right")))
        yield slice(begin, end)
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
    return np.isin(statuses_of(apart, apart.table[apart.claim_block + standing]), PASSABLE_CODES)


def seen_since(passable: BoolArray, passage: BoolArray, begins: IntArray) -> BoolArray:
    """Whether the last passage came after the last point at which the lane was not passable."""
    number = np.arange(len(passable))
    barrier = np.full(len(passable), -1)
    barrier[begins] = begins - 1  # what was on another lane does not count
    barred = np.maximum.accumulate(np.where(passable, barrier, number))
    last: IntArray = np.maximum.accumulate(np.where(passage, number, -1))
    return last > barred
