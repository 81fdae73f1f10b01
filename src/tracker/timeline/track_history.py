"""The rule of time for one track at a time, whatever the size of the record. Source: design §5.

The standing of a track at an instant is one number: the row that decides it; or, where none does, -2 - the row that
ended last on it, or -1 where none has.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from tracker.model.dates import BEGINNING, FOREVER, Edge, Instant
from tracker.timeline.columns import TIMES, Columns, Hold, IntArray, offsets_of, spread
from tracker.timeline.value_at import Reading

NOTHING = -1
MAX_ROWS_TOGETHER = 16  # of a track whose turns are found together with those of others
MAX_CELLS = 1 << 20  # points by rows in one go: bounds the memory


def deciding(standing: int) -> int:
    """The row that decides; -1 where none does."""
    return standing if standing >= 0 else NOTHING


def run_out(standing: int) -> int:
    """The row that ended last where none decides; -1 where one does, or none has ended."""
    return -2 - standing if standing < NOTHING else NOTHING


def lapsed(row: int) -> int:
    """The standing of a track on which a row ended last and none decides."""
    return -2 - row


class Course(NamedTuple):
    """A track from the beginning of time on."""

    rows: Sequence[int]  # in the order of announcement
    begins: Sequence[Edge]  # of each row
    ends: Sequence[Edge]
    points: Sequence[Instant]  # where it may change, ascending, the beginning of time first
    standings: Sequence[int]  # from each point on
    blurred: bool  # whether some edge is uncertain
    holds: Sequence[int] | None = None  # a `Hold` for each row; None: all hold as a whole

    def at(self, at: Instant) -> int:
        """The standing at an instant, after the beginning of time."""
        return self.standings[bisect_right(self.points, at) - 1]

    @property
    def spans(self) -> Iterator[tuple[int, Instant, Instant]]:
        """The rows that decide, one after the other, and from when until when."""
        ends = (*self.points[1:], FOREVER)
        stretches = zip(self.standings, self.points, ends, strict=True)
        return ((row, begins, end) for row, begins, end in stretches if row >= 0)

    def winner(self, at: Instant) -> int:
        """The row that decides the track at an instant; -1 where none does."""
        return deciding(self.at(at))

    def read(self, at: Instant, reading: Reading) -> int:
        """The row that decides at an instant in a reading; -1 where none does."""
        return next(self.covering(at, reading), NOTHING)

    def covering(self, at: Instant, reading: Reading) -> Iterator[int]:
        """The rows whose validity covers an instant in a reading, the last first."""
        for row, begins, ends in zip(reversed(self.rows), reversed(self.begins), reversed(self.ends), strict=True):
            if self.hold(row) == Hold.SILENT:
                continue
            begin = begins.earliest if reading is Reading.POSSIBLE else begins.latest
            if begin <= at < (ends.earliest if reading is Reading.CERTAIN else ends.latest):
                yield row

    def hold(self, row: int) -> int:
        """How one of the rows holds over its period."""
        return Hold.WHOLE if self.holds is None else self.holds[row - self.rows[0]]

    def layers(self, standing: int, at: Instant) -> tuple[int, ...]:
        """A standing at an instant; where its row holds in part, followed by what stands at other hours.

        That is each row beneath that holds in part, too, and then one that holds as a whole, or -1.
        """
        if standing < 0 or self.hold(standing) != Hold.IN_PART:
            return (standing,)
        found = [standing]
        for row in self.covering(at, Reading.LATE):
            if row < found[-1]:
                found.append(row)
                if self.hold(row) == Hold.WHOLE:
                    return tuple(found)
        return (*found, NOTHING)

    def changes(self) -> Iterator[tuple[Instant, int, int]]:
        """Where what stands changes, at some hours at least; the standing of these hours before and after."""
        last: tuple[int, ...] = (NOTHING,)
        for at, standing in zip(self.points, self.standings, strict=True):
            layers = self.layers(standing, at)
            if layers != last:
                pairs = zip_longest(last, layers, fillvalue=NOTHING)
                yield at, *next(pair for pair in pairs if pair[0] != pair[1])
                last = layers

    def edges_at(self, at: Instant) -> Iterator[Edge]:
        """The uncertain edges whose latest instant is a given one, in the order of the rows."""
        if self.blurred:
            for edges in zip(self.begins, self.ends, strict=True):
                yield from (edge for edge in edges if edge.latest == at != edge.earliest)


def course(columns: Columns, track: int) -> Course:
    """The course of a track, if all of its rows are known."""
    rows = columns.rows_of(track)
    return _course(columns, rows, [getattr(columns, name).instants_of(rows) for name in TIMES[:4]])


def courses(columns: Columns, tracks: Sequence[int]) -> Iterator[Course]:
    """The courses of some tracks, if all rows are known: their columns are read together."""
    slices = [columns.rows_of(track) for track in tracks]
    rows = np.concatenate([np.arange(0), *(np.arange(own.start, own.stop) for own in slices)])
    edges = [getattr(columns, name).take(rows).instants.tolist() for name in TIMES[:4]]
    first = 0
    for own in slices:
        last = first + own.stop - own.start
        yield _course(columns, own, [column[first:last] for column in edges])
        first = last


def _course(columns: Columns, rows: slice, edges: Sequence[Sequence[Instant]]) -> Course:
    """The course of a track. Args: edges: earliest and latest begins, and earliest and latest ends, of its rows."""
    holds, numbers = columns.holds_of(rows), range(rows.start, rows.stop)
    points, standings = stretches(numbers, edges[1], edges[3], holds)
    begins, ends = list(map(Edge, *edges[:2])), list(map(Edge, *edges[2:]))
    blurred = edges[0] != edges[1] or edges[2] != edges[3]
    return Course(numbers, begins, ends, points, standings, blurred, holds)


def stretches(
    rows: Sequence[int], begins: Sequence[Instant], ends: Sequence[Instant], holds: Sequence[int] | None = None
) -> tuple[list[Instant], list[int]]:
    """The points at which a track may change, the beginning of time first, and its standing from each on."""
    points = [BEGINNING, *sorted(at for at in {*begins, *ends} if BEGINNING < at < FOREVER)]
    silent = () if holds is None else [row for row, hold in zip(rows, holds, strict=True) if hold == Hold.SILENT]
    return points, list(_standings(points, zip(begins, rows, ends, strict=True), frozenset(silent)))


def _standings(
    points: Iterable[Instant], rows: Iterable[tuple[Instant, int, Instant]], silent: frozenset[int]
) -> Iterator[int]:
    """The standing from each point on: the last row that has begun and not ended, and is not silent."""
    to_begin = sorted(rows, reverse=True)
    to_end = sorted(((end, row) for _, row, end in to_begin), reverse=True)
    begun: list[tuple[int, Instant]] = []  # a heap, the last row on top; an ended row goes when it is there
    last, quiet = NOTHING, BEGINNING  # the row that ended last, and the end of the silent ones that have begun
    for at in points:
        while to_begin and to_begin[-1][0] <= at:
            _, row, end = to_begin.pop()
            if row in silent:
                quiet = max(quiet, end)
            else:
                heappush(begun, (-row, end))
        while begun and begun[0][1] <= at:
            heappop(begun)
        while to_end and to_end[-1][0] <= at:
            last = to_end.pop()[1]
        yield -begun[0][0] if begun else lapsed(last) if last >= 0 and quiet <= at else NOTHING


@dataclass(frozen=True, eq=False)
class Turns:
    """Changes of the standing, as in a `Course`, by track and in time.

    `offsets` has shape (tracks + 1,), as in `Columns`; all else has shape (turns,).
    """

    offsets: IntArray
    instant: IntArray
    before: IntArray
    after: IntArray

    def of_tracks(self, tracks: IntArray) -> tuple[IntArray, IntArray]:
        """The turns of some tracks, one track after the other, and for each its place in `tracks`."""
        counts = self.offsets[tracks + 1] - self.offsets[tracks]
        return spread(self.offsets[tracks], counts), np.repeat(np.arange(len(tracks)), counts)


def turns(columns: Columns, tracks: IntArray | None = None, *, layers: bool = True) -> Turns:
    """The turns of some tracks, if all rows are known: for lanes on which many thousands of tracks bear.

    Args: tracks: ascending; all where left out. Offsets are by place in it. layers: a track also turns where what
    stands at some hours only changes, as in `Course.changes`.
    """
    if tracks is None:
        tracks = np.arange(columns.track_count)
    counts = columns.offsets[tracks + 1] - columns.offsets[tracks]
    alone = counts > MAX_ROWS_TOGETHER
    if layers and columns.holds is not None:
        partly = np.zeros(columns.track_count, dtype=np.bool_)
        partly[columns.track[columns.holds == Hold.IN_PART]] = True
        alone |= partly[tracks]
    parts = [_turns_alone(columns, tracks, np.flatnonzero(alone))]
    for count in np.unique(counts[~alone & (counts > 0)]).tolist():
        places = np.flatnonzero(~alone & (counts == count))
        size = max(1, MAX_CELLS // (2 * count + 1) // count)
        parts += [
            _turns_together(columns, tracks, places[first : first + size], count)
            for first in range(0, len(places), size)
        ]
    place, instant, before, after = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(place, kind="stable")
    return Turns(offsets_of(place, len(tracks)), instant[order], before[order], after[order])


Part = tuple[IntArray, IntArray, IntArray, IntArray]  # places of tracks, instants, standings before and after


def _turns_alone(columns: Columns, tracks: IntArray, places: IntArray) -> Part:
    """The turns of some tracks, one after the other."""
    numbers = array("q")
    for place in places.tolist():
        track = int(tracks[place])
        holds = columns.holds_of(columns.rows_of(track))
        partly = holds and Hold.IN_PART in holds
        changes = course(columns, track).changes() if partly else _changes(_track_stretches(columns, track))
        for change in changes:
            numbers.extend((place, *change))
    place, instant, before, after = np.array(numbers, dtype=np.int64).reshape(-1, 4).T
    return place, instant, before, after


def _turns_together(columns: Columns, tracks: IntArray, places: IntArray, count: int) -> Part:
    """The turns of tracks with equally many rows: each row of each is looked at from each point of its track."""
    rows = columns.offsets[tracks[places]][:, None] + np.arange(count)
    begins, ends = (column.values[column.ranks[rows]] for column in (columns.begins_latest, columns.ends_latest))
    points = np.concatenate([np.full((len(rows), 1), BEGINNING), begins, ends], axis=1)
    points = np.sort(np.where(points < FOREVER, points, BEGINNING), axis=1)
    begun, ended = begins[:, None, :] <= points[:, :, None], ends[:, None, :] <= points[:, :, None]
    covers = begun & ~ended
    quiet = np.zeros(points.shape, dtype=np.bool_)  # while a silent row runs
    if columns.holds is not None:
        silent = columns.holds[rows][:, None, :] == Hold.SILENT
        quiet = (covers & silent).any(axis=2)
        covers &= ~silent
    last = rows[:, :1] + count - 1 - np.argmax(covers[:, :, ::-1], axis=2)
    by_end = np.argsort(ends, axis=1, kind="stable")
    over = ended.sum(axis=2)
    ended_last = rows[:, :1] + np.take_along_axis(by_end, np.maximum(over - 1, 0), axis=1)
    standing = np.where(covers.any(axis=2), last, np.where((over > 0) & ~quiet, lapsed(0) - ended_last, NOTHING))
    before = np.concatenate([np.full((len(rows), 1), NOTHING), standing[:, :-1]], axis=1)
    place, point = np.nonzero(standing != before)
    return places[place], points[place, point], before[place, point], standing[place, point]


def _changes(stretches: Iterable[tuple[Instant, int]]) -> Iterator[tuple[Instant, int, int]]:
    last = NOTHING
    for at, standing in stretches:
        if standing != last:
            yield at, last, standing
            last = standing


def _track_stretches(columns: Columns, track: int) -> "zip[tuple[Instant, int]]":
    rows = columns.rows_of(track)
    begins, ends = (column.instants_of(rows) for column in (columns.begins_latest, columns.ends_latest))
    holds = columns.holds_of(rows)
    return zip(*stretches(range(rows.start, rows.stop), begins, ends, holds), strict=True)
