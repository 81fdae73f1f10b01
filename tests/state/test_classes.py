"""Classes and their groups, lists of all but some, and what only concerns those whom it names. Design §3 and §6."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from tests.state.conftest import World
from tests.state.test_rest import rest
from tests.state.test_sweep import QUESTIONS
from tests.state.worlds import Story, every_lane, stories
from tracker.model.classes import asked_classes
from tracker.model.dates import Instant
from tracker.model.effects import Exempt, Extend, Impose, Permit
from tracker.model.errors import BadRequest
from tracker.model.registry import Measure
from tracker.model.scope import Scope
from tracker.model.vocabulary import MeasureKind, MeasureLevel
from tracker.state.lane_history import LaneHistory
from tracker.state.record import View
from tracker.state.scope import Coverage, Question, coverage
from tracker.timeline.assertions import measure_track
from tracker.timeline.track_history import NOTHING

FEW = settings(max_examples=min(20, settings().max_examples))


def asked(world: World, subject: str, *classes: str) -> list[str]:
    return [
        world.status("2031-01-10", subject, only=one) if one else world.status("2031-01-10", subject) for one in classes
    ]


def test_a_class_holds_what_is_within_it_and_excludes_the_others_of_its_group(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "vehicle-ban" }]
    """
    questions = ("", "vehicles", "Lorries", "pedestrians", "food", "visitors", "pedestrians + food", "lorries + food")
    expected = ["restricted", "closed", "closed", "presumed", "restricted", "restricted", "presumed", "closed"]
    assert asked(world, "B-C", *questions) == expected
    assert rest(world, "2031-01-10", "B-C") == ("restricted", "presumed", 3)


def test_a_narrower_class_than_the_one_asked_about_is_a_part_of_it(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "lorry-ban" }]
    """
    assert asked(world, "B-C", "vehicles", "lorries", "people on foot") == ["restricted", "closed", "presumed"]


def test_a_list_reaches_in_part_if_one_of_its_words_may(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "any-bar", only = ["lorries", "pedestrians"] }]
    """
    assert asked(world, "B-C", "vehicles", "pedestrians", "lorries", "food") == [
        "restricted", "closed", "closed", "restricted"
    ]  # fmt: skip


def test_a_question_names_one_class_of_a_group(world: World) -> None:
    """
    announced = 2031-01-10
    """
    classes = world.view().registry.classes
    with pytest.raises(
        BadRequest, match="only names vehicles and lorries, which are classes of one group, means: a question"
    ):
        asked_classes(classes, ["Vehicles", "lorries"])
    one = asked_classes(classes, ["fuel", "LORRIES only", "Convoys"])
    other = asked_classes(classes, ["convoys", "lorries", "energy", "Energy"])
    assert one == other
    assert one.words == ("convoys", "energy", "lorries")


def test_all_but_a_class_is_the_whole_with_an_exemption(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "ban-but-on-lorries" }]
    """
    assert rest(world, "2031-01-10", "B-C") == ("restricted", "closed", 4)
    assert rest(world, "2031-01-10", "B-C", only="vehicles") == ("restricted", "closed", 4)
    assert asked(world, "B-C", "lorries", "pedestrians") == ["presumed", "closed"]


def test_a_class_but_for_a_part_of_it(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "light-ban" }]
    """
    assert rest(world, "2031-01-10", "B-C") == ("restricted", "presumed", 3)
    assert rest(world, "2031-01-10", "B-C", only="vehicles") == ("restricted", "closed", 4)
    assert asked(world, "B-C", "lorries", "pedestrians") == ["presumed", "presumed"]


def test_an_effect_may_be_for_all_but_a_class(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "any-bar", only = ["!lorries"] }]
    """
    assert rest(world, "2031-01-10", "B-C") == ("restricted", "closed", 4)
    assert asked(world, "B-C", "lorries", "pedestrians") == ["presumed", "closed"]


def test_what_has_run_out_for_others_leaves_nothing_unknown(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "any-bar", only = ["lorries"], last_day = 2031-01-20 }]
    """
    on = {only: world.status("2031-01-21", "B-C", only=only) for only in ("lorries", "pedestrians", "vehicles")}
    assert on == {"lorries": "unverified", "pedestrians": "presumed", "vehicles": "presumed"}


def test_milder_hours_for_a_class_are_none_for_those_that_it_excludes(world: World) -> None:
    """
    announced = 2031-01-09
    effect = [{ type = "impose", measure = "any-bar" }]
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "any-bar", level = "restricted", only = ["lorries"], when = "08:00-18:00" }]
    """
    assert asked(world, "B-C", "lorries", "vehicles", "pedestrians") == ["restricted", "restricted", "closed"]


def test_all_but_a_destination(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "ban-but-to-d" }]
    """
    assert rest(world, "2031-01-10", "B-C", "B>C") == ("restricted", "closed", 4)
    assert world.exceptions("2031-01-10", "B-C", "B>C") == []
    assert world.status("2031-01-10", "B-C", "B>C", destination="C") == "closed"
    assert world.status("2031-01-10", "B-C", "B>C", destination="D") == "unverified"  # nobody has let it pass through C


def test_goods_but_for_some(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "metal-ban" }]
    """
    assert world.status("2031-01-10", "B-C") == "presumed"
    assert world.exceptions("2031-01-10", "B-C") == ["metal-ban"]
    assert rest(world, "2031-01-10", "B-C", goods="72") == ("restricted", "closed", 4)
    on = {goods: world.status("2031-01-10", "B-C", goods=goods) for goods in ("7201", "7204", "720441", "10")}
    assert on == {"7201": "closed", "7204": "presumed", "720441": "presumed", "10": "presumed"}


def test_all_goods_but_some_are_the_whole_with_an_exemption(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "ban-but-on-scrap" }]
    """
    assert rest(world, "2031-01-10", "B-C") == ("restricted", "closed", 4)
    assert world.exceptions("2031-01-10", "B-C") == []
    assert world.status("2031-01-10", "B-C", goods="10") == "closed"
    assert world.status("2031-01-10", "B-C", goods="7204") == "presumed"
    assert world.status("2031-01-10", "B-C", traffic="people") == "presumed"


def test_an_exemption_may_be_for_all_but_a_class(world: World) -> None:
    """
    announced = 2031-01-10
    [[effect]]
    type = "impose"
    measure = "any-bar"
    [[effect]]
    type = "exempt"
    measure = "any-bar"
    only = ["!lorries"]
    """
    assert rest(world, "2031-01-10", "B-C") == ("restricted", "closed", 4)
    assert asked(world, "B-C", "lorries", "vehicles", "pedestrians") == ["closed", "restricted", "open"]


def test_what_is_for_those_whom_it_names_stands_beside_the_status(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "listed" }]
    """
    assert world.status("2031-01-10", "B-C") == "presumed"
    assert world.exceptions("2031-01-10", "B-C", only="lorries", goods="10") == ["listed"]


def test_a_list_that_names_every_chapter_is_the_whole(world: World) -> None:
    """
    announced = 2031-01-10
    """
    chapters = tuple(f"{number:02}" for number in range(1, 98) if number != 77)
    lane = world.lane("B-C").lane

    def covered(*goods: str, rest: bool = False) -> Coverage:
        return coverage(Scope(at=("B-C",), goods=goods), lane, None, Question(rest=rest))

    assert covered(*chapters) is Coverage.FULL
    nearly = (*chapters[:-1], "9701")
    assert (covered(*nearly), covered(*nearly, rest=True)) == (Coverage.PART, Coverage.FULL)
    assert (covered(*chapters[:-1]), covered(*chapters[:-1], rest=True)) == (Coverage.BESIDE, Coverage.BESIDE)


Widening = Callable[[tuple[str, ...] | None], tuple[str, ...] | None]


def wider(words: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """A list with wider classes: of those that are left out, with narrower ones."""
    into = {"lorries": "vehicles", "lorries only": "vehicles", "!vehicles": "!lorries", "!Vehicles": "!lorries"}
    return words and tuple(dict.fromkeys(into.get(word, word) for word in words if word != "!lorries only"))


def widened(story: Story, kind: MeasureKind | None) -> Story:
    """The story with wider classes in the measures of a kind, and in what imposes or permits them; or in exemptions."""
    of_kind = {entry.id for entry in story.registry if isinstance(entry, Measure) and entry.kind is kind}

    def effect(one: Any) -> Any:
        wide = isinstance(one, Exempt) if kind is None else isinstance(one, Impose | Permit) and one.measure in of_kind
        return one.model_copy(update={"only": wider(one.only)}) if wide else one

    def entry(one: Any) -> Any:
        if one.id not in of_kind or not isinstance(one, Measure):
            return one
        return one.model_copy(update={"scope": one.scope.model_copy(update={"only": wider(one.scope.only)})})

    said = [one.model_copy(update={"effect": tuple(map(effect, one.effect))}) for one in story.said]
    return Story(list(map(entry, story.registry)), said)


def severities(story: Story, other: Story, question: Question) -> Iterator[tuple[View, Instant, int, int]]:
    """The severities in both stories of each lane at each point of either."""
    one, two = story.record().view, other.record().view
    for lane in every_lane(one.registry):
        before, after = LaneHistory(one, lane, question), LaneHistory(two, lane, question)
        for at in sorted({*before.points, *after.points}):
            yield one, at, before.severity(before.number(at)), after.severity(after.number(at))


def standings(view: View, at: Instant, kind: MeasureKind) -> Iterator[tuple[Measure, int]]:
    """The measures of a kind on which something was announced, with what stands on their tracks."""
    for measure in view.registry.measures.values():
        track = view.track(measure_track(measure.id))
        if measure.kind is kind and track >= 0:
            yield measure, view.course(track).at(at)


@pytest.mark.slow
@FEW
@given(story=stories(), question=QUESTIONS)
def test_a_wider_exemption_never_makes_an_answer_worse(story: Story, question: Question) -> None:
    for _, _, before, after in severities(story, widened(story, None), question):
        assert after <= before


@pytest.mark.slow
@FEW
@given(story=stories(), question=QUESTIONS)
def test_a_wider_permission_that_has_not_run_out_never_makes_an_answer_worse(story: Story, question: Question) -> None:
    for view, at, before, after in severities(story, widened(story, MeasureKind.PERMISSION), question):
        if all(row >= 0 or row == NOTHING for _, row in standings(view, at, MeasureKind.PERMISSION)):
            assert after <= before


def bars(view: View, measure: Measure, row: int) -> bool:
    """Whether a measure forbids, and nobody is exempt from it, or nothing was decided on it yet."""
    if row == NOTHING:
        return True
    effect = view.said(row) if row >= 0 else None
    level = isinstance(effect, Impose | Extend) and (effect.level or measure.level)
    return level is MeasureLevel.PROHIBITED and not view.exemptions_from.get(measure.id)


@pytest.mark.slow
@FEW
@given(story=stories(), question=QUESTIONS)
def test_a_wider_ban_in_force_never_makes_an_answer_better(story: Story, question: Question) -> None:
    for view, at, before, after in severities(story, widened(story, MeasureKind.RESTRICTION), question):
        if all(bars(view, measure, row) for measure, row in standings(view, at, MeasureKind.RESTRICTION)):
            assert after >= before
