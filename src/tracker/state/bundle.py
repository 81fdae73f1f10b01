"""Several tracks looked at together: where one of them may change, and what stands on each from there on."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from tracker.model.dates import BEGINNING, Edge, Instant
from tracker.state.record import View
from tracker.timeline.track_history import NOTHING, deciding
from tracker.timeline.value_at import Reading

RUN_OUT = -2


class Turned(NamedTuple):
    """A change of what decides a track."""

    track: int
    before: int  # rows; -1 where nothing decides
    after: int


class Bundle:
    """The tracks on which some lanes depend; one for all of them, kept with the view."""

    def __init__(self, view: View, tracks: tuple[int, ...]) -> None:
        self.tracks = tracks
        self._view = view
        self._courses = tuple(view.course(track) for track in tracks)
        self._standings: dict[int, tuple[int, ...]] = {}
        self._values: dict[int, tuple[int, ...]] = {}

    @cached_property
    def points(self) -> list[Instant]:
        """Where one of them may change, ascending, from the beginning of time."""
        return sorted({BEGINNING}.union(*(course.points for course in self._courses)))

    @cached_property
    def turned(self) -> Mapping[Instant, Sequence[Turned]]:
        """Where what decides one of them changes, and how; at each instant by track."""
        found: dict[Instant, list[Turned]] = {}
        for track, course in zip(self.tracks, self._courses, strict=True):
            before = NOTHING
            for at, standing in zip(course.points, course.standings, strict=True):
                after = deciding(standing)
                if after != before:
                    found.setdefault(at, []).append(Turned(track, before, after))
                before = after
        return found

    def standings(self, at: Instant) -> tuple[int, ...]:
        """What stands on each at an instant."""
        number = bisect_right(self.points, at)
        found = self._standings.get(number)
        if found is None:
            found = self._standings[number] = tuple([course.at(at) for course in self._courses])
        return found

    def said(self, at: Instant) -> tuple[int, ...]:
        """What is said on each at an instant, by the number of its value; -1 for nothing, -2 where it has run out."""
        number = bisect_right(self.points, at)
        found = self._values.get(number)
        if found is None:
            values = self._view.assertions.value
            found = self._values[number] = tuple(
                [int(values[each]) if each >= 0 else max(each, RUN_OUT) for each in self.standings(at)]
            )
        return found

    def edge_at(self, at: Instant) -> Edge | None:
        """An uncertain edge of which an instant is the latest."""
        return next((edge for course in self._courses for edge in course.edges_at(at)), None)

    @cached_property
    def _blurred(self) -> list[int]:
        return [track for track, course in zip(self.tracks, self._courses, strict=True) if course.blurred]

    def undecided(self, at: Instant) -> list[tuple[int, int]]:
        """For each track whose value is uncertain at an instant, the rows (or -1) that may decide it instead."""
        return undecided(self._view, at, self._blurred)

    def newest(self, at: Instant) -> Instant | None:
        """When the last announcement about one of them was made by an instant."""
        said = (orders[bisect_right(orders, at) - 1] for orders in self._orders if orders and orders[0] <= at)
        return max(said, default=None)

    @cached_property
    def _orders(self) -> list[list[Instant]]:
        """Of each track when its rows were announced, ascending."""
        assertions = self._view.assertions
        return [assertions.order.instants_of(assertions.rows_of(track)) for track in self.tracks]


def bundle(view: View, tracks: tuple[int, ...]) -> Bundle:
    """The bundle of some tracks."""
    found = view.memo.get((Bundle, tracks))
    if found is None:
        found = view.memo[Bundle, tracks] = Bundle(view, tracks)
    assert isinstance(found, Bundle)
    return found


def undecided(view: View, at: Instant, tracks: Iterable[int]) -> list[tuple[int, int]]:
    """For each track whose value is uncertain at an instant, the rows (or -1) that may decide it instead."""
    found: list[tuple[int, int]] = []
    for track in tracks:
        course = view.course(track)
        if not course.blurred:
            continue
        certain, possible = course.read(at, Reading.CERTAIN), course.read(at, Reading.POSSIBLE)
        if certain != possible:
            rows = [row for row in course.covering(at, Reading.POSSIBLE) if row > certain]
            found += [(track, row) for row in (*rows, certain) if row != course.winner(at)]
    return found


def open_edge(view: View, at: Instant, row: int, other: int) -> Edge:
    """The uncertain edge that leaves open which of two rows decides at an instant."""
    for candidate in (other, row):
        if candidate < 0:
            continue
        assertion = view.row(candidate)
        for edge in (assertion.begins, assertion.ends):
            if edge.earliest <= at < edge.latest:
                return edge
    return Edge(at, at)
