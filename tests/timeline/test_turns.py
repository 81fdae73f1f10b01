"""All turns at once, and some tracks by themselves, say what the courses of tracks say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.histories import logs
from tracker.model.events import Recorded
from tracker.state.fold import fold
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.assertions import Assertion
from tracker.timeline.knowledge import Known
from tracker.timeline.track_history import Turns, turns

pytestmark = pytest.mark.slow


def turns_of(every: Turns, track: int) -> list[tuple[int, int, int]]:
    chosen, _ = every.of_tracks(np.array([track]))
    columns = (every.instant, every.before, every.after)
    return list(zip(*(column[chosen].tolist() for column in columns), strict=True))


@given(log=logs())
def test_a_turn_is_where_something_else_stands(log: list[Recorded]) -> None:
    view = fold(log).view
    every = turns(view.assertions)
    for track in range(view.assertions.track_count):
        expected = list(view.course(track).changes())
        assert turns_of(every, track) == expected


@given(log=logs(), data=st.data())
def test_some_tracks_have_the_rows_that_they_had(log: list[Recorded], data: st.DataObject) -> None:
    whole = fold(log).assertions
    chosen = sorted(data.draw(st.sets(st.sampled_from(range(whole.track_count))))) if whole.track_count else []
    some = whole.of_tracks(np.array(chosen, dtype=np.int64))
    assert list(some.tracks) == [whole.tracks[track] for track in chosen]
    for number, track in enumerate(chosen):
        assert rows_of(some, number) == rows_of(whole, track)


def rows_of(found: Assertions, track: int) -> list[Assertion]:
    rows = found.rows_of(track)
    return [found.row(row) for row in range(rows.start, rows.stop)]


@given(log=logs(), data=st.data())
def test_of_a_track_that_has_not_changed_the_same_is_known(log: list[Recorded], data: st.DataObject) -> None:
    record, since = fold(log), data.draw(st.integers(7, len(log)))
    changed = record.assertions.tracks_since(since)
    before, now = record.at(Known(recorded_by=since)).assertions, record.view.assertions
    for track in range(now.track_count):
        assert track in changed or rows_of(before, track) == rows_of(now, track)


@given(log=logs())
def test_a_track_is_found_at_each_instant_at_which_it_may_change(log: list[Recorded]) -> None:
    every = fold(log).view.assertions
    for at in every.instants:
        edges = [{edge for row in rows_of(every, track) for edge in (row.begins.latest, row.ends.latest)}
                 for track in range(every.track_count)]  # fmt: skip
        assert every.tracks_at(np.array([at])) == [track for track, own in enumerate(edges) if at in own]
