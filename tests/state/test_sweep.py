"""A lane swept from the beginning of time on is what its history says at every point."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dataset.records import ROOT, record_of
from tests.state.test_lane_matrix import QUESTIONS
from tests.state.worlds import every_lane, worlds
from tests.timeline.histories import logs
from tracker.model.dates import BEGINNING, Instant
from tracker.model.events import Recorded
from tracker.model.vocabulary import Status
from tracker.state import lane_history, status_counts
from tracker.state.contributions import STATUSES
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import Lane
from tracker.state.making import made_by
from tracker.state.record import Record, View
from tracker.state.scope import Question
from tracker.state.status_counts import Tally
from tracker.state.sweep import Mark, Sweep

SLOW = settings(max_examples=min(40, settings().max_examples))
Told = list[tuple[Instant, Status, Mark]]


def swept(sweep: Sweep, lane: Lane) -> Told:
    one = sweep.lane(lane)
    runs = one.tally.runs(lane)
    begins = runs.instant.tolist()
    statuses = [STATUSES[code] for code in runs.status]
    return list(zip(begins, statuses, one.marks(begins), strict=True))


def by_its_history(view: View, lane: Lane) -> Told:
    history, found = LaneHistory(view, lane), []
    for number in history.runs():
        edge, made = history.edge(number), made_by(history, number)
        mark = Mark(made[0] if made else None, edge is not None and edge.earliest != edge.latest)
        found.append((history.points[number], history.status(number), mark))
    return found


def assert_alike(record: Record) -> None:
    sweep = Sweep(record.view)
    for lane in every_lane(record.view.registry):
        assert swept(sweep, lane) == by_its_history(record.view, lane), lane


@SLOW
@given(record=worlds())
def test_a_lane_is_what_its_history_says(record: Record) -> None:
    assert_alike(record)


@SLOW
@given(log=logs())
def test_also_after_corrections(log: list[Recorded]) -> None:
    assert_alike(Record.of(log))


def test_also_in_the_real_record() -> None:
    assert_alike(record_of(ROOT / "events")[0])


@SLOW
@given(record=worlds(), data=st.data())
def test_what_some_tracks_say_and_what_the_others_say_is_what_all_say(record: Record, data: st.DataObject) -> None:
    tracks = record.assertions.tracks
    some = set(data.draw(st.lists(st.sampled_from(tracks)))) if tracks else set()
    whole, parts = Sweep(record.view), [Sweep(record.about(each).view) for each in (some, set(tracks) - some)]
    for lane in every_lane(record.view.registry):
        one, other = (part.lane(lane).tally for part in parts)
        assert parts_of(one + other) == parts_of(whole.lane(lane).tally)
        assert len(one + -one) == 0


@SLOW
@given(record=worlds())
def test_the_tracks_that_may_change_at_an_instant_tell_what_is_to_be_said_of_it(record: Record) -> None:
    whole = Sweep(record.view)
    for lane in every_lane(record.view.registry):
        for at, _, mark in swept(whole, lane):
            tracks = [record.assertions.tracks[each] for each in record.assertions.tracks_at(np.array([at]))]
            assert Sweep(record.about(tracks).view).lane(lane).marks([at]) == [mark]


@SLOW
@given(record=worlds())
def test_a_tally_is_unpacked_as_it_was(record: Record) -> None:
    sweep = Sweep(record.view)
    for lane in every_lane(record.view.registry):
        found = sweep.lane(lane).tally
        assert parts_of(Tally.unpacked(found.packed())) == parts_of(found)


def test_many_instants_are_judged_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_counts, "AT_ONCE", 3)
    assert_alike(record_of(ROOT / "events")[0])


def test_of_what_was_never_spoken_of_there_is_one_status(world_of_nothing: Record) -> None:
    for lane in every_lane(world_of_nothing.view.registry):
        [(at, _, mark)] = swept(Sweep(world_of_nothing.view), lane)
        assert (at, mark) == (BEGINNING, Mark(None, uncertain=False))
        assert Sweep(world_of_nothing.view).lane(lane).silent


@pytest.fixture
def world_of_nothing() -> Record:
    return record_of(ROOT / "events")[0].about(())


def parts_of(found: Tally) -> Sequence[tuple[int, int, int]]:
    return list(zip(found.instant.tolist(), found.key.tolist(), found.count.tolist(), strict=True))


def assert_alike_by_either_way(view: View, question: Question) -> list[list[Status]]:
    """Which way a lane is judged depends on how many tracks bear on it, and what it says does not."""
    found = []
    for lane in every_lane(view.registry):
        one, other = LaneHistory(view, lane, question), LaneHistory(view, lane, question)
        numbers = range(len(one.points))
        one_by_one = [one.status(number) for number in numbers]
        with pytest.MonkeyPatch.context() as many:
            many.setattr(lane_history, "MANY", -1)
            assert [other.status(number) for number in numbers] == one_by_one
            assert other.runs() == one.runs()
        found.append(one_by_one)
    return found


@SLOW
@given(record=worlds(), question=QUESTIONS)
def test_a_history_of_many_tracks_is_that_of_few(record: Record, question: Question) -> None:
    assert_alike_by_either_way(record.view, question)


def test_also_for_some_goods_and_some_travellers() -> None:
    view = record_of(ROOT / "events")[0].view
    asked = [Question(), Question(goods="220820"), Question(goods="0702"), Question(only="Armenian lorries")]
    found = [assert_alike_by_either_way(view, question) for question in asked]
    assert all(one != other for one, other in combinations(found, 2))
