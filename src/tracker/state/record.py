"""Everything that a fold needs: the registry, the announcements' versions and their assertions."""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from tracker.model.announcement import Announcement
from tracker.model.dates import BEGINNING, FOREVER, Instant, zone
from tracker.model.effects import AnyEffect, Passage
from tracker.model.events import Recorded, StatementEvent, SubjectEvent
from tracker.model.registry import Measure, Registry, Subject
from tracker.model.vocabulary import RelationType
from tracker.state.paths import passed
from tracker.timeline.assertions import Assertion, Assertions, IntArray, assertions_of
from tracker.timeline.course import Course, course
from tracker.timeline.value_at import Reading, ended, winners
from tracker.timeline.versions import EVERYTHING, Known, Version, concerns, versions

VIEWS_KEPT = 16


@dataclass(frozen=True, eq=False)
class Record:
    """The whole record, at every state of knowledge."""

    entries: Sequence[tuple[int, Subject]]  # registry entries by position, amended ones again
    announcements: Mapping[str, tuple[Version, ...]]
    assertions: Assertions
    tz: tzinfo
    position: int  # of the last event that is in it

    @classmethod
    def of(cls, events: Iterable[Recorded]) -> "Record":
        """The record that a log of events amounts to.

        Raises: ValueError where no dataset is registered.
        """
        entries: list[tuple[int, Subject]] = []
        streams: dict[str, list[Recorded]] = {}
        last = 0
        for recorded in events:
            last = max(last, recorded.position)
            if isinstance(recorded.event, SubjectEvent):
                entries.append((recorded.position, recorded.event.subject))
            elif isinstance(recorded.event, StatementEvent):
                streams.setdefault(concerns(recorded.event), []).append(recorded)
        tz = zone(Registry.of([subject for _, subject in entries]).dataset.timezone)
        history = {key: versions(stream, tz) for key, stream in streams.items()}
        rows = [row for each in history.values() for version in each for row in assertions_of(version, tz)]
        return cls(entries, history, Assertions.of(rows), tz, last)

    def registry(self, recorded_by: int = FOREVER) -> Registry:
        """The registry as it stood at a position; the dataset itself always stands."""
        return Registry.of(
            [entry for position, entry in self.entries if position <= recorded_by or entry.type == "dataset"]
        )

    @cached_property
    def view(self) -> "View":
        """The record with everything known."""
        return View(self, EVERYTHING)

    def at(self, known: Known) -> "View":
        """The record as it was known; the last few views are kept, with what was found out in them."""
        if known == EVERYTHING:
            return self.view
        found = self._views.pop(known, None) or View(self, known)
        self._views[known] = found
        for oldest in list(self._views)[:-VIEWS_KEPT]:
            self._views.pop(oldest, None)
        return found

    @cached_property
    def _views(self) -> dict[Known, "View"]:
        return {}


class Decided(NamedTuple):
    """By track: the row that decides it, and the row that ended last on it; -1 where there is none."""

    winners: list[int]
    ended: list[int]


class View:
    """The record in one state of knowledge: what every fold reads."""

    def __init__(self, record: Record, known: Known) -> None:
        self.record = record
        self.known = known
        self.tz = record.tz
        self.registry = record.registry(known.recorded_by)
        live = np.flatnonzero(record.assertions.known(known))
        self.assertions = record.assertions.take(live)
        self._decided: dict[tuple[int, Reading], Decided] = {}
        self._courses: dict[int, Course] = {}
        self.memo: dict[Hashable, Any] = {}  # what folds keep of their work, as long as the view lives

    def decided(self, at: Instant, reading: Reading = Reading.LATE) -> Decided:
        """What decides every track at an instant; the same from one edge of validity to the next."""
        key = bisect_right(self._edges, at), reading
        found = self._decided.get(key)
        if found is None:
            found = Decided(
                winners(self.assertions, at, self.known, reading).tolist(),
                ended(self.assertions, at, self.known).tolist(),
            )
            self._decided[key] = found
        return found

    def course(self, track: int) -> Course:
        """One track from the beginning of time on."""
        found = self._courses.get(track)
        if found is None:
            found = self._courses[track] = course(self.assertions, self.rows_of[track])
        return found

    @cached_property
    def _edges(self) -> list[Instant]:
        """Every instant at which the validity of some row may begin or end, ascending."""
        rows = self.assertions
        columns = (rows.begins_earliest, rows.begins_latest, rows.ends_earliest, rows.ends_latest)
        return sorted({edge for column in columns for edge in column.tolist()})

    def winners(self, at: Instant, reading: Reading = Reading.LATE) -> list[int]:
        """The deciding row of every track at an instant, -1 where none does."""
        return self.decided(at, reading).winners

    def steady(self, one: Instant, other: Instant) -> bool:
        """Whether nothing begins or ends between two instants."""
        return bisect_right(self._edges, one) == bisect_right(self._edges, other)

    def row(self, row: int) -> Assertion:
        return self.assertions.rows[row]

    def effect(self, row: int) -> AnyEffect:
        return self.assertions.rows[row].effect

    def version(self, announcement: str) -> Version | None:
        """The version of an announcement that counts in this state of knowledge; None where it is not known."""
        for version in self.record.announcements.get(announcement, ()):
            if version.known(self.known):
                return version
        return None

    def announcement(self, announcement: str) -> Announcement:
        """Its content; of one that is known to this view and not retracted."""
        version = self.version(announcement)
        assert version is not None
        assert version.content is not None
        return version.content

    @cached_property
    def contents(self) -> Mapping[str, tuple[Version, Announcement]]:
        """Every announcement that is known and not retracted, in the order of announcement."""
        found = {}
        for key in self.record.announcements:
            version = self.version(key)
            if version is not None and version.content is not None:
                found[key] = (version, version.content)
        return dict(sorted(found.items(), key=lambda item: (item[1][0].order, item[0])))

    @cached_property
    def rows_of(self) -> Mapping[int, IntArray]:
        """The rows of each track, in order."""
        order = np.argsort(self.assertions.track, kind="stable")
        bounds = np.searchsorted(self.assertions.track[order], np.arange(self.assertions.track_count + 1))
        return {
            track: order[bounds[track] : bounds[track + 1]]
            for track in range(self.assertions.track_count)
            if bounds[track] < bounds[track + 1]
        }

    @cached_property
    def measures_at(self) -> Mapping[str, tuple[Measure, ...]]:
        """The measures whose scope names each place."""
        lists: dict[str, list[Measure]] = {}
        for measure in self.registry.measures.values():
            for place in measure.scope.at:
                lists.setdefault(place, []).append(measure)
        return {place: tuple(measures) for place, measures in lists.items()}

    @cached_property
    def passages(self) -> Sequence[tuple[int, Passage]]:
        """Every reported passage, with its row."""
        found = enumerate(self.assertions.rows)
        return [(row, each.effect) for row, each in found if isinstance(each.effect, Passage)]

    @cached_property
    def passed(self) -> Mapping[tuple[str, str], Sequence[tuple[int, Passage]]]:
        """The passages of each subject and direction, with their rows."""
        found: dict[tuple[str, str], list[tuple[int, Passage]]] = {}
        for row, effect in self.passages:
            for way in passed(self.registry, effect):
                found.setdefault(way, []).append((row, effect))
        return found

    @cached_property
    def readiness(self) -> Sequence[tuple[list[str], int]]:
        """Every readiness track, by the parts of its name: "readiness", party, place, mode."""
        named = enumerate(self.assertions.tracks)
        return [(name.split(":"), track) for track, name in named if name.startswith("readiness:")]

    @cached_property
    def readiness_at(self) -> Mapping[tuple[str, str], Sequence[int]]:
        """The readiness tracks of each place and mode, by their names in lower case."""
        found: dict[tuple[str, str], list[int]] = {}
        for name, track in self.readiness:
            if track in self.rows_of:
                found.setdefault((name[2], name[3]), []).append(track)
        return found

    @cached_property
    def denials(self) -> Mapping[str, tuple[str, ...]]:
        """By announcement, those in which another party denies it."""
        found: dict[str, list[str]] = {}
        for key, (_, content) in self.contents.items():
            for relation in content.relation:
                denied = self.contents.get(relation.announcement)
                if relation.type is RelationType.DENIES and denied is not None and not _same_voice(denied[1], content):
                    found.setdefault(relation.announcement, []).append(key)
        return {key: tuple(each) for key, each in found.items()}

    def track(self, name: str) -> int:
        """The number of a track; -1 where nothing was ever said on it."""
        number = self.assertions.index.get(name, -1)
        return number if number in self.rows_of else -1

    def changes(self, tracks: Iterable[int]) -> list[Instant]:
        """The instants at which these tracks may change, ascending, from the beginning of time."""
        found = {at for track in tracks if track >= 0 for at in self.course(track).points}
        return sorted(found - {BEGINNING})


def _same_voice(one: Announcement, other: Announcement) -> bool:
    return {speaker.party for speaker in one.by} == {speaker.party for speaker in other.by}
