"""The record in a state of knowledge: which announcements are known, with which content. Design §2 and §4."""

from tests.state.conftest import World
from tracker.state.lane_history import lane_history
from tracker.state.record import VIEWS_KEPT
from tracker.state.scope import Question
from tracker.timeline.knowledge import EVERYTHING, Known


def test_an_announcement_is_known_from_the_day_on_which_it_was_made(world: World) -> None:
    """
    announced = 2031-01-10
    summary = "The first."
    announced = 2031-01-05
    summary = "The second."
    """
    view = world.record.view
    assert list(view.contents) == ["a2", "a1"]
    assert [content.summary for _, content in view.contents.values()] == ["The second.", "The first."]
    assert [version.number for version, _ in view.contents.values()] == [0, 0]
    assert view.announcement("a1").summary == "The first."
    earlier = world.view("2031-01-09")
    assert list(earlier.contents) == ["a2"]
    assert (earlier.version("a1"), earlier.version("nobody's")) == (None, None)


def test_of_one_instant_announcements_come_by_name(world: World) -> None:
    """
    announced = 2031-01-10
    announced = 2031-01-10
    announced = 2031-01-09
    """
    assert list(world.record.view.contents) == ["a3", "a1", "a2"]


def test_denials_are_those_that_are_known_in_the_order_in_which_they_were_made(world: World) -> None:
    """
    announced = 2031-01-05
    by = [{ party = "alpha" }]
    announced = 2031-01-08
    by = [{ party = "beta" }]
    relation = [{ type = "denies", announcement = "a1" }]
    announced = 2031-01-07
    by = [{ party = "gamma" }]
    relation = [{ type = "confirms", announcement = "a2" }, { type = "denies", announcement = "a1" }]
    announced = 2031-01-09
    by = [{ party = "gamma" }]
    relation = [{ type = "denies", announcement = "a2" }]
    """
    view = world.record.view
    assert [view.denials(name) for name in ("a1", "a2", "a3")] == [("a3", "a2"), ("a4",), ()]
    assert world.view("2031-01-07").denials("a1") == ("a3",)
    assert world.view("2031-01-04").denials("a1") == ()
    assert view.denials("a1") is view.denials("a1")


def test_the_last_states_of_knowledge_are_kept_and_the_whole_always(world: World) -> None:
    """
    announced = 2031-01-05
    """
    record = world.record
    whole = record.at(EVERYTHING)
    views = [record.at(Known(number, 1)) for number in range(VIEWS_KEPT + 2)]  # the newest, and so many before it
    assert record.view is whole
    assert all(record.at(Known(number, 1)) is views[number] for number in range(1, VIEWS_KEPT + 2))
    assert record.at(Known(0, 1)) is not views[0]


def test_the_registry_is_that_of_a_position_with_the_dataset(world: World) -> None:
    record = world.record
    alpha = next(entry.position for entry in record.entries if entry.id == "alpha")
    assert set(record.registry(alpha).parties) == {"alpha"}
    assert record.registry(alpha - 1).parties == {}
    assert record.registry(0).dataset.name == "Three in a row"
    assert record.position == len(record.entries)


def test_measures_are_found_by_the_places_that_their_scope_names(world: World) -> None:
    measures_at = world.record.view.measures_at
    assert [measure.id for measure in measures_at("gate")] == ["gate-ban"]
    assert {measure.id for measure in measures_at("C")} == {
        "import-bar", "export-bar", "any-bar", "c-import", "c-transit",
    }  # fmt: skip
    assert list(measures_at("ford")) == []


def test_the_history_of_a_lane_is_kept_unless_a_class_is_asked_about(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "permit", measure = "leave" }, { type = "permit", measure = "wheat-leave" }]
    """
    lane, view = world.lane().lane, world.record.view
    history = lane_history(view, lane)
    assert history is lane_history(view, lane)
    of_wheat = lane_history(view, lane, Question("1001"))
    assert [each.status(each.number(world.at("2031-01-05"))) for each in (history, of_wheat)] == ["restricted", "open"]
    assert (of_wheat.lane, of_wheat.view) == (lane, view)
    assert lane_history(world.view("2031-01-04"), lane).status(0) == "unverified"
