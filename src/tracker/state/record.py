"""Everything that a fold needs: the registry, the announcements' versions and their assertions."""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tracker.model.dates import FOREVER, Edge, Instant
from tracker.model.effects import AnyEffect, Passage
from tracker.model.register import Register
from tracker.model.registry import Entry, Measure, Registry
from tracker.model.vocabulary import RelationType
from tracker.state.lanes import passed
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.assertions import Assertion, measure_track, stage_track
from tracker.timeline.columns import TIMES
from tracker.timeline.knowledge import EVERYTHING, Known
from tracker.timeline.track_history import Course, course
from tracker.timeline.value_at import Reading, known_rows, winners

if TYPE_CHECKING:  # a stored record makes no models of what its answers do not cite
    from tracker.model.announcement import Announcement
    from tracker.timeline.versions import Version

VIEWS_KEPT = 16
S = TypeVar("S")


@dataclass(frozen=True, eq=False)
class Record:
    """The whole record, at every state of knowledge.

    What a question does not need is not read: announcements and registry entries are made when asked for.
    """

    entries: Register
    announcements: Mapping[str, tuple["Version", ...]]
    assertions: Assertions
    denying: Mapping[str, Sequence[str]]  # by announcement, those that in some version say that it is not so
    tz: tzinfo
    position: int  # of the last event that is in it
    _views: dict[Known, "View"] = field(default_factory=dict)
    _registries: dict[int, Registry] = field(default_factory=dict)

    def registry(self, recorded_by: int = FOREVER) -> Registry:
        """The registry as it stood at a position; the dataset itself always stands."""
        found = self._registries.get(recorded_by)
        if found is None:
            found = self._registries[recorded_by] = self.entries.registry(recorded_by)
        return found

    @property
    def view(self) -> "View":
        """The record with everything known."""
        return self.at(EVERYTHING)

    def about(self, tracks: Iterable[str]) -> "Record":
        """The same as if nothing had ever been said but on some tracks; what it says of those is what all of it says.

        Measures and texts that are on none of them are left out, too.
        """
        numbers = sorted({number for name in tracks if (number := self.assertions.number(name)) >= 0})
        some = self.assertions.of_tracks(np.array(numbers, dtype=np.int64))
        entries = _Spoken(self, some.tracks)
        return Record(entries, self.announcements, some, self.denying, self.tz, self.position)

    def at(self, known: Known) -> "View":
        """The record as it was known; the last few views are kept, with what was found out in them."""
        found = self._views.get(known)
        if found is None:
            found = self._views[known] = View(self, known)
            old = [key for key in self._views if key not in (known, EVERYTHING)]
            for oldest in old[:-VIEWS_KEPT]:
                self._views.pop(oldest, None)
        return found


class _Spoken:
    """The register of a record, without the measures and texts that are on none of some tracks."""

    def __init__(self, record: Record, tracks: Sequence[str]) -> None:
        self._record, self._tracks = record, tracks

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._record.entries)

    def __len__(self) -> int:
        return len(self._record.entries)

    def registry(self, recorded_by: int = FOREVER) -> Registry:
        whole = self._record.registry(recorded_by)
        return replace(
            whole,
            measures=self._named(whole.measures, measure_track("")),
            instruments=self._named(whole.instruments, stage_track("")),
        )

    def _named(self, subjects: Mapping[str, S], prefix: str) -> Mapping[str, S]:
        keys = (track.removeprefix(prefix) for track in self._tracks if track.startswith(prefix))
        return {key: subjects[key] for key in keys if key in subjects}


def denied_by(content: "Announcement | None") -> Iterator[str]:
    """The announcements of which one says that they are not so."""
    relations = content.relation if content else ()
    return (relation.announcement for relation in relations if relation.type is RelationType.DENIES)


class View:
    """The record in one state of knowledge: what every fold reads."""

    def __init__(self, record: Record, known: Known) -> None:
        self.record = record
        self.known = known
        self.tz = record.tz
        self.registry = record.registry(known.recorded_by)
        live = known_rows(record.assertions, known)
        self.assertions = record.assertions if live.all() else record.assertions.take(np.flatnonzero(live))
        self._winners: dict[tuple[int, Reading], list[int]] = {}
        self._courses: dict[int, Course] = {}
        self._said: dict[int, AnyEffect] = {}
        self._denials: dict[str, tuple[str, ...]] = {}
        self.memo: dict[Hashable, Any] = {}  # what folds keep of their work, as long as the view lives

    def course(self, track: int) -> Course:
        """One track from the beginning of time on."""
        found = self._courses.get(track)
        if found is None:
            found = self._courses[track] = course(self.assertions, track)
        return found

    @cached_property
    def _edges(self) -> list[Instant]:
        """Every instant at which the validity of some row may begin or end, ascending."""
        columns = [getattr(self.assertions, name).values for name in TIMES[:4]]
        edges: list[Instant] = np.unique(np.concatenate(columns)).tolist()
        return edges

    def winners(self, at: Instant, reading: Reading = Reading.LATE) -> list[int]:
        """The deciding row of every track at an instant, -1 where none does; kept from one edge to the next."""
        key = bisect_right(self._edges, at), reading
        rows = self._winners.get(key)
        if rows is None:
            rows = self._winners[key] = winners(self.assertions, at, self.known, reading).tolist()
        return rows

    def steady(self, one: Instant, other: Instant) -> bool:
        """Whether nothing begins or ends between two instants."""
        return bisect_right(self._edges, one) == bisect_right(self._edges, other)

    def row(self, row: int) -> Assertion:
        return self.assertions.row(row)

    def begins(self, row: int) -> Edge:
        """When a row begins in the world."""
        return Edge(self.assertions.begins_earliest[row], self.assertions.begins_latest[row])

    def ends(self, row: int) -> Instant:
        """The instant by which a row has ended in the world, at the latest."""
        return self.assertions.ends_latest[row]

    def effect(self, row: int) -> AnyEffect:
        return self.assertions.effect(row)

    def said(self, row: int) -> AnyEffect:
        """What a row says beside its dates and its measure: of rows that say the same it is the effect of the first."""
        value = int(self.assertions.value[row])
        effect = self._said.get(value)
        if effect is None:
            effect = self._said[value] = self.assertions.effect(row)
        return effect

    def version(self, announcement: str) -> "Version | None":
        """The version of an announcement that counts in this state of knowledge; None where it is not known."""
        for version in self.record.announcements.get(announcement, ()):
            if version.known(self.known):
                return version
        return None

    def announcement(self, announcement: str) -> "Announcement":
        """Its content; of one that is known to this view and not retracted."""
        version = self.version(announcement)
        assert version is not None
        assert version.content is not None
        return version.content

    @cached_property
    def contents(self) -> Mapping[str, tuple["Version", "Announcement"]]:
        """Every announcement that is known and not retracted, in the order of announcement."""
        found = {}
        for key in self.record.announcements:
            version = self.version(key)
            if version is not None and version.content is not None:
                found[key] = (version, version.content)
        return dict(sorted(found.items(), key=lambda item: (item[1][0].order, item[0])))

    @cached_property
    def rows_of(self) -> "_Rows":
        """The rows of each track that has some, the last announced last."""
        return _Rows(self.assertions)

    @cached_property
    def measures_at(self) -> Mapping[str, tuple[Measure, ...]]:
        """The measures whose scope names each place."""
        return _Measures(self.registry)

    @cached_property
    def passages(self) -> Sequence[tuple[int, Passage]]:
        """Every reported passage, with its row."""
        found = []
        for track, _ in self.assertions.beginning("passage:"):
            for row in self.rows_of[track]:
                effect = self.effect(row)
                assert isinstance(effect, Passage)
                found.append((row, effect))
        return found

    @cached_property
    def passed(self) -> Mapping[tuple[str, str], Sequence[tuple[int, Passage]]]:
        """The passages of each subject and direction, with their rows."""
        found: dict[tuple[str, str], list[tuple[int, Passage]]] = {}
        for row, effect in self.passages:
            for way in passed(self.registry, effect):
                found.setdefault(way, []).append((row, effect))
        return found

    @cached_property
    def spoken_of(self) -> frozenset[str]:
        """The places of which anything is said that some lane depends on; names in lower case."""
        ready = (place for places in self.readiness_at.values() for place in places)
        return frozenset(place.lower() for place in (*self.measures_at, *ready, *(place for place, _ in self.passed)))

    @cached_property
    def readiness(self) -> Sequence[tuple[list[str], int]]:
        """Every readiness track, by the parts of its name: "readiness", party, place, mode."""
        return [(name.split(":"), track) for track, name in self.assertions.beginning("readiness:")]

    @cached_property
    def readiness_at(self) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """The readiness tracks by mode, then place; names in lower case."""
        found: dict[str, dict[str, list[int]]] = {}
        for name, track in self.readiness:
            if track in self.rows_of:
                found.setdefault(name[3], {}).setdefault(name[2], []).append(track)
        return found

    def denials(self, announcement: str) -> tuple[str, ...]:
        """The announcements in which another party denies one, in the order of announcement."""
        found = self._denials.get(announcement)
        if found is None:
            found = self._denials[announcement] = tuple(self._deny(announcement))
        return found

    def _deny(self, announcement: str) -> Iterator[str]:
        if announcement not in self.record.denying:
            return  # as a rule; and nothing is read
        denied = self._content(announcement)
        known = [(version.order, key) for key in self.record.denying[announcement] if (version := self.version(key))]
        for _, key in sorted(known):
            content = self._content(key)
            if content and denied and announcement in denied_by(content) and not _same_voice(denied, content):
                yield key

    def _content(self, announcement: str) -> "Announcement | None":
        version = self.version(announcement)
        return version.content if version is not None else None

    def track(self, name: str) -> int:
        """The number of a track; -1 where nothing was ever said on it."""
        return self.assertions.number(name)


class _Rows:
    """Rows by track."""

    def __init__(self, assertions: Assertions) -> None:
        self._assertions = assertions

    def __getitem__(self, track: int) -> range:
        rows = self._assertions.rows_of(track)
        return range(rows.start, rows.stop)

    def __contains__(self, track: int) -> bool:
        return self._assertions.has_rows(track)


class _Measures(Mapping[str, tuple[Measure, ...]]):
    """Measures by place, made when a place is asked for."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._made: dict[str, tuple[Measure, ...]] = {}

    def __getitem__(self, place: str) -> tuple[Measure, ...]:
        made = self._made.get(place)
        if made is None:
            keys = self._registry.measures_at[place]
            made = self._made[place] = tuple(self._registry.measures[key] for key in keys)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._registry.measures_at)

    def __len__(self) -> int:
        return len(self._registry.measures_at)


def _same_voice(one: "Announcement", other: "Announcement") -> bool:
    return {speaker.party for speaker in one.by} == {speaker.party for speaker in other.by}
