"""Tracks looked at together: few one by one, many as arrays. Source: design §5."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tracker.model.dates import BEGINNING, FOREVER, Edge, Instant
from tracker.state.record import View
from tracker.state.tracks import undecided
from tracker.timeline.columns import BoolArray, IntArray, spread
from tracker.timeline.track_history import NOTHING, Turns, deciding, turns

FEW_TRACKS = 64  # that are looked at one by one


class TrackMove(NamedTuple):
    """A change of what decides a track."""

    track: int
    before: int  # rows; -1 where nothing decides
    after: int


class TrackSet:
    """The tracks on which some lanes depend, looked at together. Args: tracks: ascending."""

    def __init__(self, view: View, tracks: tuple[int, ...]) -> None:
        self.tracks = tracks
        self._view = view
        self._courses = tuple(view.course(track) for track in tracks)

    @cached_property
    def points(self) -> list[Instant]:
        """The instants at which one of the tracks may change, ascending, from the beginning of time."""
        return sorted({BEGINNING}.union(*(course.points for course in self._courses)))

    @cached_property
    def _moves(self) -> Mapping[Instant, Sequence[TrackMove]]:
        """The changes of the deciding row, by instant; at each instant by track."""
        moves: dict[Instant, list[TrackMove]] = {}
        for track, course in zip(self.tracks, self._courses, strict=True):
            for at, before, after in course.changes():
                if deciding(before) != deciding(after):
                    moves.setdefault(at, []).append(TrackMove(track, deciding(before), deciding(after)))
        return moves

    def standings(self, at: Instant) -> dict[int, int]:
        """The standing of each track at an instant, by track."""
        return {track: course.at(at) for track, course in zip(self.tracks, self._courses, strict=True)}

    def moves_at(self, at: Instant) -> Sequence[TrackMove]:
        """The changes of the deciding row at an instant, by track."""
        return self._moves.get(at, ())

    @property
    def undated(self) -> Sequence[int]:
        """The tracks with a row that waits for its date."""
        return [
            track
            for track, course in zip(self.tracks, self._courses, strict=True)
            if FOREVER in (begins.latest for begins in course.begins)
        ]

    def edge_at(self, at: Instant) -> Edge | None:
        """An uncertain edge whose latest instant is the given one."""
        return next((edge for course in self._courses for edge in course.edges_at(at)), None)

    @cached_property
    def _blurred(self) -> list[int]:
        return [track for track, course in zip(self.tracks, self._courses, strict=True) if course.blurred]

    def undecided(self, at: Instant) -> list[tuple[int, int]]:
        """For each track whose value is uncertain at an instant, the rows (or -1) that may decide it instead."""
        return undecided(self._view, at, self._blurred)

    def newest(self, at: Instant) -> Instant | None:
        """When the last announcement about one of the tracks was made by an instant."""
        orders = (order[bisect_right(order, at) - 1] for order in self._orders if order and order[0] <= at)
        return max(orders, default=None)

    @cached_property
    def _orders(self) -> list[list[Instant]]:
        """When the rows of each track were announced, ascending."""
        assertions = self._view.assertions
        return [assertions.order.instants_of(assertions.rows_of(track)) for track in self.tracks]


class ManyTracks(TrackSet):
    """Thousands of tracks: as arrays, without a course of each."""

    def __init__(self, view: View, tracks: tuple[int, ...]) -> None:
        self.tracks = tracks
        self._view, self._numbers = view, np.array(tracks, dtype=np.int64)

    @cached_property
    def _rows(self) -> IntArray:
        """The rows of all tracks."""
        offsets = self._view.assertions.offsets
        begins = offsets[self._numbers]
        return spread(begins, offsets[self._numbers + 1] - begins)

    @cached_property
    def _turns(self) -> Turns:
        return turns(self._view.assertions, self._numbers)

    def _edges(self, kind: str) -> tuple[IntArray, IntArray]:
        """Of each row, the earliest and the latest instant of an edge."""
        columns = (getattr(self._view.assertions, f"{kind}_{end}") for end in Edge._fields)
        earliest, latest = (column.values[column.ranks[self._rows]] for column in columns)
        return earliest, latest

    @cached_property
    def points(self) -> list[Instant]:
        edges = np.unique(np.concatenate([self._edges(kind)[1] for kind in ("begins", "ends")]))
        later: list[Instant] = edges[(edges > BEGINNING) & (edges < FOREVER)].tolist()
        return [BEGINNING, *later]

    @cached_property
    def _moving(self) -> tuple[IntArray, IntArray]:
        """The turns at which what decides changes, by instant and then by track; and their instants."""
        found = self._turns
        turn = np.flatnonzero(np.maximum(found.before, NOTHING) != np.maximum(found.after, NOTHING))
        turn = turn[np.argsort(found.instant[turn], kind="stable")]
        return turn, found.instant[turn]

    def moves_at(self, at: Instant) -> Sequence[TrackMove]:
        turn, instants = self._moving
        here = turn[slice(*(np.searchsorted(instants, at, side) for side in ("left", "right")))]
        places = np.searchsorted(self._turns.offsets, here, "right") - 1
        columns = (self._numbers[places], self._turns.before[here], self._turns.after[here])
        return [
            TrackMove(track, deciding(before), deciding(after))
            for track, before, after in zip(*(column.tolist() for column in columns), strict=True)
        ]

    def standings(self, at: Instant) -> dict[int, int]:
        return dict(zip(self.tracks, self.standing(at).tolist(), strict=True))

    @cached_property
    def _standings(self) -> tuple[IntArray, IntArray, IntArray]:
        """Where the standing of a track changes: the track's place, the instant, and the standing from then on."""
        found = turns(self._view.assertions, self._numbers, layers=False)
        return np.repeat(np.arange(len(self.tracks)), np.diff(found.offsets)), found.instant, found.after

    def standing(self, at: Instant) -> IntArray:
        """The standing of each track at an instant. Shape (tracks,)."""
        place, instant, after = self._standings
        standing, turn = np.full(len(self.tracks), NOTHING, dtype=np.int64), np.flatnonzero(instant <= at)
        standing[place[turn]] = after[turn]  # the last one is left
        return standing

    @property
    def undated(self) -> Sequence[int]:
        return self._tracks_of(self._edges("begins")[1] >= FOREVER)

    @cached_property
    def _blurred(self) -> list[int]:
        (begin, begins), (end, ends) = (self._edges(kind) for kind in ("begins", "ends"))
        return self._tracks_of((begin != begins) | (end != ends))

    def _tracks_of(self, rows: BoolArray) -> list[int]:
        """The tracks of some of the rows, ascending."""
        tracks: list[int] = np.unique(self._view.assertions.track[self._rows[rows]]).tolist()
        return tracks

    def edge_at(self, at: Instant) -> Edge | None:
        return next((edge for track in self._blurred for edge in self._view.course(track).edges_at(at)), None)

    def newest(self, at: Instant) -> Instant | None:
        column = self._view.assertions.order
        orders = column.values[column.ranks[self._rows]]
        return int(orders[orders <= at].max()) if (orders <= at).any() else None


def track_set(view: View, tracks: tuple[int, ...]) -> TrackSet:
    """Some tracks together; kept with the view, as many lanes share them."""
    key = TrackSet, tracks
    kept = view.memo.get(key)
    if kept is None:
        kept = view.memo[key] = (TrackSet if len(tracks) <= FEW_TRACKS else ManyTracks)(view, tracks)
    assert isinstance(kept, TrackSet)
    return kept
