"""Lanes along territories for which no corridor is registered. Design §6."""

import pytest

from tests.state.conftest import World
from tracker.model.vocabulary import Mode, Regime, Traffic
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import lane_along


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
