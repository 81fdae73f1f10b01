"""The worked examples of design §8, as a user asks them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, run

EXAMPLES = json.loads((Path(__file__).parents[1] / "data" / "worked_examples.json").read_text(encoding="utf-8"))


def missing(expected: Any, actual: Any, path: str = "") -> list[str]:
    """What is expected and not there: of an object the keys named, of a list an item for each."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return [
            line for key, value in expected.items() for line in missing(value, actual.get(key, "?"), f"{path}.{key}")
        ]
    if isinstance(expected, list) and isinstance(actual, list):
        return [
            f"{path}: no {value} in {actual}"
            for value in expected
            if all(missing(value, item, path) for item in actual)
        ]
    return [] if expected == actual else [f"{path}: {actual!r}, expected {expected!r}"]


def arguments(example: dict[str, Any]) -> list[str]:
    options = [word for name, value in example["options"].items() for word in (f"--{name}", value)]
    return [example["subject"], *options, "--as-of", example["as_of"]]


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{each['subject']}@{each['as_of']}" for each in EXAMPLES])
def test_worked_example(real: Run, example: dict[str, Any]) -> None:
    ran = real("state", *arguments(example), "--json")
    assert ran.code == 0
    assert missing(example["expect"], ran.json) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{each['subject']}@{each['as_of']}" for each in EXAMPLES])
def test_why_says_the_same_and_cites_it(real: Run, example: dict[str, Any]) -> None:
    ran = real("why", *arguments(example), "--json")
    assert missing(example["expect"], ran.json) == []
    said = {cause["announcement"] for lane in ran.json.get("lanes", []) for cause in lane["because"]}
    assert said - {None} <= ran.json["citations"].keys()


def test_the_confirmation_of_24_october_is_listed_only_once_it_was_public(real: Run) -> None:
    early = real("announcements", "--about", "az-russian-transit-permission", "--announced-by", "2025-10-25", "--json")
    late = real("announcements", "--about", "az-russian-transit-permission", "--json")
    assert early.json == []
    assert "overchuk-azerbaijan-confirms-transit" in [each["id"] for each in late.json]


FINLAND = str(Path(__file__).parents[1] / "data" / "fi-ru")


@pytest.mark.parametrize(
    ("day", "status", "through"),
    [("2024-12-01", "closed", []), ("2023-12-14", "open", ["vaalimaa", "niirala"])],
)
def test_a_border_is_as_passable_as_the_best_of_all_its_crossings(day: str, status: str, through: list[str]) -> None:
    asked = ("state", "FI-RU", "--mode", "road", "--traffic", "people", "--direction", "FI>RU", "--as-of", day)
    [lane] = run("--events", FINLAND, *asked, "--json").json["lanes"]
    [way] = lane["through"]
    assert (lane["status"], list(way["crossings"]), way["registered"]) == (status, through, 8)


SILENT = """
[dataset]
name = "Three lands"
timezone = "UTC"
[party]
XA = { name = "Alpha", kind = "state" }
XB = { name = "Beta", kind = "state" }
XC = { name = "Gamma", kind = "state" }
[territory]
XA = { name = "Alpha", authority = "XA" }
XB = { name = "Beta", authority = "XB", transit = "open" }
XC = { name = "Gamma", authority = "XC" }
[border]
XA-XB = { between = ["XA", "XB"], modes = ["road"], traffic = ["goods"], normally = "open" }
XB-XC = { between = ["XB", "XC"], modes = ["road"], traffic = ["goods"], normally = "open" }
[corridor]
way = { name = "The way", path = ["XA", "XB", "XC"], modes = ["road"], traffic = ["goods"] }
"""


@pytest.mark.parametrize("day", ["1990-01-01", "2025-10-28", "2040-12-31"])
def test_a_corridor_of_which_nothing_is_on_record_is_presumed_and_not_open(tmp_path: Path, day: str) -> None:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "all.toml").write_text(SILENT, encoding="utf-8")
    lanes = run("--events", str(tmp_path), "state", "way", "--as-of", day, "--json").json["lanes"]
    assert {lane["status"] for lane in lanes} == {"presumed"}
    assert len(lanes) == 2
