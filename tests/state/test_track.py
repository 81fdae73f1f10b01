"""One track by itself: its turns, and what stands on several together. Design §5."""

import pytest

from tests.state.conftest import World
from tracker.model.dates import Edge
from tracker.state.bundle import bundle
from tracker.state.tracks import next_row, runs
from tracker.timeline.value_at import Reading


def turns(world: World, name: str) -> list[tuple[str | None, str | None]]:
    view = world.record.view
    found = runs(view, view.track(name))
    return [(world.day(Edge(at, at)), world.said_in(row)) for at, row in found]


def test_the_turns_of_a_track_are_where_another_word_decides_it(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure", last_day = 2031-01-31 }]
    announced = 2031-01-10
    effect = [{ type = "ease", measure = "closure", limits = ["aid only"], last_day = 2031-01-14 }]
    announced = 2031-01-12
    effect = [{ type = "ease", measure = "closure", limits = ["aid only"], from = 2031-01-11, last_day = 2031-01-20 }]
    announced = 2031-02-10
    effect = [{ type = "lift", measure = "closure" }]
    """
    assert turns(world, "measure:closure") == [
        ("2031-01-05", "a1"),
        ("2031-01-10", "a2"),
        ("2031-01-11", "a3"),  # at the end of a2, on 15 January, a3 decides already
        ("2031-01-21", "a1"),
        ("2031-02-01", None),
        ("2031-02-10", "a4"),
    ]


def test_what_comes_next_is_the_first_word_that_will_decide(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure", from = 2031-02-01, last_day = 2031-02-10 }]
    announced = 2031-01-06
    effect = [{ type = "impose", measure = "closure", from = 2031-03-01 }]
    """
    view = world.record.view
    days = ("2031-01-01", "2031-01-31", "2031-02-20", "2031-03-01")
    found = [next_row(view, view.track("measure:closure"), world.at(day)) for day in days]
    assert [world.said_in(row) for row in found] == ["a1", "a1", "a2", None]


def test_the_newest_word_about_some_tracks_is_the_last_that_was_made_by_then(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure", from = 2031-03-01 }]
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "checks", from = 2031-01-01 }]
    announced = 2031-01-20
    effect = [{ type = "lift", measure = "closure", from = 2031-03-05 }]
    announced = 2031-01-25
    effect = [{ type = "impose", measure = "siege" }]
    """
    view = world.record.view
    together = bundle(view, tuple(view.track(f"measure:{name}") for name in ("closure", "checks")))
    days = ("2031-01-04", "2031-01-05", "2031-01-09", "2031-01-10", "2031-01-19", "2031-01-20", "2031-02-01")
    newest = [together.newest(world.at(day)) for day in days]
    assert [at if at is None else world.day(Edge(at, at)) for at in newest] == [
        None, "2031-01-05", "2031-01-05", "2031-01-10", "2031-01-10", "2031-01-20", "2031-01-20",
    ]  # fmt: skip
    assert together.newest(world.at("2031-01-04") + 1) == world.at("2031-01-04") + 1
    assert bundle(view, ()).newest(world.at("2031-02-01")) is None
    assert bundle(view, together.tracks) is together


def test_a_bundle_says_by_the_number_of_the_value_and_whether_it_has_run_out(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege", last_day = 2031-01-10 }]
    announced = 2031-01-06
    effect = [{ type = "impose", measure = "closure", last_day = 2031-01-20 }]
    announced = 2031-01-08
    effect = [{ type = "extend", measure = "closure", last_day = 2031-01-30 }]
    """
    view = world.record.view
    together = bundle(view, tuple(view.track(f"measure:{name}") for name in ("closure", "siege")))
    days = ("2031-01-04", "2031-01-05", "2031-01-06", "2031-01-08", "2031-01-11", "2031-01-31")
    said = [together.said(world.at(day)) for day in days]
    words = [[view.assertions.values[each] if each >= 0 else each for each in both] for both in said]
    assert words == [
        [-1, -1], [-1, "impose{}"], ["impose{}", "impose{}"], ["extend{}", "impose{}"], ["extend{}", -2], [-2, -2],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "steady"),
    [
        ("2031-01-01", "2031-01-04", True),
        ("2031-01-04", "2031-01-05", False),
        ("2031-01-05", "2031-01-09", True),
        ("2031-01-09", "2031-01-10", False),
        ("2031-01-10", "2031-01-12", False),  # one of its days has come
        ("2031-01-15", "2031-03-01", True),
        ("2031-03-01", "2031-01-01", False),
    ],
)
def test_nothing_begins_or_ends_in_steady_times(world: World, one: str, other: str, steady: bool) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege", last_day = 2031-01-09 }]
    announced = 2031-01-06
    effect = [{ type = "impose", measure = "closure", from = "[2031-01-12..2031-01-15]" }]
    """
    assert world.record.view.steady(world.at(one), world.at(other)) is steady


def test_tracks_may_change_where_something_on_one_of_them_begins_or_ends(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege", last_day = 2031-01-09 }]
    announced = 2031-01-06
    effect = [{ type = "impose", measure = "closure", from = "[2031-01-12..2031-01-15]" }]
    announced = 2031-01-07
    effect = [{ type = "permit", measure = "leave" }]
    """
    view = world.record.view
    tracks = [view.track(f"measure:{name}") for name in ("closure", "siege", "toll")]
    assert (tracks[0], tracks[-1]) == (0, -1)
    changes = view.changes(tracks)
    assert [world.day(Edge(at, at)) for at in changes] == ["2031-01-05", "2031-01-10", "2031-01-15"]


def test_an_uncertain_edge_is_read_in_three_ways(world: World) -> None:
    """
    announced = 2031-01-05
    [[effect]]
    type = "impose"
    measure = "closure"
    from = "[2031-01-10..2031-01-12]"
    last_day = "[2031-01-20..2031-01-22]"
    """
    view, days = world.record.view, ("2031-01-09", "2031-01-11", "2031-01-15", "2031-01-21", "2031-01-23")
    covered = {reading: [view.winners(world.at(day), reading) == [0] for day in days] for reading in Reading}
    assert covered == {
        Reading.LATE: [False, False, True, True, False],
        Reading.CERTAIN: [False, False, True, False, False],
        Reading.POSSIBLE: [False, True, True, True, False],
    }
