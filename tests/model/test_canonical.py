"""Canonical JSON: the bytes are those of RFC 8785 and of what was stored before, whichever way they are written."""

import hashlib
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tests.dataset.records import ROOT
from tests.store.samples import announcement, correction, registry, retraction
from tracker.dataset.reader import read_dataset
from tracker.model.announcement import Correction, Statement
from tracker.model.canonical import NotCanonical, canonical_json, written
from tracker.model.events import canonical, digest
from tracker.model.fields import Model
from tracker.model.registry import Subject

texts = st.text(st.characters())  # with lone surrogates
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(-(2**53) - 2, 2**53 + 2) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=12,
)


def exactly(value: Any) -> bytes | None:
    """The bytes that rfc8785 writes; None where it refuses."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError):
        return None


def ours(value: Any) -> bytes | None:
    try:
        return canonical_json(value)
    except NotCanonical:
        return None


@given(anything)
def test_law_canonical_json_is_that_of_rfc_8785(value: Any) -> None:
    assert ours(value) == exactly(value)


@pytest.mark.parametrize(
    "value",
    [2**53 - 1, 2**53, -(2**53), 10**400, -0.0, 5e-324, 1e21, 1e20, 0.1, float("nan"), float("inf"), "\ud800",
     "\x00\x1f\x7f", "\u2028\u2029</script>", "\U0010ffff", {"\U0001f600": 1, "\ufb33": 2}, {"\u20ac": 1, "a": 2.0},
     {1: 2}, {"a": {None: 1}}, {"\ud800": 1}, [[{}], (), []], b"bytes", {1}, ...],
    ids=repr,
)  # fmt: skip
def test_odd_values(value: Any) -> None:
    assert ours(value) == exactly(value)


def as_stored_before(content: Model) -> dict[str, Any]:
    """Plain JSON of a content as the first version of the tracker stored it."""
    plain: dict[str, Any] = without_none(content.model_dump(mode="json", by_alias=True))
    if isinstance(content, Correction):
        plain["replace"] = content.replace
    return plain


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_none(item) for item in value]
    return value


ODD = announcement(
    "e-1",
    "Ελλάδα – “quoted” \\ / \u200d \n done.",
    status="verified",
    covers=["one"],
    effect=[
        {"type": "passage", "at": "way", "mode": "road", "traffic": "goods", "on": "1989-08", "quantity": 1048.8},
        {"type": "passage", "at": "way", "mode": "road", "traffic": "goods", "none": True},
        {
            "type": "exempt",
            "measure": "closure",
            "only": ["a", "b"],
            "modes": ["road"],
            "until": "2031-04-01T06:00:00+04:00",
        },
    ],
)
PATCH = {"note": None, "\U0001f600": 1, "\ufb33": [1e21, 0.1, -0.0, 5, True, None], "x": {"é": {"b": 1, "a": 2}}}
DIGESTS: list[tuple[Statement, str]] = [  # computed by the first version; of the second, with an `exempt`, later
    (announcement("a"), "877f19d67814abab750ad715d4927f0c5b20d898af7744f101b0a8592dcc99ca"),
    (ODD, "7dba95ce4c3e8d0a6c09f6b508af7866dc2c59682e543d4d0a7d2832f76af240"),
    (correction("c", "a", **PATCH), "5df49ffef3cf3c6c7afdeb5f52bc5341db0e8e36e32a428df1c28beb2f8b56e7"),
    (correction("c", "a"), "f70fc82586c21f79475b9fb3f9ad0d1701081863ff608b5a8c8a1cac60fea6f7"),
    (retraction("r", "a"), "53864b7a0aa618ae9e00c1890692ba1a2d4a1c5829077a1673986f813286e028"),
]


@pytest.mark.parametrize(("statement", "mark"), DIGESTS)
def test_digests_are_what_they_were(statement: Statement, mark: str) -> None:
    assert digest(statement) == mark


def test_digests_of_subjects_are_what_they_were() -> None:
    marks = "".join(digest(subject)[:8] for subject in registry().subjects())
    assert marks == "ab40d8e146fe3aadda1369822bdd0bca07513558058466dcb98c1bf9a9ee00fdddcde4149c3aaedb"


def test_the_record_is_written_as_it_was() -> None:
    """Every subject and statement in events/, against the slow way that goes by what pydantic dumps."""
    files, _ = read_dataset(ROOT / "events")
    assert files is not None
    contents: list[Subject | Statement] = [*files.registry.subjects(), *files.statements]
    assert len(contents) > 400
    for content in [*contents, *(statement for statement, _ in DIGESTS)]:
        whole, bare = written(content)
        assert whole == rfc8785.dumps(as_stored_before(content))
        assert bare == rfc8785.dumps(canonical(content))
        assert canonical_json(content) == whole
        assert digest(content) == hashlib.sha256(bare).hexdigest()


def test_what_has_no_canonical_json_is_refused_inside_a_model() -> None:
    for value in (2**60, float("nan"), "\ud800"):
        with pytest.raises(NotCanonical):
            written(correction("c", "a", covers=[value]))
