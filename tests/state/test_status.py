"""From everybody's word to a lane's status: readiness, passages, uncertain days. Design §6, the last table."""

import pytest

from tests.state.conftest import World
from tracker.model.dates import Edge


def test_readiness_is_the_worst_of_what_the_parties_say(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [
        { type = "readiness", at = "B-C", party = "beta", modes = ["road"], state = "works" },
        { type = "readiness", at = "B-C", party = "gamma", modes = ["road"], state = "absent" },
        { type = "readiness", at = "B-C", party = "alpha", modes = ["road"], state = "ready" },
    ]
    announced = 2031-01-20
    effect = [
        { type = "readiness", at = "B-C", party = "gamma", modes = ["road"], state = "ready" },
        { type = "readiness", at = "B-C", party = "beta", modes = ["road"], state = "ready", from = 2031-01-25 },
    ]
    """
    assert world.status("2031-01-09", "B-C") == "presumed"
    assert world.status("2031-01-10", "B-C") == "unready"
    verdict = world.lane("B-C").verdict(world.at("2031-01-10"))
    effects = [world.record.view.effect(row) for row in verdict.readiness]
    assert [(each.party, each.state) for each in effects] == [  # type: ignore[union-attr]
        ("gamma", "absent"),
        ("beta", "works"),
        ("alpha", "ready"),
    ]
    assert world.status("2031-01-20", "B-C") == "unready"
    assert world.status("2031-01-25", "B-C") == "presumed"


def test_ready_for_lorries_is_not_ready_for_trains(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "readiness", at = "B-C", party = "beta", modes = ["rail"], state = "works" }]
    """
    assert world.status("2031-01-10", "B-C", mode="rail") == "unready"
    assert world.status("2031-01-10", "B-C", mode="road") == "presumed"


@pytest.mark.parametrize(
    ("subject", "status"), [("C-D", "unready"), ("ford", "unready"), ("descent", "unverified"), ("B-C", "presumed")]
)
def test_what_a_border_lacks_its_crossings_lack(world: World, subject: str, status: str) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "readiness", at = "C-D", party = "gamma", modes = ["road"], state = "works" }]
    """
    assert world.status("2031-01-10", subject) == status


def test_what_a_crossing_lacks_its_border_does_not(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "readiness", at = "ford", party = "gamma", modes = ["road"], state = "works" }]
    """
    assert (world.status("2031-01-10", "ford"), world.status("2031-01-10", "C-D")) == ("unready", "presumed")


def test_works_on_a_corridor_are_on_that_corridor(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [
        { type = "permit", measure = "leave" },
        { type = "permit", measure = "beta-leave" },
        { type = "permit", measure = "transit-leave" },
        { type = "readiness", at = "through", party = "beta", modes = ["road"], state = "works" },
    ]
    """
    assert world.status("2031-01-10", "through", "A>C") == "unready"
    assert world.status("2031-01-10", "A-B") == "open"


def test_unready_does_not_hide_that_somebody_prohibits_or_is_silent(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "readiness", at = "A-B", party = "alpha", modes = ["road"], state = "absent" }]
    announced = 2031-01-20
    effect = [{ type = "impose", measure = "closure" }]
    """
    assert world.status("2031-01-10") == "unverified"
    assert world.status("2031-01-20") == "closed"


def test_unready_goes_before_restricted(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [
        { type = "impose", measure = "wheat-ban" },
        { type = "readiness", at = "B-C", party = "beta", modes = ["road"], state = "works" },
    ]
    """
    assert world.status("2031-01-10", "B-C") == "unready"


def test_a_passage_makes_an_open_lane_operating_and_no_other(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", origin = "B", destination = "C" }]
    """
    assert world.status("2031-01-09", "B-C", "B>C") == "presumed"
    assert world.status("2031-01-10", "B-C", "B>C") == "operating"
    assert world.status("2031-01-10", "B-C", "C>B") == "presumed"
    assert world.status("2031-01-10", "B-C", "B>C", mode="rail") == "presumed"
    assert world.status("2031-01-10", "B-C", "B>C", traffic="people") == "presumed"


def test_a_passage_with_a_direction_went_that_way_wherever_it_came_from(world: World) -> None:
    """
    announced = 2031-01-10
    [[effect]]
    type = "passage"
    at = "B-C"
    mode = "road"
    traffic = "goods"
    direction = "C>B"
    origin = "D"
    destination = "B"
    """
    assert world.status("2031-01-10", "B-C", "C>B") == "operating"
    assert world.status("2031-01-10", "B-C", "B>C") == "presumed"


def test_a_passage_whose_direction_nothing_tells_counts_for_both_lanes(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods" }]
    """
    assert [world.status("2031-01-10", "B-C", way) for way in ("B>C", "C>B")] == ["operating", "operating"]


def test_an_end_of_the_way_tells_the_direction_of_a_passage(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", origin = "B" }]
    announced = 2031-01-11
    effect = [{ type = "passage", at = "C-D", mode = "road", traffic = "goods", origin = "A", destination = "C" }]
    """
    assert [world.status("2031-01-12", "B-C", way) for way in ("B>C", "C>B")] == ["operating", "presumed"]
    assert [world.status("2031-01-12", "C-D", way) for way in ("C>D", "D>C")] == ["presumed", "operating"]


def test_traffic_on_a_corridor_of_one_direction_went_that_way(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "passage", at = "descent", mode = "road", traffic = "goods" }]
    """
    assert [world.status("2031-01-10", "B-C", way) for way in ("B>C", "C>B")] == ["presumed", "operating"]


def test_a_report_of_no_traffic_is_no_passage(world: World) -> None:
    """
    announced = 2031-01-10
    [[effect]]
    type = "passage"
    at = "B-C"
    mode = "road"
    traffic = "goods"
    direction = "B>C"
    none = true
    """
    assert world.status("2031-01-10", "B-C", "B>C") == "presumed"
    history = world.lane("B-C", "B>C")
    assert [seen.effect.none for seen in history.seen] == [True]
    assert history.passed(world.at("2031-01-10")) == []


def test_a_passage_counts_since_the_lane_last_became_passable(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" }]
    announced = 2031-01-20
    effect = [{ type = "impose", measure = "siege" }]
    announced = 2031-01-22
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" }]
    announced = 2031-01-30
    effect = [{ type = "lift", measure = "siege" }]
    announced = 2031-02-05
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" }]
    """
    days = ("2031-01-10", "2031-01-19", "2031-01-20", "2031-01-22", "2031-01-30", "2031-02-05")
    assert [world.status(day, "B-C", "B>C") for day in days] == [
        "operating", "operating", "closed", "closed", "presumed", "operating",
    ]  # fmt: skip
    history = world.lane("B-C", "B>C")
    counts = [len(history.passed(world.at(day))) for day in days]
    assert counts == [1, 1, 0, 0, 0, 1]


def test_what_passed_while_it_was_closed_does_not_count_when_it_is_opened(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege" }]
    announced = 2031-01-10
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" }]
    announced = 2031-01-20
    effect = [{ type = "lift", measure = "siege" }]
    """
    assert [world.status(day, "B-C", "B>C") for day in ("2031-01-10", "2031-01-20")] == ["closed", "presumed"]


def test_a_decision_that_opens_a_lane_is_no_passage(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" }]
    announced = 2031-01-12
    effect = [{ type = "impose", measure = "siege" }]
    announced = 2031-01-20
    effect = [{ type = "lift", measure = "eastward" }, { type = "lift", measure = "siege" }]
    """
    days = ("2031-01-11", "2031-01-12", "2031-01-20")
    assert [world.status(day, "B-C", "B>C") for day in days] == ["operating", "closed", "open"]


def test_the_first_traffic_one_way_does_not_hide_that_the_other_way_was_shut_that_day(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "C>B" }]
    announced = 2031-01-20
    effect = [
        { type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" },
        { type = "impose", measure = "siege" },
    ]
    announced = 2031-01-30
    effect = [{ type = "lift", measure = "siege" }]
    """
    assert [world.status(day, "B-C", "C>B") for day in ("2031-01-19", "2031-01-30")] == ["operating", "presumed"]
    assert world.status("2031-01-30", "B-C", "B>C") == "presumed"


def test_a_leave_that_ran_out_breaks_what_is_passable(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "permit", measure = "gamma-leave", last_day = 2031-01-20 }]
    announced = 2031-01-10
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" }]
    announced = 2031-01-25
    effect = [{ type = "permit", measure = "gamma-leave" }]
    """
    days = ("2031-01-20", "2031-01-21", "2031-01-25")
    assert [world.status(day, "B-C", "B>C") for day in days] == ["operating", "unverified", "open"]


def test_a_restriction_of_a_part_does_not_break_what_is_passable(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" }]
    announced = 2031-01-20
    effect = [{ type = "impose", measure = "jet-ban", last_day = 2031-01-25 }]
    announced = 2031-01-22
    effect = [{ type = "lift", measure = "jet-ban", from = 2031-01-26 }]
    """
    days = ("2031-01-19", "2031-01-20", "2031-01-26")
    assert [world.status(day, "B-C", "B>C") for day in days] == ["operating", "restricted", "operating"]
    assert len(world.lane("B-C", "B>C").passed(world.at("2031-01-20"))) == 1


def test_a_passage_of_an_uncertain_day_counts_from_its_latest(world: World) -> None:
    """
    announced = 2031-01-20
    [[effect]]
    type = "passage"
    at = "B-C"
    mode = "road"
    traffic = "goods"
    direction = "B>C"
    on = "[2031-01-11..2031-01-15]"
    """
    assert world.status("2031-01-14", "B-C", "B>C") == "presumed"
    assert world.status("2031-01-15", "B-C", "B>C") == "operating"


def test_traffic_on_a_corridor_has_passed_what_lies_on_it(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [
        { type = "permit", measure = "leave" },
        { type = "permit", measure = "beta-leave" },
        { type = "permit", measure = "transit-leave" },
        { type = "passage", at = "through", mode = "road", traffic = "goods", origin = "C", destination = "A" },
    ]
    """
    assert [world.status("2031-01-10", each, "C>A" if each == "through" else None) for each in ("through",)] == [
        "operating"
    ]
    assert world.status("2031-01-10", "gate", "B>A") == "operating"
    assert world.status("2031-01-10", "A-B", "B>A") == "operating"
    assert world.status("2031-01-10", "B-C", "C>B") == "operating"
    assert world.status("2031-01-10", "B-C", "B>C") == "presumed"
    assert world.status("2031-01-10", "gate", "A>B") == "open"


def test_traffic_at_a_gate_says_nothing_of_the_corridor(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [
        { type = "permit", measure = "leave" },
        { type = "permit", measure = "beta-leave" },
        { type = "permit", measure = "transit-leave" },
        { type = "passage", at = "gate", mode = "road", traffic = "goods", direction = "A>B" },
    ]
    """
    assert world.status("2031-01-10", "gate", "A>B") == "operating"
    assert world.status("2031-01-10", "A-B", "A>B") == "operating"
    assert world.status("2031-01-10", "through", "A>C") == "open"


@pytest.mark.parametrize(
    ("goods", "status"),
    [("1001", "operating"), ("10", "operating"), ("100119", "operating"), ("8703", "presumed"), (None, "operating")],
)
def test_a_passage_of_other_goods_does_not_count(world: World, goods: str | None, status: str) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C", hs = "1001" }]
    """
    asked = {} if goods is None else {"goods": goods}
    assert world.status("2031-01-10", "B-C", "B>C", **asked) == status


def test_a_passage_of_no_stated_goods_counts_for_any(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" }]
    """
    assert world.status("2031-01-10", "B-C", "B>C", goods="8703") == "operating"


def test_between_two_possible_days_the_change_has_not_happened_and_is_uncertain(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege", from = "[2031-01-10..2031-01-15]" }]
    """
    history = world.lane("B-C")
    found = {
        day: history.uncertainty(world.at(day)) for day in ("2031-01-09", "2031-01-10", "2031-01-14", "2031-01-15")
    }
    assert [world.status(day, "B-C") for day in found] == ["presumed", "presumed", "presumed", "closed"]
    assert [each.alternative if each else None for each in found.values()] == [None, "closed", "closed", None]
    assert [world.day(each.edge) for each in found.values() if each] == ["[2031-01-10..2031-01-15]"] * 2


def test_an_uncertain_end_leaves_open_whether_it_has_ended(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege", last_day = "[2031-01-10..2031-01-15]" }]
    """
    history = world.lane("B-C")
    days = ("2031-01-10", "2031-01-11", "2031-01-15", "2031-01-16")
    assert [world.status(day, "B-C") for day in days] == ["closed", "closed", "closed", "presumed"]
    found = [history.uncertainty(world.at(day)) for day in days]
    assert [each.alternative if each else None for each in found] == [None, "presumed", "presumed", None]


def test_an_uncertain_end_with_no_word_behind_it_may_be_a_lapse(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "eastward", last_day = "[2031-01-10..2031-01-15]" }]
    """
    found = world.lane("B-C", "B>C").uncertainty(world.at("2031-01-12"))
    assert found
    assert found.alternative == "unverified"


def test_what_changes_nothing_is_not_uncertain(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege" }, { type = "impose", measure = "eastward", from = "2031-01-20~" }]
    """
    assert world.lane("B-C", "B>C").uncertainty(world.at("2031-01-20")) is None


def test_two_measures_that_wait_for_one_day_move_together(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure" }, { type = "impose", measure = "beta-closure" }]
    announced = 2031-01-06
    [[effect]]
    type = "lift"
    measure = "closure"
    from = "[2031-01-10..2031-01-15]"
    [[effect]]
    type = "lift"
    measure = "beta-closure"
    from = "[2031-01-10..2031-01-15]"
    """
    found = world.lane().uncertainty(world.at("2031-01-12"))
    assert found
    assert found.alternative == "open"


def test_two_measures_that_wait_for_two_days_do_not(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure" }, { type = "impose", measure = "beta-closure" }]
    announced = 2031-01-06
    [[effect]]
    type = "lift"
    measure = "closure"
    from = "[2031-01-10..2031-01-15]"
    [[effect]]
    type = "lift"
    measure = "beta-closure"
    from = "[2031-01-10..2031-01-16]"
    """
    assert world.lane().uncertainty(world.at("2031-01-12")) is None


def test_the_edge_that_is_open_is_told_and_not_one_that_has_just_been_reached(world: World) -> None:
    """
    announced = 2031-01-05
    [[effect]]
    type = "impose"
    measure = "siege"
    from = "[2031-01-06..2031-01-10]"
    last_day = "[2031-01-08..2031-01-15]"
    """
    found = world.lane("B-C").uncertainty(world.at("2031-01-10T00:00:00+04:00"))
    assert found
    assert (found.alternative, world.day(found.edge)) == ("presumed", "[2031-01-09..2031-01-16]")


def test_a_change_that_is_announced_for_later_is_coming(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege", from = 2031-02-01, last_day = 2031-02-10 }]
    """
    history = world.lane("B-C")
    coming = history.coming(world.at("2031-01-31"))
    assert [(world.day(Edge(move.at, move.at)), str(move.status)) for move in coming] == [
        ("2031-02-01", "closed"),
        ("2031-02-11", "presumed"),
    ]
    assert [(move.before < 0, move.after < 0) for move in coming] == [(True, False), (False, True)]
    assert {world.record.view.assertions.tracks[move.track] for move in coming} == {"measure:siege"}
    assert len(history.coming(world.at("2031-02-01"))) == 1
    assert history.coming(world.at("2031-02-11")) == []


def test_a_history_is_the_days_on_which_the_status_changed(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "siege", from = "[2031-01-10..2031-01-12]" }]
    announced = 2031-01-15
    effect = [{ type = "impose", measure = "eastward" }]
    announced = 2031-01-20
    effect = [{ type = "lift", measure = "siege" }, { type = "lift", measure = "eastward" }]
    announced = 2031-01-22
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" }]
    announced = 2031-01-24
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" }]
    """
    history = world.lane("B-C", "B>C")
    runs = [(world.day(history.edge(number)), str(history.status(number))) for number in history.runs()]
    assert runs == [
        (None, "presumed"),
        ("[2031-01-10..2031-01-12]", "closed"),
        ("2031-01-20", "open"),
        ("2031-01-22", "operating"),
    ]
    since = [
        history.since(history.number(world.at(day))) for day in ("2031-01-09", "2031-01-16", "2031-01-21", "2031-01-31")
    ]
    assert [world.day(history.edge(number)) for number in since] == [each for each, _ in runs]


def test_a_history_begins_at_the_beginning_even_if_it_ends_as_it_began(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "siege" }]
    announced = 2031-01-20
    effect = [{ type = "lift", measure = "siege" }]
    """
    history = world.lane("B-C")
    assert [str(history.status(number)) for number in history.runs()] == ["presumed", "closed", "presumed"]


def test_a_passage_in_the_hour_of_the_opening_counts_from_that_hour_on(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "siege" }]
    announced = 2031-01-20T06:00:00+04:00
    effect = [
        { type = "lift", measure = "siege" },
        { type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" },
    ]
    """
    history = world.lane("B-C", "B>C")
    seen = [len(history.passed(world.at(f"2031-01-20T{hour}+04:00"))) for hour in ("05:59:59", "06:00:00", "06:00:01")]
    assert seen == [0, 1, 1]
    assert world.status("2031-01-20T06:00:00+04:00", "B-C", "B>C") == "operating"


def test_a_change_on_an_uncertain_last_day_is_dated_so(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege", last_day = "[2031-01-10..2031-01-15]" }]
    """
    history = world.lane("B-C")
    runs = [(world.day(history.edge(number)), str(history.status(number))) for number in history.runs()]
    assert runs == [(None, "presumed"), ("2031-01-05", "closed"), ("[2031-01-11..2031-01-16]", "presumed")]


def test_what_is_certain_does_not_hide_what_is_not(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "wheat-ban" }]
    announced = 2031-01-06
    effect = [{ type = "impose", measure = "siege", from = "[2031-01-10..2031-01-15]" }]
    """
    found = world.lane("B-C").uncertainty(world.at("2031-01-12"))
    assert found
    assert found.alternative == "closed"


def test_what_is_uncertain_is_so_from_its_first_instant_until_its_last(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege", from = "[2031-01-10..2031-01-15]" }]
    """
    history = world.lane("B-C")
    hours = ("2031-01-09T23:59:59", "2031-01-10T00:00:00", "2031-01-14T23:59:59", "2031-01-15T00:00:00")
    found = [history.uncertainty(world.at(f"{hour}+04:00")) for hour in hours]
    assert [each is not None for each in found] == [False, True, True, False]
    assert {world.day(each.edge) for each in found if each} == {"[2031-01-10..2031-01-15]"}
