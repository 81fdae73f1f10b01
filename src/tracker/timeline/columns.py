"""Assertions as numbers: narrow columns, sorted by track and, within one, by the order of design §5.

An instant is kept as its rank among those that occur in its column. Ranks sort as instants do, so the rule of time
compares ranks, and a million assertions take two or four bytes each in a column instead of eight.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, fields
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from tracker.model.dates import FOREVER, Instant

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
CodeArray = NDArray[np.unsignedinteger]  # as narrow as its largest number allows
NumberArray = IntArray | CodeArray

TIMES = (
    "begins_earliest", "begins_latest", "ends_earliest", "ends_latest",
    "announced_from", "announced_to", "recorded_from", "recorded_to",
)  # fmt: skip


class Hold(IntEnum):
    """How an assertion holds over its period: all the time, or only in its hours or season."""

    WHOLE = 0
    IN_PART = 1  # at some hours of each time that is looked at
    SILENT = 2  # at none: it decides nothing, and as long as its period runs the track has not lapsed


def codes(numbers: NumberArray) -> CodeArray:
    """Numbers from 0 on in the narrowest type that holds them."""
    return numbers.astype(np.min_scalar_type(int(numbers.max()) if len(numbers) else 0), copy=False)


class Threshold(NamedTuple):
    """A comparison of instants as one of ranks: rank < `rank`, or rank >= `rank` where `behind`."""

    rank: int
    behind: bool
    all: bool  # every row passes
    none: bool  # no row does


@dataclass(frozen=True, eq=False)
class Ranked:
    """A column of instants (microseconds UTC) or positions of the log."""

    values: IntArray  # those that occur, ascending; shape (distinct,)
    ranks: CodeArray  # of each row, in `values`; shape (rows,)

    @classmethod
    def of(cls, instants: NumberArray) -> "Ranked":
        values, ranks = np.unique(np.asarray(instants, dtype=np.int64), return_inverse=True)
        return cls(values, codes(ranks))

    @classmethod
    def of_numbers(cls, instants: IntArray, numbers: NumberArray) -> "Ranked":
        """A column of rows that name their instants by number: only the instants that occur are sorted."""
        occur = np.flatnonzero(np.bincount(numbers, minlength=len(instants)))
        few = cls.of(instants[occur])
        ranks = np.zeros(len(instants), dtype=few.ranks.dtype)
        ranks[occur] = few.ranks
        return cls(few.values, ranks[numbers])

    def __getitem__(self, row: int) -> Instant:
        return int(self.values[self.ranks[row]])

    def __len__(self) -> int:
        return len(self.ranks)

    @property
    def instants(self) -> IntArray:
        return self.values[self.ranks]

    @property
    def occurring(self) -> IntArray:
        """The instants that some row has, each once, ascending."""
        values: IntArray = self.values[np.bincount(self.ranks, minlength=len(self.values)) > 0]
        return values

    def instants_of(self, rows: slice) -> list[Instant]:
        instants: list[Instant] = self.values[self.ranks[rows]].tolist()
        return instants

    def take(self, rows: IntArray) -> "Ranked":
        return Ranked(self.values, self.ranks[rows])

    def by(self, at: Instant, *, behind: bool = False) -> Threshold:
        """The test for rows at or before an instant; with `behind`, for those after it."""
        rank = int(np.searchsorted(self.values, at, side="right"))
        every, nothing = rank == len(self.values), rank == 0
        return Threshold(rank, behind, nothing if behind else every, every if behind else nothing)

    @property
    def nbytes(self) -> int:
        return self.values.nbytes + self.ranks.nbytes


@dataclass(frozen=True, eq=False)
class Columns:
    """All that the rule of time needs of assertions.

    `offsets` has shape (tracks + 1,): rows `offsets[t]` to `offsets[t + 1]` are those of track t, the last announced
    last. All else has shape (rows,). Every `_to` and `ends` is exclusive. `holds` is None where all hold as a whole.
    """

    offsets: IntArray
    begins_earliest: Ranked
    begins_latest: Ranked
    ends_earliest: Ranked
    ends_latest: Ranked
    announced_from: Ranked
    announced_to: Ranked
    recorded_from: Ranked
    recorded_to: Ranked
    holds: CodeArray | None = field(default=None, init=False)  # a `Hold` for each row, see `holding`

    def __len__(self) -> int:
        return len(self.begins_latest)

    @property
    def track_count(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def track(self) -> CodeArray:
        """The track of each row."""
        count = self.track_count
        numbers = np.arange(count, dtype=np.min_scalar_type(max(count - 1, 0)))
        return np.repeat(numbers, np.diff(self.offsets))

    def rows_of(self, track: int) -> slice:
        """Where the rows of a track are."""
        return slice(int(self.offsets[track]), int(self.offsets[track + 1]))

    def take(self, rows: IntArray) -> Self:
        """Some of the rows, given in ascending order, on the tracks that they are on."""
        counts = np.bincount(self.track[rows], minlength=self.track_count)
        return self._with_rows(np.concatenate(([0], np.cumsum(counts))), rows)

    def _with_rows(self, offsets: IntArray, rows: IntArray) -> Self:
        kept = {
            field.name: getattr(self, field.name) for field in fields(self) if field.name not in ("offsets", "holds")
        }
        for name, column in kept.items():
            if isinstance(column, Ranked):
                kept[name] = column.take(rows)
            elif isinstance(column, np.ndarray):
                kept[name] = column[rows]
        some = type(self)(offsets=offsets, **kept)
        return some if self.holds is None else some.holding(self.holds[rows])

    def holding(self, holds: CodeArray) -> Self:
        """The columns with a `Hold` for each row."""
        columns = copy(self)
        vars(columns)["holds"] = holds
        return columns

    def of_tracks(self, tracks: IntArray) -> Self:
        """Some tracks, given in ascending order, renumbered from 0."""
        counts = np.diff(self.offsets)[tracks]
        offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        return self._with_rows(offsets, spread(self.offsets[tracks], counts))

    @property
    def instants(self) -> list[Instant]:
        """Where a row begins or ends, each once, uncertain ones at their latest."""
        columns = self.begins_latest, self.ends_latest
        instants: list[Instant] = distinct(np.concatenate([column.instants for column in columns])).tolist()
        return instants

    def tracks_at(self, instants: IntArray) -> list[int]:
        """The tracks on which a row begins or ends at some instants, uncertain ones at their latest."""
        touched = np.zeros(len(self), dtype=np.bool_)
        for column in (self.begins_latest, self.ends_latest):
            touched |= np.isin(column.values, instants)[column.ranks]
        return self._tracks_of(touched)

    def tracks_since(self, position: int) -> list[int]:
        """The tracks whose known rows have changed since a position of the log."""
        changed = np.zeros(len(self), dtype=np.bool_)
        for column in (self.recorded_from, self.recorded_to):
            later = (column.values > position) & (column.values < FOREVER)
            if later.any():
                changed |= later[column.ranks]
        return self._tracks_of(changed)

    def _tracks_of(self, rows: BoolArray) -> list[int]:
        tracks: list[int] = distinct(self.track[rows]).tolist()
        return tracks

    def hold(self, row: int) -> int:
        """How a row holds over its period."""
        return Hold.WHOLE if self.holds is None else int(self.holds[row])

    @property
    def all_holds(self) -> CodeArray:
        """How each row holds."""
        return np.zeros(len(self), dtype=np.uint8) if self.holds is None else self.holds

    def holds_of(self, rows: slice) -> list[int] | None:
        """How some rows hold; None where all rows of all tracks hold as a whole."""
        if self.holds is None:
            return None
        holds: list[int] = self.holds[rows].tolist()
        return holds

    @property
    def times(self) -> "Columns":
        """The columns that the rule of time needs, and no others."""
        columns = Columns(self.offsets, **{name: getattr(self, name) for name in TIMES})
        return columns if self.holds is None else columns.holding(self.holds)

    @property
    def nbytes(self) -> int:
        """Bytes of all columns, names and other texts left out."""
        columns = [getattr(self, field.name) for field in fields(self)]
        return sum(column.nbytes for column in columns if isinstance(column, Ranked | np.ndarray)) + self.track.nbytes


def in_order(track: NumberArray, order: Sequence[NumberArray]) -> IntArray:
    """The permutation that sorts rows by track and then by the order's keys."""
    return np.lexsort((*reversed(order), track))


def offsets_of(track: NumberArray, track_count: int) -> IntArray:
    """Where the rows of each track begin, once they are sorted; and where the last one's end."""
    return np.concatenate(([0], np.cumsum(np.bincount(track, minlength=track_count)))).astype(np.int64)


def distinct(values: IntArray | CodeArray) -> IntArray:
    """The different ones of some numbers, ascending: `np.unique` would import masked arrays, which takes longer."""
    ordered: IntArray = np.sort(values).astype(np.int64)
    different: IntArray = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    return different


def spread(begins: IntArray, counts: IntArray) -> IntArray:
    """Numbers from each of `begins` on, as many as `counts` says, one after another."""
    before = np.cumsum(counts) - counts
    numbers: IntArray = np.arange(int(counts.sum())) + np.repeat(begins - before, counts)
    return numbers
