"""The worked examples of design §8, as a user asks them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

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
