"""`tracker needs`, `--suppose` and `--modes` on the command line."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run, run

LIFT = ("--suppose", "lift closure")
LATER = """
announced = 2031-05-01
summary = "Northland is to open its border in June."
by = [{ party = "north" }]
source = [{ publisher = "The Bugle" }]
[[effect]]
type = "lift"
measure = "closure"
from = 2031-06-01
"""


def test_what_is_missing_is_told_with_whose_word_it_is(run_cli: Run) -> None:
    shown = run_cli("needs", "bridge", "--as-of", "2031-01-01").out
    assert "closed" in shown
    assert "1 thing missing" in shown
    assert "lift closure" in shown
    assert "Northland's closure, in force since 2030-01-01" in shown


def test_the_contract_of_needs(run_cli: Run) -> None:
    answer = run_cli("needs", "bridge", "--direction", "north>south", "--as-of", "2031-01-01", "--json").json
    assert (answer["subject"], answer["as_of"], answer["firm"]) == ("bridge", "2031-01-01", False)
    assert "supposed" not in answer
    lane = next(lane for lane in answer["lanes"] if lane["traffic"] == "goods")
    assert (lane["status"], lane["severity"], lane["count"], lane["more"]) == ("closed", 8, 1, False)
    assert lane["alternatives"] == []
    assert lane["needs"] == [
        {
            "kind": "lift", "authority": "north", "name": "Northland", "measure": "closure", "places": ["bridge"],
            "since": "2030-01-01", "announcement": "northland-closes", "lapsed": [],
            "reason": "Northland's closure, in force since 2030-01-01", "suppose": "lift closure", "pledges": [],
        }
    ]  # fmt: skip


def test_two_territories_are_asked_for_with_ways_between_them(run_cli: Run) -> None:
    answer = run_cli("needs", "Northland", "south", "--as-of", "2031-01-01", "--json").json
    assert (answer["origin"], answer["destination"]) == ("north", "south")
    assert [(route["mode"], route["count"]) for route in answer["routes"]] == [("rail", 1), ("road", 1)]
    shown = run_cli("needs", "Northland", "south", "--as-of", "2031-01-01").out
    assert "north > south (road)" in shown


@pytest.mark.parametrize("command", [("state", "bridge"), ("why", "bridge"), ("routes", "north", "south")])
def test_what_is_supposed_is_told_beside_the_answer(run_cli: Run, command: tuple[str, ...]) -> None:
    asked = (*command, "--as-of", "2031-01-01", *LIFT)
    answer = run_cli(*asked, "--json").json
    assert answer["supposed"] == ["lift closure"]
    assert "Supposed, and not on the record: lift closure" in run_cli(*asked).out
    plain = run_cli(*command, "--as-of", "2031-01-01")
    assert "Supposed" not in plain.out
    assert "closed" in plain.out
    assert run_cli("needs", "bridge", "--as-of", "2031-01-01", *LIFT, "--json").json["lanes"][0]["count"] == 0


def test_a_restricted_lane_says_for_whom_and_a_place_is_named_once(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "exempt"
    measure = "closure"
    only = ["aid"]
    """
    asked = ("--traffic", "goods", "--as-of", "2031-04-01")
    assert "restricted: closed but for aid – 1 thing missing" in run_cli("needs", "bridge", *asked).out
    assert {tuple(lane["but_for"]) for lane in run_cli("needs", "bridge", *asked, "--json").json["lanes"]} == {("aid",)}
    assert "land: Southland:" not in run_cli("routes", "south", "north", "--as-of", "2029-01-01").out


def test_a_difference_may_suppose_on_its_later_side(run_cli: Run) -> None:
    asked = ("diff", "2030-06-01", "2031-01-01", "--subject", "bridge")
    assert run_cli(*asked, "--json").json["differences"] == []
    answer = run_cli(*asked, *LIFT, "--json").json
    assert {each["before"] for each in answer["differences"]} == {"closed"}
    assert {each["after"] for each in answer["differences"]} == {"open"}
    assert "supposed" not in answer["before"]
    assert answer["after"]["supposed"] == ["lift closure"]
    assert "Supposed" in run_cli(*asked, *LIFT).out


def test_a_file_that_is_supposed_keeps_its_dates(run_cli: Run, tmp_path: Path) -> None:
    file = tmp_path / "northland-opens.toml"
    file.write_text(LATER, encoding="utf-8")
    for day, status in (("2031-05-31", "closed"), ("2031-06-01", "open")):
        answered = run_cli("state", "bridge", "--as-of", day, "--suppose", str(file))
        assert answered.status == status
    early = run_cli("state", "bridge", "--as-of", "2031-06-01", "--announced-by", "2031-04-30", "--suppose", str(file))
    assert early.status == "closed"
    assert str(file) in early.out


def test_a_file_with_mistakes_is_refused_at_its_line(run_cli: Run, tmp_path: Path) -> None:
    file = tmp_path / "northland-opens.toml"
    file.write_text(LATER.replace('"closure"', '"nothing"'), encoding="utf-8")
    refused = run_cli("state", "bridge", "--suppose", str(file))
    assert refused.code != 0
    assert "northland-opens.toml:8" in refused.err


def test_nothing_that_is_supposed_is_stored(dataset: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "record.sqlite")
    assert run("--store", store, "load", str(dataset)).code == 0
    log = run("--store", store, "log", "--json").out
    supposed = run("--store", store, "state", "bridge", "--as-of", "2031-01-01", *LIFT)
    assert supposed.status == "open"
    assert run("--store", store, "log", "--json").out == log
    assert run("--store", store, "state", "bridge", "--as-of", "2031-01-01").status == "closed"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("needs", "closure"), "closure is a measure: name a border, a crossing, a corridor or two territories"),
        (("needs", "bridge", "--modes", "road,rail"), "--modes goes with two territories"),
        (("needs", "north", "south", "--direction", "x"), "--direction goes with one subject"),
        (("needs", "north", "south", "--modes", "boat"), "modes 'boat' has 'boat': write some of road,rail,air"),
        (("routes", "north", "south", "--mode", "road", "--modes", "road"), "keep one of them"),
        (("routes", "north", "south", "--opened", *LIFT), "leave one of them out"),
        (("state", "--suppose", "lift nothing"), "no measure is registered as 'nothing'"),
        (("state", "--suppose", "close everything"), "cannot suppose 'close everything': write \"lift MEASURE\""),
    ],
)
def test_what_is_not_understood_is_refused_with_the_remedy(run_cli: Run, args: tuple[str, ...], message: str) -> None:
    refused = run_cli(*args)
    assert refused.code != 0
    assert message in refused.err
