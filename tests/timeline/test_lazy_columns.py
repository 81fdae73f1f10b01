"""Columns that are read when they are first used."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.histories import LOCAL, a_day, logs
from tests.timeline.tables import said, told
from tracker.model.dates import close_of
from tracker.model.events import Recorded
from tracker.state.fold import fold
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.knowledge import Known
from tracker.timeline.merge import Segment, merged
from tracker.timeline.serialisation import Names, Read, lazy_segments, pack, segments, unpacked
from tracker.timeline.value_at import Reading, ended, winners

pytestmark = pytest.mark.slow

CLOCK = st.integers(-2, 100).map(a_day)
TABLE = said("b one 10 1", "a one 10 2", "c one 10 0", "a two 20", "bb two 20 1")


def read_later(table: Assertions, opened: list[str], number: int = 1) -> list[tuple[int, str, Read]]:
    """The parts of a table as rows; the name of each is noted when it is read."""

    def part(name: str, kind: str, data: bytes) -> Read:
        def read() -> object:
            opened.append(name)
            return unpacked(kind, data)

        return read

    return [(number, each.name, part(*each)) for each in pack(table)]


@given(log=logs())
def test_law_what_is_read_later_is_what_is_read_at_once(log: list[Recorded]) -> None:
    whole = fold(log).assertions
    [later] = lazy_segments(read_later(whole, []), len(log))
    assert list(pack(later.assertions)) == list(pack(whole))
    rows = np.arange(0, len(whole), 2)
    assert list(pack(later.assertions.take(rows))) == list(pack(whole.take(rows)))


@given(log=logs(), day=CLOCK, announced_by=CLOCK, recorded_by=st.integers(-1, 40), reading=st.sampled_from(Reading))
def test_law_a_question_is_answered_alike_of_what_is_read_later(
    log: list[Recorded], day: date, announced_by: date, recorded_by: int, reading: Reading
) -> None:
    whole = fold(log).assertions
    at, known = close_of(day, LOCAL), Known(close_of(announced_by, LOCAL), recorded_by)
    [later] = lazy_segments(read_later(whole, []), len(log))
    one, other = (winners(each, at, known, reading) for each in (later.assertions, whole))
    assert np.array_equal(one, other)
    [later] = lazy_segments(read_later(whole, []), len(log))
    assert ended(later.assertions, at, known).tolist() == ended(whole, at, known).tolist()
    for behind in (False, True):
        [later] = lazy_segments(read_later(whole, []), len(log))
        test, column = later.assertions.recorded_from.by(recorded_by, behind=behind), whole.recorded_from
        passed = column.ranks >= test.rank if behind else column.ranks < test.rank
        assert passed.tolist() == [(each > recorded_by) is behind for each in column.instants.tolist()]
        assert not (test.all and not passed.all())
        assert not (test.none and passed.any())


@given(log=logs())
def test_law_segments_that_are_read_later_are_merged_like_those_that_are_read_at_once(log: list[Recorded]) -> None:
    whole = fold(log).assertions
    parts = [whole, whole.take(np.arange(len(whole) // 2))]
    rows = [row for number, part in enumerate(parts) for row in read_later(part, [], number)]
    later = lazy_segments(rows, len(log))
    assert list(pack(merged(later))) == list(pack(merged([Segment(part) for part in parts])))


def test_a_question_reads_what_it_needs_once() -> None:
    opened: list[str] = []
    [(table, replaced)] = lazy_segments(read_later(TABLE, opened), 26)
    assert (opened, replaced) == ([], ())
    newest = Known(24, 26)
    decided = winners(table, 22, newest).tolist()
    assert decided == winners(TABLE, 22, newest).tolist() == [1, -1, 3, -1]
    needed = {"offsets", "begins_latest.values", "begins_latest.ranks", "ends_latest.values", "ends_latest.ranks"}
    needed |= {"announced_from.values", "announced_to.values", "announced_to.ranks"}
    needed |= {"recorded_to.values", "recorded_to.ranks"}
    assert set(opened) == needed
    winners(table, 12, newest)
    assert len(opened) == len(set(opened))
    winners(table, 22, Known(15, 17))
    assert {"announced_from.ranks", "recorded_from.ranks"} <= set(opened)


def test_a_column_that_there_is_not_is_missed_at_once_and_no_attribute_is_made_up() -> None:
    rows = read_later(TABLE, [])
    for missing in ("order.ranks", "value", "announcements"):
        with pytest.raises(KeyError, match=missing.replace(".", r"\.")):
            lazy_segments([row for row in rows if row[1] != missing], 26)
    [(table, _)] = lazy_segments(rows, 26)
    assert told(table) == told(TABLE)
    assert not hasattr(table, "colour")


def test_a_large_pool_gives_few_names_one_by_one_and_then_is_decoded() -> None:
    names = ("", "a", "bağ", "c" * 9)
    for single in range(20):
        pool = Names("\n".join(names).encode(), small=3, single=single)
        assert len(pool) == len(names)
        for at in (3, 0, 1, -1, 2, -4, 3, 1):
            assert pool[at] == names[at]
        with pytest.raises(IndexError):
            pool[4]
        assert (len(pool), tuple(pool), pool[1:3]) == (4, names, names[1:3])
        assert pool[2] == names[2]


def test_stored_segments_are_the_same_read_either_way() -> None:
    rows = [(1, *each) for each in pack(TABLE)]
    assert [told(each.assertions) for each in segments(rows)] == [
        told(each.assertions) for each in lazy_segments(read_later(TABLE, []), 26)
    ]
