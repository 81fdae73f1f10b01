"""Design §6, steps 1 to 6: what each required authority's word, or silence, amounts to at each place."""

from tests.state.conftest import World


def test_nobody_has_spoken(world: World) -> None:
    assert world.status("2031-01-31") == "unverified"
    assert world.words("2031-01-31") == ["A-B alpha unknown", "A-B beta unknown", "A alpha assumed", "B beta assumed"]


def test_one_side_that_permits_does_not_open_a_border(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "leave" }]
    """
    assert world.status("2031-01-09") == "unverified"
    assert world.status("2031-01-10") == "one-sided"
    assert world.words("2031-01-10")[:2] == ["A-B beta unknown", "A-B alpha permitted"]


def test_one_side_that_restricts_has_spoken_too(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "checks" }]
    """
    assert world.status("2031-01-10") == "one-sided"


def test_both_sides_that_permit_open_it(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "leave" }]
    announced = 2031-01-12
    by = [{ party = "beta" }]
    effect = [{ type = "permit", measure = "beta-leave" }]
    """
    assert world.status("2031-01-11") == "one-sided"
    assert world.status("2031-01-12") == "open"


def test_a_permission_that_is_revoked_is_no_word_any_more(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "leave" }, { type = "permit", measure = "beta-leave" }]
    announced = 2031-01-20
    effect = [{ type = "revoke", measure = "leave" }]
    """
    assert world.status("2031-01-19") == "open"
    assert world.status("2031-01-20") == "one-sided"
    assert world.words("2031-01-20")[0] == "A-B alpha unknown"


def test_a_restriction_outweighs_a_permission_of_the_same_authority(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "leave" }, { type = "permit", measure = "beta-leave" }]
    announced = 2031-01-11
    effect = [{ type = "impose", measure = "checks" }]
    """
    assert world.status("2031-01-10") == "open"
    assert world.status("2031-01-11") == "restricted"
    alpha = [words for words in world.words("2031-01-11") if words.startswith("A-B alpha")]
    assert alpha == ["A-B alpha restricted"]


def test_restrictions_stack_and_the_worst_wins(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure" }, { type = "impose", measure = "checks" }]
    announced = 2031-01-11
    effect = [{ type = "permit", measure = "beta-leave" }]
    announced = 2031-01-20
    effect = [{ type = "lift", measure = "closure" }]
    announced = 2031-01-25
    effect = [{ type = "lift", measure = "checks" }]
    """
    assert world.status("2031-01-11") == "closed"
    assert world.words("2031-01-11")[:2] == ["A-B alpha prohibited", "A-B alpha restricted"]
    assert world.status("2031-01-20") == "restricted"
    assert world.status("2031-01-25") == "open"


def test_a_restriction_that_was_lifted_permits_by_a_decision(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure" }, { type = "permit", measure = "beta-leave" }]
    announced = 2031-01-20
    effect = [{ type = "lift", measure = "closure" }]
    """
    [lifted] = [each for each in world.causes("2031-01-20") if (each.place, each.authority) == ("A-B", "alpha")]
    assert (lifted.level, lifted.measure, lifted.lapsed) == ("permitted", "closure", False)
    assert world.said_in(lifted.row) == "a2"


def test_of_a_permission_and_a_lifting_of_one_day_the_permission_is_named_first(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure" }]
    announced = 2031-01-20
    effect = [{ type = "lift", measure = "closure" }, { type = "permit", measure = "leave" }]
    """
    measures = [cause.measure for cause in world.causes("2031-01-20") if cause.authority == "alpha" and cause.measure]
    assert measures == ["leave", "closure"]


def test_a_restriction_of_a_part_that_was_lifted_permits_nothing_by_itself(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "jet-ban" }]
    announced = 2031-01-20
    effect = [{ type = "lift", measure = "jet-ban" }]
    """
    assert world.words("2031-01-10", "B-C")[0] == "B-C gamma restricted"
    assert "B-C gamma assumed" in world.words("2031-01-20", "B-C")


def test_a_ban_that_ran_out_is_no_opening(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure", last_day = 2031-01-20 }]
    announced = 2031-01-11
    effect = [{ type = "permit", measure = "beta-leave" }]
    """
    assert world.status("2031-01-20") == "closed"
    assert world.status("2031-01-21") == "one-sided"
    [lapsed, *_] = world.causes("2031-01-21")
    assert (lapsed.level, lapsed.lapsed, lapsed.measure) == ("unknown", True, "closure")
    assert (lapsed.place, lapsed.authority, lapsed.required) == ("A-B", "alpha", True)
    assert world.said_in(lapsed.row) == "a1"


def test_of_a_measure_that_lapsed_twice_the_last_end_is_named(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure", last_day = 2031-02-20 }]
    announced = 2031-01-11
    effect = [{ type = "impose", measure = "closure", last_day = 2031-01-20 }]
    """
    assert world.said_in(world.causes("2031-02-19")[0].row) == "a1"
    assert world.said_in(world.causes("2031-03-01")[0].row) == "a1"


def test_a_lapsed_measure_makes_unknown_what_would_be_assumed(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "siege", last_day = 2031-01-12 }]
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "eastward", last_day = 2031-01-20 }]
    """
    assert world.status("2031-01-09", "B-C") == "presumed"
    assert world.status("2031-01-20", "B-C") == "closed"
    assert world.status("2031-01-21", "B-C", "B>C") == "unverified"
    assert world.status("2031-01-21", "B-C", "C>B") == "presumed"


def test_a_permission_of_a_part_counts_where_a_lapsed_measure_leaves_the_rest_unknown(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "rail-ban", last_day = 2031-01-20 }]
    announced = 2031-01-15
    effect = [{ type = "permit", measure = "gamma-leave", only = ["aid only"], last_day = 2031-01-25 }]
    """
    days = ("2031-01-09", "2031-01-20", "2031-01-21", "2031-01-26")
    statuses = [world.status(day, "B-C", mode="rail") for day in days]
    assert statuses == ["presumed", "closed", "restricted", "unverified"]
    assert world.words("2031-01-21", "B-C", mode="rail")[0] == "B-C gamma restricted"


def test_a_permission_by_somebody_whose_consent_is_not_needed_says_nothing(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "toll", from = 2031-01-20 }]
    """
    history = world.lane("B-C")
    assert (history.tracks, history.coming(world.at("2031-01-10"))) == ((), [])
    assert world.status("2031-01-20", "B-C") == "presumed"


def test_a_lapsed_measure_of_a_part_leaves_the_rest_assumed(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "wheat-ban", last_day = 2031-01-20 }]
    """
    assert world.status("2031-01-20", "B-C") == "presumed"
    assert world.exceptions("2031-01-20", "B-C") == ["wheat-ban"]
    assert world.status("2031-01-21", "B-C") == "presumed"
    assert world.exceptions("2031-01-21", "B-C") == []
    assert world.status("2031-01-21", "B-C", goods="1001") == "unverified"


def test_a_measure_that_is_in_force_again_has_not_lapsed(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure", last_day = 2031-01-20 }]
    announced = 2031-02-10
    effect = [{ type = "lift", measure = "closure" }]
    """
    assert world.words("2031-02-10")[1] == "A-B alpha permitted"
    assert not any(cause.lapsed for cause in world.causes("2031-02-10"))


def test_a_border_that_is_normally_open_is_assumed_to_be(world: World) -> None:
    assert world.status("2031-01-31", "B-C") == "presumed"
    assert world.words("2031-01-31", "B-C")[1:3] == ["B-C beta assumed", "B-C gamma assumed"]


def test_transit_is_assumed_where_it_is_normally_open_only(world: World) -> None:
    assert "C gamma unknown" in world.words("2031-01-31", "descent")
    assert "D alpha assumed" in world.words("2031-01-31", "descent")
    assert "B beta unknown" in world.words("2031-01-31", "through", "A>C")


def test_a_permission_of_a_part_counts_where_the_rest_is_not_free(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "leave" }, { type = "permit", measure = "wheat-leave" }]
    """
    assert world.status("2031-01-10") == "restricted"
    assert world.status("2031-01-10", goods="100119") == "open"
    assert world.status("2031-01-10", goods="8703") == "one-sided"


def test_a_permission_of_a_part_takes_nothing_from_what_is_free(world: World) -> None:
    """
    announced = 2031-01-10
    by = [{ party = "beta" }]
    effect = [{ type = "permit", measure = "beta-leave", only = ["lorries only"] }]
    announced = 2031-01-11
    effect = [{ type = "impose", measure = "beta-closure" }, { type = "permit", measure = "leave" }]
    announced = 2031-01-12
    by = [{ party = "beta" }]
    effect = [{ type = "lift", measure = "beta-closure" }]
    """
    assert world.words("2031-01-10")[1] == "A-B beta restricted"
    assert world.status("2031-01-12") == "open"


def test_a_permission_of_a_part_outweighs_a_lapse(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [
        { type = "impose", measure = "beta-closure", last_day = 2031-01-12 },
        { type = "permit", measure = "leave" },
    ]
    announced = 2031-01-11
    effect = [{ type = "permit", measure = "beta-leave", only = ["lorries only"] }]
    """
    assert world.status("2031-01-13") == "restricted"


def test_limits_that_name_the_class_that_is_asked_about_are_none(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "leave" }]
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "beta-leave", only = ["Humanitarian aid only"] }]
    """
    assert world.status("2031-01-10") == "restricted"
    assert world.status("2031-01-10", only="humanitarian aid") == "open"
    assert world.status("2031-01-10", only=" HUMANITARIAN AID only") == "open"
    assert world.status("2031-01-10", only="aid") == "restricted"


def test_somebody_whose_leave_is_not_needed_can_close_a_border(world: World) -> None:
    """
    announced = 2031-01-10
    by = [{ party = "rebels" }]
    effect = [{ type = "impose", measure = "siege" }]
    announced = 2031-01-20
    by = [{ party = "rebels" }]
    effect = [{ type = "lift", measure = "siege" }]
    """
    assert world.status("2031-01-10", "B-C") == "closed"
    [worst, *_] = world.causes("2031-01-10", "B-C")
    assert (worst.authority, worst.level, worst.required) == ("rebels", "prohibited", False)
    assert world.status("2031-01-20", "B-C") == "presumed"
    assert all(cause.authority != "rebels" for cause in world.causes("2031-01-20", "B-C"))


def test_somebody_whose_leave_is_not_needed_cannot_open_one(world: World) -> None:
    """
    announced = 2031-01-10
    by = [{ party = "rebels" }]
    effect = [{ type = "permit", measure = "toll" }]
    """
    assert all(cause.authority != "rebels" for cause in world.causes("2031-01-10", "B-C"))


def test_somebody_else_who_restricts_has_not_spoken_for_a_required_authority(world: World) -> None:
    """
    announced = 2031-01-10
    by = [{ party = "gamma" }]
    effect = [{ type = "impose", measure = "export-bar", last_day = 2031-01-12 }]
    announced = 2031-01-10
    by = [{ party = "rebels" }]
    effect = [{ type = "impose", measure = "siege", level = "restricted" }]
    """
    assert world.status("2031-01-14", "B-C", "C>B", origin="C") == "unverified"
    assert world.status("2031-01-14", "B-C", "C>B") == "restricted"
    assert world.status("2031-01-14", "B-C", "B>C") == "restricted"


def test_the_level_of_an_impose_goes_before_that_of_the_measure(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [
        { type = "impose", measure = "closure", level = "restricted" },
        { type = "permit", measure = "beta-leave" },
    ]
    announced = 2031-01-12
    effect = [{ type = "impose", measure = "checks", level = "prohibited", last_day = 2031-01-14 }]
    announced = 2031-01-14
    effect = [{ type = "extend", measure = "checks", last_day = 2031-01-20 }]
    """
    assert world.status("2031-01-10") == "restricted"
    assert world.status("2031-01-12") == "closed"
    assert world.status("2031-01-18") == "closed"  # an extension keeps the level of what it prolongs


def test_causes_come_worst_first_then_along_the_path_then_the_longest_standing(world: World) -> None:
    """
    announced = 2031-01-12
    effect = [{ type = "impose", measure = "gate-ban" }]
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure" }]
    announced = 2031-01-09
    effect = [{ type = "impose", measure = "any-bar" }]
    announced = 2031-01-13
    effect = [{ type = "impose", measure = "checks" }]
    """
    assert [(each.measure, each.place) for each in world.causes("2031-01-31", "through", "A>C")[:4]] == [
        ("closure", "gate"),
        ("gate-ban", "gate"),
        ("any-bar", "C"),
        (None, "gate"),
    ]
    assert [each.measure for each in world.causes("2031-01-31", "through", "C>A")[:3]] == [
        "any-bar",
        "closure",
        "gate-ban",
    ]


def test_a_measure_of_the_corridor_counts_for_it_as_a_whole(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "corridor-bar" }, { type = "impose", measure = "corridor-siege" }]
    """
    causes = world.causes("2031-01-10", "through", "A>C")
    barred = [(each.place, each.authority, each.required) for each in causes if each.level == "prohibited"]
    assert barred == [("through", "beta", True), ("through", "rebels", False)]
    assert world.status("2031-01-10", "A-B") == "unverified"
    assert world.status("2031-01-10", "gate") == "unverified"


def test_a_measure_at_a_crossing_counts_at_that_gate_only(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "gate-ban" }]
    """
    assert world.status("2031-01-10", "gate") == "closed"
    assert world.status("2031-01-10", "through", "A>C") == "closed"
    assert world.status("2031-01-10", "A-B") == "unverified"


def test_a_measure_at_a_border_counts_at_its_crossings(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "closure" }]
    """
    assert world.status("2031-01-10", "gate") == "closed"
    assert world.words("2031-01-10", "gate")[0] == "gate alpha prohibited"


def test_a_lift_of_what_nobody_had_announced_permits_too(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "lift", measure = "closure" }]
    """
    assert world.status("2031-01-10") == "one-sided"
    assert "A-B alpha permitted" in world.words("2031-01-10")


def test_a_permission_of_a_part_takes_nothing_though_another_of_its_terms_has_ended(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "permit", measure = "gamma-leave", only = ["lorries only"] }]
    announced = 2031-01-11
    effect = [{ type = "permit", measure = "gamma-leave", only = ["aid only"], last_day = 2031-01-20 }]
    """
    assert world.status("2031-01-25", "B-C") == "presumed"
    assert "B-C gamma assumed" in world.words("2031-01-25", "B-C")


def test_an_exemption_from_a_siege_is_one_for_those_it_names(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "siege" }]
    announced = 2031-01-11
    effect = [{ type = "exempt", measure = "siege", only = ["aid only"], direction = "B>C" }]
    """
    assert world.status("2031-01-11", "B-C", "B>C") == "restricted"
    assert world.status("2031-01-11", "B-C", "B>C", only="aid") == "presumed"
    assert world.status("2031-01-11", "B-C", "C>B", only="aid") == "closed"


def test_a_part_never_hides_an_unknown(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "visitor-checks" }, { type = "permit", measure = "leave" }]
    """
    assert world.status("2031-01-10") == "one-sided"
    assert world.words("2031-01-10")[0] == "A-B beta unknown"


def test_a_part_is_no_word_about_the_whole(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "visitor-checks" }]
    """
    assert world.status("2031-01-10") == "unverified"


def test_a_part_lowers_what_is_assumed(world: World) -> None:
    """
    announced = 2031-01-10
    effect = [{ type = "impose", measure = "jet-ban" }]
    """
    assert world.status("2031-01-10", "B-C", mode="road") == "restricted"
    assert world.status("2031-01-10", "through", "A>C") == "unverified"


def test_a_lifting_does_not_outweigh_a_later_lapse(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [
        { type = "permit", measure = "beta-leave" },
        { type = "impose", measure = "closure" },
        { type = "impose", measure = "checks", last_day = 2031-01-20 },
    ]
    announced = 2031-01-10
    effect = [{ type = "lift", measure = "closure" }]
    announced = 2031-01-25
    effect = [{ type = "lift", measure = "checks" }]
    """
    days = ("2031-01-09", "2031-01-10", "2031-01-21", "2031-01-25")
    assert [world.status(day) for day in days] == ["closed", "restricted", "one-sided", "open"]
    assert world.words("2031-01-21")[0] == "A-B alpha unknown"


def test_a_lapse_does_not_outweigh_a_later_lifting(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [
        { type = "permit", measure = "beta-leave" },
        { type = "impose", measure = "closure" },
        { type = "impose", measure = "checks", last_day = 2031-01-08 },
    ]
    announced = 2031-01-10
    effect = [{ type = "lift", measure = "closure" }]
    """
    assert [world.status(day) for day in ("2031-01-09", "2031-01-10")] == ["closed", "open"]


def test_a_lifting_that_is_said_again_ended_nothing_again(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [
        { type = "permit", measure = "beta-leave" },
        { type = "impose", measure = "closure" },
        { type = "impose", measure = "checks", last_day = 2031-01-20 },
    ]
    announced = 2031-01-10
    effect = [{ type = "lift", measure = "closure" }]
    announced = 2031-01-25
    effect = [{ type = "lift", measure = "closure" }]
    """
    assert [world.status(day) for day in ("2031-01-10", "2031-01-21", "2031-01-25")] == [
        "restricted", "one-sided", "one-sided",
    ]  # fmt: skip


def test_a_permission_that_lapsed_after_a_lifting_leaves_it_unknown(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [
        { type = "permit", measure = "beta-leave" },
        { type = "impose", measure = "closure" },
        { type = "permit", measure = "leave", last_day = 2031-01-20 },
    ]
    announced = 2031-01-10
    effect = [{ type = "lift", measure = "closure" }]
    """
    assert [world.status(day) for day in ("2031-01-10", "2031-01-21")] == ["open", "one-sided"]


def test_an_exemption_from_one_restriction_says_nothing_of_another_that_lapsed(world: World) -> None:
    """
    announced = 2031-01-05
    effect = [
        { type = "permit", measure = "beta-leave" },
        { type = "impose", measure = "closure" },
        { type = "impose", measure = "checks", last_day = 2031-01-20 },
    ]
    announced = 2031-01-15
    effect = [{ type = "exempt", measure = "closure", only = ["aid"] }]
    """
    assert [world.status(day, only="aid") for day in ("2031-01-15", "2031-01-21")] == ["restricted", "one-sided"]
