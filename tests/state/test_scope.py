"""What a measure's scope covers, and what it does not. Design §6."""

import pytest

from tests.state.conftest import World
from tracker.model.effects import Exempt
from tracker.model.scope import Scope
from tracker.state.scope import covers_all, exempts_all


@pytest.mark.parametrize(
    ("subject", "direction", "lane", "status"),
    [
        ("B-C", "B>C", {}, "closed"),
        ("B-C", "C>B", {}, "presumed"),
        ("through", "A>C", {}, "closed"),
        ("through", "C>A", {}, "unverified"),
        ("descent", "D>B", {}, "unverified"),
    ],
)
def test_a_direction_is_one_way_over_a_border(
    world: World, subject: str, direction: str, lane: dict[str, str], status: str
) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "eastward" }]
    """
    assert world.status("2031-01-10", subject, direction, **lane) == status


def test_traffic_and_modes_narrow_a_scope(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "people-ban" }, { type = "impose", measure = "rail-ban" }]
    """
    found = {
        (mode, traffic): world.status("2031-01-10", "B-C", mode=mode, traffic=traffic)
        for mode in ("road", "rail")
        for traffic in ("goods", "people")
    }
    assert found.pop(("road", "goods")) == "presumed"
    assert set(found.values()) == {"closed"}


def test_a_bar_on_transit_is_no_bar_on_trade(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "transit-bar" }]
    """
    assert world.status("2031-01-10", "through", "A>C") == "closed"
    assert world.words("2031-01-10", "through", "A>C")[0] == "B beta prohibited"
    assert world.status("2031-01-10", "through", "C>A") == "unverified"  # towards another destination
    assert world.status("2031-01-10", "B-C", "B>C") == "restricted"  # what comes from further
    assert world.status("2031-01-10", "B-C", "B>C", origin="B") == "presumed"  # an export, not a transit
    assert world.status("2031-01-10", "B-C", "B>C", origin="A") == "closed"
    assert world.status("2031-01-10", "B-C", "B>C", origin="A", destination="D") == "unverified"


def test_leave_to_transit_is_no_leave_to_import(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "transit-leave" }]
    """
    assert "B beta permitted" in world.words("2031-01-10", "through", "A>C")
    assert "B beta assumed" in world.words("2031-01-10", "A-B", "A>B")


def test_an_import_bar_on_an_origin_spares_the_others(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "import-bar" }]
    """
    assert world.status("2031-01-10", "through", "A>C") == "closed"
    assert world.status("2031-01-10", "B-C", "B>C") == "presumed"
    assert world.status("2031-01-10", "through", "C>A") == "unverified"


def test_an_export_bar_is_at_the_first_place_only(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "export-bar" }]
    """
    assert world.status("2031-01-10", "through", "C>A") == "closed"
    assert world.status("2031-01-10", "B-C", "C>B") == "restricted"  # what comes from further may cross
    assert world.status("2031-01-10", "B-C", "C>B", origin="C") == "closed"
    assert world.status("2031-01-10", "B-C", "C>B", traffic="people") == "closed"  # they leave, whatever follows
    assert world.status("2031-01-10", "through", "A>C") == "unverified"
    assert world.status("2031-01-10", "descent") == "unverified"


def test_a_bar_without_a_regime_is_on_all_of_them(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "any-bar" }]
    """
    for subject, direction in (("B-C", "B>C"), ("B-C", "C>B"), ("descent", "D>B"), ("through", "A>C")):
        assert world.status("2031-01-10", subject, direction) == "closed"
    assert world.status("2031-01-10", "A-B") == "unverified"


def test_goods_cover_in_part_unless_the_question_is_about_them(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "wheat-ban" }]
    """
    asked = {
        goods: world.status("2031-01-10", "B-C", goods=goods) for goods in ("1001", "100199", "10", "1002", "0101")
    }
    assert asked == {"1001": "closed", "100199": "closed", "10": "presumed", "1002": "presumed", "0101": "presumed"}
    assert world.status("2031-01-10", "B-C") == "presumed"
    assert world.exceptions("2031-01-10", "B-C") == ["wheat-ban"]
    assert world.exceptions("2031-01-10", "B-C", goods="10") == ["wheat-ban"]
    assert world.exceptions("2031-01-10", "B-C", goods="0101") == []
    assert world.exceptions("2031-01-10", "B-C", goods="1001") == []


def test_a_ban_on_goods_is_none_on_people(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "wheat-ban" }]
    """
    assert world.status("2031-01-10", "B-C", traffic="people") == "presumed"


def test_a_class_covers_in_part_whatever_other_class_is_asked_about(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "jet-ban" }]
    """
    assert world.status("2031-01-10", "B-C") == "restricted"
    assert world.status("2031-01-10", "B-C", only="Business jets") == "closed"
    assert world.status("2031-01-10", "B-C", only="airliners") == "restricted"


EASED = [
    ("A-B", "A>B", "road", "goods", "restricted"),
    ("A-B", "B>A", "road", "goods", "closed"),
    ("A-B", "A>B", "rail", "goods", "closed"),
    ("A-B", "A>B", "road", "people", "closed"),
    ("gate", "A>B", "road", "goods", "restricted"),
]


@pytest.mark.parametrize(("subject", "direction", "mode", "traffic", "status"), EASED)
def test_lanes_outside_the_narrower_scope_keep_the_full_level(
    world: World, subject: str, direction: str, mode: str, traffic: str, status: str
) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure" }, { type = "permit", measure = "beta-leave" }]
    announced = 2031-01-20
    [[effect]]
    type = "exempt"
    measure = "closure"
    only = ["lorries of the post"]
    direction = "A>B"
    modes = ["road"]
    traffic = ["goods"]
    """
    assert world.status("2031-01-19", subject, direction, mode=mode, traffic=traffic) == "closed"
    assert world.status("2031-01-20", subject, direction, mode=mode, traffic=traffic) == status


def test_an_exemption_at_a_crossing_is_one_at_the_border_by_way_of_it(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure" }, { type = "permit", measure = "beta-leave" }]
    announced = 2031-01-20
    effect = [{ type = "exempt", measure = "closure", only = ["aid only"], at = ["gate"] }]
    """
    assert world.status("2031-01-20", "gate") == "restricted"
    assert world.status("2031-01-20", "gate", only="aid") == "open"
    assert world.status("2031-01-20", "A-B") == "restricted"
    assert world.status("2031-01-20", "A-B", mode="rail") == "closed"
    assert world.words("2031-01-20", "through", "A>C")[:2] == ["B beta unknown", "gate alpha restricted"]


def test_an_exemption_of_a_corridor_eases_what_stands_in_its_way(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure" }, { type = "impose", measure = "corridor-bar" }]
    announced = 2031-01-20
    effect = [{ type = "exempt", measure = "closure", only = ["aid only"], at = ["through"] }]
    announced = 2031-01-22
    effect = [{ type = "exempt", measure = "corridor-bar", only = ["aid only"], at = ["through"], direction = "A>C" }]
    """
    assert world.words("2031-01-19", "through", "A>C")[:2] == ["through beta prohibited", "gate alpha prohibited"]
    assert world.words("2031-01-20", "through", "A>C")[0] == "through beta prohibited"
    assert "gate alpha restricted" in world.words("2031-01-20", "through", "A>C")
    assert "through beta restricted" in world.words("2031-01-22", "through", "A>C")
    assert "through beta prohibited" in world.words("2031-01-22", "through", "C>A")
    assert world.words("2031-01-20", "gate")[0] == "gate alpha prohibited"


def test_an_exemption_of_an_origin_or_a_destination_is_of_no_other(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure" }]
    announced = 2031-01-20
    effect = [{ type = "exempt", measure = "closure", only = ["aid only"], origin = ["A"], destination = ["C"] }]
    """
    assert "gate alpha restricted" in world.words("2031-01-20", "through", "A>C")
    assert "gate alpha prohibited" in world.words("2031-01-20", "through", "C>A")
    assert "A-B alpha restricted" in world.words("2031-01-20", "A-B", "A>B")  # it may go on to C
    assert "A-B alpha prohibited" in world.words("2031-01-20", "A-B", "A>B", destination="B")


def test_an_exemption_from_a_measure_of_one_direction_holds_where_it_goes_that_way(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "eastward" }]
    announced = 2031-01-20
    effect = [{ type = "exempt", measure = "eastward", only = ["aid only"], direction = "B>C" }]
    """
    assert "B-C beta prohibited" in world.words("2031-01-19", "through", "A>C")
    assert "B-C beta restricted" in world.words("2031-01-20", "through", "A>C")


NARROWER: dict[str, object] = {
    "direction": "A>B", "origin": ("A",), "destination": ("B",), "goods": ("1001",), "only": ("aid",),
}  # fmt: skip


@pytest.mark.parametrize("narrowed", [*([name] for name in NARROWER), list(NARROWER)])
def test_a_scope_that_is_narrowed_does_not_cover_all(narrowed: list[str]) -> None:
    whole = {"at": ("A-B",), "modes": ("road",), "regime": None}
    assert covers_all(Scope.model_validate(whole))
    assert not covers_all(Scope.model_validate({**whole, **{name: NARROWER[name] for name in narrowed}}))


EXEMPTED: dict[str, object] = {
    "at": ("A-B",), "direction": "A>B", "modes": ("road",), "traffic": ("goods",), "origin": ("A",),
    "destination": ("B",), "goods": ("1001",), "only": ("aid",),
}  # fmt: skip


@pytest.mark.parametrize("narrowed", [*([name] for name in EXEMPTED), list(EXEMPTED)])
def test_an_exemption_that_is_narrowed_is_not_one_for_all(narrowed: list[str]) -> None:
    whole = {"measure": "closure", "conditions": ("in convoy",)}
    assert exempts_all(Exempt.model_validate(whole))
    assert not exempts_all(Exempt.model_validate({**whole, **{name: EXEMPTED[name] for name in narrowed}}))


def test_pipelines_carry_no_people_and_one_way_roads_one_way(world: World) -> None:
    assert {lane.lane.mode for lane in [world.lane("A-B", mode="pipeline")]} == {"pipeline"}
    with pytest.raises(IndexError):
        world.lane("A-B", mode="pipeline", traffic="people")
    with pytest.raises(IndexError):
        world.lane("descent", "B>D")


def test_a_crossing_takes_what_its_border_takes(world: World) -> None:
    assert world.status("2031-01-10", "ford") == "presumed"
    with pytest.raises(IndexError):
        world.lane("ford", traffic="people")


def test_a_direction_of_a_corridor_is_one_way_along_it(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "corridor-east" }]
    """
    assert world.words("2031-01-10", "through", "A>C")[0] == "through beta prohibited"
    assert "through beta prohibited" not in world.words("2031-01-10", "through", "C>A")


def test_goods_of_a_corridors_measure_are_those_asked_about(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "corridor-wheat" }]
    """
    assert world.exceptions("2031-01-10", "through", "A>C") == ["corridor-wheat"]
    assert "through beta prohibited" in world.words("2031-01-10", "through", "A>C", goods="1001")
    assert not [
        word for word in world.words("2031-01-10", "through", "A>C", goods="8703") if word.startswith("through")
    ]


def test_an_exemption_at_one_of_two_borders_leaves_the_other_shut(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "wide" }]
    announced = 2031-01-20
    effect = [{ type = "exempt", measure = "wide", only = ["aid only"], at = ["B-C"] }]
    """
    words = world.words("2031-01-20", "through", "A>C")
    assert "gate beta prohibited" in words
    assert "B-C beta restricted" in words


def test_an_exemption_one_way_over_a_border_holds_on_the_corridors_over_it(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure" }]
    announced = 2031-01-20
    effect = [{ type = "exempt", measure = "closure", only = ["aid only"], direction = "A>B" }]
    """
    assert "gate alpha restricted" in world.words("2031-01-20", "through", "A>C")
    assert "gate alpha prohibited" in world.words("2031-01-20", "through", "C>A")


def test_import_and_transit_bars_together_close_a_border(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "c-import" }, { type = "impose", measure = "c-transit" }]
    announced = 2031-01-20
    effect = [{ type = "lift", measure = "c-transit" }]
    """
    assert [world.status(day, "B-C", "B>C") for day in ("2031-01-10", "2031-01-20")] == ["closed", "restricted"]
    assert world.words("2031-01-10", "B-C", "B>C")[0] == "C gamma prohibited"
    assert world.status("2031-01-20", "B-C", "B>C", destination="C") == "closed"
    assert world.status("2031-01-20", "B-C", "B>C", destination="D") != "closed"


def test_of_import_and_transit_together_the_milder_counts_in_full(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [
        { type = "impose", measure = "c-import" },
        { type = "impose", measure = "c-transit", level = "restricted" },
    ]
    """
    assert world.words("2031-01-10", "B-C", "B>C")[0] == "C gamma restricted"
    assert world.status("2031-01-10", "B-C", "B>C", destination="D") == "restricted"


def test_people_enter_and_leave_every_territory_inside_their_way(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "c-import" }, { type = "impose", measure = "export-bar" }]
    """
    assert world.status("2031-01-10", "B-C", "B>C", traffic="people") == "closed"
    assert world.status("2031-01-10", "B-C", "C>B", traffic="people") == "closed"


def test_a_ban_by_origin_stands_beside_the_status_until_the_question_names_it(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "import-bar" }]
    """
    assert world.exceptions("2031-01-10", "B-C", "B>C") == ["import-bar"]
    assert world.exceptions("2031-01-10", "B-C", "B>C", origin="D") == []
    assert world.status("2031-01-10", "B-C", "B>C", origin="A", destination="C") == "closed"
    assert world.words("2031-01-10", "B-C", "B>C", origin="A", destination="C")[0] == "C gamma prohibited"
