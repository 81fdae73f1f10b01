"""Columns that are read when they are first looked at."""

import numpy as np
import pytest
from hypothesis import given

from tests.timeline.histories import logs
from tests.timeline.tables import said, told
from tracker.model.events import Recorded
from tracker.state.record import Record
from tracker.timeline import packing
from tracker.timeline.known import EVERYTHING, Known
from tracker.timeline.later import Read, later_segments
from tracker.timeline.merge import Segment, merged
from tracker.timeline.packing import Names, pack, segments, unpacked
from tracker.timeline.table import Assertions
from tracker.timeline.value_at import winners

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
    whole = Record.of(log).assertions
    [later] = later_segments(read_later(whole, []))
    assert list(pack(later.assertions)) == list(pack(whole))
    rows = np.arange(0, len(whole), 2)
    assert list(pack(later.assertions.take(rows))) == list(pack(whole.take(rows)))


@given(log=logs())
def test_law_segments_that_are_read_later_are_merged_like_those_that_are_read_at_once(log: list[Recorded]) -> None:
    whole = Record.of(log).assertions
    parts = [whole, whole.take(np.arange(len(whole) // 2))]
    later = later_segments(row for number, part in enumerate(parts) for row in read_later(part, [], number))
    assert list(pack(merged(later))) == list(pack(merged([Segment(part) for part in parts])))


def test_a_question_reads_what_it_needs_once() -> None:
    opened: list[str] = []
    [(table, replaced)] = later_segments(read_later(TABLE, opened))
    assert (opened, replaced) == ([], ())
    decided = winners(table, 22, EVERYTHING).tolist()
    assert decided == winners(TABLE, 22, EVERYTHING).tolist()
    needed = {"offsets", "begins_latest.values", "begins_latest.ranks", "ends_latest.values", "ends_latest.ranks"}
    knowing = {f"{name}.values" for name in ("announced_from", "announced_to", "recorded_from", "recorded_to")}
    assert needed <= set(opened) <= needed | knowing | {f"{name[:-7]}.ranks" for name in knowing if "_to" in name}
    winners(table, 12, EVERYTHING)
    assert len(opened) == len(set(opened))
    winners(table, 22, Known(15, 17))
    assert {"announced_from.ranks", "recorded_from.ranks"} <= set(opened)


def test_a_column_that_there_is_not_is_missed_at_once_and_no_attribute_is_made_up() -> None:
    rows = read_later(TABLE, [])
    for missing in ("order.ranks", "value", "announcements"):
        with pytest.raises(KeyError, match=missing.replace(".", r"\.")):
            later_segments(row for row in rows if row[1] != missing)
    [(table, _)] = later_segments(rows)
    assert told(table) == told(TABLE)
    assert not hasattr(table, "colour")


def test_a_large_pool_gives_few_names_one_by_one_and_then_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("", "a", "bağ", "c" * 9)
    monkeypatch.setattr(packing, "LITTLE", 3)
    for few in range(20):
        monkeypatch.setattr(packing, "FEW", few)
        pool = Names("\n".join(names).encode())
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
        told(each.assertions) for each in later_segments(read_later(TABLE, []))
    ]
