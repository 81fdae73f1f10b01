"""The status of the rest of a restricted lane: "closed but for some" is worse than "open but for some". Design §6."""

import pytest

from tests.state.conftest import World
from tracker.model.vocabulary import Status
from tracker.state.status import PASSABLE, severity


def rest(
    world: World, day: str, subject: str = "A-B", direction: str | None = None, **lane: str
) -> tuple[str, str | None, int]:
    """The status, that of the rest, and the severity, by a history and by a sweep."""
    status = world.status(day, subject, direction, **lane)
    history = world.lane(subject, direction, **lane)
    number = history.number(world.at(day))
    return status, history.otherwise(number), history.severity(number)


def test_an_exemption_from_a_closure_leaves_the_rest_closed(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure" }, { type = "permit", measure = "beta-leave" }]
    announced = 2031-01-20
    effect = [{ type = "exempt", measure = "closure", only = ["aid"] }]
    """
    assert rest(world, "2031-01-19") == ("closed", None, 8)
    assert rest(world, "2031-01-20") == ("restricted", "closed", 4)
    assert rest(world, "2031-01-20", only="aid") == ("open", None, 1)


def test_a_bar_to_a_class_leaves_the_rest_open(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "leave" }, { type = "permit", measure = "beta-leave" }]
    announced = 2031-01-20
    effect = [{ type = "impose", measure = "visitor-checks" }]
    """
    assert rest(world, "2031-01-20") == ("restricted", "open", 3)
    assert rest(world, "2031-01-20", only="visitors") == ("closed", None, 8)


def test_checks_on_everything_leave_no_rest(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "leave" }, { type = "permit", measure = "beta-leave" }]
    announced = 2031-01-20
    effect = [{ type = "impose", measure = "checks" }]
    announced = 2031-01-30
    effect = [{ type = "impose", measure = "visitor-checks" }]
    """
    assert rest(world, "2031-01-20") == ("restricted", None, 3)
    assert rest(world, "2031-01-30") == ("restricted", None, 3)  # visitors fare worse, all others are checked


def test_a_permission_for_a_class_leaves_the_rest_unknown(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [
        { type = "permit", measure = "leave", only = ["aid"] },
        { type = "permit", measure = "beta-leave" },
    ]
    """
    assert rest(world, "2031-01-10") == ("restricted", "one-sided", 4)
    assert rest(world, "2031-01-10", only="aid") == ("open", None, 1)


def test_a_permission_for_some_goods_leaves_the_rest_unknown(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "leave" }, { type = "permit", measure = "wheat-leave" }]
    """
    assert rest(world, "2031-01-10") == ("restricted", "one-sided", 4)
    assert rest(world, "2031-01-10", goods="1001") == ("open", None, 1)


def test_a_bar_to_entry_alone_is_no_bar_to_a_class(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "c-import" }]
    """
    assert rest(world, "2031-01-10", "B-C", "B>C") == ("restricted", None, 3)


def test_traffic_that_was_seen_may_be_of_the_rest(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "jet-ban" }]
    announced = 2031-01-20
    effect = [{ type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C", on = 2031-01-20 }]
    """
    assert rest(world, "2031-01-19", "B-C", "B>C") == ("restricted", "presumed", 3)
    assert rest(world, "2031-01-20", "B-C", "B>C") == ("restricted", "operating", 3)


@pytest.mark.parametrize("otherwise", [None, *Status])
def test_restricted_is_worse_where_the_rest_may_not_pass(otherwise: Status | None) -> None:
    assert severity(Status.RESTRICTED, otherwise) == (3 if otherwise is None or otherwise in PASSABLE else 4)
    assert severity(Status.OPEN, otherwise) == 1
