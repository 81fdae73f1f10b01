"""All assertions of a record as columns: what the rule of time needs, and what each of them says, and on whose word."""

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
from tracker.model.trusted import trusted
from tracker.model.vocabulary import Verification
from tracker.timeline.assertions import Assertion, Attribution
from tracker.timeline.columns import TIMES, CodeArray, Columns, IntArray, Ranked, codes, in_order, offsets_of
from tracker.timeline.knowledge import Span

_SAID_ELSEWHERE = frozenset(
    {"type", "measure", "from", "last_day", "until", "on", "note"}
)  # by the track or the columns


class Pooled(NamedTuple):
    """A column of names: each of them once or more, and the number of each row's."""

    names: Sequence[str]
    numbers: IntArray

    @classmethod
    def of(cls, names: Sequence[str]) -> "Pooled":
        number = {name: each for each, name in enumerate(dict.fromkeys(names))}
        return cls(tuple(number), np.array([number[name] for name in names], dtype=np.int64))

    def in_order(self) -> "Pooled":
        """The same with the names that occur, each once, sorted."""
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

    order: Ranked  # with announcement and effect: the place in the order
    announcement: CodeArray  # in `announcements`
    effect_number: CodeArray  # of the effect in its file, from 0
    version: CodeArray
    value: CodeArray  # in `values`
    attribution: CodeArray  # in `attributions`
    tracks: Sequence[str]  # sorted
    announcements: Sequence[str]  # sorted
    values: Sequence[str]  # JSON
    attributions: Sequence[str]

    @classmethod
    def of(cls, assertions: Iterable[Assertion]) -> "Assertions":
        rows = list(assertions)
        times = zip(*((*row.begins, *row.ends, *row.span) for row in rows), strict=True) if rows else [()] * 8
        plain = {"order": [row.order for row in rows], **dict(zip(TIMES, times, strict=True))}
        return cls.of_columns(
            Pooled.of([row.track for row in rows]),
            Pooled.of([row.announcement for row in rows]),
            {name: Ranked.of(np.array(column, dtype=np.int64)) for name, column in plain.items()},
            np.array([row.index for row in rows], dtype=np.int64),
            np.array([row.version for row in rows], dtype=np.int64),
            Pooled.of([value_text(row.effect) for row in rows]),
            Pooled.of([attribution_text(row.attribution) for row in rows]),
        )

    @classmethod
    def of_columns(
        cls,
        tracks: "Pooled",
        announcements: "Pooled",
        times: Mapping[str, Ranked],
        effects: IntArray,
        versions: IntArray,
        values: "Pooled",
        attributions: "Pooled",
    ) -> "Assertions":
        """The same of columns with rows in any order, all of one length.

        Args: times: `order`, and the eight of `TIMES`; values, attributions: see `value_text`, `attribution_text`.
        """
        pools = [each.in_order() for each in (tracks, announcements, values, attributions)]
        track, announcement, value, attribution = (each.numbers for each in pools)
        place = in_order(track, (times["order"].ranks, announcement, effects, versions))
        return cls(
            offsets=offsets_of(track, len(pools[0].names)),
            **{name: column.take(place) for name, column in times.items()},
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

    def of_tracks(self, tracks: IntArray) -> Self:
        return replace(super().of_tracks(tracks), tracks=tuple(self.tracks[track] for track in tracks.tolist()))

    def number(self, track: str) -> int:
        """The number of a track; -1 where nothing was ever said on it."""
        at = bisect_left(self.tracks, track)
        return at if at < len(self.tracks) and self.tracks[at] == track and self.has_rows(at) else -1

    def beginning(self, prefix: str) -> Iterator[tuple[int, str]]:
        """The tracks with rows whose names begin like this, with their numbers, by name."""
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

    def announced_in(self, row: int) -> str:
        """The announcement that an assertion is of."""
        return self.announcements[int(self.announcement[row])]

    def row(self, row: int) -> Assertion:
        """One assertion. Its effect is without what the columns say: its dates, that is."""
        found = self._rows.get(row)
        if found is None:
            found = self._rows[row] = self._row(row)
        return found

    def effect(self, row: int) -> AnyEffect:
        """What an assertion says, without its dates."""
        found = self._effect_of.get(row)
        if found is None:
            found = self._effect_of[row] = self._effect(int(self.value[row]), int(self.track[row]))
        return found

    def _effect(self, value: int, track: int) -> AnyEffect:
        found = self._effects.get((value, track))
        if found is None:
            text = self.values[value]
            found = self._effects[value, track] = read_value(text, self.tracks[track].removeprefix("measure:"))
        return found

    def attributed(self, row: int) -> Attribution:
        """On whose word an assertion rests."""
        return read_attribution(self.attributions[self.attribution[row]])

    def _row(self, row: int) -> Assertion:
        return Assertion(
            self.tracks[self.track[row]],
            self.order[row],
            self.announced_in(row),
            int(self.effect_number[row]),
            int(self.version[row]),
            Edge(self.begins_earliest[row], self.begins_latest[row]),
            Edge(self.ends_earliest[row], self.ends_latest[row]),
            Span(
                self.announced_from[row], self.announced_to[row], self.recorded_from[row], self.recorded_to[row]
            ),
            self.attributed(row),
            self.effect(row),
        )  # fmt: skip

    @cached_property
    def _rows(self) -> dict[int, Assertion]:
        return {}

    @cached_property
    def _effect_of(self) -> dict[int, AnyEffect]:
        return {}

    @cached_property
    def _effects(self) -> dict[tuple[int, int], AnyEffect]:
        return {}


def value_text(effect: AnyEffect) -> str:
    """What an effect says beside its dates and its measure: the same text for all that say the same."""
    return value_of_plain(effect.type, effect.model_dump(mode="json", by_alias=True))


def value_of_plain(kind: str, plain: Mapping[str, Any]) -> str:
    """The same of an effect as JSON values."""
    said = {key: value for key, value in plain.items() if key not in _SAID_ELSEWHERE and _says(value)}
    return kind + json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _says(value: Any) -> bool:
    """Whether it is no empty default; zero says something."""
    return value is not None and value is not False and value != []


def read_value(text: str, measure: str) -> AnyEffect:
    """The effect of a text of `value_text`."""
    kind, _, rest = text.partition("{")
    effect: AnyEffect = trusted(EFFECTS[kind], {"measure": measure, **json.loads("{" + rest)})
    return effect


def attribution_text(attribution: Attribution) -> str:
    return " ".join((attribution.verification.value, *attribution.parties))


def read_attribution(text: str) -> Attribution:
    verification, *parties = text.split(" ")
    return Attribution(tuple(parties), Verification(verification))
