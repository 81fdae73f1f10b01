"""What would it take: the fewest things missing, on the record and in small worlds."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.records import ROOT, record_of
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import Mode, Traffic
from tracker.queries.answers import LanesState
from tracker.queries.clocks import Clocks, clocks
from tracker.queries.need_answers import LaneNeedsAnswer, NeedAnswer, SubjectNeeds
from tracker.queries.needs import BEST, journey_needs, needs
from tracker.queries.routes import Journey, routes
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.queries.supposed import suppose
from tracker.state.record import Record

MAY = "2026-05-01"
FINLAND = Path(__file__).parents[1] / "data" / "fi-ru"
CASPIAN = """
[dataset]
name = "A sea between"
timezone = "+05:00"
[party]
kz = { name = "The east", kind = "state" }
az = { name = "The west", kind = "state" }
ge = { name = "The far west", kind = "state" }
[territory]
KZ = { name = "East", authority = "kz" }
AZ = { name = "West", authority = "az", transit = "open" }
GE = { name = "Far west", authority = "ge" }
[border]
AZ-KZ = { between = ["AZ", "KZ"], modes = ["sea"], normally = "open", crossings = "some" }
AZ-GE = { between = ["AZ", "GE"], modes = ["rail", "road"], normally = "open" }
[crossing.alat]
border = "AZ-KZ"
modes = ["sea", "rail"]
names = { en = "Alat" }
[measure]
rail-bar = { title = "No transit by rail", authority = "az", kind = "restriction", level = "prohibited", \
scope = { at = ["AZ"], modes = ["rail"], regime = "transit" } }
ferry-bar = { title = "No ferries", authority = "kz", kind = "restriction", level = "prohibited", \
scope = { at = ["AZ-KZ"], modes = ["sea"] } }
"""
SAID = """
announced = 2020-01-0%d
summary = "x"
by = [{ party = "az" }]
source = [{ publisher = "The Bugle" }]
effect = [{ type = "impose", measure = "%s" }]
"""


@pytest.fixture(scope="module")
def record() -> Record:
    return record_of(ROOT / "events")[0]


def at(record: Record, as_of: str, announced_by: str | None = None) -> Clocks:
    return clocks(as_of, announced_by, None, tz=record.tz, today=lambda: date(2026, 6, 1), position_at=lambda _: 0)


def lanes_of(record: Record, subject: str, as_of: str = MAY, *, firm: bool = False) -> tuple[LaneNeedsAnswer, ...]:
    return needs(record, at(record, as_of), Selection((subject,)), firm=firm).lanes


def words(some: tuple[NeedAnswer, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return sorted((need.kind.value, need.measure or need.authority, need.places) for need in some)


def test_two_closures_and_a_bridge_stand_between_turkey_and_azerbaijan(record: Record) -> None:
    for lane in lanes_of(record, "tr-am-az"):
        assert (lane.status, lane.count, lane.alternatives) == ("closed", 3, ())
        assert words(lane.needs) == [
            ("infrastructure", "TR", ("margara",)),
            ("lift", "az-am-border-closure", ("AM-AZ",)),
            ("lift", "tr-closure-1993", ("margara",)),
        ]
        turkish = next(need for need in lane.needs if need.measure == "tr-closure-1993")
        assert turkish.since == "[1993-04-03..1993-04-04]"
        assert turkish.announcement == "turkey-closes-border-with-armenia"
        assert "tr-symbolic-steps-towards-armenia" in {pledge.pledge for pledge in turkish.pledges}
        assert all("TR" in pledge.parties for pledge in turkish.pledges)


def promised_to(record: Record, subject: str, **filters: Any) -> dict[tuple[str, str], set[str]]:
    """The pledges beside each need, by its kind and its measure or authority."""
    pledged: dict[tuple[str, str], set[str]] = {}
    for lane in needs(record, at(record, MAY), Selection((subject,), **filters)).lanes:
        for need in lane.needs:
            pledged.setdefault((need.kind.value, need.measure or need.authority), set()).update(
                pledge.pledge for pledge in need.pledges
            )
    return pledged


def test_a_promise_about_freight_ends_no_ban_on_travel_and_an_opened_border_builds_no_bridge(record: Record) -> None:
    assert promised_to(record, "baku-tbilisi") == {
        ("lift", "az-land-closure"): set(),
        ("word", "GE"): {"baku-tbilisi-trains-may-2025"},
    }
    road = promised_to(record, "tr-am-az")
    assert "tr-symbolic-steps-towards-armenia" not in road["infrastructure", "TR"]
    assert "moscow-working-group-meets" not in road["lift", "az-am-border-closure"]
    assert "friendship-bridge-2018" not in promised_to(record, "AM-GE")["lift", "ge-armenia-travel-suspension-2020"]
    works = promised_to(record, "tr-am-nx")["infrastructure", "AM"]
    assert {"armenia-rebuilds-rail-ends-if-russia-cannot", "armenia-rail-ready-in-two-to-three-years"} <= works
    assert not works & {"trilateral-unblock-links", "crossroads-of-peace-links"}


@pytest.mark.parametrize(
    ("key", "traffic", "promises"),
    [
        ("", "goods", True),
        ('traffic = ["people"]', "goods", False),
        ('traffic = ["people"]', "people", True),
        ('modes = ["rail"]', "goods", False),
    ],
)
def test_a_pledge_says_for_which_traffic_it_is(tmp_path: Path, key: str, traffic: str, promises: bool) -> None:
    pledge = f"""
announced = 2020-02-01
summary = "x"
by = [{{ party = "kz" }}]
source = [{{ publisher = "The Bugle" }}]
[[effect]]
type = "pledge"
pledge = "ferries-again"
kind = "promise"
parties = ["kz"]
at = ["AZ-KZ"]
text = "Ferries sail again."
{key}
"""
    record = caspian(tmp_path, "ferry-bar", promise=pledge)
    promised = promised_to(record, "AZ-KZ", mode=Mode.SEA, traffic=Traffic(traffic))
    assert promised["lift", "ferry-bar"] == ({"ferries-again"} if promises else set())


def test_doing_what_is_supposed_is_enough(record: Record) -> None:
    texts = [need.suppose for need in lanes_of(record, "tr-am-az")[0].needs if need.suppose]
    supposed, asked = suppose(record, at(record, MAY), texts)
    answer = needs(supposed, asked, Selection(("tr-am-az",)))
    assert {lane.count for lane in answer.lanes} == {0}
    assert answer.supposed == tuple(texts)


def test_one_closure_at_two_borders_is_one_thing_and_infrastructure_is_another(record: Record) -> None:
    for lane in needs(record, at(record, MAY), Selection(("az-am-nx",), mode=Mode.RAIL, traffic=Traffic.GOODS)).lanes:
        kinds = [need.kind.value for need in lane.needs]
        assert sorted(kinds) == ["infrastructure", "lift", "word", "word", "word"]
        [closure] = [need for need in lane.needs if need.measure]
        assert set(closure.places) == {"AM-AZ", "AM-AZ-NX"}
        [works] = [need for need in lane.needs if need.kind.value == "infrastructure"]
        assert (works.authority, works.suppose) == ("AM", "ready az-am-nx")


def test_a_lapse_is_one_word_that_names_what_ran_out(record: Record) -> None:
    people = Selection(("az-ir-nx",), mode=Mode.ROAD, traffic=Traffic.PEOPLE, direction="AZ>AZ-NX")
    [lane] = needs(record, at(record, "2026-04-01T07:00+04:00", announced_by="2026-03-01"), people).lanes
    assert [(need.kind.value, need.authority) for need in lane.needs] == [("word", "AZ"), ("word", "AZ")]
    for need in lane.needs:
        assert "az-land-closure" in need.lapsed
        assert "ran out" in need.reason
        assert need.since


def test_the_cheapest_of_a_borders_crossings_is_asked_for() -> None:
    """Finland's closures of its eight crossings: the fewest to lift are those of one crossing."""
    finland = record_of(FINLAND)[0]
    people = Selection(("FI-RU",), mode=Mode.ROAD, traffic=Traffic.PEOPLE)
    for lane in needs(finland, at(finland, "2023-11-30"), people).lanes:
        assert lane.status == "closed"
        assert lane.count == 1
        every = [lane.needs, *lane.alternatives]
        assert all(len(one) == lane.count for one in every)
        for one in every:
            texts = [need.suppose for need in one if need.suppose]
            [answer] = state(*suppose(finland, at(finland, "2023-11-30"), texts), people)
            assert isinstance(answer, LanesState)
            assert {one.severity for one in answer.lanes} <= {0, 1, 2, 3}


def test_what_is_presumed_is_enough_unless_words_are_wanted(record: Record) -> None:
    presumed = needs(record, at(record, MAY), Selection(("az-ge-am",), direction="AM>AZ"))
    assert [(lane.status, lane.count) for lane in presumed.lanes] == [("presumed", 0)]
    firm = needs(record, at(record, MAY), Selection(("az-ge-am",), direction="AM>AZ"), firm=True)
    [lane] = firm.lanes
    assert (lane.count, [need.kind.value for need in lane.needs]) == (1, ["word"])
    assert lane.alternatives


def test_the_best_few_routes_have_the_fewest_needs(record: Record) -> None:
    journey = Journey("TR", "AM", Mode.RAIL)
    answer = journey_needs(record, at(record, "2025-10-01"), journey)
    counts = [route.count for route in answer.routes]
    assert len(counts) <= BEST
    assert counts == sorted(counts, key=lambda count: count or 0)
    named = {route.path for route in answer.routes}
    assert named <= {route.path for route in routes(record, at(record, "2025-10-01"), journey).routes}


def test_a_measure_has_no_lanes_to_open(record: Record) -> None:
    with pytest.raises(BadRequest, match="name a border, a crossing, a corridor or two territories"):
        needs(record, at(record, MAY), Selection(("tr-closure-1993",)))


def caspian(tmp_path: Path, *measures: str, promise: str | None = None) -> Record:
    folder = tmp_path / "caspian"
    (folder / "registry").mkdir(parents=True)
    (folder / "2020").mkdir()
    (folder / "registry" / "all.toml").write_text(CASPIAN, encoding="utf-8")
    for number, measure in enumerate(measures, start=1):
        (folder / "2020" / f"{measure}.toml").write_text(SAID % (number, measure), encoding="utf-8")
    if promise is not None:
        (folder / "2020" / "promise.toml").write_text(promise, encoding="utf-8")
    return record_of(folder)[0]


FERRY_AND_RAIL = Journey("KZ", "GE", modes=(Mode.SEA, Mode.RAIL))


def test_a_ferry_and_rail_on_from_there_is_one_way(tmp_path: Path) -> None:
    record = caspian(tmp_path)
    assert routes(record, at(record, MAY), Journey("KZ", "GE", Mode.RAIL)).routes == ()
    [way] = routes(record, at(record, MAY), FERRY_AND_RAIL).routes
    assert [(leg.mode.value, leg.path) for leg in way.legs] == [
        ("sea", ("KZ", "AZ-KZ", "AZ")),
        ("rail", ("AZ", "AZ-GE", "GE")),
    ]
    assert (way.status, way.path, way.borders) == ("presumed", ("KZ", "AZ-KZ", "AZ", "AZ-GE", "GE"), 2)
    [change] = way.mode_changes
    assert (change.place, change.crossings) == ("AZ", ("alat",))
    assert change.text == "change from sea to rail in West at Alat: nothing on record"


def test_where_the_mode_changes_both_modes_are_judged(tmp_path: Path) -> None:
    record = caspian(tmp_path, "rail-bar", "ferry-bar")
    by_road = Journey("KZ", "GE", modes=(Mode.SEA, Mode.ROAD))
    for journey, bars in ((FERRY_AND_RAIL, ["ferry-bar", "rail-bar"]), (by_road, ["ferry-bar"])):
        answer = journey_needs(record, at(record, MAY), journey)
        assert [sorted(need.measure or "" for need in route.needs) for route in answer.routes] == [bars]
        assert [route.mode_changes[0].place for route in answer.routes] == ["AZ"]


def test_a_change_without_a_crossing_for_both_is_told_so(record: Record) -> None:
    answer = routes(record, at(record, MAY), Journey("KZ", "TR", modes=(Mode.SEA, Mode.RAIL)))
    way = next(route for route in answer.routes if route.legs and len(route.path) == 7)
    assert way.mode_changes[0].text.startswith("change from sea to rail in Azerbaijan")
    assert way.mode_changes[0].crossings == ()
    assert all(route.legs == () for route in answer.routes if "AZ-KZ" not in route.path)


def test_one_mode_or_several_is_asked_for() -> None:
    with pytest.raises(BadRequest, match="keep one of them"):
        Journey("KZ", "TR", Mode.RAIL, modes=(Mode.SEA, Mode.RAIL))


def test_the_answer_names_its_clocks(record: Record) -> None:
    answer = needs(record, at(record, MAY), Selection(("tr-am-az",)))
    assert isinstance(answer, SubjectNeeds)
    assert (answer.as_of, answer.covers_until, answer.firm) == (MAY, None, False)
