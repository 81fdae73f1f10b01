"""Changes that officials make to their own plans: effects whose assertions depend on others. Source: design §5, §9.

Such effects are stored on tracks of their own, `pending:…`, so that what is stored of an announcement depends on
nothing else. `settled` makes assertions of them, in every state of knowledge at once: a span in which different others
are known is cut into parts, each with its own outcome.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from operator import attrgetter
from typing import Protocol, TypeVar

import numpy as np

from tracker.model.dates import FOREVER, Edge, Instant, ends, parse_day, starts
from tracker.model.effects import names_of
from tracker.model.vocabulary import OnExpiry
from tracker.timeline.assertion_table import Assertions, joined_value, split_value
from tracker.timeline.assertions import NEVER_ENDS, PENDING, exemption_track, measure_track
from tracker.timeline.columns import BoolArray, CodeArray
from tracker.timeline.knowledge import parts
from tracker.timeline.merge import Segment, merged
from tracker.timeline.precedence import Precedents, places
from tracker.timeline.rows import Row, rows_of, table_of

IN_FORCE = ("impose", "extend", "permit", "exempt")
ENDED = ("lift", "revoke")
OnExpiryOf = Callable[[str], OnExpiry | None]  # by measure
Target = tuple[str, int]  # an announcement, and an effect's number in it


def settled(
    assertions: Assertions,
    precedents: Mapping[str, Precedents],
    orders: Mapping[str, Instant],
    on_expiry: OnExpiryOf,
    tz: tzinfo,
) -> Assertions:
    """The assertions of a record, from those that its announcements make each by itself.

    Args: precedents, orders: see `places`;
        on_expiry: the meaning of an end of a measure where its effects do not say.
    """
    moved = places(precedents, orders, tz) if precedents else {}
    names, idle = _affected(assertions, moved)
    if not names and not idle:
        return assertions
    numbers = np.array(sorted(assertions.number(name) for name in names), dtype=np.int64)
    apart = np.zeros(assertions.track_count, dtype=np.bool_)
    apart[numbers] = apart[idle] = True
    rest = assertions.take(np.flatnonzero(~apart[assertions.track]))
    tracks: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of(assertions.of_tracks(numbers), moved):
        tracks[row.track].append(row)
    return merged([Segment(rest), Segment(table_of(_Settling(tracks, on_expiry, tz).rows()))])


def _affected(assertions: Assertions, moved: Iterable[str]) -> tuple[set[str], list[int]]:
    """The tracks on which an assertion depends on others, with those on which these stand.

    Returns: their names, and the numbers of further tracks, of extensions on a measure that nothing else is said of:
    they assert nothing.
    """
    idle = _idle(assertions)
    names = {name for track, name in assertions.beginning(PENDING) if track not in idle}
    names |= {assertions.tracks[track] for name in moved for track in assertions.tracks_by(name)}
    for _, name in assertions.beginning(PENDING + "of:"):
        announcement, _, number = name.removeprefix(PENDING + "of:").partition("#")
        if number:
            names |= {assertions.tracks[track] for track in assertions.tracks_by(announcement)}
        else:
            names |= {f"pledge:{announcement}", exemption_track(announcement)}
            names |= {track for _, track in assertions.beginning(exemption_track(announcement) + ":")}
    names |= {name.removeprefix(PENDING) for name in names}
    for track in _depending(assertions, names):
        name = assertions.tracks[track]
        measures = measures_of(assertions, track, name)
        names.update((name, PENDING + name, *(pre + measure_track(one) for one in measures for pre in ("", PENDING))))
    numbers = {name: assertions.number(name) for name in names}
    return {name for name, number in numbers.items() if number >= 0 and number not in idle}, sorted(idle)


def _idle(assertions: Assertions) -> set[int]:
    """The tracks of pending extensions of a measure on which there is nothing to prolong."""
    first, last = _range(assertions, PENDING + measure_track(""))
    rows = slice(int(assertions.offsets[first]), int(assertions.offsets[last]))
    extends = _of_kind(assertions, assertions.value[rows], ("extend",))
    others = set(assertions.track[rows][~extends].tolist())
    return {
        track
        for track in range(first, last)
        if track not in others and assertions.number(assertions.tracks[track].removeprefix(PENDING)) < 0
    }


def _depending(assertions: Assertions, names: Collection[str]) -> list[int]:
    """The tracks of exemptions that others may change: which are named, or of which a measure may end.

    Args: names: of tracks that are changed by others, without their `pending:`.
    """
    first, last = _range(assertions, exemption_track(""))
    if first == last:
        return []
    columns, start = assertions, int(assertions.offsets[first])
    rows = slice(start, int(assertions.offsets[last]))
    lasting = columns.ends_latest.instants >= FOREVER
    lifts = _of_kind(columns, columns.value, ("lift",)) & lasting
    ends = _of_kind(columns, columns.value, IN_FORCE) & ~lasting
    ending = {columns.tracks[track] for track in np.unique(columns.track[lifts | ends]).tolist()}
    values, places = np.unique(columns.value[rows], return_inverse=True)
    measures = [_only_measure(columns.values[value]) for value in values.tolist()]
    stable = [measure is not None and _is_stable(measure_track(measure), ending, names) for measure in measures]
    number = {measure: number for number, measure in enumerate(dict.fromkeys(measures))}
    code = np.array([number[measure] for measure in measures], dtype=np.int64)[places]
    track = columns.track[rows]
    again = (track[1:] == track[:-1]) & (code[1:] != code[:-1])
    unstable = ~np.array(stable, dtype=np.bool_)[places]
    changing = set(track[unstable].tolist()) | set(track[1:][again].tolist())
    own = {number: columns.tracks[number] for number in range(first, last) if columns.has_rows(number)}
    split = {name for name in own.values() if name.count(":") > 1}  # by measure; a word on the whole is one on each
    settling = {*names, *split, *(name.rpartition(":")[0] for name in split)}
    return [number for number, name in own.items() if number in changing or name in settling]


def _is_stable(track: str, ending: Collection[str], names: Collection[str]) -> bool:
    """Whether no statement ends the exemptions from a measure. Args: track: of the measure."""
    return track not in ending and track not in names


def _only_measure(value: str) -> str | None:
    """The measure from which a value exempts, where it is written as one."""
    kind, content = split_value(value)
    measure = content.get("measure")
    return measure if kind == "exempt" and isinstance(measure, str) else None


def _of_kind(assertions: Assertions, values: CodeArray, kinds: Collection[str]) -> BoolArray:
    """Which of some rows' values are of one of some types of effect."""
    return np.array([value.partition("{")[0] in kinds for value in assertions.values], dtype=np.bool_)[values]


def _range(assertions: Assertions, prefix: str) -> tuple[int, int]:
    """The first of the tracks whose names begin with a prefix, and the first after them."""
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return bisect_left(assertions.tracks, prefix), bisect_left(assertions.tracks, after)


def measures_of(assertions: Assertions, track: int, name: str) -> set[str]:
    """The measures from which the exemption of a track is one."""
    rows = assertions.rows_of(track)
    values = {int(value) for value in assertions.value[rows].tolist()}
    return {one for value in values for one in exempted_from(name, assertions.values[value])}


def exempted_from(track: str, value: str) -> tuple[str, ...]:
    """The measures from which a value on an exemption's track exempts; none where it exempts from nothing."""
    measures = _named_in(value)
    return measures if len(measures) < 2 else (track.rpartition(":")[2],)


@lru_cache(maxsize=65_536)
def _named_in(value: str) -> tuple[str, ...]:
    """The measures that an exemption's value names."""
    kind, content = split_value(value)
    return names_of(content["measure"]) if kind == "exempt" else ()


def exemptions_in(assertions: Assertions) -> dict[str, tuple[int, ...]]:
    """By measure, the tracks of the exemptions from it."""
    tracks: dict[str, dict[int, None]] = defaultdict(dict)
    first, last = _range(assertions, exemption_track(""))
    rows = slice(int(assertions.offsets[first]), int(assertions.offsets[last]))
    for track, value in zip(assertions.track[rows].tolist(), assertions.value[rows].tolist(), strict=True):
        for measure in exempted_from(assertions.tracks[track], assertions.values[value]):
            tracks[measure][track] = None
    return {measure: tuple(own) for measure, own in tracks.items()}


class _Settling:
    """The tracks that are settled together."""

    def __init__(self, tracks: Mapping[str, Sequence[Row]], on_expiry: OnExpiryOf, tz: tzinfo) -> None:
        self._tracks, self._on_expiry, self._tz = tracks, on_expiry, tz
        self._changes = self._by_target()

    def rows(self) -> Iterator[Row]:
        """The rows of all tracks, each track's in the order."""
        names = {name.removeprefix(PENDING) for name in self._tracks}
        names = {name for name in names if not name.startswith("of:")}
        split = [name for name in names if name.count(":") == 2 and name.startswith("exemption:")]
        done: dict[str, list[Row]] = {}
        for name in sorted(names, key=lambda name: name.startswith("exemption:")):  # measures first
            raw = [*self._tracks.get(name, ()), *self._pending(name)]
            if name in split:  # a word on the exemption is one on each of its tracks
                whole = name.rpartition(":")[0]
                raw += [row._replace(track=name) for row in (*self._tracks.get(whole, ()), *self._pending(whole))]
            raw += self._ends_of_measures(name, raw, done)
            done[name] = self._settle(raw)
            if name.startswith("exemption:"):
                done[name] = list(_with_measures(name, done[name]))
        for name in split:
            done.pop(name.rpartition(":")[0], None)
        for rows in done.values():
            yield from rows

    def _pending(self, name: str) -> list[Row]:
        return [row._replace(track=name) for row in self._tracks.get(PENDING + name, ())]

    def _by_target(self) -> Mapping[Target, list[Row]]:
        """The rows of `reschedule` and `cancel`, in the order, by the effect that each is about in the end."""
        changes = sorted(
            (row for name, rows in self._tracks.items() if name.startswith(PENDING + "of:") for row in rows),
            key=attrgetter("at"),
        )
        named = {row.target: self._named(row) for row in changes}
        by_target: dict[Target, list[Row]] = defaultdict(list)
        for row in changes:
            target, seen = named[row.target], {row.target}
            while target in named and target not in seen:  # a change of a change
                seen.add(target)
                target = named[target]
            if target is not None:
                by_target[target].append(row)
        return by_target

    def _named(self, change: Row) -> Target | None:
        """The effect that a change names; of an exemption or pledge, the last that made it."""
        name, _, number = change.track.removeprefix(PENDING + "of:").partition("#")
        if number:
            return name, int(number) - 1
        tracks = [track for track in self._tracks if track.removeprefix(PENDING) in (
            f"pledge:{name}", exemption_track(name)) or track.startswith(exemption_track(name) + ":")]  # fmt: skip
        makers = [row for track in tracks for row in self._tracks[track] if row.kind in ("exempt", "pledge")]
        return max((row for row in makers if row.at < change.at), key=attrgetter("at"), default=change).target

    def _ends_of_measures(self, name: str, raw: Sequence[Row], done: Mapping[str, Sequence[Row]]) -> Iterator[Row]:
        """Rows by which the ends of a measure end an exemption from it."""
        exempt = [row for row in raw if row.kind == "exempt"]
        for measure in {one for row in exempt for one in exempted_from(name, row.value)}:
            rows = done.get(measure_track(measure), ())
            first = min(row.at for row in exempt)
            for row in (*_liftings(rows), *self._own_ends(measure, rows)):
                if row.at > first:
                    yield row._replace(track=name, value=joined_value("lift", _basis_in(row.content)))

    def _own_ends(self, measure: str, rows: Sequence[Row]) -> Iterator[Row]:
        """The rows that end a measure by its own terms, from their ends on, where none said by then lasts longer."""
        for row in rows:
            end = row.ends.latest
            if row.kind not in IN_FORCE or end == FOREVER or not self._ends_by_itself(measure, row):
                continue
            longer = [other for other in rows if other.at[0] < end and other.ends.latest > end and other is not row]
            for span, known in parts(row.span, [other.span for other in longer]):
                if not any(known):
                    yield row._replace(begins=row.ends, ends=NEVER_ENDS, span=span)

    def _ends_by_itself(self, measure: str, row: Row) -> bool:
        return (row.content.get("on_expiry") or self._on_expiry(measure)) == OnExpiry.ENDS

    def _is_over(self, row: Row, target: Row) -> bool:
        """Whether the target of an extension had ended by its own terms."""
        return target.ends.latest <= row.at[0] and self._ends_by_itself(row.track.removeprefix("measure:"), target)

    def _settle(self, raw: Iterable[Row]) -> list[Row]:
        """The rows of one track as they stand once all that bears on them is known."""
        rows: list[Row] = []
        for row in sorted(raw, key=attrgetter("at")):
            for moved in self._moved(row):
                rows += [*self._extended(moved, rows)] if moved.kind == "extend" else [_undated(moved)]
        return sorted(rows, key=attrgetter("at"))

    def _moved(self, row: Row) -> Iterator[Row]:
        """A row before and after each announcement that moves or cancels it."""
        changes = self._changes.get(row.target, ())
        for span, known in parts(row.span, [change.span for change in changes]):
            outcome: Row | None = row._replace(span=span)
            for change, is_known in zip(changes, known, strict=True):
                if is_known and outcome is not None:
                    outcome = None if change.kind == "cancel" else self._rescheduled(outcome, change)
            if outcome is not None:
                yield outcome

    def _rescheduled(self, row: Row, change: Row) -> Row | None:
        """A row with new dates, in its old place; none where it would end before it starts."""
        new = change.content
        begins = _edge(new["from"], self._tz) if "from" in new else row.begins
        until, last_day = new.get("until"), new.get("last_day")
        ending = row.ends
        if until or last_day:
            ending = ends(
                parse_day(last_day) if last_day else None, datetime.fromisoformat(until) if until else None, self._tz
            )
        if ending.latest <= begins.latest < FOREVER:
            return None
        content = {key: value for key, value in row.content.items() if key not in ("basis", "from_event")}
        if "from" not in new and "from_event" in row.content:
            content["from_event"] = row.content["from_event"]
        content |= {key: new[key] for key in ("basis", "due", "on_expiry") if key in new}
        return row._replace(
            announcement=change.announcement, effect=change.effect, version=change.version,
            attribution=change.attribution, begins=begins, ends=ending, value=joined_value(row.kind, content),
        )  # fmt: skip

    def _extended(self, row: Row, before: Sequence[Row]) -> Iterator[Row]:
        """An extension, from the end of what it prolongs on; nothing where there is nothing to prolong."""
        for span, known in parts(row.span, [other.span for other in before]):
            standing = [other for other, is_known in zip(before, known, strict=True) if is_known]
            target = prolonged(standing, row.at[0])
            if target is None or row.ends.latest <= target.ends.latest or self._is_over(row, target):
                continue
            content = {**target.content, **row.content}
            if "basis" not in row.content:
                content.pop("basis", None)
            content.pop("from_event", None)
            kind = target.kind if target.kind in ("exempt", "permit") else row.kind
            begins = max(target.ends, row.begins, key=attrgetter("latest"))
            yield row._replace(span=span, begins=begins, value=joined_value(kind, content))


class Standing(Protocol):
    """A row or an assertion, as far as extensions look at it."""

    @property
    def begins(self) -> Edge: ...
    @property
    def ends(self) -> Edge: ...
    @property
    def kind(self) -> str: ...


S = TypeVar("S", bound=Standing)


def prolonged(standing: Sequence[S], at: Instant) -> S | None:
    """The one that an extension prolongs: the last that still runs at an instant or is to come, else the last to end.

    Args: standing: in the order.
    """
    covering = [other for other in standing if other.begins.latest <= at < other.ends.latest]
    if covering and covering[-1].kind in ENDED:
        return None
    in_force = [other for other in standing if other.kind in IN_FORCE and other.begins.latest < FOREVER]
    running = [other for other in in_force if other.ends.latest > at]
    if running:
        return running[-1]
    return max(reversed(in_force), key=lambda other: other.ends.latest, default=None)


def _liftings(rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if row.kind == "lift" and row.ends.latest == FOREVER)


def _basis_in(content: Mapping[str, object]) -> dict[str, object]:
    return {key: content[key] for key in ("basis",) if key in content}


def _with_measures(name: str, rows: Sequence[Row]) -> Iterator[Row]:
    """The rows of an exemption, each with the measures from which it is one."""
    measures = sorted({one for row in rows for one in exempted_from(name, row.value)})
    for row in rows:
        yield row._replace(
            value=joined_value(row.kind, {**row.content, "measure": measures[0] if len(measures) == 1 else measures})
        )


def _undated(row: Row) -> Row:
    """A row that waits for its date asserts nothing."""
    waits = "from_event" in row.content
    return row._replace(begins=NEVER_ENDS, ends=NEVER_ENDS) if waits else row


def _edge(when: str, tz: tzinfo) -> Edge:
    return starts(datetime.fromisoformat(when) if "T" in when else parse_day(when), tz)
