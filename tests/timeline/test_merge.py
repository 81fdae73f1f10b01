"""Tables of assertions that are put together: what stands, in which order, and what goes."""

from tests.timeline.tables import IMPOSE, LIFT, said, told
from tracker.timeline.columns import TIMES
from tracker.timeline.merge import Segment, merged

OLD = said("b one 10", "b two 20", "d one 10", "f two 20", "f lift3 30")


def test_what_is_added_comes_in_between_and_what_was_there_keeps_its_order() -> None:
    found = merged([Segment(OLD), Segment(said("a four 15", "d four 15", "e four 15"))])
    assert told(found) == [
        "a four 15", "b one 10", "b two 20", "d one 10", "d four 15", "e four 15", "f two 20", "f lift3 30",
    ]  # fmt: skip
    assert list(found.tracks) == ["a", "b", "d", "e", "f"]
    assert found.offsets.tolist() == [0, 1, 3, 5, 6, 8]
    assert [found.values[each] for each in found.value] == [IMPOSE] * 7 + [LIFT]
    assert [found.attributions[each][-1] for each in found.attribution] == list("reoerro3")
    for number, name in enumerate(TIMES):
        assert [getattr(found, name)[row] - found.order[row] for row in range(8)] == [number] * 8


def test_a_late_found_announcement_goes_to_its_place_on_a_track() -> None:
    added = said("b old 5", "b mid 15", "f new 40")
    for parts in ([Segment(OLD), Segment(added)], [Segment(added), Segment(OLD)]):
        assert told(merged(parts)) == [
            "b old 5", "b one 10", "b mid 15", "b two 20", "d one 10", "f two 20", "f lift3 30", "f new 40",
        ]  # fmt: skip


def test_of_one_instant_the_name_comes_first_then_the_effect_then_the_version() -> None:
    parts = [said("b n 10 1 0", "b m 10 2 1"), said("b m 10 2 0", "b m 10 1 5"), said("b n 10 0 9", "b l 10 7 7")]
    found = merged([Segment(each) for each in parts])
    assert told(found) == ["b l 10", "b m 10", "b m 10", "b m 10", "b n 10", "b n 10"]
    places = list(zip(found.effect_number.tolist(), found.version.tolist(), strict=True))
    assert places == [(7, 7), (1, 5), (2, 0), (2, 1), (0, 9), (1, 0)]


def test_what_a_later_table_replaces_goes_with_its_names_and_instants() -> None:
    old = said("a one 10", "c two 20", "e lift3 30")
    for gone, left in (("one", ["c", "e"]), ("two", ["a", "e"]), ("lift3", ["a", "c"])):
        found = merged([Segment(old), Segment(said("b new 15"), {gone, "unheard-of"})])
        assert list(found.tracks) == sorted(["b", *left])
        assert gone not in found.announcements
        assert list(found.values) == ([IMPOSE] if gone == "lift3" else [IMPOSE, LIFT])
        assert len(found.attributions) == 3
        assert len(found.order.values) == 3
        instants = {line.split()[2] for line in told(found)}
        assert {str(at) for at in found.order.values.tolist()} == instants


def test_what_replaces_an_announcement_stands_until_it_is_replaced_itself() -> None:
    parts = [
        Segment(said("a one 10", "b one 10", "a two 20")),
        Segment(said("b one 11"), {"one"}),
        Segment(said("c one 12"), {"one"}),
        Segment(said("b four 40"), {"four"}),
    ]
    assert told(merged(parts[:2])) == ["a two 20", "b one 11"]
    assert told(merged(parts)) == ["a two 20", "b four 40", "c one 12"]


def test_what_is_taken_back_leaves_the_rest() -> None:
    found = merged([Segment(said("a one 10", "b two 20")), Segment(said(), {"one"})])
    assert told(found) == ["b two 20"]
    assert list(found.tracks) == ["b"]
    everything = merged([Segment(said("a one 10")), Segment(said(), {"one"})])
    assert (told(everything), list(everything.tracks), everything.offsets.tolist()) == ([], [], [0])
