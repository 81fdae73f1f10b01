"""Causes that are made when they are looked at: as if all were made at once."""

from datetime import date
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.state.test_sweep import QUESTIONS
from tests.state.worlds import every_lane, worlds
from tests.timeline.histories import LOCAL, a_day
from tracker.cli.views.states import WorstCauses
from tracker.model.dates import Instant, close_of
from tracker.presentation.causes import doubts
from tracker.queries.answers import LaneAnswer
from tracker.queries.lanes import lane_answer
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import Lane
from tracker.state.record import Record, View
from tracker.state.scope import Question


def answers(view: View, lane: Lane, question: Question, at: Instant) -> tuple[LaneAnswer, LaneAnswer]:
    """The answer with all causes, and with those that are made when they are looked at."""
    plain = lane_answer(LaneHistory(view, lane, question), at)
    with patch("tracker.state.lane_history.MANY", 0):
        return plain, lane_answer(LaneHistory(view, lane, question), at)


@given(record=worlds(), question=QUESTIONS, day=st.integers(-5, 100).map(a_day))
@settings(max_examples=20)
def test_law_causes_made_on_demand_are_those_made_at_once(record: Record, question: Question, day: date) -> None:
    at = close_of(day, LOCAL)
    view, kept = record.view, list[tuple[LaneAnswer, LaneAnswer]]()
    for lane in every_lane(record.registry()):
        plain, lazy = answers(view, lane, question, at)
        assert lazy.model_dump_json() == plain.model_dump_json()
        assert lazy == plain
        assert doubts(lazy) == doubts(plain)
        kept.append((plain, lazy))
    for plain, lazy in kept:
        for other_plain, other_lazy in kept:
            same = WorstCauses(plain.because) == WorstCauses(other_plain.because)
            assert same == (WorstCauses(lazy.because) == WorstCauses(other_lazy.because))
