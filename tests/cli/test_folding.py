"""Labels cover exactly the lanes that they stand for."""

from dataclasses import dataclass
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tracker.model.vocabulary import Mode, Traffic
from tracker.presentation.lane_groups import folded, label


@dataclass(frozen=True)
class Lane:
    mode: Mode
    traffic: Traffic
    direction: str


WAYS = ("A>B-C", "B-C>A")
EVERY = [Lane(*lane) for lane in product((Mode.ROAD, Mode.RAIL, Mode.AIR), Traffic, WAYS)]


def spelled_out(text: str) -> set[Lane]:
    """The lanes that a label names."""
    found = set()
    for part in text.splitlines():
        modes, traffic, ways = part.split(" · ")
        directions = WAYS if ways == "both ways" else ways.split(", ")
        found |= {
            Lane(Mode(mode), Traffic(what), way)
            for mode, what, way in product(modes.split("+"), traffic.split("+"), directions)
        }
    return found


@given(st.sets(st.sampled_from(EVERY), min_size=1))
def test_law_a_label_names_the_lanes_it_was_made_from(chosen: set[Lane]) -> None:
    lanes = [lane for lane in EVERY if lane in chosen]
    assert spelled_out(label(lanes)) == chosen


@given(st.sets(st.sampled_from(EVERY), min_size=1))
def test_law_only_all_lanes_are_called_all(chosen: set[Lane]) -> None:
    lanes = [lane for lane in EVERY if lane in chosen]
    assert label(lanes, EVERY).startswith("all lanes") == (chosen == set(EVERY))


def test_a_label_is_short() -> None:
    goods = [lane for lane in EVERY if lane.traffic is Traffic.GOODS]
    assert label(goods) == "road+rail+air · goods · both ways"
    assert label(goods[:1]) == "road · goods · A>B-C"
    assert label(EVERY, EVERY) == "all lanes (road+rail+air · goods+people)"


def test_groups_keep_the_order_of_their_first_members() -> None:
    assert folded("abcab", lambda letter: letter) == [["a", "a"], ["b", "b"], ["c"]]
