"""How far a text has come, overall and by party. Design §7."""

from tests.state.conftest import World


def test_a_text_that_nobody_spoke_of_has_no_stage(world: World) -> None:
    standing = world.instrument("2031-01-31")
    assert (standing.overall.stage, standing.overall.row, standing.overall.since) == (None, -1, None)
    assert standing.by_party == {}


def test_a_text_goes_from_stage_to_stage(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "stage", instrument = "treaty", stage = "initialled", on = 2031-01-08 }]
    announced = 2031-02-10
    effect = [{ type = "stage", instrument = "treaty", stage = "signed" }]
    """
    days = ("2031-01-07", "2031-01-08", "2031-02-09", "2031-02-10")
    found = [world.instrument(day).overall for day in days]
    assert [each.stage for each in found] == [None, "initialled", "initialled", "signed"]
    assert [world.day(each.since) for each in found] == [None, "2031-01-08", "2031-01-08", "2031-02-10"]
    assert [world.said_in(each.row) for each in found] == [None, "a1", "a1", "a2"]


def test_one_party_that_ratifies_has_not_ratified_for_the_other(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "stage", instrument = "treaty", stage = "signed" }]
    announced = 2031-02-10
    by = [{ party = "alpha" }]
    effect = [{ type = "stage", instrument = "treaty", stage = "ratified", party = "alpha" }]
    """
    assert world.instrument("2031-02-09").by_party == {}
    standing = world.instrument("2031-02-10")
    assert standing.overall.stage == "signed"
    assert {party: each.stage for party, each in standing.by_party.items()} == {"alpha": "ratified"}
    assert world.day(standing.by_party["alpha"].since) == "2031-02-10"


def test_a_text_whose_name_begins_like_another_is_another(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "stage", instrument = "treaty-annex", stage = "signed", party = "alpha" }]
    """
    assert world.instrument("2031-01-10").by_party == {}
    assert world.instrument("2031-01-10").overall.stage is None
    assert list(world.instrument("2031-01-10", "treaty-annex").by_party) == ["alpha"]


def test_a_stage_of_an_uncertain_day_may_have_been_reached(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "stage", instrument = "treaty", stage = "initialled", on = "[2031-01-05..2031-01-08]" }]
    announced = 2031-02-10
    effect = [{ type = "stage", instrument = "treaty", stage = "initialled", on = "[2031-02-05..2031-02-08]" }]
    """
    found = {day: world.instrument(day).overall for day in ("2031-01-04", "2031-01-06", "2031-01-08", "2031-02-06")}
    assert [each.stage for each in found.values()] == [None, None, "initialled", "initialled"]
    assert [each.alternative for each in found.values()] == [None, "initialled", None, None]
    edges = [world.day(each.alternative_edge) for each in found.values()]
    assert edges == [None, "[2031-01-05..2031-01-08]", None, None]


def test_the_stage_that_stands_is_told_beside_the_one_that_may_have_been_reached(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "stage", instrument = "treaty", stage = "initialled" }]
    announced = 2031-02-10
    effect = [{ type = "stage", instrument = "treaty", stage = "signed", on = "[2031-02-05..2031-02-08]" }]
    """
    found = world.instrument("2031-02-06").overall
    assert (found.stage, found.alternative) == ("initialled", "signed")
    assert (world.said_in(found.row), world.day(found.since)) == ("a1", "2031-01-10")
    assert world.day(found.alternative_edge) == "[2031-02-05..2031-02-08]"


def test_the_stage_of_a_text_moves_no_border(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "stage", instrument = "treaty", stage = "in-force" }]
    """
    assert world.status("2031-01-31") == "unverified"
