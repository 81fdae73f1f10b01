"""Structs have the shape of their models, and refuse what these refuse."""

from typing import Any

import msgspec
import pytest
from hypothesis import given

from tests.projections.samples import EFFECTS
from tests.store.samples import announcement, registry
from tests.timeline.histories import statements
from tracker.model.announcement import Announcement, Statement
from tracker.model.canonical import canonical_json
from tracker.model.effects import Impose, Passage
from tracker.model.registry import AnySubject, Crossing
from tracker.timeline.statements import array_reader, content_of, struct_of, type_of


def plain(struct: object) -> object:
    """A struct as JSON values."""
    return msgspec.json.decode(msgspec.json.encode(struct))


@given(said=statements())
def test_law_a_struct_has_all_that_its_model_has(said: list[Statement]) -> None:
    for content in said:
        if isinstance(content, Announcement):
            dumped = content.model_dump(mode="json", by_alias=True)
            assert plain(content_of(content)) == dumped


def test_an_effect_of_every_type_is_a_struct_of_its_own() -> None:
    said = announcement("a", effect=EFFECTS)
    found = content_of(said)
    assert [effect.type for effect in found.effect] == [effect["type"] for effect in EFFECTS]
    assert plain(found) == said.model_dump(mode="json", by_alias=True)
    assert len({type(effect) for effect in found.effect}) == len({effect["type"] for effect in EFFECTS})


def test_a_subject_of_every_kind_is_a_struct_of_its_own() -> None:
    subjects = list(registry().subjects())
    found = array_reader(type_of(AnySubject))([canonical_json(subject) for subject in subjects])
    for struct, subject in zip(found, subjects, strict=True):
        assert plain(struct) == subject.model_dump(mode="json", by_alias=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type":"impose"}', "missing required field `measure`"),
        ('{"type":"impose","measure":"closure","odd":1}', "unknown field `odd`"),
        ('{"type":"impose","measure":"closure","level":"odd"}', "Invalid enum value 'odd'"),
        ('{"type":"impose","measure":1}', "Expected `str | array`, got `int`"),
        ('{"type":"lift","measure":"closure"}', "Invalid value 'lift'"),
    ],
)
def test_what_the_model_refuses_is_refused(text: str, message: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.json.decode(text, type=struct_of(Impose))


def test_defaults_are_those_of_the_model() -> None:
    impose: Any = msgspec.json.decode('{"measure":"closure"}', type=struct_of(Impose))
    assert (impose.type, impose.starts, impose.conditions, impose.level) == ("impose", None, (), None)
    passage: Any = msgspec.json.decode('{"at":"a","mode":"road","traffic":"goods"}', type=struct_of(Passage))
    assert (passage.none, passage.quantity) == (False, None)
    crossing = {"id": "a", "border": "b", "modes": ["road"], "names": {"en": "A"}}
    found: Any = msgspec.convert(crossing, struct_of(Crossing))
    assert (found.traffic, found.location) == (("goods", "people"), None)


def test_of_many_texts_one_that_cannot_be_read_is_refused() -> None:
    read = array_reader(struct_of(Impose))
    assert [found.measure for found in read([b'{"measure":"a"}', msgspec.Raw(b'{"measure":"b"}')])] == ["a", "b"]
    assert read([]) == []
    with pytest.raises(msgspec.DecodeError):
        read([b'{"measure":"a"}', b"{"])
