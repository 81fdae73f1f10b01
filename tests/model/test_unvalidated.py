"""What this program wrote itself is read back without validators, and as they would read it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from tracker.dataset.reader import read_dataset
from tracker.model.announcement import Announcement
from tracker.model.fields import Model
from tracker.model.unvalidated import unvalidated

ROOT = Path(__file__).parents[2]


def written() -> Iterator[Model]:
    for folder in ("events", "examples/fiordland"):
        files, _ = read_dataset(ROOT / folder)
        assert files is not None
        yield from files.registry.subjects()
        for statement in files.statements:
            if isinstance(statement, Announcement):
                yield from statement.effect


def test_every_entry_and_effect_on_the_record_is_read_back() -> None:
    for model in written():
        plain = json.loads(model.model_dump_json(by_alias=True, exclude_none=True))
        found = unvalidated(type(model), plain)
        assert found == model
        assert found.model_dump_json() == model.model_dump_json()
        assert type(model).model_validate(plain) == found


def test_a_type_that_is_not_known_is_not_guessed() -> None:
    class Odd(BaseModel):
        number: complex

    with pytest.raises(TypeError, match="not a type that is read back"):
        unvalidated(Odd, {"number": 1})
