"""Answers describe themselves: the API's documentation and the data package have no other words for their fields."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Literal, get_origin

import pytest

import tracker.queries
from tests.dataset.records import ROOT
from tracker.queries.answer_base import Answer
from tracker.queries.answers import LanesState
from tracker.queries.feeds import Appointment, FeedEntry
from tracker.queries.route_answers import RoutesAnswer

NOT_JSON = (Appointment, FeedEntry)  # they become iCalendar and Atom
for path in Path(tracker.queries.__path__[0]).glob("*.py"):
    import_module(f"tracker.queries.{path.stem}")


def models(base: type[Answer] = Answer) -> Iterator[type[Answer]]:
    for model in base.__subclasses__():
        if model.__module__.startswith("tracker.queries") and model not in NOT_JSON:
            yield model
            yield from models(model)


@pytest.mark.parametrize("model", sorted(set(models()), key=str))
def test_every_model_and_field_is_described(model: type[Answer]) -> None:
    assert model.__doc__
    for name, field in model.model_fields.items():
        if get_origin(field.annotation) is not Literal:  # a constant explains itself
            assert field.description, name
            assert field.description.endswith("."), name


def test_fields_of_base_models_come_first() -> None:
    """The order of keys in JSON: clocks and names before the rest."""
    clocks = ["as_of", "announced_by", "recorded_by", "supposed"]
    assert list(LanesState.model_fields)[:7] == [*clocks, "subject", "kind", "name"]
    assert list(RoutesAnswer.model_fields)[:6] == [*clocks, "origin", "destination"]


def test_every_key_in_the_document_is_a_field() -> None:
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").partition("## Over HTTP")[0]
    lists = re.findall(r'\{((?:"[a-z_]+",?\s*)+)', text)
    keys = {*re.findall(r'"([a-z_]+)":', text), *re.findall(r'"([a-z_]+)"', " ".join(lists))}
    fields = {field.alias or name for model in models() for name, field in model.model_fields.items()}
    assert keys - fields == {"line", "message"}  # of a problem that `tracker check` reports
