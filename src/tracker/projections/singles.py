"""Announcements that are on the record once: rows of many at the same time, and the columns of all."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from itertools import chain, count
from typing import Any

import numpy as np

from tracker.model.dates import FOREVER, Edge
from tracker.projections.numbers import COLUMNS, Dates, Part
from tracker.timeline.assertion_table import Assertions, Pooled
from tracker.timeline.columns import IntArray, Ranked

Rows = Iterable[tuple[Any, ...]]
Columns = dict[str, IntArray]
Key = tuple[Any, ...]
Known = Callable[[Sequence[Key]], Mapping[Key, int]]  # the numbers of those keys that have one

_POOLS = {"track": "tracks", "order": "edges", "begins": "edges", "ends": "edges", "value": "values",
          "attribution": "attributions"}  # fmt: skip


class Singles:
    """Takes the parts of a log one after the other: see `numbers`."""

    def __init__(self, tz: tzinfo, tracks: "Lexicon", edges: "Lexicon") -> None:
        """Args: tracks, edges: their numbers in the tables."""
        self._text_of = Dates.of(tz).texts
        self._tracks, self._edges = tracks, edges
        self._instants = _Growing((2,))  # of each edge, the earliest and the latest
        self._words: list[str] = []  # of each value
        self._pools: defaultdict[str, _Pool] = defaultdict(_Pool)
        self._names: list[str] = []
        self._columns: list[Columns] = []

    def add(self, part: Part, maker: int = 0) -> Iterable[tuple[str, Rows]]:
        """Keep the columns of a part.

        Args: maker: which process made it, for each numbers on from its own last part.
        Returns: rows of each table, in the order of its columns.
        """
        for pool in ("edges", "tracks", "values", "attributions"):
            self._pools[pool].add(getattr(part, pool), maker)
        edges = self._pools["edges"].made[len(self._instants.rows) :]
        self._instants.add(np.array(edges, dtype=np.int64).reshape(-1, 2))
        self._words += [word for word, _ in self._pools["values"].made[len(self._words) :]]
        columns: Columns = dict(zip(COLUMNS, part.assertions.T, strict=True))
        columns |= {name: self._pools[pool].numbers(maker)[columns[name]] for name, pool in _POOLS.items()}
        self._columns.append(columns | {"announcement": columns["announcement"] + len(self._names)})
        self._names += part.names
        return self._rows(part, self._pools["edges"].numbers(maker)[part.recorded[:, 1]], columns)

    @property
    def assertions(self) -> Assertions:
        """The columns of all that was taken."""
        if not any(len(each["track"]) for each in self._columns):
            return Assertions.of(())
        found = {name: np.concatenate([each[name] for each in self._columns]) for name in COLUMNS}
        earliest, latest = self._instants.rows.T
        order, nothing = Ranked.of_numbers(latest, found["order"]), np.zeros(len(found["order"]), dtype=np.int64)
        never = Ranked.of_numbers(np.array([FOREVER]), nothing)
        words = [text for _, text in self._pools["values"].made]
        return Assertions.of_columns(
            Pooled(self._pools["tracks"].made, found["track"]),
            Pooled(self._names, found["announcement"]),
            {
                "order": order,
                "begins_earliest": Ranked.of_numbers(earliest, found["begins"]),
                "begins_latest": Ranked.of_numbers(latest, found["begins"]),
                "ends_earliest": Ranked.of_numbers(earliest, found["ends"]),
                "ends_latest": Ranked.of_numbers(latest, found["ends"]),
                "announced_from": order,
                "announced_to": never,
                "recorded_from": Ranked.of(found["position"]),
                "recorded_to": never,
            },
            found["effect"],
            nothing,
            Pooled(words, found["value"]),
            Pooled(self._pools["attributions"].made, found["attribution"]),
        )

    def _rows(self, part: Part, announced: IntArray, found: Columns) -> Iterator[tuple[str, Rows]]:
        """Args: announced: of each announcement, the edge that orders it."""
        yield "tracks", self._tracks.add([(track,) for track in self._pools["tracks"].made[len(self._tracks) :]])
        edges = self._edges.add(self._pools["edges"].made[len(self._edges) :])
        yield "edges", ((*row, self._text_of[Edge(*row[1:])]) for row in edges)
        yield "relations", part.relations
        edge, key = self._edges.numbers, found["announcement"]
        asserted = zip(
            found["position"].tolist(), (np.arange(len(key)) - np.searchsorted(key, key)).tolist(),
            edge[found["order"]].tolist(), self._tracks.numbers[found["track"]].tolist(), found["effect"].tolist(),
            edge[found["begins"]].tolist(), edge[found["ends"]].tolist(),
            map(self._words.__getitem__, found["value"].tolist()), strict=True,
        )  # fmt: skip
        silent = np.isin(part.recorded[:, 0], found["position"], invert=True)
        others = zip(part.recorded[silent, 0].tolist(), edge[announced[silent]].tolist(), strict=True)
        yield "recorded", chain(asserted, ((at, 0, order, None, None, None, None, None) for at, order in others))


class _Pool:
    """Things, each once, in the numbers of all who number them."""

    def __init__(self) -> None:
        self.made: list[Any] = []
        self._number: dict[Any, int] = {}
        self._of: defaultdict[int, _Growing] = defaultdict(_Growing)

    def add(self, new: Iterable[Any], maker: int) -> None:
        """Args: new: what comes behind all that this maker added before."""
        numbers = []
        for each in new:
            number = self._number.setdefault(each, len(self.made))
            if number == len(self.made):
                self.made.append(each)
            numbers.append(number)
        self._of[maker].add(np.array(numbers, dtype=np.int64))

    def numbers(self, maker: int) -> IntArray:
        """Of each number of a maker, the number here."""
        return self._of[maker].rows


class _Growing:
    """An array to which rows are added again and again."""

    def __init__(self, width: tuple[int, ...] = ()) -> None:
        self._array: IntArray = np.empty((0, *width), dtype=np.int64)
        self._count = 0

    @property
    def rows(self) -> IntArray:
        return self._array[: self._count]

    def add(self, new: IntArray) -> None:
        count = self._count + len(new)
        if count > len(self._array):
            larger = np.empty((2 * count, *self._array.shape[1:]), dtype=np.int64)
            larger[: self._count] = self.rows
            self._array = larger
        self._array[self._count : count] = new
        self._count = count


class Lexicon:
    """The numbers that things have in a table of them."""

    def __init__(self, known: Known = lambda _: {}, free: int = 0) -> None:
        """Args: free: the first number that nothing in the table has."""
        self._known, self._free = known, count(free)
        self._numbers = _Growing()

    def __len__(self) -> int:
        return len(self._numbers.rows)

    @property
    def numbers(self) -> IntArray:
        """Of all that was added, in that order."""
        return self._numbers.rows

    def add(self, keys: Sequence[Key]) -> list[Key]:
        """Returns: a row of the table for each that it lacks, the number first."""
        known = self._known(keys)
        numbers = [next(self._free) if (number := known.get(key)) is None else number for key in keys]
        self._numbers.add(np.array(numbers, dtype=np.int64))
        return [(number, *key) for number, key in zip(numbers, keys, strict=True) if key not in known]
