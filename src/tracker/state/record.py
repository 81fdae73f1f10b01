"""The record: the registry, the versions of announcements, and their assertions; and views of it as it was known."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tracker.model.dates import BEGINNING, FOREVER, Edge, Instant
from tracker.model.effects import AnyEffect, Passage
from tracker.model.register import Register
from tracker.model.registry import Measure, Registry
from tracker.state.denials import denials
from tracker.state.ended_parties import with_ends
from tracker.state.entries_of_tracks import EntriesOfTracks
from tracker.state.kept import Kept, release
from tracker.state.local_hours import LocalHours, listed_until
from tracker.state.passed import passed
from tracker.state.phases import next_edge
from tracker.state.turning_points import turning_points
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.assertions import Assertion
from tracker.timeline.columns import TIMES, Hold, distinct
from tracker.timeline.dependence import exemptions_in
from tracker.timeline.hours import Moment, expressions_in
from tracker.timeline.knowledge import EVERYTHING, Known
from tracker.timeline.stated import Stated
from tracker.timeline.track_history import Course, course, courses
from tracker.timeline.value_at import Reading, known_rows, winners

if TYPE_CHECKING:  # a stored record makes no models of what its answers do not cite
    from tracker.model.announcement import Announcement
    from tracker.timeline.versions import Version

VIEWS_KEPT, REGISTRIES_KEPT = 16, 16
MAX_WINNERS = 4_000_000  # numbers of rows that a view keeps
ViewKey = tuple[Known, Instant, bytes]  # up to when seasons are listed, and how the rows hold


@dataclass(frozen=True, eq=False)
class Record:
    """The whole record, in every state of knowledge.

    Announcements and registry entries are read from a store when a question needs them.
    """

    entries: Register
    announcements: Mapping[str, tuple["Version", ...]]
    stated: Stated
    denying: Mapping[str, Sequence[str]]  # by announcement, those that in some version say that it is not so
    tz: tzinfo
    position: int  # of the last event that is in it
    _views: Kept[ViewKey, "View"] = field(default_factory=lambda: Kept(VIEWS_KEPT, release), init=False)
    _registries: Kept[int, Registry] = field(default_factory=lambda: Kept(REGISTRIES_KEPT), init=False)

    @cached_property
    def assertions(self) -> Assertions:
        """All that is asserted, with plans settled when it is first asked for."""
        return self.stated.settled(lambda measure: self.registry().measures[measure].on_expiry, self.tz)

    def registry(self, recorded_by: int = FOREVER) -> Registry:
        """The registry as it stood at a position; the dataset itself always stands."""
        make = self.entries.registry
        return self._registries.get(recorded_by, lambda: make(recorded_by), lambda: recorded_by == FOREVER)

    def forget(self) -> None:
        """Forget the views and the registries of earlier positions."""
        self._views.forget(lasting=True)
        self._registries.forget(lasting=False)

    @property
    def view(self) -> "View":
        """The record with everything known."""
        return self.at(EVERYTHING)

    def about(self, tracks: Iterable[str]) -> "Record":
        """The part of the record that concerns some tracks: their assertions alone, with all places and parties.

        Of measures and texts only those on these tracks are registered in it. Measures come with the exemptions from
        them, and exemptions with their measures.
        """
        names = self.together(tracks)
        stated = self.stated.about(names)
        entries = EntriesOfTracks(self.entries, self.registry, sorted(names))
        part = Record(entries, self.announcements, stated, self.denying, self.tz, self.position)
        if "assertions" in vars(self):  # settled already
            numbers = sorted({number for name in names if (number := self.assertions.number(name)) >= 0})
            vars(part)["assertions"] = self.assertions.of_tracks(np.array(numbers, dtype=np.int64))
            vars(part)["expressions"] = self.expressions  # values keep their numbers
        return part

    def together(self, tracks: Iterable[str]) -> set[str]:
        """Some tracks; with each measure's those of the exemptions from it, and with each exemption's its measures'."""
        return self.stated.together(tracks)

    @cached_property
    def expressions(self) -> Mapping[int, str]:
        """The hours and seasons on the record, by the number of the value that has them."""
        return expressions_in(self.assertions.values)

    def at(self, known: Known, asked: Moment | None = None) -> "View":
        """The record as it was known, with hours as they hold at the instant or on the day that is asked about.

        The last few views are kept, with everything that was worked out in them. Without `asked`: `over_periods`.
        """
        periods = self.over_periods(known, asked and asked.at)
        if asked is None or not self.expressions:
            return periods
        holds = periods.hours.holds_at(asked)
        if np.array_equal(holds, periods.assertions.all_holds):
            return periods
        table = periods.assertions.holding(holds)
        return self._kept(
            (known, self.listed_until(asked.at), holds.tobytes()), lambda: View(self, known, table, asked)
        )

    def over_periods(self, known: Known, as_of: Instant | None = None) -> "View":
        """The record as it was known, with hours in part of their periods: for history and differences.

        Args: as_of: seasons are listed ten years beyond it, and beyond the last date on record.
        """
        until = self.listed_until(as_of)
        return self._kept((known, until, b""), lambda: View(self, known, self._known(known, until)))

    def listed_until(self, as_of: Instant | None = None, *, recorded_by: int = FOREVER) -> Instant:
        """Up to when seasons are listed for a date that is asked about; BEGINNING where no hours are on the record."""
        return listed_until(self.stated.last_date(recorded_by), as_of) if self.expressions else BEGINNING

    def _kept(self, key: ViewKey, make: Callable[[], "View"]) -> "View":
        return self._views.get(key, make, lambda: key == (EVERYTHING, self.listed_until(), b""))

    def _known(self, known: Known, until: Instant) -> Assertions:
        live = known_rows(self.assertions, known)
        table = self.assertions if live.all() else self.assertions.take(np.flatnonzero(live))
        table = with_ends(self.registry(known.recorded_by), table)
        if not self.expressions:
            return table
        return LocalHours(self.registry(known.recorded_by), table, self.expressions, self.tz).in_seasons(until)


class View:
    """The record in one state of knowledge."""

    def __init__(self, record: Record, known: Known, assertions: Assertions, asked: Moment | None = None) -> None:
        """Args: asked: the time at which hours hold as the assertions say; None: over periods."""
        self.record = record
        self.known = known
        self.asked = asked
        self.tz = record.tz
        self.registry = record.registry(known.recorded_by)
        self.assertions = assertions
        self._winners: dict[tuple[int, Reading], list[int]] = {}
        self._courses: dict[int, Course] = {}
        self._said: dict[int, AnyEffect] = {}
        self._denials: dict[str, tuple[str, ...]] = {}
        self.memo: dict[Hashable, Any] = {}  # of everything that is worked out from the view, as long as it lives

    def foreseen(self, at: Instant) -> "View":
        """The view of what had been announced by an instant, be it put off or dropped since."""
        by = min(self.known.announced_by, at)
        rows = self.record.assertions
        steps = [column.values for column in (rows.announced_from, rows.announced_to)]
        if all(bisect_right(values, by) == bisect_right(values, self.known.announced_by) for values in steps):
            return self
        known = self.known._replace(announced_by=by)
        return self.record.at(known, self.asked) if self.asked else self.record.over_periods(known, at)

    def course(self, track: int) -> Course:
        """One track from the beginning of time on."""
        history = self._courses.get(track)
        if history is None:
            history = self._courses[track] = course(self.assertions, track)
        return history

    def follow(self, tracks: Iterable[int]) -> None:
        """Make the courses of many tracks at once, for questions about each."""
        new = [track for track in tracks if track not in self._courses]
        self._courses.update(zip(new, courses(self.assertions, new), strict=True))

    @cached_property
    def _edges(self) -> list[Instant]:
        """Every instant at which the validity of some row may begin or end, ascending."""
        columns = [getattr(self.assertions, name).occurring for name in TIMES[:4]]
        edges: list[Instant] = distinct(np.concatenate(columns)).tolist()
        return edges

    def winners(self, at: Instant, reading: Reading = Reading.LATE) -> list[int]:
        """The deciding row of every track at an instant, -1 where none does; kept from one edge to the next."""
        key = bisect_right(self._edges, at), reading
        rows = self._winners.get(key)
        if rows is None:
            if len(self._winners) * len(self.assertions.tracks) > MAX_WINNERS:
                self._winners = {}
            rows = self._winners[key] = winners(self.assertions, at, self.known, reading).tolist()
        return rows

    def goes_on(self, at: Instant) -> bool:
        """Whether some row begins or ends after an instant, or waits for its date."""
        key = View.goes_on, at
        later: bool | None = self.memo.get(key)
        if later is None:
            begins, ends = self.assertions.begins_latest.instants, self.assertions.ends_latest.instants
            later = bool((begins > at).any() or ((ends > at) & (ends < FOREVER)).any())
            self.memo[key] = later
        return later

    @cached_property
    def _turning_points(self) -> list[Instant]:
        return turning_points((self.assertions, self.record.assertions), self.tz)

    def next_change(self, at: Instant) -> Instant:
        """The first instant after a given one at which an answer about an instant may change.

        Something begins or ends then, also in the registry, perhaps for some hours only, or is announced, or a pledge
        falls due: what is upcoming is what had been announced. FOREVER where nothing changes any more.
        """
        view = self.record.over_periods(self.known, at)  # where seasons are listed beyond that instant
        number = bisect_right(view._turning_points, at)
        point = min(*view._turning_points[number : number + 1], FOREVER, next_edge(self.registry, at))
        return min(point, view.hours.next_change(at)) if self.record.expressions else point

    @cached_property
    def hours(self) -> LocalHours:
        """The assertions that have hours or a season."""
        return LocalHours(self.registry, self.assertions, self.record.expressions, self.tz)

    def in_part(self, row: int) -> bool:
        """Whether a row holds at some hours only of the time that is looked at."""
        return self.assertions.hold(row) == Hold.IN_PART

    def layers(self, standing: int, at: Instant) -> tuple[int, ...]:
        """A standing of a track; where its row holds in part, followed by what stands at other hours."""
        if standing < 0 or not self.in_part(standing):
            return (standing,)
        return self.course(int(self.assertions.track[standing])).layers(standing, at)

    def row(self, row: int) -> Assertion:
        return self.assertions.row(row)

    def begins(self, row: int) -> Edge:
        """When a row begins in the world."""
        return Edge(self.assertions.begins_earliest[row], self.assertions.begins_latest[row])

    def ending(self, row: int) -> Edge:
        """When a row ends in the world."""
        return Edge(self.assertions.ends_earliest[row], self.assertions.ends_latest[row])

    def ends(self, row: int) -> Instant:
        """The instant by which a row has ended in the world, at the latest."""
        return self.assertions.ends_latest[row]

    def effect(self, row: int) -> AnyEffect:
        return self.assertions.effect(row)

    def said(self, row: int) -> AnyEffect:
        """The effect of a row but for its dates and its measure: rows that agree in all else share one effect."""
        value = int(self.assertions.value[row])
        effect = self._said.get(value)
        if effect is None:
            effect = self._said[value] = self.assertions.effect(row)
        return effect

    def version(self, announcement: str) -> "Version | None":
        """The version of an announcement that is known to this view; None where none is."""
        for version in self.record.announcements.get(announcement, ()):
            if version.known(self.known):
                return version
        return None

    def announcement(self, announcement: str) -> "Announcement":
        """The content of an announcement that is known to this view and not retracted."""
        version = self.version(announcement)
        assert version is not None
        assert version.content is not None
        return version.content

    @cached_property
    def contents(self) -> Mapping[str, tuple["Version", "Announcement"]]:
        """Every announcement that is known and not retracted, in the order of announcement."""
        known = {}
        for key in self.record.announcements:
            version = self.version(key)
            if version is not None and version.content is not None:
                known[key] = (version, version.content)
        return dict(sorted(known.items(), key=lambda item: (item[1][0].order, item[0])))

    def rows_of(self, track: int) -> range:
        """The rows of a track, the last announced last."""
        return range(*self.assertions.rows_of(track).indices(len(self.assertions)))

    def measures_at(self, place: str) -> Iterator[Measure]:
        """The measures whose scope names a place."""
        return (self.registry.measures[key] for key in self.registry.measures_at.get(place, ()))

    @cached_property
    def exemptions_from(self) -> Mapping[str, tuple[int, ...]]:
        """The tracks of the exemptions from each measure."""
        return exemptions_in(self.assertions)

    @cached_property
    def passages(self) -> Sequence[tuple[int, Passage]]:
        """Every reported passage, with its row."""
        passages = []
        for track, _ in self.assertions.beginning("passage:"):
            for row in self.rows_of(track):
                effect = self.effect(row)
                assert isinstance(effect, Passage)
                passages.append((row, effect))
        return passages

    @cached_property
    def passed(self) -> Mapping[tuple[str, str], Sequence[tuple[int, Passage, str]]]:
        """The passages of each subject and direction, with their rows and the gate that was passed."""
        passages: dict[tuple[str, str], list[tuple[int, Passage, str]]] = {}
        for row, effect in self.passages:
            for subject, direction, gate in passed(self.registry, effect):
                passages.setdefault((subject, direction), []).append((row, effect, gate))
        return passages

    @cached_property
    def readiness_at(self) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """The readiness tracks by mode, then place; names in lower case."""
        tracks: dict[str, dict[str, list[int]]] = {}
        for track, name in self.assertions.beginning("readiness:"):
            _, _, place, mode = name.split(":")
            tracks.setdefault(mode, {}).setdefault(place, []).append(track)
        return tracks

    def denials(self, announcement: str) -> tuple[str, ...]:
        """The announcements in which another party denies one, in the order of announcement."""
        keys = self._denials.get(announcement)
        if keys is None:
            keys = self._denials[announcement] = tuple(
                denials(announcement, self.record.denying.get(announcement, ()), self.version)
            )
        return keys

    def track(self, name: str) -> int:
        """The number of a track; -1 where nothing was ever announced on it."""
        return self.assertions.number(name)
