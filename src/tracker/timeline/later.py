"""Stored assertions of which a column is read when it is first looked at: most questions look at few."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from itertools import groupby
from operator import itemgetter
from typing import Any

from tracker.model.dates import FOREVER, Instant
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.columns import IntArray, Ranked, Threshold
from tracker.timeline.merge import REPLACED, Segment

Read = Callable[[], Any]  # a pool or an array, see `tracker.timeline.serialisation.unpacked`


class _Later:
    """Has the fields of the dataclass that it is mixed into, each from when it is first asked for."""

    def __init__(self, reads: Mapping[str, Read]) -> None:
        vars(self)["_reads"] = reads

    def __getattr__(self, name: str) -> Any:
        """Python asks here for what is not there yet."""
        read = vars(self).get("_reads", {}).get(name)
        if read is None:
            raise AttributeError(name)
        found = vars(self)[name] = read()
        return found


class LaterRanked(_Later, Ranked):
    """A column whose instants may do: where they all pass a test, or none does, no row's rank is looked at.

    Args: most: what none of them is behind; nothing is read for a question about all up to there.
    """

    def __init__(self, reads: Mapping[str, Read], most: Instant | None = None) -> None:
        super().__init__(reads)
        vars(self)["_most"] = most

    def by(self, at: Instant, *, behind: bool = False) -> Threshold:
        most: Instant | None = vars(self)["_most"]
        if most is None or at < most:
            return super().by(at, behind=behind)
        return Threshold(FOREVER, behind, all=not behind, none=behind)  # no rank is as high


class LaterAssertions(_Later, Assertions):
    """All columns and pools."""

    def take(self, rows: IntArray) -> Assertions:  # type: ignore[override]  # some rows are of no one reading
        return self._whole.take(rows)

    def of_tracks(self, tracks: IntArray) -> Assertions:  # type: ignore[override]
        return self._whole.of_tracks(tracks)

    @property
    def _whole(self) -> Assertions:
        return Assertions(**{each.name: getattr(self, each.name) for each in fields(self)})


def later_segments(rows: Iterable[tuple[int, str, Read]], position: int) -> list[Segment]:
    """Segments as `tracker.timeline.serialisation.segments` gives them, of how each part is read.

    Args: position: of the log, behind which nothing in them was recorded.
    Raises: KeyError where a part is missing.
    """
    return [_segment({name: read for _, name, read in some}, position) for _, some in groupby(rows, key=itemgetter(0))]


def _segment(reads: Mapping[str, Read], position: int) -> Segment:
    most = {"recorded_from": position}
    columns = {each.name: _column(each.name, reads, most.get(each.name)) for each in fields(Assertions)}
    return Segment(LaterAssertions(columns), reads[REPLACED]().names if REPLACED in reads else ())


def _column(name: str, reads: Mapping[str, Read], most: Instant | None) -> Read:
    if name in reads:
        return reads[name]
    both = {part: reads[f"{name}.{part}"] for part in ("values", "ranks")}
    return lambda: LaterRanked(both, most)
