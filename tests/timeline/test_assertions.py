"""What an effect asserts: on which track, and for how long. Design §5."""

from typing import Any

import pytest

from tests.timeline.histories import LOCAL, STORED, a_day
from tracker.model.announcement import Announcement
from tracker.model.dates import FOREVER, Edge, start_of
from tracker.model.events import Recorded, recorded
from tracker.timeline.assertions import Assertion
from tracker.timeline.derivation import Derivation
from tracker.timeline.versions import versions

AT = {"at": "Bridge", "modes": ["road", "rail"], "party": "XA", "state": "ready"}
DAY, LATER = start_of(a_day(0), LOCAL), start_of(a_day(3), LOCAL)


def asserted(*effects: dict[str, Any]) -> list[Assertion]:
    content = {"id": "said", "announced": a_day(0), "summary": "words", "by": [{"party": "XA"}], "effect": effects}
    event = recorded(Announcement.model_validate(content), STORED)
    derivation = Derivation(LOCAL)
    derivation.add_histories([versions([Recorded(1, event)], LOCAL)])
    table = derivation.table()
    return sorted(map(table.row, range(len(table))), key=lambda row: row.index)


@pytest.mark.parametrize(
    ("effect", "tracks"),
    [
        ({"type": "impose", "measure": "ban"}, ["measure:ban"]),
        ({"type": "revoke", "measure": "leave"}, ["measure:leave"]),
        ({"type": "readiness", **AT}, ["readiness:xa:bridge:road", "readiness:xa:bridge:rail"]),
        ({"type": "stage", "instrument": "pact", "stage": "signed"}, ["stage:pact"]),
        ({"type": "stage", "instrument": "pact", "stage": "signed", "party": "XA"}, ["stage:pact:xa"]),
        ({"type": "control", "at": "Bridge", "by": "XA"}, ["control:Bridge"]),
        ({"type": "withdraw", "pledge": "word"}, ["pledge:word"]),
    ],
)
def test_an_effect_speaks_of_its_own_track(effect: dict[str, Any], tracks: list[str]) -> None:
    assert [each.track for each in asserted(effect)] == sorted(tracks)


def test_each_passage_is_a_track_of_its_own() -> None:
    passage = {"type": "passage", "at": "Bridge", "mode": "road", "traffic": "goods"}
    assert [each.track for each in asserted(passage, passage)] == ["passage:said:0", "passage:said:1"]


@pytest.mark.parametrize(
    ("effect", "ends"),
    [
        ({"type": "lift", "measure": "ban", "from": a_day(3), "last_day": a_day(4)}, start_of(a_day(5), LOCAL)),
        ({"type": "impose", "measure": "ban", "from": a_day(3)}, FOREVER),
        ({"type": "readiness", **AT, "from": a_day(3)}, FOREVER),
        ({"type": "control", "at": "Bridge", "by": "XA", "from": a_day(3)}, FOREVER),
        ({"type": "stage", "instrument": "pact", "stage": "signed", "on": a_day(3)}, FOREVER),
        ({"type": "passage", "at": "Bridge", "mode": "road", "traffic": "goods", "on": a_day(3)}, FOREVER),
        ({"type": "fulfil", "pledge": "word", "on": a_day(3)}, FOREVER),
    ],
)
def test_an_effect_begins_when_it_says_and_else_when_it_was_announced(effect: dict[str, Any], ends: int) -> None:
    assert {(each.begins, each.ends) for each in asserted(effect)} == {(Edge(LATER, LATER), Edge(ends, ends))}
    at_once = {key: value for key, value in effect.items() if key not in ("from", "on")}
    assert {each.begins for each in asserted(at_once)} == {Edge(DAY, DAY)}


def test_a_pledge_is_made_when_it_is_announced() -> None:
    pledge = {"type": "pledge", "pledge": "word", "kind": "offer", "parties": ["XA"], "text": "t", "due": a_day(3)}
    [made] = asserted(pledge)
    assert (made.begins, made.ends) == (Edge(DAY, DAY), Edge(FOREVER, FOREVER))
    assert made.place_in_order == (DAY, "said", 0, "pledge:word")
