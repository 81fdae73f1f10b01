"""The assertions that announcements make, each by itself, before those that bear on others are settled."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tracker.model.dates import FOREVER, Instant
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.assertions import PENDING, exemption_track, measure_track, pledge_track
from tracker.timeline.columns import IntArray, Ranked, distinct
from tracker.timeline.dependence import measures_of
from tracker.timeline.knowledge import Known
from tracker.timeline.merge import Segment, merged
from tracker.timeline.plans import OnExpiryOf, settled
from tracker.timeline.precedence import Precedents

if TYPE_CHECKING:  # a question that supposes nothing derives nothing
    from tracker.timeline.derivation import Derivation
    from tracker.timeline.versions import Version

_OF = PENDING + "of:"
_EXEMPTION = exemption_track("")
MAX_NAMES_SOUGHT = 64  # one by one; for more, the values of all effects of a type are read once
_NAME = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, eq=False)
class Stated:
    """Assertions as announcements make them, and the order in which these stand."""

    assertions: Assertions
    precedents: Mapping[str, Precedents] = field(default_factory=dict)
    orders: Mapping[str, Instant] = field(default_factory=dict)  # when those and their precedents were announced
    elsewhere: Instant = 0  # the last date on tracks of the record that are not in the assertions

    def settled(self, on_expiry: OnExpiryOf, tz: tzinfo) -> Assertions:
        """The assertions of the record. Args: see `tracker.timeline.plans.settled`."""
        return settled(self.assertions, self.precedents, self.orders, on_expiry, tz)

    def about(self, tracks: Iterable[str]) -> "Stated":
        """The assertions on some tracks as stated, with all that bears on them; measures with exemptions from them."""
        table, names = self.assertions, self.together(tracks)
        numbers: set[int] = set()
        bearing = {*names, *(PENDING + name for name in names)}
        while bearing:
            new = {number for name in bearing if (number := table.number(name)) >= 0} - numbers
            numbers |= new
            bearing = self._moved_with(new) - {table.tracks[number] for number in numbers}
        part = table.of_tracks(np.array(sorted(numbers), dtype=np.int64))
        return Stated(part, self.precedents, self.orders, self.last_date())

    def replacing(
        self, histories: Mapping[str, Sequence["Version"]], derivation: "Derivation", recorded_by: int = FOREVER
    ) -> "Stated":
        """The assertions as stated with some announcements in other versions.

        Args: histories: by announcement; derivation: of all these; recorded_by: what is recorded after this position
            is left out.
        """
        unchanged = {name: one for name, one in self.precedents.items() if name not in histories}
        return Stated(
            merged([Segment(_recorded(self.assertions, recorded_by)), Segment(derivation.table(), histories)]),
            {**unchanged, **derivation.precedents},
            {**self.orders, **{name: history[0].order for name, history in histories.items()}},
            self.elsewhere,
        )

    def last_date(self, recorded_by: int = FOREVER) -> Instant:
        """The last date on the record, also on tracks that are not in these columns.

        Args: recorded_by: of these columns, what was recorded by this position counts.
        """
        if recorded_by >= FOREVER:
            return self._last_date
        rows = np.flatnonzero(self.assertions.recorded_from.instants <= recorded_by)
        return max(self.elsewhere, _last(self.assertions, rows))

    @cached_property
    def _last_date(self) -> Instant:
        return max(self.elsewhere, _last(self.assertions, slice(None)))

    def together(self, tracks: Iterable[str]) -> set[str]:
        """Some tracks; with each measure's those of the exemptions from it, and with each exemption's its measures'."""
        names = set(tracks)
        names |= {name for whole in names if whole.startswith(_EXEMPTION) for name in self._of_exemption(whole)}
        measures = {name.removeprefix(measure_track("")) for name in names if name.startswith(measure_track(""))}
        measures.update(measure for name in names if name.startswith(_EXEMPTION) for measure in self._exempted(name))
        for measure, tracks_naming in self.tracks_naming("exempt", "measure", measures).items():
            plain = {track.removeprefix(PENDING) for track in tracks_naming}
            exemptions = {name for name in plain if name.count(":") == 1 or name.endswith(":" + measure)}
            names.update((measure_track(measure), *exemptions, *map(_whole, exemptions)))
        return names

    def _exempted(self, name: str) -> Iterator[str]:
        """The measures from which the exemption of a track is one."""
        for own in (name, PENDING + name):
            if (track := self.assertions.number(own)) >= 0:
                yield from measures_of(self.assertions, track, name)

    def _of_exemption(self, name: str) -> Iterable[str]:
        """The tracks of an exemption from several measures, one for each."""
        whole = _whole(name)
        return (name, whole, *(track for _, track in self.assertions.beginning(whole + ":")))

    def tracks_naming(self, kind: str, key: str, names: Collection[str]) -> Mapping[str, Collection[str]]:
        """By each of some names that effects of a type have under a key of their values, the tracks of these."""
        if len(names) > MAX_NAMES_SOUGHT:
            every = self._every_naming(kind, key)
            return {name: every[name] for name in names if name in every}
        values = self._values_of(kind)
        sought = {number for name in names for number in values.mentioning(f'"{name}"')}
        named = _named(key, ((number, self.assertions.values[number]) for number in sorted(sought)))
        return {name: self._tracks_of(numbers) for name, numbers in named.items() if name in names}

    def _every_naming(self, kind: str, key: str) -> Mapping[str, Collection[str]]:
        """As `tracks_naming`, for all names; worked out once."""
        if (kind, key) not in self._naming:
            table, first, end = self.assertions, *self._values_of(kind).span
            named = _named(key, enumerate(table.values[first:end], first))
            names_of: dict[int, list[str]] = {number: [] for number in range(first, end)}
            for name, numbers in named.items():
                for number in numbers:
                    names_of[number].append(name)
            tracks: dict[str, set[str]] = {}
            rows = np.flatnonzero((table.value >= first) & (table.value < end))
            for value, track in {*zip(table.value[rows].tolist(), table.track[rows].tolist(), strict=True)}:
                for name in names_of[value]:
                    tracks.setdefault(name, set()).add(table.tracks[track])
            self._naming[kind, key] = tracks
        return self._naming[kind, key]

    def _tracks_of(self, values: Sequence[int]) -> set[str]:
        """The tracks of the rows that have one of some values."""
        table = self.assertions
        rows = np.flatnonzero(np.isin(table.value, values))
        return {table.tracks[track] for track in distinct(table.track[rows]).tolist()}

    @cached_property
    def _naming(self) -> dict[tuple[str, str], Mapping[str, Collection[str]]]:
        return {}

    def _values_of(self, kind: str) -> "_Values":
        """The values of a type of effect."""
        if kind not in self._texts:
            values = self.assertions.values
            first, end = (bisect_left(values, kind + mark) for mark in "{|")
            self._texts[kind] = _Values(first, values[first:end])
        return self._texts[kind]

    @cached_property
    def _texts(self) -> "dict[str, _Values]":
        return {}

    def plans_about(self, names: Iterable[str], known: Known) -> list[int]:
        """The rows of the known plans that move something, or move one another in turn.

        Args: names: of what is moved, as `of` may have them.
        """
        table, rows = self.assertions, list[int]()
        waiting = list(dict.fromkeys(names))
        for name in waiting:  # grows as plans are found
            for row in self._rows_of(table.number(_OF + name)):
                if table.span(row).holds(known):
                    rows.append(row)
                    own = self._name_of(row)
                    waiting += [own] if own not in waiting else []
        return rows

    def _rows_of(self, track: int) -> range:
        rows = self.assertions.rows_of(track) if track >= 0 else slice(0, 0)
        return range(rows.start, rows.stop)

    def _name_of(self, row: int) -> str:
        """The effect that makes an assertion, as `of` names it."""
        return f"{self.assertions.announced_in(row)}#{int(self.assertions.effect_number[row]) + 1}"

    def times_moved(self, pledge: str, known: Known) -> int:
        """How often the due date of a pledge was moved, as far as is known."""
        table, track = self.assertions, self.assertions.number(pledge_track(pledge))
        rows = table.rows_of(track) if track >= 0 else slice(0)
        made = {
            f"{table.announced_in(row)}#{int(table.effect_number[row]) + 1}"
            for row in range(rows.start or 0, rows.stop)
        }
        plans = self.plans_about((pledge, *sorted(made)), known)
        return sum('"due":' in table.values[table.value[row]] for row in plans)

    def _moved_with(self, numbers: Collection[int]) -> set[str]:
        """The tracks of what moves or cancels effects on some tracks."""
        if not numbers or not self._plans:
            return set()
        table = self.assertions
        names = {table.tracks[number].removeprefix(PENDING) for number in numbers}
        targets = {name.split(":")[1] for name in names if name.startswith((_EXEMPTION, "pledge:"))}
        rows = np.isin(table.track, np.array(sorted(numbers), dtype=np.int64))
        targets.update(table.announcements[number] for number in distinct(table.announcement[rows]).tolist())
        return {track for target in targets for track in self._plans.get(target, ())}

    @cached_property
    def _plans(self) -> Mapping[str, Collection[str]]:
        """The tracks of plans to move something, by the announcement, exemption or pledge that they name."""
        plans: dict[str, set[str]] = {}
        for _, name in self.assertions.beginning(_OF):
            plans.setdefault(name.removeprefix(_OF).partition("#")[0], set()).add(name)
        return plans


def _last(table: Assertions, rows: IntArray | slice) -> Instant:
    """The last date in some rows."""
    columns = [column.instants[rows] for column in (table.begins_latest, table.ends_latest, table.order)]
    return max(int(values[values < FOREVER].max(initial=0)) for values in columns)


def _recorded(table: Assertions, by: int) -> Assertions:
    """The assertions recorded by a position, standing where what superseded them was recorded later."""
    if by >= FOREVER:
        return table
    table = table.take(np.flatnonzero(table.recorded_from.instants <= by))
    recorded_to = table.recorded_to.instants
    return replace(table, recorded_to=Ranked.of(np.where(recorded_to > by, FOREVER, recorded_to)))


class _Values:
    """The texts of some values that follow each other, to be searched at once."""

    def __init__(self, first: int, texts: Sequence[str]) -> None:
        """Args: first: the number of the first of them."""
        self.span = first, first + len(texts)
        self._text = "\n".join(texts)
        self._begins = np.cumsum([0, *(len(text) + 1 for text in texts)]).tolist()

    def mentioning(self, words: str) -> Iterator[int]:
        """The numbers of the values in whose texts some words stand."""
        at = self._text.find(words)
        while at >= 0:
            number = bisect_right(self._begins, at)
            yield self.span[0] + number - 1
            at = self._text.find(words, self._begins[number])


def _named(key: str, values: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    """The numbers of values by the names that these have under a key."""
    pattern = re.compile(rf'"{key}":("[^"]*"|\[[^\]]*\])')
    named: dict[str, list[int]] = {}
    for number, text in values:
        if found := pattern.search(text):
            for name in _NAME.findall(found[1]):
                named.setdefault(name, []).append(number)
    return named


def _whole(exemption: str) -> str:
    """The track of an exemption as a whole, given that from one of its measures."""
    return ":".join(exemption.split(":")[:2])
