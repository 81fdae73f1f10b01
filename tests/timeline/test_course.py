"""A track by itself says what the columns say of it."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.histories import LOCAL, a_day, logs
from tracker.model.dates import BEGINNING, FOREVER, close_of
from tracker.model.events import Recorded
from tracker.state.fold import fold
from tracker.state.record import View
from tracker.timeline.knowledge import Known
from tracker.timeline.track_history import Course, deciding, run_out
from tracker.timeline.value_at import Reading, ended

pytestmark = pytest.mark.slow

DAYS = st.integers(-5, 110).map(a_day)


def courses(view: View) -> list[tuple[int, Course]]:
    return [(track, view.course(track)) for track in range(view.assertions.track_count) if view.rows_of(track)]


@given(log=logs(), day=DAYS, announced_by=DAYS, data=st.data())
def test_a_course_agrees_with_the_columns_in_every_reading(
    log: Sequence[Recorded], day: date, announced_by: date, data: st.DataObject
) -> None:
    position = data.draw(st.integers(7, len(log) + 1))
    view = fold(log).at(Known(close_of(announced_by, LOCAL), position))
    at = close_of(day, LOCAL)
    for track, course in courses(view):
        for reading in Reading:
            assert course.read(at, reading) == view.winners(at, reading)[track]
        standing = course.at(at)
        winner, over = view.winners(at)[track], ended(view.assertions, at, view.known)[track]
        assert deciding(standing) == winner
        assert run_out(standing) == (over if winner < 0 else -1)


@given(log=logs(), day=DAYS)
def test_between_its_points_nothing_changes(log: Sequence[Recorded], day: date) -> None:
    at = close_of(day, LOCAL)
    for _, course in courses(fold(log).view):
        before = max(point for point in course.points if point <= at)
        assert course.at(at) == course.at(before)
        assert course.points[0] == BEGINNING
        assert list(course.points) == sorted(set(course.points))
        assert course.points[-1] < FOREVER


@given(log=logs(), day=DAYS)
def test_only_an_uncertain_edge_makes_readings_differ(log: Sequence[Recorded], day: date) -> None:
    at = close_of(day, LOCAL)
    for _, course in courses(fold(log).view):
        edges = [edge for pair in zip(course.begins, course.ends, strict=True) for edge in pair]
        if course.read(at, Reading.CERTAIN) != course.read(at, Reading.POSSIBLE):
            assert any(edge.earliest <= at < edge.latest for edge in edges)
        for point in course.points:
            assert list(course.edges_at(point)) == [e for e in edges if e.latest == point and e.earliest != point]
