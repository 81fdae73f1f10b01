"""Laws: many measures and many tracks, looked at together, say what each says by itself."""

from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.state.test_sweep import QUESTIONS
from tests.state.worlds import every_lane, worlds
from tests.timeline.histories import LOCAL, a_day, logs
from tracker.model.dates import BEGINNING, FOREVER, Instant, close_of
from tracker.model.events import Recorded
from tracker.state.consents import required_consents
from tracker.state.decision_spans import DecisionSpans, MeasureGroup
from tracker.state.fold import fold
from tracker.state.record import Record
from tracker.state.scope import Question
from tracker.state.track_sets import ManyTracks, TrackSet
from tracker.state.tracks import Stretch

pytestmark = pytest.mark.slow
SLOW = settings(max_examples=min(15, settings().max_examples))
EVERY = 1_000_000  # more measures than there are


def rows_of(spans: DecisionSpans) -> list[tuple[int, ...]]:
    """The spans, each as long as nothing changes, in the order of measures and time."""
    rows: list[tuple[int, ...]] = []
    columns = [column.tolist() for column in spans]
    for measure, decision, row, begins, ends, begun, cause, fresh in sorted(zip(*columns, strict=True)):
        last = rows[-1] if rows else None
        if last and last[:3] == (measure, decision, row) and last[4:7] == (begins, begun, cause) and not fresh:
            rows[-1] = (*last[:4], ends, *last[5:])
        else:
            rows.append((measure, decision, row, begins, ends, begun, cause, fresh))
    return sorted(rows, key=lambda row: (row[0], row[1], row[3]))


@SLOW
@given(record=worlds(), question=QUESTIONS)
def test_law_many_measures_decide_as_each_by_itself(record: Record, question: Question) -> None:
    view = record.view

    def course(track: int) -> Iterable[Stretch]:
        one = view.course(track)
        return zip(one.points, one.standings, strict=True)

    for lane in every_lane(record.registry()):
        for consent in required_consents(view, lane, question).consents:
            alone, together = (
                MeasureGroup(view, consent.measures, question, course, few=few).spans for few in (EVERY, 0)
            )
            assert rows_of(together) == rows_of(alone)


def looked_at(tracks: TrackSet, at: Instant) -> tuple[object, ...]:
    moves = [list(tracks.moves_at(point)) for point in tracks.points]
    edges = [tracks.edge_at(point) for point in tracks.points]
    return (
        tracks.points, moves, edges, tracks.standings(at), list(tracks.undated), tracks.undecided(at), tracks.newest(at)
    )  # fmt: skip


@SLOW
@given(log=logs(), day=st.integers(-5, 100).map(a_day))
def test_law_many_tracks_stand_as_each_by_itself(log: list[Recorded], day: date) -> None:
    view = fold(log).view
    every = tuple(range(view.assertions.track_count))
    for tracks in (every, every[::2], ()):
        for at in (close_of(day, LOCAL), FOREVER - 1, BEGINNING + 1):
            assert looked_at(ManyTracks(view, tracks), at) == looked_at(TrackSet(view, tracks), at)
