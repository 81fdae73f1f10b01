"""All assertions of a record as columns: what the rule of time needs, and what each asserts on whose word."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from operator import ne
from typing import Any, NamedTuple, Self

import numpy as np

from tracker.model.dates import Edge
from tracker.model.effects import EFFECTS, AnyEffect
from tracker.model.hours import ALWAYS
from tracker.model.unvalidated import unvalidated
from tracker.model.vocabulary import Verification
from tracker.timeline.assertions import Assertion, Attribution
from tracker.timeline.columns import (
    TIMES,
    CodeArray,
    Columns,
    IntArray,
    NumberArray,
    Ranked,
    codes,
    in_order,
    offsets_of,
)
from tracker.timeline.knowledge import Span

_NOT_IN_VALUE = frozenset({"type", "measure", "exemption", "from", "last_day", "until", "on", "note"})
_EXCEPT = {  # what values hold nevertheless
    "exempt": frozenset({"measure"}),  # its track does not say from what
    "reschedule": frozenset({"from", "last_day", "until"}),  # not given and by default is not the same
}


class Pooled(NamedTuple):
    """A column of names: a pool with every name once or more, and the number of each row's in it."""

    names: Sequence[str]
    numbers: NumberArray

    def in_order(self) -> "Pooled":
        """An equal column whose pool has the names that occur, each once, sorted."""
        used = np.flatnonzero(np.bincount(self.numbers, minlength=len(self.names)))
        names = [self.names[at] for at in used.tolist()]
        order = sorted(range(len(names)), key=names.__getitem__)
        names = [names[at] for at in order]
        new = [True, *map(ne, names[1:], names)][: len(names)]
        became = np.zeros(len(self.names), dtype=np.int64)
        became[used[order]] = np.cumsum(new) - 1
        return Pooled(tuple(compress(names, new)), became[self.numbers])


@dataclass(frozen=True, eq=False)
class Assertions(Columns):
    """Assertions as columns; row i of every column is one assertion.

    Names are sorted, so that a name is found by bisection, and codes sort as names do. Values and attributions are
    each kept once, however many assertions share them.
    """

    order: Ranked  # with place, announcement and effect: the place in the order
    place: CodeArray  # among those of one instant, where it is not by announcement and effect
    announcement: CodeArray  # in `announcements`
    effect_number: CodeArray  # of the effect in its file, from 0
    version: CodeArray
    value: CodeArray  # in `values`
    attribution: CodeArray  # in `attributions`
    tracks: Sequence[str]  # sorted
    announcements: Sequence[str]  # sorted
    values: Sequence[str]  # see `value_text`
    attributions: Sequence[str]  # see `attribution_text`

    @classmethod
    def of_columns(
        cls,
        tracks: Pooled,
        announcements: Pooled,
        times: Mapping[str, Ranked],
        effects: NumberArray,
        versions: NumberArray,
        values: Pooled,
        attributions: Pooled,
        places: NumberArray | None = None,
    ) -> "Assertions":
        """Sort columns with rows in any order, all of one length.

        Args: times: `order`, and the eight of `TIMES`; values, attributions: see `value_text`, `attribution_text`;
            places: see `place`; all 0 where left out.
        """
        pools = [pool.in_order() for pool in (tracks, announcements, values, attributions)]
        track, announcement, value, attribution = (pool.numbers for pool in pools)
        if places is None:
            places = np.zeros(len(track), dtype=np.uint8)
        place = in_order(track, (times["order"].ranks, places, announcement, effects, versions))
        return cls(
            offsets=offsets_of(track, len(pools[0].names)),
            **{name: column.take(place) for name, column in times.items()},
            place=codes(places[place]),
            announcement=codes(announcement[place]),
            effect_number=codes(effects[place]),
            version=codes(versions[place]),
            value=codes(value[place]),
            attribution=codes(attribution[place]),
            tracks=pools[0].names,
            announcements=pools[1].names,
            values=pools[2].names,
            attributions=pools[3].names,
        )

    @classmethod
    def empty(cls) -> "Assertions":
        nothing = np.zeros(0, dtype=np.int64)
        times, pool = dict.fromkeys(("order", *TIMES), Ranked.of(nothing)), Pooled((), nothing)
        return cls.of_columns(pool, pool, times, nothing, nothing, pool, pool)

    def of_tracks(self, tracks: IntArray) -> Self:
        return replace(super().of_tracks(tracks), tracks=tuple(self.tracks[track] for track in tracks.tolist()))

    def number(self, track: str) -> int:
        """The number of a track; -1 where it has no rows."""
        tracks = self.tracks
        at = bisect_left(getattr(tracks, "decoded", tracks), track)
        return at if at < len(tracks) and tracks[at] == track and self.has_rows(at) else -1

    def beginning(self, prefix: str) -> Iterator[tuple[int, str]]:
        """Numbers and names of the tracks with rows whose names begin with a prefix, by name."""
        for track in range(bisect_left(self.tracks, prefix), len(self.tracks)):
            if not self.tracks[track].startswith(prefix):
                return
            if self.has_rows(track):
                yield track, self.tracks[track]

    def has_rows(self, track: int) -> bool:
        return bool(self.offsets[track] < self.offsets[track + 1])

    def rows_by(self, announcement: str) -> list[int]:
        """The rows of an announcement, in the order of its effects."""
        at = bisect_left(self.announcements, announcement)
        if at == len(self.announcements) or self.announcements[at] != announcement:
            return []
        rows: list[int] = np.flatnonzero(self.announcement == at).tolist()
        return sorted(rows, key=lambda row: (self.effect_number[row], row))

    def tracks_by(self, announcement: str) -> set[int]:
        """The tracks on which an announcement asserts something."""
        return {int(self.track[row]) for row in self.rows_by(announcement)}

    def announced_in(self, row: int) -> str:
        """The announcement that made an assertion."""
        return self.announcements[int(self.announcement[row])]

    def span(self, row: int) -> Span:
        """When an assertion is known."""
        return Span(self.announced_from[row], self.announced_to[row], self.recorded_from[row], self.recorded_to[row])

    def row(self, row: int) -> Assertion:
        """One assertion; its effect is without the dates, which stand in the columns."""
        assertion = self._rows.get(row)
        if assertion is None:
            assertion = self._rows[row] = self._row(row)
        return assertion

    def effect(self, row: int) -> AnyEffect:
        """The effect of an assertion, without its dates."""
        effect = self._effect_of.get(row)
        if effect is None:
            effect = self._effect_of[row] = self._effect(int(self.value[row]), int(self.track[row]))
        return effect

    def _effect(self, value: int, track: int) -> AnyEffect:
        effect = self._effects.get((value, track))
        if effect is None:
            text = self.values[value]
            effect = self._effects[value, track] = read_value(text, self.tracks[track])
        return effect

    def attributed(self, row: int) -> Attribution:
        """The attribution of an assertion: on whose word it rests."""
        number = int(self.attribution[row])
        attribution = self._attributions.get(number)
        if attribution is None:
            attribution = self._attributions[number] = read_attribution(self.attributions[number])
        return attribution

    def _row(self, row: int) -> Assertion:
        return Assertion(
            self.tracks[self.track[row]],
            self.order[row],
            self.announced_in(row),
            int(self.effect_number[row]),
            int(self.version[row]),
            Edge(self.begins_earliest[row], self.begins_latest[row]),
            Edge(self.ends_earliest[row], self.ends_latest[row]),
            self.span(row),
            self.attributed(row),
            self.effect(row),
        )  # fmt: skip

    @cached_property
    def _attributions(self) -> dict[int, Attribution]:
        return {}

    @cached_property
    def _rows(self) -> dict[int, Assertion]:
        return {}

    @cached_property
    def _effect_of(self) -> dict[int, AnyEffect]:
        return {}

    @cached_property
    def _effects(self) -> dict[tuple[int, int], AnyEffect]:
        return {}


def not_in_value(kind: str) -> frozenset[str]:
    """The keys of a type of effect that its values are without: they stand in other columns, or are prose."""
    return _NOT_IN_VALUE - _EXCEPT.get(kind, frozenset())


def value_text(kind: str, plain: Mapping[str, Any]) -> str:
    """An effect without its dates and its measure, as text: equal for effects that make the same of a track.

    Args: plain: the effect as JSON values.
    """
    without = not_in_value(kind)
    content = {key: value for key, value in plain.items() if key not in without and not _is_empty(value)}
    if content.get("when") == ALWAYS:
        del content["when"]
    return joined_value(kind, content)


def joined_value(kind: str, content: Mapping[str, Any]) -> str:
    """The reverse of `split_value`."""
    return kind + json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _is_empty(value: Any) -> bool:
    """Whether a value is an empty default; zero is not."""
    return value is None or value is False or value in ([], ())


def read_value(text: str, track: str) -> AnyEffect:
    """The effect of a text of `value_text` on a track."""
    kind, content = split_value(text)
    subject, _, name = track.partition(":")
    effect: AnyEffect = unvalidated(EFFECTS[kind], {subject: name, **content})
    return effect


def split_value(text: str) -> tuple[str, dict[str, Any]]:
    """The type of effect of a value, and what it says."""
    kind, _, rest = text.partition("{")
    content: dict[str, Any] = json.loads("{" + rest)
    return kind, content


def attribution_text(verification: str, parties: Iterable[str]) -> str:
    return " ".join((verification, *dict.fromkeys(parties)))


def read_attribution(text: str) -> Attribution:
    verification, *parties = text.split(" ")
    return Attribution(tuple(parties), Verification(verification))
