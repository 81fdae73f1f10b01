"""Events as numbers: what tables and columns need of many at the same time, without a model of each.

Subjects, and announcements that are on the record once, are most of any large log. The general way, by `versions` and
`announcement_rows`, makes the same of them one by one, and it alone takes what was corrected or retracted, what an
older schema stored, and what cannot be read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np
from pydantic import TypeAdapter

from tracker.model.dates import Edge, When, ends, parse_day, render, starts
from tracker.model.effects import AnyEffect
from tracker.model.vocabulary import Verification
from tracker.projections import registry_rows, shapes
from tracker.store.database import Stored
from tracker.timeline.assertion_table import attribution_text, value_text
from tracker.timeline.assertions import NEVER_ENDS, Attribution, measure_track, period_of, tracks_of, value_of
from tracker.timeline.columns import IntArray

RECORDED = "AnnouncementRecorded"
TYPES = (RECORDED, *registry_rows.TYPES)
AT_ONCE = 128  # events whose structs fit in the processor's cache: read in larger parts, they take twice the time
COLUMNS = ("announcement", "position", "effect", "track", "order", "begins", "ends", "value", "attribution")

Relation = tuple[str, int, int, str, str, str | None]

_NOT_SAID = {"starts", "last_day", "until", "measure", "note"}  # by the value of an effect on a measure


class Part(NamedTuple):
    """A run of events. What many of them share, dates and names and values, stands as its number."""

    recorded: IntArray  # of each announcement its position, and the edge that orders it; shape (announcements, 2)
    relations: list[Relation]  # rows of their table
    names: list[str]  # of the announcements with effects
    assertions: IntArray  # see COLUMNS; by announcement, numbered as in `names`; shape (assertions, 9)
    edges: list[tuple[int, int]]  # these and the next: what no part before had, numbered on from there
    tracks: list[str]
    values: list[tuple[str, str]]  # what an effect makes of its track in a word, and all that it says: `value_text`
    attributions: list[str]
    subjects: list[registry_rows.Row]
    amended: list[int]  # positions of those subjects that amend another
    left: list[Stored]  # for the general way


class Numbering:
    """Makes a part of each run of events."""

    def __init__(self, tz: tzinfo, schemas: Mapping[str, int], *, subjects: bool = True) -> None:
        """Args: schemas: those in which events of each of TYPES are stored today; subjects: whether rows are asked."""
        self._tz, self._schemas, self._subjects = tz, schemas, subjects
        self._dates = dates = Dates.of(tz)
        self._edges = _Numbered(lambda key: dates.starts[key] if isinstance(key, str) else key)
        self._last_days = _Memo(lambda text: self._edges[dates.last_days[text]])
        self._tracks = _Numbered(lambda key: key)
        self._on_measures = _Numbered(measure_track, self._tracks.made)
        self._values = _Numbered(lambda key: key)
        self._attributions = _Numbered(_attribution)
        self._pools = [each.made for each in (self._edges, self._tracks, self._values, self._attributions)]

    def anew(self) -> "Numbering":
        """One that numbers from 0 on."""
        return Numbering(self._tz, self._schemas, subjects=self._subjects)

    def part(self, pieces: Iterable[Sequence[Stored]]) -> Part:
        """What the next events amount to.

        Args: pieces: the events, some at a time.
        """
        known = [len(pool) for pool in self._pools]
        taken = _Taken([], [], [], [], [], [], [])
        for piece in pieces:
            for start in range(0, len(piece), AT_ONCE):
                self._take(piece[start : start + AT_ONCE], taken)
        recorded = np.array(taken.recorded, dtype=np.int64).reshape(-1, 2)
        assertions = np.array(taken.assertions, dtype=np.int64).reshape(-1, len(COLUMNS))
        edges, tracks, values, attributions = (pool[so_far:] for pool, so_far in zip(self._pools, known, strict=True))
        return Part(
            recorded, taken.relations, taken.names, assertions, edges, tracks, values, attributions, taken.subjects,
            taken.amended, taken.left,
        )  # fmt: skip

    def _take(self, events: Sequence[Stored], taken: "_Taken") -> None:
        said = [stored for stored in events if stored[1] == RECORDED]
        if said:
            self._announcements(said, taken)
        if len(said) == len(events):
            return
        taken.left.extend(stored for stored in events if stored.type not in TYPES)
        registered = [stored for stored in events if stored.type in registry_rows.TYPES] if self._subjects else []
        rows = registry_rows.rows_of(registered, self._schemas)
        if rows is None:
            taken.left.extend(registered)
        else:
            taken.subjects.extend(rows)
            taken.amended.extend(stored.position for stored in registered if stored.type == registry_rows.AMENDED)

    def _announcements(self, events: Sequence[Stored], taken: "_Taken") -> None:
        try:
            more = self._read(events, len(taken.names))
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
            if len(events) == 1:
                taken.left.extend(events)
                return
            middle = len(events) // 2
            self._announcements(events[:middle], taken)
            self._announcements(events[middle:], taken)
        else:
            taken.recorded.extend(more.recorded)
            taken.relations.extend(more.relations)
            taken.names.extend(more.names)
            taken.assertions.extend(more.assertions)

    def _read(self, events: Sequence[Stored], first: int) -> "_Taken":
        """Raises: msgspec.DecodeError, ValueError, if anything is not as it is stored today."""
        states = shapes.read_states([stored[3] for stored in events])
        read = _Taken([], [], [], [], [], [], [])
        recorded, relations, names, assertions, *_ = read
        edges, values, attributions = self._edges, self._values, self._attributions
        measures, last_days, key_of, value_of_key = self._on_measures, self._last_days, _KEYS.get, values.get
        schema, never = self._schemas[RECORDED], edges[NEVER_ENDS]
        for (position, _, statement, _), state in zip(events, states, strict=True):
            said = state.announcement
            if state.schema != schema or said.id != statement:
                raise ValueError("it was stored in another schema, or its columns were altered")
            order = edges[said.announced]
            recorded += (position, order)
            for number, one in enumerate(said.relation):
                relations.append((said.id, 0, number, one.type, one.announcement, one.note))
            if not said.effect:
                continue
            by, row = said.by, first + len(names)
            names.append(said.id)
            attribution = attributions[said.status, by[0].party if len(by) == 1 else tuple([each.party for each in by])]
            for number, effect in enumerate(said.effect):
                key_of_kind = key_of(type(effect))
                if key_of_kind is None:
                    for track, *said_there in self._said_otherwise(effect, said, number):
                        assertions += (row, position, number, track, order, *said_there, attribution)
                    continue
                key = key_of_kind(effect)
                value = value_of_key(key)
                if value is None:
                    value = values.put(key, _words(_model(effect)))
                begins = order if effect.starts is None else edges[effect.starts]
                if effect.last_day is not None:
                    ending = last_days[effect.last_day]
                else:
                    ending = never if effect.until is None else edges[effect.until]
                assertions += (
                    row, position, number, measures[effect.measure], order, begins, ending, value, attribution
                )  # fmt: skip
        return read

    def _said_otherwise(self, effect: Any, announcement: Any, number: int) -> Iterable[tuple[int, int, int, int]]:
        """The same of what is rare in bulk."""
        model = _model(effect)
        begins, ending = (self._edges[edge] for edge in self._dates.period(model, announcement.announced))
        value = self._values[_words(model)]
        return [(self._tracks[track], begins, ending, value) for track in tracks_of(model, announcement.id, number)]


class _Taken(NamedTuple):
    """What becomes a part; numbers one after the other."""

    recorded: list[int]
    relations: list[Relation]
    names: list[str]
    assertions: list[int]
    subjects: list[registry_rows.Row]
    amended: list[int]
    left: list[Stored]


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


class Dates:
    """What dates amount to in a time zone: few of them, in a large log, are new."""

    @staticmethod
    @lru_cache(maxsize=4)
    def of(tz: tzinfo) -> "Dates":
        return Dates(tz)

    def __init__(self, tz: tzinfo) -> None:
        self._tz = tz
        self.starts = _Memo(lambda text: starts(_when(text), tz))
        self.last_days = _Memo(lambda text: ends(parse_day(text), None, tz))
        self.texts = _Memo(lambda edge: render(edge, tz))

    def period(self, effect: AnyEffect, announced: str) -> tuple[Edge, Edge]:
        return period_of(effect, _when(announced), self._tz)


def _when(text: str) -> When:
    return datetime.fromisoformat(text) if "T" in text else parse_day(text)


def _model(effect: msgspec.Struct) -> AnyEffect:
    """Raises: ValueError."""
    return _any_effect().validate_json(msgspec.json.encode(effect))


@cache
def _any_effect() -> TypeAdapter[AnyEffect]:
    return TypeAdapter(AnyEffect)


def _words(effect: AnyEffect) -> tuple[str, str]:
    return value_of(effect), value_text(effect)


def _attribution(key: tuple[str, str | tuple[str, ...]]) -> str:
    status, parties = key
    several = (parties,) if isinstance(parties, str) else tuple(dict.fromkeys(parties))
    return attribution_text(Attribution(several, Verification(status)))


def _key_of(shape: type[msgspec.Struct]) -> Callable[[Any], Any]:
    """What tells the values of effects apart: their type, and all that they say beside their dates."""
    names = [name for name in shape.__struct_fields__ if name not in _NOT_SAID]
    return attrgetter("__class__", *names)


_KEYS = {shape: _key_of(shape) for shape in shapes.PERIODS}
