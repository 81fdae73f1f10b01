"""Assertions of a few tracks as rows in memory, and back to columns."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from tracker.model.dates import Edge, Instant
from tracker.timeline.assertion_table import Assertions, Pooled, split_value
from tracker.timeline.columns import Ranked
from tracker.timeline.knowledge import Span
from tracker.timeline.precedence import Place

At = tuple[Instant, int, str, int, int]  # the place in the order: instant, rank, announcement, effect, version


class Row(NamedTuple):
    """An assertion, with its place in the order apart from the announcement that makes it."""

    track: str
    at: At
    announcement: str
    effect: int
    version: int
    begins: Edge
    ends: Edge
    span: Span
    value: str
    attribution: str

    @property
    def kind(self) -> str:
        """The type of effect."""
        return self.value.partition("{")[0]

    @property
    def content(self) -> dict[str, Any]:
        """All that the effect says but for dates and names."""
        return split_value(self.value)[1]

    @property
    def target(self) -> tuple[str, int]:
        """The effect that makes it: an announcement, and the number in it."""
        return self.announcement, self.effect


def rows_of(assertions: Assertions, places: Mapping[str, Place]) -> Iterator[Row]:
    """The rows of assertions. Args: places: in the order, where they are not by instant and id alone."""
    for row in range(len(assertions)):
        announcement = assertions.announced_in(row)
        effect, version = int(assertions.effect_number[row]), int(assertions.version[row])
        yield Row(
            assertions.tracks[assertions.track[row]],
            (*places.get(announcement, (assertions.order[row], 0)), announcement, effect, version),
            announcement, effect, version,
            Edge(assertions.begins_earliest[row], assertions.begins_latest[row]),
            Edge(assertions.ends_earliest[row], assertions.ends_latest[row]),
            assertions.span(row),
            assertions.values[assertions.value[row]],
            assertions.attributions[assertions.attribution[row]],
        )  # fmt: skip


def table_of(rows: Iterable[Row]) -> Assertions:
    """The columns of rows that come track by track, each track's in the order."""
    listed = [(number, row) for _, track in groupby(rows, attrgetter("track")) for number, row in enumerate(track)]
    if not listed:
        return Assertions.empty()
    numbers = range(len(listed))
    only = [row for _, row in listed]

    def pooled(name: str) -> Pooled:
        return Pooled([getattr(row, name) for row in only], np.array(numbers, dtype=np.int64))

    def ranked(values: Iterable[int]) -> Ranked:
        return Ranked.of(np.array([*values], dtype=np.int64))

    times = {
        "order": ranked(row.at[0] for row in only),
        **{f"begins_{end}": ranked(getattr(row.begins, end) for row in only) for end in Edge._fields},
        **{f"ends_{end}": ranked(getattr(row.ends, end) for row in only) for end in Edge._fields},
        **{name: ranked(getattr(row.span, name) for row in only) for name in Span._fields},
    }
    return Assertions.of_columns(
        pooled("track"), pooled("announcement"), times,
        np.array([row.effect for row in only], dtype=np.int64), np.array([row.version for row in only], dtype=np.int64),
        pooled("value"), pooled("attribution"), np.array([number for number, _ in listed], dtype=np.int64),
    )  # fmt: skip
