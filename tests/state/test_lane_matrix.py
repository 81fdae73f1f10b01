"""Many lanes at once are what each of them is by itself."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dataset.records import ROOT, record_of
from tests.state.worlds import CLASSES, GOODS, every_lane, worlds
from tests.timeline.histories import LOCAL, a_day, logs
from tracker.model.dates import BEGINNING, FOREVER, Instant, close_of
from tracker.model.events import Recorded
from tracker.model.vocabulary import Status
from tracker.queries.clocks import read_instant
from tracker.state import observed
from tracker.state.contributions import STATUSES
from tracker.state.lane_history import LaneHistory
from tracker.state.layout import Layout
from tracker.state.matrix import LaneMatrix
from tracker.state.record import Record, View
from tracker.state.scope import ANYTHING, Question
from tracker.timeline.columns import BoolArray, IntArray
from tracker.timeline.knowledge import Known
from tracker.timeline.value_at import Reading, winners_of

SLOW = settings(max_examples=min(40, settings().max_examples))
DAYS = st.integers(-5, 110).map(a_day)
ASKED_GOODS, ASKED_CLASS = [None, None, *GOODS, "100190"], [None, None, *CLASSES]
QUESTIONS = st.builds(Question, st.sampled_from(ASKED_GOODS), st.sampled_from(ASKED_CLASS))
EXAMPLES = json.loads((Path(__file__).parents[1] / "data" / "worked_examples.json").read_text(encoding="utf-8"))
OF_LANES = [each for each in EXAMPLES if "lanes" in each["expect"] and "status" in each["expect"]["lanes"][0]]


def differences(matrix: LaneMatrix, view: View, question: Question, at: Instant) -> list[str]:
    """Where the matrix and a lane by itself say two things."""
    histories = [LaneHistory(view, lane, question) for lane in matrix.lanes]
    one_by_one = [history.status(history.number(at)) for history in histories]
    found = [
        f"{history.lane.subject} {history.lane.direction}: {STATUSES[code]}, by itself {status}"
        for history, status, code in zip(histories, one_by_one, matrix.statuses(at), strict=True)
        if STATUSES[code] is not status
    ]
    for reading in Reading:
        for history, code in zip(histories, matrix.verdicts(at, reading), strict=True):
            if STATUSES[code] is not history.verdict(at, reading).status:
                found.append(f"{history.lane.subject} {history.lane.direction} in the {reading} reading")
    return found


@SLOW
@given(record=worlds(), question=QUESTIONS, days=st.lists(DAYS, min_size=1, max_size=4), announced_by=DAYS)
def test_all_lanes_at_once_are_what_each_is_by_itself(
    record: Record, question: Question, days: list[date], announced_by: date
) -> None:
    view = record.at(Known(close_of(announced_by, LOCAL)))
    matrix = LaneMatrix(view, every_lane(view.registry), question)
    for day in days:
        assert differences(matrix, view, question, close_of(day, LOCAL)) == []


@SLOW
@given(record=worlds(), question=QUESTIONS)
def test_at_every_instant_at_which_something_changes(record: Record, question: Question) -> None:
    view = record.view
    matrix = LaneMatrix(view, every_lane(view.registry), question)
    points = {at for lane in matrix.lanes for at in LaneHistory(view, lane, question).points}
    for at in sorted(points)[:8]:
        assert differences(matrix, view, question, at) == []


@SLOW
@given(record=worlds(), day=DAYS)
def test_the_order_and_the_number_of_lanes_do_not_matter(record: Record, day: date) -> None:
    at, lanes = close_of(day, LOCAL), every_lane(record.view.registry)
    whole = LaneMatrix(record.view, lanes).statuses(at)
    assert LaneMatrix(record.view, lanes[::-1]).statuses(at)[::-1].tolist() == whole.tolist()
    assert LaneMatrix(record.view, lanes[3:5]).statuses(at).tolist() == whole[3:5].tolist()
    assert LaneMatrix(record.view, []).statuses(at).tolist() == []


@given(log=logs(), data=st.data())
def test_pairs_of_a_track_and_an_instant_have_its_winner(log: list[Recorded], data: st.DataObject) -> None:
    view = Record.of(log).view
    tracks = [track for track in range(view.assertions.track_count) if track in view.rows_of]
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(tracks), DAYS), max_size=8)) if tracks else []
    chosen = np.array([track for track, _ in pairs], dtype=np.int64)
    instants = np.array([close_of(day, LOCAL) for _, day in pairs], dtype=np.int64)
    expected = [view.winners(close_of(day, LOCAL))[track] for track, day in pairs]
    assert winners_of(view.assertions, chosen, instants).tolist() == expected


@cache
def the_record() -> View:
    return record_of(ROOT / "events")[0].view


@pytest.mark.parametrize("question", [ANYTHING, Question("1001"), Question(None, "humanitarian aid")])
def test_every_lane_of_the_record_at_many_dates(question: Question) -> None:
    view = the_record()
    matrix = LaneMatrix(view, every_lane(view.registry), question)
    histories = [LaneHistory(view, lane, question) for lane in matrix.lanes]
    points = sorted({at for history in histories for at in history.points})
    assert len(points) > 100
    for at in [BEGINNING, *points[1::3], FOREVER - 1]:
        expected = [history.status(history.number(at)) for history in histories]
        assert [STATUSES[code] for code in matrix.statuses(at)] == expected
    assert {Status.OPERATING, Status.CLOSED} <= {STATUSES[code] for at in points for code in matrix.statuses(at)}


@pytest.mark.parametrize("at_once", [1, 20, 300])
def test_it_does_not_matter_how_many_are_judged_at_once(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    view = the_record()
    lanes = every_lane(view.registry)
    points = sorted({at for lane in lanes for at in LaneHistory(view, lane).points})
    whole = LaneMatrix(view, lanes)
    expected = [whole.statuses(at).tolist() for at in points]
    parts: list[tuple[int, int]] = []
    judge = observed._passable

    def watched(of: Layout, lane: IntArray, *others: IntArray) -> BoolArray:
        parts.append((len(lane), len(of.taken(lane)[1])))
        return judge(of, lane, *others)

    monkeypatch.setattr(observed, "AT_ONCE", at_once)
    monkeypatch.setattr(observed, "_passable", watched)
    assert LaneMatrix(view, lanes).statuses(BEGINNING).tolist() == expected[0]
    in_parts = LaneMatrix(view, lanes)
    assert [in_parts.statuses(at).tolist() for at in points] == expected
    assert parts
    assert all(points_in_it == 1 or claims <= at_once for points_in_it, claims in parts)


@pytest.mark.parametrize("example", OF_LANES, ids=[f"{each['subject']}@{each['as_of']}" for each in OF_LANES])
def test_worked_example(example: dict[str, Any]) -> None:
    view, options = the_record(), example["options"]
    at = read_instant("as-of", example["as_of"], view.tz)
    lanes = [
        lane
        for lane in every_lane(view.registry)
        if lane.subject == example["subject"]
        and options.get("mode", lane.mode) == lane.mode
        and options.get("traffic", lane.traffic) == lane.traffic
        and options.get("direction", lane.direction) == lane.direction
    ]
    question = Question(options.get("goods"), options.get("only"))
    found = {STATUSES[code] for code in LaneMatrix(view, lanes, question).statuses(at)}
    assert found >= {Status(each["status"]) for each in example["expect"]["lanes"]}
