"""What was promised, and what became of it. Design §7."""

from tests.state.conftest import World
from tracker.queries.promises import OpenPledges
from tracker.state.lanes import gates


def test_a_pledge_is_open_then_overdue_the_day_after_it_fell_due(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "pledge", pledge = "p", kind = "promise", parties = ["alpha"], text = "t", due = 2031-01-20 }]
    """
    assert world.pledges("2031-01-09") == {}
    days = ("2031-01-10", "2031-01-20", "2031-01-21", "2031-01-31")
    found = [world.pledges(day)["p"] for day in days]
    assert [each.status for each in found] == ["open", "open", "overdue", "overdue"]
    assert [each.overdue_days for each in found] == [None, None, 1, 11]
    assert [each.lag_days for each in found] == [0, 10, 11, 21]
    assert [each.ended for each in found] == [-1] * 4
    assert world.day(found[0].due) == "2031-01-21"


def test_a_pledge_without_a_due_date_never_falls_due(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "pledge", pledge = "p", kind = "offer", parties = ["alpha"], text = "t" }]
    """
    standing = world.pledges("2099-01-10")["p"]
    assert (standing.status, standing.due, standing.overdue_days) == ("open", None, None)


def test_an_uncertain_due_date_is_past_when_its_latest_day_is(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "pledge", pledge = "p", kind = "promise", parties = ["alpha"], text = "t", due = "2031-01" }]
    """
    assert world.pledges("2031-01-31")["p"].status == "open"
    assert world.pledges("2031-02-01")["p"].status == "overdue"


def test_a_pledge_that_was_kept_says_after_how_many_days_and_how_late(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [
        { type = "pledge", pledge = "early", kind = "promise", parties = ["alpha"], text = "t", due = 2031-01-20 },
        { type = "pledge", pledge = "late", kind = "promise", parties = ["alpha"], text = "t", due = 2031-01-20 },
    ]
    announced = 2031-01-25
    effect = [{ type = "fulfil", pledge = "early", on = 2031-01-20 }, { type = "fulfil", pledge = "late" }]
    """
    assert world.pledges("2031-01-19")["early"].status == "open"
    found = world.pledges("2031-03-01")
    assert [(each.status, each.lag_days, each.overdue_days) for each in found.values()] == [
        ("fulfilled", 10, None),
        ("fulfilled", 15, 5),
    ]
    assert {world.said_in(each.ended) for each in found.values()} == {"a2"}
    assert {world.said_in(each.row) for each in found.values()} == {"a1"}


def test_a_pledge_that_was_taken_back_is_neither_open_nor_kept(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "pledge", pledge = "p", kind = "promise", parties = ["alpha"], text = "t", due = 2031-01-20 }]
    announced = 2031-01-15
    effect = [{ type = "withdraw", pledge = "p" }]
    """
    standing = world.pledges("2031-03-01")["p"]
    assert (standing.status, standing.lag_days, standing.overdue_days) == ("withdrawn", 5, None)


def test_a_pledge_is_one_from_the_very_hour_in_which_it_was_made(world: World) -> None:
    """
    announced = 2031-01-10T06:00:00+04:00
    effect = [{ type = "pledge", pledge = "p", kind = "offer", parties = ["alpha"], text = "t" }]
    """
    assert world.pledges("2031-01-10T05:59:59+04:00") == {}
    assert list(world.pledges("2031-01-10T06:00:00+04:00")) == ["p"]


def test_pledges_come_oldest_first(world: World) -> None:
    """
    announced = 2031-02-10
    effect = [{ type = "pledge", pledge = "a", kind = "offer", parties = ["alpha"], text = "t" }]
    announced = 2031-01-10
    effect = [{ type = "pledge", pledge = "b", kind = "offer", parties = ["alpha"], text = "t" }]
    announced = 2031-02-15
    effect = [{ type = "fulfil", pledge = "a", on = 2031-02-11 }]
    """
    assert list(world.pledges("2031-03-01")) == ["b", "a"]


def test_a_lane_is_told_of_pledges_about_it_and_the_gates_on_its_way(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [
        { type = "pledge", pledge = "gate", kind = "offer", parties = ["alpha"], text = "t", at = ["gate"] },
        { type = "pledge", pledge = "border", kind = "offer", parties = ["alpha"], text = "t", at = ["A-B"] },
        { type = "pledge", pledge = "country", kind = "offer", parties = ["alpha"], text = "t", at = ["B"] },
        { type = "pledge", pledge = "corridor", kind = "offer", parties = ["alpha"], text = "t", at = ["through"] },
        { type = "pledge", pledge = "rail", kind = "offer", parties = ["alpha"], text = "t", at = ["A-B"], \
modes = ["rail"] },
        { type = "pledge", pledge = "other", kind = "offer", parties = ["alpha"], text = "t", at = ["C-D"] },
        { type = "pledge", pledge = "nowhere", kind = "offer", parties = ["alpha"], text = "t" },
    ]
    """
    promised = OpenPledges(world.record.view, world.at("2031-01-10"))

    def told(subject: str, **lane_words: str) -> set[str]:
        lane = world.lane(subject, **lane_words).lane
        return {each.pledge for each in promised.about(gates(lane), lane.mode)}

    assert told("A-B") == {"border", "gate"}
    assert told("A-B", mode="rail") == {"border", "rail"}
    assert told("gate") == {"gate", "border"}
    assert told("through") == {"gate", "border", "corridor"}
    assert told("C-D") == {"other"}


def test_what_was_kept_before_it_was_promised_is_no_pledge_until_it_is_made(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "pledge", pledge = "p", kind = "promise", parties = ["alpha"], text = "t" }]
    announced = 2031-01-15
    effect = [{ type = "fulfil", pledge = "p", on = 2031-01-05 }]
    """
    assert world.pledges("2031-01-07") == {}
    assert world.pledges("2031-01-10")["p"].status == "fulfilled"
