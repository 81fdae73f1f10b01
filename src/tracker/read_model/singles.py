"""Announcements that are on the record once: columns and rows of many at the same time, without a model of each.

They are most of any large log. The general way, by `versions` and `announcement_rows`, makes the same of them one by
one, and it alone takes what was corrected or retracted, what an older schema stored, and what cannot be read.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import chain, repeat
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from tracker.model.dates import FOREVER, When, ends, parse_day, render, starts
from tracker.model.effects import AnyEffect
from tracker.model.vocabulary import Verification
from tracker.read_model import shapes
from tracker.read_model.rows import value_of
from tracker.store.log import Stored
from tracker.timeline.assertions import NEVER_ENDS, Attribution, measure_track, period_of, tracks_of
from tracker.timeline.columns import IntArray, Ranked
from tracker.timeline.table import Assertions, Pooled, attribution_text, value_text

AT_ONCE = 128  # events whose structs fit in the processor's cache: read in larger parts, they take twice the time

Rows = Iterable[tuple[Any, ...]]

_NOT_SAID = {"starts", "last_day", "until", "measure", "note"}  # by the value of an effect on a measure
_ANY_EFFECT: TypeAdapter[AnyEffect] = TypeAdapter(AnyEffect)


class _Read(NamedTuple):
    """Announcements as numbers."""

    recorded: list[tuple[int, int]]  # of each: its position, and the number of the edge that is its place in the order
    relations: list[tuple[Any, ...]]
    names: list[str]  # of those with effects
    assertions: list[int]  # one after the other: the numbers of _COLUMNS


_COLUMNS = ("announcement", "position", "effect", "track", "order", "begins", "ends", "value", "attribution")


class Singles:
    """Takes announcements of which nothing else is on the record, batch by batch, and keeps the columns of all.

    Whatever many of them share, dates and names and values, is read once and stands as its number from then on.
    """

    def __init__(self, tz: tzinfo, schema: int) -> None:
        """Args: schema: that in which announcements are stored today."""
        self.tz, self._schema = tz, schema
        self._dates = dates = _Dates.of(tz)
        self._edges = _Numbered(lambda key: dates.starts[key] if isinstance(key, str) else key)
        self._tracks = _Numbered(lambda key: key)
        self._on_measures = _Numbered(measure_track, self._tracks.made)
        self._values = _Numbered(lambda key: key)
        self._attributions = _Numbered(_attribution)
        self._names: list[str] = []
        self._parts: list[IntArray] = []
        self._new = _Read([], [], [], [])  # since rows were asked for

    def take(self, batch: Sequence[Stored]) -> list[Stored]:
        """Keep the columns of these announcements.

        Returns: those that have to go the general way.
        """
        left: list[Stored] = []
        for start in range(0, len(batch), AT_ONCE):
            self._take(batch[start : start + AT_ONCE], left)
        return left

    @property
    def new(self) -> int:
        """How many were taken since rows were asked for."""
        return len(self._new.recorded)

    def rows(self) -> Iterable[tuple[str, Rows]]:
        """The rows of each table, in the order of its columns, for what was taken since they were last asked for."""
        read, self._new = self._new, _Read([], [], [], [])
        part = np.array(read.assertions, dtype=np.int64).reshape(-1, len(_COLUMNS)).T
        self._names += read.names
        self._parts.append(part)
        return self._rows(read, dict(zip(_COLUMNS, part, strict=True)))

    @property
    def assertions(self) -> Assertions:
        """The columns of all that was taken."""
        self.rows()
        if not any(part.size for part in self._parts):
            return Assertions.of(())
        found = dict(zip(_COLUMNS, np.concatenate(self._parts, axis=1), strict=True))
        earliest, latest = self._instants
        order, nothing = Ranked.of_numbers(latest, found["order"]), np.zeros(len(found["order"]), dtype=np.int64)
        never = Ranked.of_numbers(np.array([FOREVER]), nothing)
        words = [text for _, text in self._values.made]
        return Assertions.of_columns(
            Pooled(self._tracks.made, found["track"]),
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
            Pooled(self._attributions.made, found["attribution"]),
        )

    @property
    def _instants(self) -> IntArray:
        """Of each edge the earliest, and of each the latest."""
        return np.fromiter(chain.from_iterable(self._edges.made), dtype=np.int64).reshape(-1, 2).T

    def _take(self, batch: Sequence[Stored], left: list[Stored]) -> None:
        read = self._new
        try:
            more = self._read(batch, len(self._names) + len(read.names))
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
            if len(batch) == 1:
                left += batch
                return
            middle = len(batch) // 2
            self._take(batch[:middle], left)
            self._take(batch[middle:], left)
        else:
            read.recorded.extend(more.recorded)
            read.relations.extend(more.relations)
            read.names.extend(more.names)
            read.assertions.extend(more.assertions)

    def _read(self, batch: Sequence[Stored], first: int) -> _Read:
        """Raises: msgspec.DecodeError, ValueError, if anything is not as it is stored today."""
        states = shapes.read_states([stored.state for stored in batch])
        read = recorded, relations, names, assertions = _Read([], [], [], [])
        schema, edges, values, attributions = self._schema, self._edges, self._values, self._attributions
        measures, last_days, period_of_shape = self._on_measures, self._dates.last_days, _FIELDS.get
        never = edges[NEVER_ENDS]
        for (position, _, statement, _), state in zip(batch, states, strict=True):
            said = state.announcement
            if state.schema != schema or said.id != statement:
                raise ValueError("it was stored in another schema, or its columns were altered")
            order = edges[said.announced]
            recorded.append((position, order))
            for number, one in enumerate(said.relation):
                relations.append((statement, 0, number, one.type, one.announcement, one.note))
            if not said.effect:
                continue
            by, row = said.by, first + len(names)
            names.append(said.id)
            attribution = attributions[said.status, by[0].party if len(by) == 1 else tuple([each.party for each in by])]
            for number, effect in enumerate(said.effect):
                fields = period_of_shape(type(effect))
                if fields is None:
                    for track, begins, ending, value in self._said_otherwise(effect, said, number):
                        assertions += (row, position, number, track, order, begins, ending, value, attribution)
                    continue
                key = fields(effect)
                if key not in values:
                    values.put(key, _words(_model(effect)))
                begins = order if effect.starts is None else edges[effect.starts]
                if effect.last_day is not None:
                    ending = edges[last_days[effect.last_day]]
                else:
                    ending = never if effect.until is None else edges[effect.until]
                assertions += (
                    row, position, number, measures[effect.measure], order, begins, ending, values[key], attribution
                )  # fmt: skip
        return read

    def _said_otherwise(self, effect: Any, announcement: Any, number: int) -> Iterable[tuple[int, int, int, int]]:
        """The same of what is rare in bulk."""
        model = _model(effect)
        begins, ending = (self._edges[edge] for edge in self._dates.period(model, announcement.announced))
        value = self._values[_words(model)]
        return [(self._tracks[track], begins, ending, value) for track in tracks_of(model, announcement.id, number)]

    def _rows(self, read: _Read, found: dict[str, IntArray]) -> Iterator[tuple[str, Rows]]:
        edges = self._edges.made
        yield "recorded", [(position, *edges[order]) for position, order in read.recorded]
        yield "relations", read.relations
        yield "assertions", self._assertion_rows(read.names, found)

    def _assertion_rows(self, own: Sequence[str], found: dict[str, IntArray]) -> Rows:
        """Args: own: the names of these announcements, the last in `_names`."""
        count = len(found["track"])
        if not count:
            return ()
        earliest, latest = self._instants
        texts = _objects([self._dates.texts[edge] for edge in self._edges.made])
        names, tracks = _objects(own), _objects(self._tracks.made)
        words = _objects([word for word, _ in self._values.made])
        key, begins, ending, order = (found[name] for name in ("announcement", "begins", "ends", "order"))
        columns = (
            names[key - key[0]], repeat(0), np.arange(count) - np.searchsorted(key, key), tracks[found["track"]],
            latest[order], found["effect"], repeat(0), words[found["value"]], texts[begins], texts[ending],
            earliest[begins], latest[begins], earliest[ending], latest[ending], latest[order], repeat(FOREVER),
            found["position"], repeat(FOREVER),
        )  # fmt: skip
        return zip(*(each.tolist() if isinstance(each, np.ndarray) else each for each in columns), strict=False)


class _Numbered(dict[Any, int]):
    """Numbers for what is asked for, from 0 on, and what was made of it."""

    def __init__(self, make: Callable[[Any], Any], made: list[Any] | None = None) -> None:
        """Args: made: a list that others add to as well."""
        super().__init__()
        self._make = make
        self.made = [] if made is None else made

    def __missing__(self, key: Any) -> int:
        return self.put(key, self._make(key))

    def put(self, key: Any, made: Any) -> int:
        self[key] = number = len(self.made)
        self.made.append(made)
        return number


class _Memo(dict[Any, Any]):
    """What a function made of each argument, found in the time of a look-up."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> Any:
        self[key] = made = self._make(key)
        return made


class _Dates:
    """What dates amount to in a time zone: few of them, in a large log, are new."""

    @staticmethod
    @lru_cache(maxsize=4)
    def of(tz: tzinfo) -> "_Dates":
        return _Dates(tz)

    def __init__(self, tz: tzinfo) -> None:
        self._tz = tz
        self.starts = _Memo(lambda text: starts(_when(text), tz))
        self.last_days = _Memo(lambda text: ends(parse_day(text), None, tz))
        self.texts = _Memo(lambda edge: render(edge, tz))

    def period(self, effect: AnyEffect, announced: str) -> tuple[Any, Any]:
        return period_of(effect, _when(announced), self._tz)


def _when(text: str) -> When:
    return datetime.fromisoformat(text) if "T" in text else parse_day(text)


def _model(effect: msgspec.Struct) -> AnyEffect:
    """Raises: ValueError."""
    return _ANY_EFFECT.validate_json(msgspec.json.encode(effect))


def _words(effect: AnyEffect) -> tuple[str, str]:
    """What an effect makes of its track, in a word, and all that it says: see `value_text`."""
    return value_of(effect), value_text(effect)


def _attribution(key: tuple[str, str | tuple[str, ...]]) -> str:
    status, parties = key
    several = (parties,) if isinstance(parties, str) else tuple(dict.fromkeys(parties))
    return attribution_text(Attribution(several, Verification(status)))


def _objects(items: Sequence[Any]) -> NDArray[np.object_]:
    found = np.empty(len(items), dtype=object)
    found[:] = items
    return found


def _fields(shape: type[msgspec.Struct]) -> Callable[[Any], Any]:
    """What tells the values of effects apart: their type, and all that they say beside their dates."""
    names = [name for name in shape.__struct_fields__ if name not in _NOT_SAID]
    return attrgetter("__class__", *names)


_FIELDS = {shape: _fields(shape) for shape in shapes.PERIODS}
