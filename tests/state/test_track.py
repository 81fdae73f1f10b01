"""One track by itself: its turns, and what stands on several together. Design §5."""

import pytest

from tests.state.conftest import World
from tracker.model.dates import Edge
from tracker.state.track_sets import track_set
from tracker.state.tracks import next_row, runs, together
from tracker.timeline.value_at import Reading


def turns(world: World, name: str) -> list[tuple[str | None, str | None]]:
    view = world.record.view
    found = runs(view, view.track(name))
    return [(world.day(Edge(run.at, run.at)), world.said_in(run.row)) for run in found]


def test_the_turns_of_a_track_are_where_another_word_decides_it(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure", last_day = 2031-01-31 }]
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure", only = ["lorries"], last_day = 2031-01-14 }]
    announced = 2031-01-12
    effect = [{ type = "impose", measure = "closure", only = ["lorries"], from = 2031-01-11, last_day = 2031-01-20 }]
    announced = 2031-02-10
    effect = [{ type = "lift", measure = "closure" }]
    """
    assert turns(world, "measure:closure") == [
        ("2031-01-05", "a1"),
        ("2031-01-10", "a2"),
        # from 11 January a3 decides, which says no more than a2
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
    tracks = track_set(view, tuple(view.track(f"measure:{name}") for name in ("closure", "checks")))
    days = ("2031-01-04", "2031-01-05", "2031-01-09", "2031-01-10", "2031-01-19", "2031-01-20", "2031-02-01")
    newest = [tracks.newest(world.at(day)) for day in days]
    assert [at if at is None else world.day(Edge(at, at)) for at in newest] == [
        None, "2031-01-05", "2031-01-05", "2031-01-10", "2031-01-10", "2031-01-20", "2031-01-20",
    ]  # fmt: skip
    assert tracks.newest(world.at("2031-01-04") + 1) == world.at("2031-01-04") + 1
    assert track_set(view, ()).newest(world.at("2031-02-01")) is None
    assert track_set(view, tracks.tracks) is tracks


def test_tracks_together_tell_what_stands_on_each_wherever_one_of_them_changes() -> None:
    one, other = [(0, -1), (10, 4), (30, -6)], [(0, -1), (5, 7), (10, 8)]
    assert list(together([one, other])) == [(0, (-1, -1)), (5, (-1, 7)), (10, (4, 8)), (30, (-6, 8))]
    assert list(together([one])) == [(0, (-1,)), (10, (4,)), (30, (-6,))]
    assert list(together([[(10, 4)], [(5, 7)]])) == [(5, (-1, 7)), (10, (4, 7))]  # nothing stands on a track before


@pytest.mark.parametrize(
    ("one", "other", "steady"),
    [
        ("2031-01-01", "2031-01-04", True),
        ("2031-01-04", "2031-01-05", False),
        ("2031-01-05", "2031-01-06", False),  # something more is announced
        ("2031-01-06", "2031-01-09", True),
        ("2031-01-09", "2031-01-10", False),
        ("2031-01-10", "2031-01-12", False),  # one of its days has come
        ("2031-01-15", "2031-03-01", True),
        ("2031-03-01", "2031-01-01", False),
    ],
)
def test_nothing_begins_ends_or_is_announced_in_steady_times(world: World, one: str, other: str, steady: bool) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege", last_day = 2031-01-09 }]
    announced = 2031-01-06
    effect = [{ type = "impose", measure = "closure", from = "[2031-01-12..2031-01-15]" }]
    """
    early, late = sorted((world.at(one), world.at(other)))
    assert (world.record.view.next_change(early) > late) is steady


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
