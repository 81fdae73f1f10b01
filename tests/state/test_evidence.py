"""On whose word a row rests, who made a change, and who denies it. Design §4 and §6."""

import pytest

from tests.state.conftest import World
from tracker.state.evidence import basis_of
from tracker.state.tracks import maker


def bases(world: World) -> list[str]:
    view = world.record.view
    rows = sorted(range(len(view.assertions)), key=lambda row: view.row(row).index)
    return [basis_of(view, row) for row in rows]


def test_a_word_of_ones_own_is_declared(world: World) -> None:
    """
    announced = 2031-01-10
    by = [{ party = "alpha" }]
    effect = [
        { type = "impose", measure = "closure" },
        { type = "readiness", at = "gate", party = "alpha", modes = ["road"], state = "ready" },
        { type = "control", at = "gate", by = "alpha" },
        { type = "control", at = "A-B", by = "railway" },
        { type = "control", at = "gate", by = "railway", from = 2031-01-11 },
        { type = "pledge", pledge = "p", kind = "offer", parties = ["beta", "alpha"], text = "t" },
        { type = "stage", instrument = "treaty", stage = "signed" },
        { type = "stage", instrument = "treaty", stage = "ratified", party = "alpha" },
    ]
    """
    assert bases(world) == ["declared"] * 8


def test_a_word_of_somebody_else_is_reported(world: World) -> None:
    """
    announced = 2031-01-10
    by = [{ party = "gamma" }]
    effect = [
        { type = "readiness", at = "gate", party = "alpha", modes = ["road"], state = "ready" },
        { type = "control", at = "gate", by = "alpha" },
        { type = "pledge", pledge = "p", kind = "offer", parties = ["beta", "alpha"], text = "t" },
        { type = "stage", instrument = "treaty", stage = "signed" },
        { type = "stage", instrument = "treaty", stage = "ratified", party = "alpha" },
        { type = "passage", at = "gate", mode = "road", traffic = "goods", direction = "A>B" },
        { type = "impose", measure = "closure", basis = "reported" },
        { type = "fulfil", pledge = "p" },
    ]
    """
    assert bases(world) == ["reported"] * 8


def test_one_party_cannot_declare_the_stage_of_another(world: World) -> None:
    """
    announced = 2031-01-10
    by = [{ party = "beta" }]
    effect = [{ type = "stage", instrument = "treaty", stage = "ratified", party = "alpha" }]
    """
    assert bases(world) == ["reported"]


@pytest.mark.parametrize("party", ["press", "railway"])
def test_those_who_see_traffic_observe_it(world: World, party: str) -> None:
    """
    announced = 2031-01-10
    by = [{ party = "press" }]
    effect = [{ type = "passage", at = "gate", mode = "road", traffic = "goods", direction = "A>B" }]
    announced = 2031-01-10
    by = [{ party = "gamma" }, { party = "railway" }]
    effect = [{ type = "passage", at = "gate", mode = "road", traffic = "goods", direction = "A>B" }]
    """
    said = {"press": "a1", "railway": "a2"}[party]
    view = world.record.view
    assert [basis_of(view, row) for row in range(2) if world.said_in(row) == said] == ["observed"]


def test_what_is_enforced_without_an_act_is_seen_where_others_tell_of_it(world: World) -> None:
    """
    announced = 2031-01-10
    by = [{ party = "press" }]
    effect = [{ type = "impose", measure = "siege" }]
    announced = 2031-01-11
    by = [{ party = "rebels" }]
    effect = [{ type = "lift", measure = "siege" }]
    """
    assert bases(world) == ["observed", "declared"]


def test_a_basis_that_the_file_states_goes_first(world: World) -> None:
    """
    announced = 2031-01-10
    by = [{ party = "alpha" }]
    effect = [{ type = "impose", measure = "closure", basis = "observed" }]
    """
    assert bases(world) == ["observed"]


def test_a_change_is_made_by_what_set_it(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege", last_day = 2031-01-10 }]
    announced = 2031-01-20
    effect = [{ type = "impose", measure = "eastward" }]
    announced = 2031-01-25
    effect = [{ type = "lift", measure = "eastward" }, { type = "lift", measure = "siege" }]
    announced = 2031-01-27
    effect = [
        { type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C" },
        { type = "passage", at = "B-C", mode = "road", traffic = "goods", direction = "B>C", none = true, \
on = 2031-01-28 },
    ]
    """
    history = world.lane("B-C", "B>C")
    made = {world.day(history.edge(number)): history.made_by(number) for number in range(len(history.points))}
    assert made == {
        None: (),
        "2031-01-05": ("a1",),
        "2031-01-11": ("a1",),  # an end that was set in advance
        "2031-01-20": ("a2",),
        "2031-01-25": ("a3",),
        "2031-01-27": ("a4",),
    }


def test_an_end_set_in_advance_uncovers_what_was_there_before(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure" }]
    announced = 2031-01-10
    effect = [{ type = "lift", measure = "closure", last_day = 2031-01-15 }]
    announced = 2031-01-12
    effect = [{ type = "impose", measure = "checks", from = 2031-01-16 }]
    """
    view, at = world.record.view, world.at("2031-01-15") + 1
    track = view.track("measure:closure")
    before, after = view.winners(at - 1)[track], view.winners(at)[track]
    assert world.said_in(maker(view, before, after, at)) == "a2"
    history = world.lane()
    assert set(history.made_by(history.points.index(at))) == {"a2", "a3"}


def test_an_end_on_the_day_of_the_next_word_is_made_by_that_word(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "closure", last_day = 2031-01-15 }]
    announced = 2031-01-16
    effect = [{ type = "lift", measure = "closure" }]
    """
    view, at = world.record.view, world.at("2031-01-15") + 1
    track = view.track("measure:closure")
    assert world.said_in(maker(view, view.winners(at - 1)[track], view.winners(at)[track], at)) == "a2"


def test_a_denial_is_one_of_another_party(world: World) -> None:
    """
    announced = 2031-01-05
    by = [{ party = "alpha" }]
    effect = [{ type = "impose", measure = "closure" }]
    announced = 2031-01-06
    by = [{ party = "beta" }]
    relation = [{ type = "denies", announcement = "a1" }]
    announced = 2031-01-07
    by = [{ party = "alpha" }]
    relation = [{ type = "denies", announcement = "a1" }]
    announced = 2031-01-08
    by = [{ party = "gamma" }]
    relation = [{ type = "confirms", announcement = "a1" }]
    """
    assert world.record.view.denials("a1") == ("a2",)


def test_what_had_been_said_is_known_without_what_came_later(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege", from = 2031-01-01 }]
    announced = 2031-01-07
    effect = [{ type = "lift", measure = "siege", from = 2031-01-03 }]
    """
    assert world.status("2031-01-10", "B-C", announced_by="2031-01-06") == "closed"
    assert world.status("2031-01-10", "B-C", announced_by="2031-01-07") == "presumed"


def test_what_was_not_yet_said_is_not_known(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [{ type = "impose", measure = "siege", from = 2031-01-01 }]
    """
    assert world.status("2031-01-10", "B-C", announced_by="2031-01-04") == "presumed"
    assert world.status("2031-01-10", "B-C", announced_by="2031-01-05") == "closed"
    assert world.status("2031-01-02", "B-C") == "closed"
