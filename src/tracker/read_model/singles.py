"""Announcements that are on the record once: rows and columns of many at the same time, without a model of each.

They are most of any large log. The general way, by `versions` and `announcement_rows`, makes the same rows of them one
by one, and it alone takes what was corrected or retracted, what an older schema stored, and what cannot be read.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from pydantic import TypeAdapter

from tracker.model.dates import FOREVER, Edge, When, ends, parse_day, render, starts
from tracker.model.effects import AnyEffect, Ease
from tracker.model.vocabulary import Verification
from tracker.read_model import shapes
from tracker.read_model.rows import effect_row, value_of
from tracker.store.log import Stored
from tracker.timeline.assertions import NEVER_ENDS, Attribution, measure_track, period_of, tracks_of
from tracker.timeline.table import Assertions, attribution_text, value_text

NAMES = {
    "announcements": (
        "announcement", "version", "kind", "statement", "reason", "announced", "announced_earliest",
        "announced_latest", "order_instant", "public_from", "position", "recorded_at", "recorded_by", "digest",
        "summary", "status", "content", "correction",
    ),
    "spans": ("announcement", "version", "span", "announced_from", "announced_to", "recorded_from", "recorded_to"),
    "speakers": ("announcement", "version", "part", "number", "party", "name", "office"),
    "sources": (
        "announcement", "version", "part", "number", "publisher", "title", "published", "url", "archived_url",
        "language", "accessed", "quote", "note",
    ),
    "relations": ("announcement", "version", "number", "type", "other", "note"),
    "effects": (
        "announcement", "version", "number", "type", "measure", "instrument", "pledge", "at", "basis", "content",
    ),
    "assertions": (
        "announcement", "version", "number", "track", "order_instant", "effect", "span", "value", "valid_from",
        "valid_to", "valid_from_earliest", "valid_from_latest", "valid_to_earliest", "valid_to_latest",
        "announced_from", "announced_to", "recorded_from", "recorded_to",
    ),
}  # fmt: skip
_TIMES = {  # of `timeline.columns`: their columns in the table
    "order": "order_instant",
    "begins_earliest": "valid_from_earliest",
    "begins_latest": "valid_from_latest",
    "ends_earliest": "valid_to_earliest",
    "ends_latest": "valid_to_latest",
    **{name: name for name in ("announced_from", "announced_to", "recorded_from", "recorded_to")},
}
_NOT_SAID = {"starts", "last_day", "until", "measure", "note"}  # by the value of an effect on a measure

_ANY_EFFECT: TypeAdapter[AnyEffect] = TypeAdapter(AnyEffect)


class Taken(NamedTuple):
    """What was made of announcements."""

    rows: dict[str, list[tuple[Any, ...]]]  # by table, in the order of NAMES
    words: list[tuple[str, str]]  # of each assertion: its value, and on whose word it rests; see `timeline.table`
    left: list[Stored]  # to go the general way

    @property
    def assertions(self) -> Assertions:
        """The assertions as columns."""
        if not self.words:
            return Assertions.of(())
        named = dict(zip(NAMES["assertions"], zip(*self.rows["assertions"], strict=True), strict=True))
        values, attributions = zip(*self.words, strict=True)
        times = {name: named[column] for name, column in _TIMES.items()}
        said = (named["track"], named["announcement"], times, named["effect"], named["version"])
        return Assertions.of_columns(*said, values, attributions)


def take(batch: Sequence[Stored], tz: tzinfo, schema: int) -> Taken:
    """Make rows of recorded announcements of which nothing else is on the record.

    Args: schema: that of today.
    """
    try:
        return _taken(batch, _Dates.of(tz), schema)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        if len(batch) == 1:
            return Taken(defaultdict(list), [], list(batch))
    middle = len(batch) // 2
    return _both(take(batch[:middle], tz, schema), take(batch[middle:], tz, schema))


def _both(one: Taken, other: Taken) -> Taken:
    for table, rows in other.rows.items():
        one.rows[table] += rows
    return Taken(one.rows, one.words + other.words, one.left + other.left)


class _Said(NamedTuple):
    """An effect on its tracks."""

    tracks: Iterable[str]
    begins: Edge
    ends: Edge
    value: str  # a word
    text: str  # all that it says, see `value_text`
    row: tuple[Any, ...]  # of the table of effects, from its type on


def _taken(batch: Sequence[Stored], dates: "_Dates", schema: int) -> Taken:
    """Raises: msgspec.DecodeError, ValueError, if anything is not as it is stored today."""
    states = shapes.read_states([stored.state for stored in batch])
    said = shapes.read_announcements(states)
    effects = iter(shapes.read_effects([raw for each in said for raw in each.effect]))
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    announcements, spans, speakers, sources, asserted, acts = (
        rows[name] for name in ("announcements", "spans", "speakers", "sources", "assertions", "effects")
    )
    words: list[tuple[str, str]] = []
    for stored, state, each in zip(batch, states, said, strict=True):
        if state.schema != schema or each.id != stored.statement:
            raise ValueError("it was stored in another schema, or its columns were altered")
        key, position = each.id, stored.position
        earliest, order = dates.starts[each.announced]
        announcements.append(
            (key, 0, "recorded", key, None, each.announced, earliest, order, order, order, position,
             stored.recorded_at, state.recorded_by, stored.digest, each.summary, each.status,
             bytes(state.announcement).decode(), None)
        )  # fmt: skip
        spans.append((key, 0, 0, order, FOREVER, position, FOREVER))
        for number, one in enumerate(each.by):
            speakers.append((key, 0, "content", number, one.party, one.name, one.office))
        for number, one in enumerate(each.source):
            sources.append(
                (key, 0, "content", number, one.publisher, one.title, one.published, one.url, one.archived_url,
                 one.language, one.accessed, one.quote, one.note)
            )  # fmt: skip
        for number, one in enumerate(each.relation):
            rows["relations"].append((key, 0, number, one.type, one.announcement, one.note))
        if each.effect:
            count, attribution = 0, _attribution(each)
            for number, raw in enumerate(each.effect):
                act = dates.said(next(effects), raw, each, number)
                acts.append((key, 0, number, *act.row, bytes(raw).decode()))
                for track in act.tracks:
                    asserted.append(
                        (key, 0, count, track, order, number, 0, act.value, dates.text(act.begins),
                         dates.text(act.ends), *act.begins, *act.ends, order, FOREVER, position, FOREVER)
                    )  # fmt: skip
                    words.append((act.text, attribution))
                    count += 1
    return Taken(rows, words, [])


def _attribution(announcement: Any) -> str:
    return _attributed(announcement.status, tuple([speaker.party for speaker in announcement.by]))


@lru_cache(maxsize=4096)
def _attributed(status: str, parties: tuple[str, ...]) -> str:
    return attribution_text(Attribution(tuple(dict.fromkeys(parties)), Verification(status)))


class _Memo(dict[Any, Any]):
    """What a function made of each argument, found in the time of a look-up."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> Any:
        self[key] = made = self._make(key)
        return made


class _Dates:
    """What dates and effects amount to in a time zone: few of them, in a large log, are new."""

    @staticmethod
    @lru_cache(maxsize=4)
    def of(tz: tzinfo) -> "_Dates":
        return _Dates(tz)

    def __init__(self, tz: tzinfo) -> None:
        self._tz = tz
        self.starts = _Memo(lambda text: starts(_when(text), tz))
        self._last_days = _Memo(lambda text: ends(parse_day(text), None, tz))
        self._texts = _Memo(lambda edge: render(edge, tz))
        self.text = self._texts.__getitem__
        self._values: dict[Any, tuple[str, str]] = {}

    def said(self, effect: Any, raw: msgspec.Raw, announcement: Any, number: int) -> _Said:
        """What an effect says on which tracks.

        Raises: ValueError.
        """
        known = _PERIODS.get(type(effect))
        if known is None:
            return self._said_otherwise(raw, announcement, number)
        kind, fields = known
        key = kind, fields(effect)
        found = self._values.get(key)
        if found is None:
            model = _ANY_EFFECT.validate_json(bytes(raw))
            found = self._values[key] = value_of(model), value_text(model)
        begins = self.starts[effect.starts or announcement.announced]
        ending = NEVER_ENDS
        if effect.until is not None:
            ending = self.starts[effect.until]
        elif effect.last_day is not None:
            ending = self._last_days[effect.last_day]
        at = " ".join(effect.at) if kind == _EASE and effect.at else None
        row = kind, effect.measure, None, None, at, effect.basis
        return _Said((measure_track(effect.measure),), begins, ending, *found, row)

    def _said_otherwise(self, raw: msgspec.Raw, announcement: Any, number: int) -> _Said:
        """The same of what is rare in bulk."""
        model = _ANY_EFFECT.validate_json(bytes(raw))
        begins, ending = period_of(model, _when(announcement.announced), self._tz)
        row = effect_row(number, model)
        parts = tuple(row[name] for name in NAMES["effects"][3:-1])
        tracks = tracks_of(model, announcement.id, number)
        return _Said(tracks, begins, ending, value_of(model), value_text(model), parts)


def _when(text: str) -> When:
    return datetime.fromisoformat(text) if "T" in text else parse_day(text)


def _period(shape: Any) -> tuple[str, Callable[[Any], Any]]:
    """The type of an effect on a measure, and what it says beside its dates."""
    fields = attrgetter(*(name for name in shape.__struct_fields__ if name not in _NOT_SAID))
    return shape.__struct_config__.tag, fields


_PERIODS = {shape: _period(shape) for shape in shapes.EFFECTS if shape.__name__ in shapes.PERIODS}
_EASE = Ease.model_fields["type"].default
