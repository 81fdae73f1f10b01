"""The hours and seasons of a record's assertions, in the time of the places that they concern. Source: design §5."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import cache

import numpy as np

from tracker.model.charges import ever_in_charge
from tracker.model.dates import FOREVER, Instant, instant, moment, zone
from tracker.model.registry import Border, Crossing, Measure, Place, Registry, Territory
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.assertions import exemption_track, measure_track
from tracker.timeline.columns import CodeArray, Hold, Ranked
from tracker.timeline.dependence import measures_of
from tracker.timeline.hours import Moment, Tile, hold_at, hold_over, is_season, next_change, tiles

YEARS_LISTED = 10  # of seasons, beyond the last date on record or the date asked about
LAST_YEAR = 9_000

Expressions = Mapping[int, str]  # by the number of a value


class LocalHours:
    """The assertions of a view that have hours or a season."""

    def __init__(self, registry: Registry, assertions: Assertions, expressions: Expressions, tz: tzinfo) -> None:
        self._registry, self._assertions, self._expressions, self._tz = registry, assertions, expressions, tz
        self._rows = np.flatnonzero(np.isin(assertions.value, [*expressions]))
        self._zone = cache(self._zone_of)

    def in_seasons(self, until: Instant) -> Assertions:
        """The assertions with one row for each tile of a season, and hours that hold in part.

        Args: until: seasons are listed up to it.
        """
        table, tiled = self._assertions, dict(self._tiled(until))
        counts = np.ones(len(table), dtype=np.int64)
        counts[[*tiled]] = [len(own) for own in tiled.values()]
        rows = np.repeat(np.arange(len(table)), counts)
        first = np.cumsum(counts) - counts
        edges = {name: getattr(table, name).instants[rows] for name in _EDGES}
        holds = np.zeros(len(rows), dtype=np.uint8)
        for row, own in tiled.items():
            part = slice(first[row], first[row] + len(own))
            holds[part] = [tile.hold for tile in own]
            for name, column in edges.items():
                column[part] = [_EDGES[name](tile) for tile in own]
        for row, text in self._timed():
            holds[first[row]] = hold_over(text)
        if not holds.any():
            return table
        if not tiled:
            return table.holding(holds)
        columns = {name: Ranked.of(column) for name, column in edges.items()}
        return replace(table.take(rows), **columns).holding(holds)  # type: ignore[arg-type]

    def holds_at(self, asked: Moment) -> CodeArray:
        """How each of the assertions holds at an instant, or over a day. Shape (rows,)."""
        table = self._assertions
        holds = table.all_holds.copy()
        rows, texts = self._running(asked.at)
        known: dict[tuple[str, tzinfo], Hold] = {}
        for row, text in zip(rows, texts, strict=True):
            key = text, self._zone_of_row(row)
            if key not in known:
                known[key] = hold_at(*key, asked)
            holds[row] = known[key]
        return holds

    def next_change(self, at: Instant) -> Instant:
        """The first instant after a given one at which the hours of one that runs then may begin or end."""
        rows, texts = self._running(at)
        keys = {(text, self._zone_of_row(row)) for row, text in zip(rows, texts, strict=True)}
        changes = (next_change(text, tz, at) for text, tz in keys)
        return min((change for change in changes if change is not None), default=FOREVER)

    def _running(self, at: Instant) -> tuple[list[int], list[str]]:
        """The rows with hours whose period may cover an instant, and their hours."""
        table = self._assertions
        pairs = [
            (row, text)
            for row, text in self._timed()
            if table.begins_earliest[row] <= at < table.ends_latest[row]
        ]  # fmt: skip
        return [row for row, _ in pairs], [text for _, text in pairs]

    def _timed(self) -> Iterator[tuple[int, str]]:
        """The rows with hours."""
        return ((row, text) for row, text in self._texts() if not is_season(text))

    def _tiled(self, until: Instant) -> Iterator[tuple[int, list[Tile]]]:
        """The rows with a season that has a date, and their tiles."""
        table = self._assertions
        for row, text in self._texts():
            begins, ends = table.row(row).begins, table.row(row).ends
            if is_season(text) and begins.latest < FOREVER:
                yield row, list(tiles(text, self._zone_of_row(row), begins, ends, until))

    def _texts(self) -> Iterator[tuple[int, str]]:
        for row in self._rows.tolist():
            yield row, self._expressions[int(self._assertions.value[row])]

    def _zone_of_row(self, row: int) -> tzinfo:
        table = self._assertions
        track = int(table.track[row])
        exemption = table.tracks[track].startswith(exemption_track(""))
        return self._zone(track, getattr(table.effect(row), "at", None) if exemption else None)

    def _zone_of(self, track: int, at: tuple[str, ...] | None) -> tzinfo:
        """The time zone of the hours on a track. Args: at: the places to which an exemption is narrowed."""
        table = self._assertions
        name = table.tracks[track]
        exemption = name.startswith(exemption_track(""))
        about = sorted(measures_of(table, track, name)) if exemption else [name.removeprefix(measure_track(""))]
        measure = self._registry.measures.get(about[0]) if about else None
        text = None if measure is None else timezone_of(self._registry, measure, at or measure.scope.at)
        return self._tz if text is None else zone(text)


_EDGES: Mapping[str, Callable[[Tile], Instant]] = {
    "begins_earliest": lambda tile: tile.begins.earliest,
    "begins_latest": lambda tile: tile.begins.latest,
    "ends_earliest": lambda tile: tile.ends.earliest,
    "ends_latest": lambda tile: tile.ends.latest,
}


def timezone_of(registry: Registry, measure: Measure, at: Iterable[str]) -> str | None:
    """The time zone of a measure's hours at some places; None: the dataset's.

    It is that of the crossing, else of the side of the measure's authority. Of crossings that differ, the authority's
    side counts, if it has one zone.
    """
    places = [place for name in at if (place := registry.places.get(name))]
    own = {place.timezone if isinstance(place, Crossing) else None for place in places}
    if own == {None} or len(own) != 1:
        own = {
            side.timezone
            for place in places
            for side in _sides(registry, place)
            if side is place or measure.authority in ever_in_charge(side.authority)
        }
    return own.pop() if len(own) == 1 else None


def _sides(registry: Registry, place: Place) -> Iterator[Territory]:
    """The territories of a place."""
    if isinstance(place, Territory):
        yield place
        return
    if isinstance(place, Crossing):
        place = registry.borders[place.border]
    names = place.between if isinstance(place, Border) else place.path
    yield from (registry.territories[name] for name in names if name in registry.territories)


def listed_until(last: Instant, as_of: Instant | None) -> Instant:
    """The end of the year up to which seasons are listed: ten years on from the last date on the record, at least."""
    last = last if as_of is None else max(last, as_of)
    return instant(datetime(min(moment(last, UTC).year + YEARS_LISTED, LAST_YEAR) + 1, 1, 1, tzinfo=UTC))
