"""Problems of classes, of lists that may say "all but", and of named firms; each is on the line of its comment."""

from collections.abc import Callable

import pytest

from tracker.dataset.reader import DatasetFiles
from tracker.model.errors import Problem, Severity

AsMarked = Callable[[], None]
Read = Callable[[], tuple[DatasetFiles | None, tuple[Problem, ...]]]


@pytest.mark.usefixtures("files")
def test_classes_and_lists_that_fit_have_no_problems(read: Read) -> None:
    """
    --- registry/more.toml
    [class]
    vehicles = { name = "Vehicles", group = "means" }
    lorries = { name = "Lorries", group = "means", within = ["vehicles"], aliases = ["trucks"] }
    small-lorries = { name = "Small lorries", group = "means", within = ["lorries", "vehicles"] }
    pedestrians = { name = "People on foot", group = "means" }
    third-country-nationals = { name = "Third-country nationals", group = "nationality" }

    [measure.steel-ban]
    title = "Ban on steel"
    authority = "AM"
    kind = "restriction"
    level = "prohibited"

    [measure.steel-ban.scope]
    at = ["AM"]
    goods = ["72", "!7204"]
    only = ["vehicles", "!lorries", "convoys"]
    destination = ["!AZ"]
    named = ["The Ark"]
    """
    found, problems = read()
    assert problems == ()
    assert found is not None
    assert list(found.registry.classes) == [
        "vehicles", "lorries", "small-lorries", "pedestrians", "third-country-nationals"
    ]  # fmt: skip


def test_classes_are_within_others_of_their_group_and_not_in_a_circle(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [class.bare]  # <- `group` is missing from [class.bare]: add group = …
    name = "Bare"

    [class.lorries]
    name = "Lorries"
    group = "means"
    within = ["vehicels"]  # <- no class "vehicels" is registered: did you mean "vehicles"?

    [class.vehicles]
    name = "Vehicles"
    group = "means"
    within = ["vehicles"]  # <- class vehicles is within itself: take one of them out

    [class.ring-one]
    name = "One"
    group = "means"
    within = ["ring-two"]  # <- class ring-one is within ring-two, which is within ring-one: take one of them out

    [class.ring-two]
    name = "Two"
    group = "means"
    within = ["ring-one"]  # <- class ring-two is within ring-one, which is within ring-two: take one of them out

    [class.foreigners]
    name = "Foreigners"
    group = "nationality"
    within = ["lorries"]  # <- class foreigners is of group nationality, and lorries, which it is within, of means: \
give both one group, or leave it out

    [class.cars]
    name = "Cars"
    group = "means"

    [class.pick-ups]
    name = "Pick-ups"
    group = "means"
    within = [
      "lorries",
      "cars",  # <- class pick-ups is within lorries and cars, which exclude each other, as both are of group means: \
put one of them within the other, or keep one here
    ]
    """
    as_marked()


def test_two_classes_have_two_names(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [class.lorries]
    name = "Lorries"
    group = "means"
    aliases = ["HGVs"]  # <- alias "HGVs" of lorries already means class hgvs

    [class.hgvs]
    name = "Heavy vehicles"
    group = "means"

    [class.trucks]
    name = "lorries"  # <- "lorries" already means class lorries: give class trucks another name
    group = "means"
    """
    as_marked()


def test_all_but_has_its_places_and_takes_something_away(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [class]
    vehicles = { name = "Vehicles", group = "means" }
    lorries = { name = "Lorries", group = "means", within = ["vehicles"] }
    pedestrians = { name = "People on foot", group = "means" }

    [measure.one]
    title = "One"
    authority = "AM"
    kind = "restriction"
    level = "prohibited"

    [measure.one.scope]
    at = ["!AM-AZ"]  # <- `at` cannot say "all but": "!" may stand in origin, destination, goods and only. Name what
    modes = ["!road"]  # <- `modes` cannot say "all but"
    direction = "!AM>AZ"  # <- `direction` cannot say "all but"
    goods = ["!7a"]  # <- `goods` cannot be "!7a": write an HS code of 2 to 10 digits, e.g. "1001", or with "!" before

    [measure.two]
    title = "Two"
    authority = "AM"
    kind = "restriction"
    level = "prohibited"

    [measure.two.scope]
    at = ["AM"]
    origin = [
      "TR",
      "!XX",  # <- no territory "XX" is registered
      "!TR",  # <- "!TR" leaves nothing of "TR": take one of the two out
    ]
    goods = [
      "7204",
      "!72",  # <- "!72" leaves nothing of "7204": take one of the two out
      "!10",  # <- "!10" takes nothing away from "7204": leave it out
    ]
    only = [
      "lorries",
      "!vehicles",  # <- "!vehicles" leaves nothing of "lorries"
      "!pedestrians",  # <- "!pedestrians" takes nothing away from "lorries": leave it out
      "!",  # <- "!" names no class: write one
    ]
    named = ["!The Ark"]  # <- `named` cannot say "all but"
    """
    as_marked()


def test_effects_are_checked_alike(as_marked: AsMarked) -> None:
    """
    --- registry/more.toml
    [class.lorries]
    name = "Lorries"
    group = "means"

    [class.pedestrians]
    name = "People on foot"
    group = "means"

    [measure.lorry-ban]
    title = "Ban on lorries"
    authority = "TR"
    kind = "restriction"
    level = "prohibited"
    scope = { at = ["AM-TR"], only = ["lorries"] }

    --- 2025/x.toml
    announced = 2025-01-01
    summary = "Words."
    by = [{ party = "TR" }]
    source = [{ publisher = "The Bugle" }]

    [[effect]]
    type = "impose"
    measure = "tr-closure"
    only = ["!lorries", "lorries"]  # <- "!lorries" leaves nothing of "lorries"

    [[effect]]
    type = "exempt"
    measure = "tr-closure"
    goods = ["10", "!1001", "!20"]  # <- "!20" takes nothing away from "10"

    [[effect]]
    type = "exempt"
    measure = "lorry-ban"
    only = [
      "buses",
      "pedestrians",  # <- lorry-ban is for lorries only, which "pedestrians" is no part of: mend `only`
    ]
    """
    as_marked()


@pytest.mark.usefixtures("files")
def test_a_word_that_is_almost_a_class_is_warned_of(read: Read) -> None:
    """
    --- registry/more.toml
    [class.lorries]
    name = "Lorries"
    group = "means"

    [measure.x]
    title = "X"
    authority = "AM"
    kind = "restriction"
    level = "prohibited"
    scope = { at = ["AM"], only = ["lorrys", "buses"] }
    """
    _, problems = read()
    assert [(str(each.location), each.severity, each.message) for each in problems] == [
        (
            "events/registry/more.toml:10",
            Severity.WARNING,
            '"lorrys" is no registered class, and may overlap with any: did you mean lorries?',
        )
    ]
