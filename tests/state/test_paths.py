"""Lanes along territories for which no corridor is registered. Design §6."""

import pytest

from tests.state.conftest import World
from tracker.model.vocabulary import Mode, Regime, Traffic
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import Step, lane_along


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


def test_a_step_with_alternatives_is_as_passable_as_the_best_of_them(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "leave" }, { type = "permit", measure = "beta-leave" }]
    announced = 2031-01-20
    effect = [{ type = "impose", measure = "gate-ban" }]
    announced = 2031-01-25
    effect = [{ type = "readiness", at = "gate", party = "alpha", modes = ["road"], state = "absent" }]
    announced = 2031-01-30
    effect = [{ type = "impose", measure = "closure" }]
    """
    view = world.record.view
    over_the_gate, over_the_border = (world.lane(subject, "A>B").lane for subject in ("gate", "A-B"))
    sites = [lane.steps[1].alternatives[0] for lane in (over_the_gate, over_the_border)]
    choice = over_the_border._replace(
        steps=(over_the_border.steps[0], Step("A-B", tuple(sites)), over_the_border.steps[2])
    )
    days = ("2031-01-09", "2031-01-10", "2031-01-20", "2031-01-25", "2031-01-30")
    history = LaneHistory(view, choice)
    statuses = [history.status(history.number(world.at(day))) for day in days]
    assert statuses == ["unverified", "open", "open", "open", "closed"]
    verdicts = [history.verdict(world.at(day)) for day in days]
    places = [{cause.place for cause in verdict.causes if cause.row >= 0} for verdict in verdicts]
    assert places == [set(), {"gate"}, {"A-B"}, {"A-B"}, {"gate"}]  # of equals the first
    assert [len(verdict.readiness) for verdict in verdicts] == [0, 0, 0, 0, 1]
