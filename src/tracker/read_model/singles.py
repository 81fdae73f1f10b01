"""Announcements that are on the record once: rows of many at the same time, and the columns of all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from itertools import repeat
from typing import Any

import numpy as np

from tracker.model.dates import FOREVER, Edge
from tracker.read_model.numbers import COLUMNS, Dates, Part
from tracker.timeline.columns import IntArray, Ranked
from tracker.timeline.table import Assertions, Pooled

Rows = Iterable[tuple[Any, ...]]
Columns = dict[str, IntArray]

_POOLS = {"track": "tracks", "order": "edges", "begins": "edges", "ends": "edges", "value": "values",
          "attribution": "attributions"}  # fmt: skip


class Singles:
    """Takes the parts of a log one after the other: see `numbers`."""

    def __init__(self, tz: tzinfo) -> None:
        self._text_of = Dates.of(tz).texts
        self._texts: list[str | None] = []  # of each edge; and its instants, the earliest and the latest
        self._instants = _Growing((2,))
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
        edges = [Edge(*each) for each in self._pools["edges"].made[len(self._texts) :]]
        self._instants.add(np.array(edges, dtype=np.int64).reshape(-1, 2))
        self._texts += [self._text_of[edge] for edge in edges]
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
        yield "recorded", zip(part.recorded[:, 0].tolist(), *self._instants.rows[announced].T.tolist(), strict=True)
        yield "relations", part.relations
        if not len(found["track"]):
            return
        key = found["announcement"]
        order, begins, ends = (self._instants.rows[found[name]].T.tolist() for name in ("order", "begins", "ends"))
        texts = (_each(self._texts, found[name]) for name in ("begins", "ends"))
        yield "assertions", zip(
            _each(part.names, key), repeat(0), (np.arange(len(key)) - np.searchsorted(key, key)).tolist(),
            _each(self._pools["tracks"].made, found["track"]), order[1], found["effect"].tolist(), repeat(0),
            _each(self._words, found["value"]), *texts, *begins, *ends, order[1], repeat(FOREVER),
            found["position"].tolist(), repeat(FOREVER), strict=False,
        )  # fmt: skip


def _each(pool: Sequence[Any], numbers: IntArray) -> Iterator[Any]:
    return map(pool.__getitem__, numbers.tolist())


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
