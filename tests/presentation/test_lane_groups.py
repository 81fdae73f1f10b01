"""Labels name exactly the lanes that they stand for."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.vocabulary import Mode, Traffic
from tracker.presentation.lane_groups import group_by, label, label_parts


@dataclass(frozen=True)
class Lane:
    mode: Mode
    traffic: Traffic
    direction: str


WAYS = ("A>B-C", "B-C>A")
EVERY = [Lane(*lane) for lane in product((Mode.ROAD, Mode.RAIL, Mode.AIR), Traffic, WAYS)]
LANES = st.sets(st.sampled_from(EVERY), min_size=1)


def claimed(parts: Iterable[str]) -> list[Lane]:
    """The lanes that the parts of a label name, as often as they do."""
    lanes = []
    for part in parts:
        modes, traffic, ways = part.split(" · ")
        directions = WAYS if ways == "both ways" else ways.split(", ")
        lanes += [
            Lane(Mode(mode), Traffic(kind), way)
            for mode, kind, way in product(modes.split("+"), traffic.split("+"), directions)
        ]
    return lanes


def in_order(chosen: set[Lane]) -> list[Lane]:
    return [lane for lane in EVERY if lane in chosen]


def lanes_of(text: str) -> list[Lane]:
    """Lanes written "road goods A>B-C, …"."""
    words = (lane.split() for lane in text.split(", "))
    return [Lane(Mode(mode), Traffic(traffic), direction) for mode, traffic, direction in words]


@given(LANES)
def test_law_a_label_claims_each_of_its_lanes_once_and_no_other(chosen: set[Lane]) -> None:
    lanes = claimed(label_parts(in_order(chosen)))
    assert len(lanes) == len(chosen)
    assert set(lanes) == chosen


@given(LANES, st.data())
def test_law_the_order_of_lanes_does_not_change_how_many_parts_a_label_has(
    chosen: set[Lane], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(in_order(chosen)))
    assert len(label_parts(shuffled)) == len(label_parts(in_order(chosen)))


@given(*(st.sets(st.sampled_from(values), min_size=1) for values in (list(Mode), list(Traffic), WAYS)))
def test_law_a_product_has_one_part(modes: set[Mode], traffic: set[Traffic], ways: set[str]) -> None:
    assert len(label_parts(Lane(*lane) for lane in product(modes, traffic, ways))) == 1


@given(LANES)
def test_law_only_all_lanes_are_called_all(chosen: set[Lane]) -> None:
    assert label(in_order(chosen), EVERY).startswith("all lanes") == (chosen == set(EVERY))


@pytest.mark.parametrize(
    ("lanes", "words"),
    [
        ("road goods A>B-C", "road · goods · A>B-C"),
        ("road goods A>B-C, road goods B-C>A", "road · goods · both ways"),
        (
            "road goods A>B-C, road goods B-C>A, rail people A>B-C",
            "road · goods · both ways; rail · people · A>B-C",
        ),
        (
            "road goods A>B-C, road goods B-C>A, road people A>B-C, rail goods A>B-C, rail people A>B-C",
            "road+rail · goods+people · A>B-C; road · goods · B-C>A",
        ),
        (
            "road goods A>B-C, road people A>B-C, rail people A>B-C, rail people B-C>A",
            "road · goods+people · A>B-C; rail · people · both ways",
        ),
    ],
)
def test_a_label_has_as_few_parts_as_it_can(lanes: str, words: str) -> None:
    assert label(lanes_of(lanes)) == words


def test_all_lanes_of_a_subject_are_named_by_their_kinds() -> None:
    assert label(EVERY, EVERY) == "all lanes (road+rail+air · goods+people)"
    assert label(EVERY[:1], EVERY[:1]) == "road · goods · A>B-C"


def test_lanes_that_are_no_product_are_not_called_all() -> None:
    lanes = lanes_of("road goods A>B-C, rail people A>B-C")
    assert label(lanes, lanes) == "road · goods · A>B-C; rail · people · A>B-C"


def test_a_subject_without_lanes_has_no_label() -> None:
    @dataclass(frozen=True)
    class Measure:
        mode: Mode | None = None
        traffic: Traffic | None = None
        direction: str | None = None

    assert label([Measure()]) == ""


def test_groups_keep_the_order_of_their_first_members() -> None:
    assert group_by("abcab", lambda letter: letter) == [["a", "a"], ["b", "b"], ["c"]]
