"""What answers the benchmarks' questions: ours, a plain scan, and peers, each set up by one who knows it.

An engine is loaded once from the same columns, clustered by track and then by the order, and asked three things: every
track as of a date on any clocks; the same, reduced to counts and sums inside the engine, so that no peer is charged
for handing rows to Python; and one track.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from synthetic import Synthetic

from tracker.model.dates import Instant
from tracker.timeline.knowledge import Known

Ints = NDArray[np.int64]
Reduced = tuple[int, int, int]  # decided tracks, sum of the deciding places, sum of place × (track modulo 1009)
COLUMNS = ("begins_latest", "ends_latest", "announced_from", "announced_to", "recorded_from", "recorded_to")


class NotHere(Exception):
    """The engine is not on this machine; says what it needs."""


class Engine(Protocol):
    """Loaded, and ready to be asked."""

    def every(self, at: Instant, known: Known) -> Ints:
        """The deciding place of each track, -1 where none; shape (tracks,)."""
        ...

    def one(self, track: int, at: Instant, known: Known) -> int:
        """The same for one track."""
        ...


class Loader(Protocol):
    """Starts and loads an engine, and stops it at the end. Raises: NotHere."""

    def __call__(self, data: "Clustered") -> AbstractContextManager[Engine]: ...


@dataclass(frozen=True, eq=False)
class Clustered:
    """The assertions by track and, within one, by place in the order."""

    made: Synthetic
    track: NDArray[np.int32]
    place: Ints
    columns: dict[str, Ints]  # those of COLUMNS

    @classmethod
    def of(cls, made: Synthetic) -> "Clustered":
        place = np.argsort(made.track, kind="stable")
        return cls(made, made.track[place], place, {name: getattr(made, name)[place] for name in COLUMNS})

    @property
    def tracks(self) -> int:
        return self.made.tracks

    def rows(self) -> Iterator[tuple[int, ...]]:
        """As Python numbers: track, place, and the columns."""
        size = 100_000
        for start in range(0, len(self.track), size):
            piece = slice(start, start + size)
            lists = [column[piece].tolist() for column in (self.track, self.place, *self.columns.values())]
            yield from zip(*lists, strict=True)

    def scattered(self, rows: list[tuple[int, int]] | Ints) -> Ints:
        """An answer of pairs (track, place) as an array."""
        pairs = np.array(rows, np.int64).reshape(-1, 2)
        answer = np.full(self.tracks, -1, np.int64)
        answer[pairs[:, 0]] = pairs[:, 1]
        return answer


def reduced(answer: Ints) -> Reduced:
    """What an answer comes to."""
    tracks = np.flatnonzero(answer >= 0)
    places = answer[tracks]
    return len(tracks), int(places.sum()), int((places * (tracks % 1009)).sum())
