"""Encoding a planned event gives the bytes of the event itself, and those that the first version stored."""

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.test_canonical import ODD, PATCH
from tests.store.samples import announcement, correction, registry, retraction
from tests.store.test_codec import line, statements
from tracker.model.announcement import Statement
from tracker.model.events import AnyEvent, amended, recorded, registered
from tracker.store.codec import Mapper
from tracker.store.leaves import event_of, leaf_of
from tracker.store.load_plan import BatchEncoder, LoadPlanner, load_items

AT = datetime(2031, 4, 1, 10, tzinfo=UTC)


def assert_alike(event: AnyEvent, state: bytes, leaf: bytes, position: int) -> None:
    assert state == Mapper().state(event)
    assert leaf == leaf_of(position, state)
    assert event_of(leaf) == (position, state)


@settings(max_examples=60, deadline=None)
@given(history=statements(), by=st.none() | line, position=st.integers(1, 2**53 - 1))
def test_law_a_batch_encoder_makes_the_bytes_of_the_event(
    history: list[Statement], by: str | None, position: int
) -> None:
    mapper = Mapper()
    encoder = BatchEncoder(mapper.upcasters, AT, by)
    for planned, said in zip(
        LoadPlanner({}, {}, lambda *_: False).plan(load_items(history)).events, history, strict=True
    ):
        row = encoder.row(planned)
        event = recorded(said, AT, by)
        assert_alike(event, row.state, encoder.leaf(position, planned), position)
        assert (row.topic, row.digest, row.statement) == (event.type, event.digest, said.id)


def test_a_batch_encoder_makes_the_bytes_of_subjects() -> None:
    mapper = Mapper()
    encoder = BatchEncoder(mapper.upcasters, AT, "100 % sure %(digest)b")
    twice = [*registry().subjects(), *registry().subjects()]
    for number, subject in enumerate(twice):
        again = number >= len(twice) // 2
        [item] = load_items([subject])
        [planned] = LoadPlanner({}, {}, lambda *_: False).plan([item]).events
        planned = planned._replace(number=int(again), type="SubjectAmended" if again else "SubjectRegistered")
        event = (amended if again else registered)(subject, AT, "100 % sure %(digest)b")
        assert_alike(event, encoder.row(planned).state, encoder.leaf(7, planned), 7)


@pytest.mark.parametrize(
    ("statement", "mark"),
    [
        (announcement("a"), "71d8fbf31dc45a4d4b4c501e9021516f56e77a6eb85470fbb37bc2c405fd025b"),
        (ODD, "e09327f7f131984a14578a7fd0554f347a2764d5c2ea12aa6a1b9eedf3204195"),
        (correction("c", "a", **PATCH), "8102bf72cc26045453e861cfd77a60ba4cd5b8ce2e84108d4784db0c878d5392"),
        (correction("c", "a"), "31c372580e5af4a65ab2bbecf7991d67b31678bbaf42290016ad0149c189e171"),
        (retraction("r", "a"), "7d19ca85939e54b5646774da987fb9b57fe6b389bd79d431e1939d788c0bbad8"),
    ],
)
def test_the_bytes_are_those_of_the_first_version(statement: Statement, mark: str) -> None:
    # Those of announcements since they have a title, and say what they are about: keys that are empty are stored, too.
    assert hashlib.sha256(Mapper().state(recorded(statement, AT, "coder"))).hexdigest() == mark


def test_the_bytes_of_subjects_are_those_of_the_first_version() -> None:
    states = b"".join(Mapper().state(registered(subject, AT)) for subject in registry().subjects())
    mark = "6162562432e956e78624073083a8239f08b1463acf89347444af71795ab4fe6c"
    assert hashlib.sha256(states).hexdigest() == mark
