"""Lanes along territories for which no corridor is registered. Design §6."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.state.conftest import World
from tests.state.worlds import LANDS, MODES, worlds
from tracker.model.vocabulary import Mode, Regime, Status, Traffic
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import Lane, lane_along, mixed_lane
from tracker.state.record import Record, View
from tracker.state.scope import Question
from tracker.state.status import STATUSES
from tracker.state.sweep import Sweep


def test_a_lane_along_territories_needs_the_leave_of_each_place_on_the_way(world: World) -> None:
    lane = lane_along(world.record.view.registry, ["A", "B", "C"], Mode.RAIL, Traffic.GOODS)
    assert (lane.subject, lane.direction, lane.mode, lane.traffic) == ("A-B-C", "A>C", "rail", "goods")
    assert [(site.place, site.authorities, site.assumed, site.regime, site.direction) for site in lane.sites] == [
        ("A", ("alpha",), True, Regime.EXPORT, None),
        ("A-B", ("alpha", "beta"), False, None, "A>B"),
        ("B", ("beta",), False, Regime.TRANSIT, None),
        ("B-C", ("beta", "gamma"), True, None, "B>C"),
        ("C", ("gamma",), True, Regime.IMPORT, None),
    ]


def test_a_lane_along_territories_is_judged_like_any_other(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [
        { type = "permit", measure = "leave" },
        { type = "permit", measure = "beta-leave" },
        { type = "permit", measure = "transit-leave" },
    ]
    announced = 2031-01-20
    effect = [{ type = "impose", measure = "eastward" }]
    """
    view = world.record.view
    there, back = (
        LaneHistory(view, lane_along(view.registry, path, Mode.ROAD, Traffic.GOODS)) for path in ("ABC", "CBA")
    )
    days = ("2031-01-09", "2031-01-10", "2031-01-20")
    assert [there.status(there.number(world.at(day))) for day in days] == ["unverified", "open", "closed"]
    assert [back.status(back.number(world.at(day))) for day in days] == ["unverified", "open", "open"]


def test_territories_that_share_no_border_make_no_lane(world: World) -> None:
    with pytest.raises(ValueError, match="B and D share no border"):
        lane_along(world.record.view.registry, ["A", "B", "D"], Mode.ROAD, Traffic.GOODS)


def statuses(view: View, lane: Lane) -> list[tuple[int, str]]:
    history = LaneHistory(view, lane)
    return [(history.points[number], history.status(number).value) for number in history.runs()]


@given(record=worlds(), path=st.permutations(LANDS), mode=st.sampled_from(MODES))
def test_a_lane_that_never_changes_its_mode_is_a_lane_of_that_mode(record: Record, path: list[str], mode: Mode) -> None:
    registry, goods = record.registry(), Traffic.GOODS
    one, other = lane_along(registry, path, mode, goods), mixed_lane(registry, path, (mode, mode), goods)
    assert (one.only_mode, other.only_mode) == (mode, mode)
    assert statuses(record.view, one) == statuses(record.view, other)


@given(record=worlds(), path=st.permutations(LANDS))
def test_a_lane_that_changes_its_mode_is_no_better_than_its_legs(record: Record, path: list[str]) -> None:
    """A law: what stands in the way of one leg stands in the way of the whole."""
    registry = record.registry()
    lane = mixed_lane(registry, path, (Mode.ROAD, Mode.RAIL), Traffic.GOODS)
    assert lane.only_mode is None
    assert [step.place for step in lane.steps].count(path[1]) == 2
    whole = LaneHistory(record.view, lane)
    for steps in (lane.steps[:3], lane.steps[3:]):
        leg = LaneHistory(record.view, lane._replace(steps=steps))
        for number, at in enumerate(whole.points):
            if leg.status(leg.number(at)) is Status.CLOSED:
                assert whole.status(number) is Status.CLOSED


@given(record=worlds(), path=st.permutations(LANDS), goods=st.sampled_from([None, "1001"]))
def test_a_sweep_judges_a_lane_that_changes_its_mode_alike(record: Record, path: list[str], goods: str | None) -> None:
    lane = mixed_lane(record.registry(), path, (Mode.ROAD, Mode.RAIL), Traffic.GOODS)
    history = LaneHistory(record.view, lane, Question(goods))
    runs = Sweep(record.view, Question(goods)).lane(lane).runs
    swept = list(zip(runs.instant.tolist(), [STATUSES[code] for code in runs.status.tolist()], strict=True))
    assert swept == [(history.points[number], history.status(number)) for number in history.runs()]
