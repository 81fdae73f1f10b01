"""Where a measure stands: in force, eased, lifted, lapsed, upcoming. Design §5 and §6."""

import pytest

from tests.state.conftest import World


def test_a_measure_of_which_nothing_was_said_has_no_state(world: World) -> None:
    standing = world.measure("closure", "2031-01-31")
    assert standing[1:] == ("none", None, None, (), None, None, None, None, None)


def test_a_measure_goes_through_its_life(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure", from = 2031-01-10, last_day = 2031-01-31, only = ["by day"] }]
    announced = 2031-01-15
    effect = [{ type = "exempt", measure = "closure", only = ["aid only"], last_day = 2031-01-16 }]
    announced = 2031-01-20
    effect = [{ type = "extend", measure = "closure", last_day = 2031-02-10 }]
    announced = 2031-03-01
    effect = [{ type = "lift", measure = "closure" }]
    """
    days = (
        "2031-01-04",
        "2031-01-09",
        "2031-01-10",
        "2031-01-15",
        "2031-01-17",
        "2031-02-01",
        "2031-02-11",
        "2031-03-01",
    )
    found = [world.measure("closure", day) for day in days]
    assert [each.state for each in found] == [
        "none", "upcoming", "in-force", "eased", "in-force", "in-force", "lapsed", "lifted",
    ]  # fmt: skip
    said = [None if each.row is None else each.view.row(each.row).announcement for each in found]
    assert said == [None, "a1", "a1", "a2", "a1", "a3", "a3", "a4"]
    levels = [None, None, "prohibited", "prohibited", "prohibited", "prohibited", None, None]
    assert [each.level for each in found] == levels
    assert [each.limits for each in found] == [
        (), (), ("by day",), ("by day", "aid only"), ("by day",), ("by day",), (), (),
    ]  # fmt: skip
    assert [world.day(each.since) for each in found] == [
        None, None, "2031-01-10", "2031-01-15", "2031-01-10", "2031-01-10", "2031-02-11", "2031-03-01",
    ]  # fmt: skip
    assert [world.day(each.until) for each in found] == [
        "2031-01-10", "2031-01-10", "2031-01-15", "2031-01-17", "2031-02-11", "2031-02-11", "2031-03-01", None,
    ]  # fmt: skip


def test_a_permission_is_in_force_until_it_is_revoked(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "leave", only = ["lorries only"] }]
    announced = 2031-01-20
    effect = [{ type = "revoke", measure = "leave" }]
    """
    given, taken = world.measure("leave", "2031-01-19"), world.measure("leave", "2031-01-20")
    assert (given.state, given.level, given.limits) == ("in-force", "permitted", ("lorries only",))
    assert (taken.state, taken.level, taken.limits) == ("revoked", None, ())
    assert world.day(given.until) == "2031-01-20"


def test_an_impose_says_its_own_level(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure", level = "restricted" }]
    """
    assert world.measure("closure", "2031-01-10").level == "restricted"


def test_a_suspension_ends_and_the_measure_is_there_again(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure" }]
    announced = 2031-01-12
    effect = [{ type = "lift", measure = "closure", until = 2031-01-15T06:00:00+04:00 }]
    """
    states = [world.measure("closure", f"2031-01-15T{hour}+04:00").state for hour in ("05:59:59", "06:00:00")]
    assert states == ["lifted", "in-force"]
    assert world.day(world.measure("closure", "2031-01-13").until) == "2031-01-15T06:00:00+04:00"


def test_an_extension_carries_on_what_was_in_force_before_it(world: World) -> None:
    """
    announced = 2031-01-01
    effect = [{ type = "impose", measure = "closure", from = 2031-01-02, last_day = 2031-01-10 }]
    announced = 2031-01-09
    effect = [{ type = "extend", measure = "closure", last_day = 2031-01-20 }]
    announced = 2031-01-15
    effect = [{ type = "exempt", measure = "closure", only = ["aid only"], last_day = 2031-01-18 }]
    announced = 2031-01-17
    effect = [{ type = "extend", measure = "closure", last_day = 2031-02-28 }]
    """
    assert world.day(world.measure("closure", "2031-02-01").since) == "2031-01-02"


def test_an_extension_after_a_gap_begins_anew(world: World) -> None:
    """
    announced = 2031-01-01
    effect = [{ type = "impose", measure = "closure", last_day = 2031-01-10 }]
    announced = 2031-01-15
    effect = [{ type = "extend", measure = "closure", last_day = 2031-02-28 }]
    """
    assert world.measure("closure", "2031-01-12").state == "lapsed"
    assert world.day(world.measure("closure", "2031-02-01").since) == "2031-01-15"


def test_an_extension_of_what_was_lifted_asserts_nothing(world: World) -> None:
    """
    announced = 2031-01-01
    effect = [{ type = "impose", measure = "closure" }]
    announced = 2031-01-10
    effect = [{ type = "lift", measure = "closure" }]
    announced = 2031-01-15
    effect = [{ type = "extend", measure = "closure", last_day = 2031-02-28 }]
    """
    assert world.measure("closure", "2031-02-01").state == "lifted"


def test_a_measure_is_uncertain_while_its_day_is(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure", last_day = "[2031-01-20..2031-01-22]" }]
    """
    found = {day: world.measure("closure", day) for day in ("2031-01-20", "2031-01-21", "2031-01-22", "2031-01-23")}
    assert [each.state for each in found.values()] == ["in-force", "in-force", "in-force", "lapsed"]
    assert [each.alternative for each in found.values()] == [None, "lapsed", "lapsed", None]
    assert [world.day(each.alternative_edge) for each in found.values()] == [
        None, "[2031-01-21..2031-01-23]", "[2031-01-21..2031-01-23]", None,
    ]  # fmt: skip


def test_a_beginning_that_is_uncertain_is_upcoming_or_in_force(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure", from = "[2031-01-20..2031-01-22]" }]
    """
    standing = world.measure("closure", "2031-01-21")
    assert (standing.state, standing.alternative) == ("upcoming", "in-force")
    assert world.day(standing.alternative_edge) == "[2031-01-20..2031-01-22]"


def test_another_word_for_the_same_state_is_not_uncertain(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure" }]
    announced = 2031-01-06
    effect = [{ type = "impose", measure = "closure", from = "[2031-01-20..2031-01-22]" }]
    """
    standing = world.measure("closure", "2031-01-21")
    assert (standing.state, standing.alternative, standing.alternative_edge) == ("in-force", None, None)


@pytest.mark.parametrize(
    ("day", "state", "until"),
    [("2031-01-12", "eased", "2031-01-16"), ("2031-01-16", "in-force", "2031-01-21"), ("2031-01-21", "lapsed", None)],
)
def test_an_end_is_its_own_or_the_next_word(world: World, day: str, state: str, until: str | None) -> None:
    """
    announced = 2031-01-01
    effect = [{ type = "impose", measure = "closure", last_day = 2031-01-20 }]
    announced = 2031-01-10
    effect = [{ type = "exempt", measure = "closure", only = ["aid only"], last_day = 2031-01-15 }]
    """
    standing = world.measure("closure", day)
    assert (standing.state, world.day(standing.until)) == (state, until)


def test_a_later_word_that_begins_earlier_does_not_wait(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "lift", measure = "closure", from = 2031-01-02 }]
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure" }]
    """
    assert world.measure("closure", "2031-01-03").state == "lifted"
    assert world.measure("closure", "2031-01-05").state == "lifted"  # the last announced decides


def test_an_end_that_is_uncertain_is_told_as_it_is(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure", last_day = "[2031-01-20..2031-01-22]" }]
    """
    assert world.day(world.measure("closure", "2031-01-10").until) == "[2031-01-21..2031-01-23]"


def test_a_measure_that_ended_before_the_last_day_on_which_it_may_have_begun_is_none_until_then(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure", from = "[2031-01-10..2031-01-20]", last_day = 2031-01-15 }]
    """
    found = {day: world.measure("closure", day) for day in ("2031-01-09", "2031-01-12", "2031-01-16")}
    assert [each.state for each in found.values()] == ["none", "none", "lapsed"]
    assert [each.alternative for each in found.values()] == [None, "in-force", None]
