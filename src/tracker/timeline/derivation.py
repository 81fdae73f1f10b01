"""From announcements to the columns of all that they assert: the one way, of a log in memory or in a store.

What many assertions share, dates and names and values, is looked up once and stands as its number from then on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np

from tracker.model.dates import FOREVER, Edge, Instant, ends, parse_day, starts
from tracker.model.effects import AnyEffect
from tracker.model.vocabulary import RelationType
from tracker.timeline.assertion_table import Assertions, Pooled, attribution_text, not_in_value, value_text
from tracker.timeline.assertions import PENDING, is_pending, period_of, tracks_of
from tracker.timeline.columns import CodeArray, Ranked, codes
from tracker.timeline.knowledge import Span
from tracker.timeline.precedence import Precedents
from tracker.timeline.statements import Content, content_of
from tracker.timeline.versions import Version

COLUMNS = (
    "announcement", "effect", "version", "track", "value", "attribution", "order", "begins", "ends",
    "announced_from", "announced_to", "recorded_from", "recorded_to",
)  # fmt: skip
MAX_DATES = 65_536  # held for the next derivation: a log names few that it has not named before
ASSERTIONS_PER_CHUNK = 20_000
Numbered = tuple[int, int, int, int]  # a span, with numbers of edges for its instants
STANDING = 0  # as `recorded_to`, where nothing supersedes an assertion: no event has this position


class Derivation:
    """Takes announcements in any order, and makes columns of what they assert."""

    def __init__(self, tz: tzinfo, chunk: int = ASSERTIONS_PER_CHUNK) -> None:
        """Start empty. Args: chunk: assertions whose numbers are held in a list before they become arrays."""
        self._chunk = chunk * len(COLUMNS)
        self._edges: list[Edge] = []
        self._tracks: list[str] = []
        self._values: list[str] = []
        self._attributions: list[str] = []
        self._announcements: list[str] = []  # one name for each version that was added
        self._starts = Numbers(self._edges, lambda when: _start_edge(when, tz))
        self._last_days = Numbers(self._edges, lambda day: _end_edge(day, tz))
        self._instants = Numbers(self._edges, lambda at: Edge(at, at))
        self._never = self._instants[FOREVER]
        self._track_numbers = Numbers(self._tracks, str)
        self._value_numbers = Numbers(self._values, str)
        self._attribution_numbers = Numbers(self._attributions, lambda key: attribution_text(*key))
        self._rows: list[int] = []  # of COLUMNS, one after the other
        self._chunks: list[dict[str, CodeArray]] = []
        self._denials: dict[tuple[str, str], None] = {}
        self._precedents: dict[str, Precedents] = {}

    def add_recorded(self, content: Content, position: int) -> Instant:
        """Add an announcement that stands as it was recorded.

        Returns: its place in the order.
        Raises: ValueError where a date is none.
        """
        order = self._edges[self._starts[content.announced]].latest
        place = self._instants[order]
        self._add(content, 0, place, ((place, self._never, position, STANDING),))
        return order

    def add_histories(self, histories: Iterable[Sequence[Version]]) -> None:
        """Add announcements in all their versions.

        Of announcements that bear on each other's assertions, all are added in one call.
        """
        for history in histories:
            for version in history:
                if version.content is not None:
                    known = [self._span(span) for span in version.spans]
                    self._add(content_of(version.content), version.number, self._instants[version.order], known)

    def _span(self, span: Span) -> Numbered:
        last = span.recorded_to if span.recorded_to < FOREVER else STANDING
        return self._instants[span.announced_from], self._instants[span.announced_to], span.recorded_from, last

    @property
    def denials(self) -> Iterable[tuple[str, str]]:
        """The announcements that are denied, each with one that in some version denies it."""
        return self._denials

    @property
    def precedents(self) -> Mapping[str, Precedents]:
        """By announcement, those that it comes after or is related to."""
        return self._precedents

    def table(self) -> Assertions:
        """The columns of all that was added; what bears on other assertions stands on tracks of its own."""
        self._finish_chunk()
        column = {name: np.concatenate([chunk[name] for chunk in self._chunks]) for name in COLUMNS}
        earliest, latest = np.array(self._edges, dtype=np.int64).T
        recorded_to = column["recorded_to"].astype(np.int64)
        return Assertions.of_columns(
            Pooled(self._tracks, column["track"]),
            Pooled(self._announcements, column["announcement"]),
            {
                "order": Ranked.of_numbers(latest, column["order"]),
                "begins_earliest": Ranked.of_numbers(earliest, column["begins"]),
                "begins_latest": Ranked.of_numbers(latest, column["begins"]),
                "ends_earliest": Ranked.of_numbers(earliest, column["ends"]),
                "ends_latest": Ranked.of_numbers(latest, column["ends"]),
                "announced_from": Ranked.of_numbers(latest, column["announced_from"]),
                "announced_to": Ranked.of_numbers(latest, column["announced_to"]),
                "recorded_from": Ranked.of(column["recorded_from"]),
                "recorded_to": Ranked.of(np.where(recorded_to == STANDING, FOREVER, recorded_to)),
            },
            column["effect"],
            column["version"],
            Pooled(self._values, column["value"]),
            Pooled(self._attributions, column["attribution"]),
        )

    def _add(self, content: Content, version: int, place: int, spans: Sequence[Numbered]) -> None:
        """Add what a version asserts, once for each span in which it is known.

        Args: place: in the order, as a number of `_edges`; spans: with such numbers for instants.
        """
        for relation in content.relation:
            if relation.type == RelationType.DENIES:
                self._denials[relation.announcement, content.id] = None
        if content.after or content.relation:
            related = tuple([relation.announcement for relation in content.relation])
            self._precedents[content.id] = Precedents(tuple(content.after), related)
        else:
            self._precedents.pop(content.id, None)  # an earlier version may have had some
        if not content.effect:
            return
        announcement = len(self._announcements)
        self._announcements.append(content.id)
        parties = tuple([speaker.party for speaker in content.by])
        attribution = self._attribution_numbers[content.status, parties]
        announced = self._starts[content.announced]
        rows = self._rows
        for index, effect in enumerate(content.effect):
            begin, last_day, until = period_of(effect)
            begins = announced if begin is None else self._starts[begin]
            if until is not None:
                ending = self._starts[until]
            else:
                ending = self._never if last_day is None else self._last_days[last_day]
            value = self._value(effect)
            tracks = tracks_of(effect, content.id, index)
            if is_pending(effect):
                tracks = [PENDING + track for track in tracks]
            for track in tracks:
                number = self._track_numbers[track]
                for span in spans:
                    rows += (announcement, index, version, number, value, attribution, place, begins, ending, *span)
        if len(rows) >= self._chunk:
            self._finish_chunk()

    def _value(self, effect: AnyEffect) -> int:
        """The number of all that an effect says beside its dates and its measure."""
        key = _KEYS[type(effect)](effect)
        number = self._value_numbers.get(key)
        if number is None:
            number = self._value_numbers.put(key, value_text(effect.type, msgspec.to_builtins(effect)))
        return number

    def _finish_chunk(self) -> None:
        numbers = np.array(self._rows, dtype=np.int64).reshape(-1, len(COLUMNS))
        self._chunks.append({name: codes(column) for name, column in zip(COLUMNS, numbers.T, strict=True)})
        self._rows.clear()


class Numbers(dict[Any, int]):
    """The numbers, in a list of what was made of them, of all that is asked for."""

    def __init__(self, made: list[Any], make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._made, self._make = made, make

    def __missing__(self, key: Any) -> int:
        return self.put(key, self._make(key))

    def put(self, key: Any, made: Any) -> int:
        self[key] = number = len(self._made)
        self._made.append(made)
        return number


class _Keys(dict[type, Callable[[Any], Any]]):
    """By type of effect: what tells effects apart that have different values."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        struct: Any = kind
        without = not_in_value(struct.type)
        keys = zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True)
        names = [name for name, key in keys if key not in without]
        self[kind] = key = attrgetter("type", *names)
        return key


_KEYS: Mapping[type, Callable[[Any], Any]] = _Keys()


@lru_cache(maxsize=MAX_DATES)
def _start_edge(text: str, tz: tzinfo) -> Edge:
    """Where something begins that is said to begin on a day or at an instant."""
    return starts(datetime.fromisoformat(text) if "T" in text else parse_day(text), tz)


@lru_cache(maxsize=MAX_DATES)
def _end_edge(last_day: str, tz: tzinfo) -> Edge:
    return ends(parse_day(last_day), None, tz)
