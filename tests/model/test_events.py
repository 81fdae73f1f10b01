"""Canonical content, from which digests are made."""

from tracker.model.announcement import Announcement, Correction, merge_patch
from tracker.model.events import canonical, digest
from tracker.model.registry import Corridor
from tracker.model.vocabulary import Mode


def test_content_can_be_read_again_from_its_canonical_form() -> None:
    corridor = Corridor(id="c", name="C", path=("XA", "XB"), modes=(Mode.ROAD,), two_way=False)
    assert Corridor.model_validate(canonical(corridor)) == corridor


def test_an_empty_default_leaves_no_trace() -> None:
    content = {"id": "a", "announced": "2031-01-01", "summary": "words", "by": [{"party": "XA"}]}
    assert digest(Announcement.model_validate(content)) == digest(
        Announcement.model_validate({**content, "effect": []})
    )
    assert "note" not in canonical(Announcement.model_validate(content))


def test_a_date_is_the_same_from_a_file_and_from_the_store() -> None:
    content = {"id": "a", "announced": "2031-01-01", "summary": "words", "by": [{"party": "XA"}]}
    announcement = Announcement.model_validate(content)
    assert Announcement.model_validate(canonical(announcement)) == announcement


def test_a_patch_follows_rfc_7396() -> None:
    target = {"a": "b", "c": {"d": "e", "f": "g"}}
    assert merge_patch(target, {"a": "z", "c": {"f": None}}) == {"a": "z", "c": {"d": "e"}}
    assert merge_patch({"a": [1, 2]}, {"a": [3]}) == {"a": [3]}
    assert merge_patch("text", {"a": {"b": None}}) == {"a": {}}


def test_keys_to_remove_are_nulls_of_the_patch() -> None:
    change = Correction(id="c", corrects="a", announced="2031-01-02", reason="words", remove=("note",))
    assert change.patch == {"note": None}
