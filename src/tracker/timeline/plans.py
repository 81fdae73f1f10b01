"""Changes that officials make to their own plans: effects whose assertions depend on others. Source: design §5, §9.

Such effects are stored on tracks of their own, `pending:…`, so that what is stored of an announcement depends on
nothing else. `settled` makes assertions of them, in every state of knowledge at once: a span in which different others
are known is cut into parts, each with its own outcome.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from operator import attrgetter
from typing import Protocol, TypeVar

import numpy as np

from tracker.model.dates import FOREVER, Edge, Instant, ends, parse_day, starts
from tracker.model.vocabulary import OnExpiry
from tracker.timeline.assertion_table import Assertions, joined_value
from tracker.timeline.assertions import NEVER_ENDS, PENDING, exemption_track, measure_track
from tracker.timeline.dependence import IN_FORCE, affected, exempted_from
from tracker.timeline.knowledge import parts
from tracker.timeline.merge import Segment, merged
from tracker.timeline.precedence import Precedents, places
from tracker.timeline.rows import Row, rows_of, table_of

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
    names, idle = affected(assertions, moved)
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
            naming = [row.span for row in exempt if measure in exempted_from(name, row.value)]
            for row in (*_liftings(rows), *self._own_ends(measure, rows)):
                ended = row._replace(track=name, value=joined_value("lift", _basis_in(row.content)))
                before = [one.span for one in exempt if one.at < row.at]
                for span, known in parts(row.span, [*naming, *before]):
                    if any(known[: len(naming)]) and any(known[len(naming) :]):
                        yield ended._replace(span=span)

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
