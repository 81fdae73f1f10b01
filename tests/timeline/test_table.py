"""What is kept of an assertion in a table, and how it is found again."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given

from tests.timeline.histories import LOCAL, logs
from tests.timeline.tables import columns_of, pooled, said, told
from tracker.model.dates import ends, starts
from tracker.model.effects import AnyEffect
from tracker.model.events import Recorded
from tracker.state.fold import fold
from tracker.timeline.assertion_table import Pooled, value_text
from tracker.timeline.assertions import PENDING, Assertion, Attribution, is_pending, period_of, tracks_of
from tracker.timeline.columns import TIMES, codes
from tracker.timeline.derivation import Derivation
from tracker.timeline.serialisation import pack, segments, unpack
from tracker.timeline.versions import Version

TABLE = said("b one 10 1", "a one 10 2", "c one 10 0", "a two 20", "bb two 20 1")


def asserted(version: Version) -> Iterator[Assertion]:
    """All that a version asserts, made one by one of its models."""
    content = version.content
    for index, effect in enumerate(content.effect if content else ()):
        assert content is not None
        attribution = Attribution(tuple(dict.fromkeys(each.party for each in content.by)), content.status)
        begin, last_day, until = period_of(effect)
        begins, over = starts(begin or content.announced, LOCAL), ends(last_day, until, LOCAL)
        for track in tracks_of(effect, version.id, index):
            track = f"{PENDING}{track}" if is_pending(effect) else track
            for span in version.spans:
                place = (track, version.order, version.id, index, version.number)
                yield Assertion(*place, begins, over, span, attribution, effect)


def value(effect: AnyEffect) -> str:
    return value_text(effect.type, effect.model_dump(mode="json", by_alias=True))


def words(said: Assertion) -> tuple[object, ...]:
    """All that an assertion says, but for the dates in its effect, which stand beside it."""
    beside = (said.track, said.order, said.announcement, said.index, said.version, said.begins, said.ends, said.span)
    return (*beside, said.attribution, said.effect.type, value(said.effect), said.track)


@given(log=logs())
def test_a_row_says_what_was_asserted_before_it_was_packed_and_after(log: list[Recorded]) -> None:
    histories = fold(log).announcements.values()
    derivation = Derivation(LOCAL)
    derivation.add_histories(histories)
    whole = derivation.table()
    versions = [each for history in histories for each in history]
    expected = [row for version in versions for row in asserted(version)]
    expected.sort(key=lambda row: (row.track, row.order, row.announcement, row.index, row.version))
    for table in (whole, unpack(pack(whole))):
        assert [words(table.row(row)) for row in range(len(table))] == [words(each) for each in expected]


def test_the_rows_of_an_announcement_are_in_the_order_of_its_effects() -> None:
    assert told(TABLE) == ["a one 10", "a two 20", "b one 10", "bb two 20", "c one 10"]
    assert TABLE.rows_by("one") == [4, 2, 0]
    assert TABLE.rows_by("two") == [1, 3]
    assert [TABLE.rows_by(name) for name in ("nobody", "one-and-a-half", "zero")] == [[], [], []]


def test_a_track_without_rows_is_none() -> None:
    assert [TABLE.number(name) for name in ("a", "b", "bb", "c", "", "ba", "d")] == [0, 1, 2, 3, -1, -1, -1]
    assert list(TABLE.beginning("b")) == [(1, "b"), (2, "bb")]
    some = TABLE.take(np.array([1, 3]))
    assert told(some) == ["a two 20", "bb two 20"]
    assert [some.number(name) for name in ("a", "b", "bb", "c")] == [0, -1, 2, -1]
    assert list(some.beginning("b")) == [(2, "bb")]
    assert list(some.beginning("")) == [(0, "a"), (2, "bb")]
    assert list(some.beginning("c")) == []


def test_names_in_order_are_those_that_occur_each_once() -> None:
    pool = Pooled(("c", "a", "c", "unused", "b", "unused"), np.array([4, 2, 0, 1, 0]))
    assert [(list(each.names), each.numbers.tolist()) for each in (pool.in_order(), pooled(list("bccac")))] == [
        (["a", "b", "c"], [1, 2, 2, 0, 2]),
        (["b", "c", "a"], [0, 1, 1, 2, 1]),
    ]
    nothing = pooled([]).in_order()
    assert (list(nothing.names), nothing.numbers.tolist()) == ([], [])


def test_tables_are_stored_one_after_another_and_replace_nothing_unless_they_say_so() -> None:
    rows = [(number, *each) for number in (3, 4) for each in pack(TABLE)]
    found = segments(rows)
    assert [told(each.assertions) for each in found] == [told(TABLE)] * 2
    assert [list(each.replaced) for each in found] == [[], []]


def test_columns_have_their_byte_order_in_their_name() -> None:
    kinds = {each.name: each.type for each in pack(TABLE)}
    assert kinds["order.values"] == "<i8"
    assert kinds["order.ranks"] == "|u1"
    assert kinds["tracks"] == "text"


@pytest.mark.parametrize(("largest", "bytes_each"), [(0, 1), (255, 1), (256, 2), (65_535, 2), (65_536, 4)])
def test_numbers_are_kept_as_narrow_as_the_largest_allows(largest: int, bytes_each: int) -> None:
    column = codes(np.array([0, largest], dtype=np.int64))
    assert (column.dtype.itemsize, column.tolist()) == (bytes_each, [0, largest])
    assert codes(np.array([], dtype=np.int64)).dtype.itemsize == 1
    tracks = np.arange(largest + 1)
    table = columns_of(largest + 1, tracks, tracks, **dict.fromkeys(TIMES, tracks))
    assert (table.track.dtype.itemsize, table.track.tolist()) == (bytes_each, tracks.tolist())


def test_bytes_are_those_of_all_columns_and_of_no_text() -> None:
    packed = sum(len(each.data) for each in pack(TABLE) if each.type != "text")
    assert TABLE.nbytes == packed + TABLE.track.nbytes


def test_zero_says_something_and_an_empty_default_does_not() -> None:
    told = {"type": "passage", "quantity": 0, "none": False, "hs": None, "only": [], "on": "2031-01-01", "at": "ağrı"}
    assert value_text("passage", told) == 'passage{"at":"ağrı","quantity":0}'
