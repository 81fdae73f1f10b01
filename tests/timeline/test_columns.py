"""Columns as they are stored and merged: nothing is lost, and it does not matter in how many parts they came."""

import json
from collections.abc import Sequence
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.histories import LOCAL, a_day, logs
from tracker.model.dates import close_of
from tracker.model.events import Recorded
from tracker.state.fold import fold
from tracker.timeline import value_at
from tracker.timeline.assertion_table import Assertions, read_value, value_of_plain, value_text
from tracker.timeline.assertions import assertions_of
from tracker.timeline.columns import TIMES, Columns, Ranked
from tracker.timeline.knowledge import EVERYTHING, Known
from tracker.timeline.merge import Segment, merged
from tracker.timeline.serialisation import Packed, pack, segments, unpack
from tracker.timeline.track_history import course
from tracker.timeline.value_at import Reading, ended, winner, winners, winners_of
from tracker.timeline.versions import concerns, versions

CLOCK = st.integers(-2, 100).map(a_day)


@given(log=logs())
def test_packing_loses_nothing(log: list[Recorded]) -> None:
    columns = fold(log).assertions
    assert list(pack(unpack(pack(columns)))) == list(pack(columns))
    [segment] = segments([(1, *each) for each in (*pack(columns), Packed("replaced", "text", b"a\nb"))])
    assert list(pack(segment.assertions)) == list(pack(columns))
    assert list(segment.replaced) == ["a", "b"]


@given(log=logs(), data=st.data())
def test_law_segments_merge_to_what_the_whole_log_gives(log: list[Recorded], data: st.DataObject) -> None:
    said = [each for each in log if hasattr(each.event, "announcement") or not hasattr(each.event, "subject")]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=4)))
    parts = [_segment(said[:end], begin) for begin, end in zip([0, *cuts], [*cuts, len(said)], strict=True)]
    keep = data.draw(st.integers(0, len(parts) - 1))
    earlier = Segment(merged(parts[: keep + 1]), {name for part in parts[: keep + 1] for name in part.replaced})
    assert list(pack(merged([earlier, *parts[keep + 1 :]]))) == list(pack(fold(log).assertions))


def _segment(log: Sequence[Recorded], begin: int) -> Segment:
    """The assertions of the announcements that something was recorded of from one event on."""
    streams: dict[str, list[Recorded]] = {}
    for each in log:
        streams.setdefault(concerns(each.event), []).append(each)  # type: ignore[arg-type]
    changed = {concerns(each.event) for each in log[begin:]}  # type: ignore[arg-type]
    rows = [row for name in changed for each in versions(streams[name], LOCAL) for row in assertions_of(each, LOCAL)]
    return Segment(Assertions.of(rows), changed)


@given(log=logs(), day=CLOCK, announced_by=CLOCK, reading=st.sampled_from(Reading), data=st.data())
def test_one_track_is_decided_as_all_are(
    log: list[Recorded], day: object, announced_by: object, reading: Reading, data: st.DataObject
) -> None:
    columns = fold(log).assertions
    at = close_of(day, LOCAL)  # type: ignore[arg-type]
    known = Known(close_of(announced_by, LOCAL), data.draw(st.integers(0, len(log) + 1)))  # type: ignore[arg-type]
    every = winners(columns, at, known, reading).tolist()
    with patch.object(value_at, "FEW", data.draw(st.integers(1, 9))):
        assert every == [winner(columns, track, at, known, reading) for track in range(columns.track_count)]


@given(log=logs())
def test_a_value_is_read_back_as_it_was_said(log: list[Recorded]) -> None:
    columns = fold(log).assertions
    for row in range(len(columns)):
        text = columns.values[columns.value[row]]
        assert value_text(read_value(text, "closure")) == text


def test_a_value_may_have_braces_in_its_words() -> None:
    words = value_of_plain("impose", {"measure": "closure", "limits": ["{aid} only", "}{"]})
    effect = read_value(words, "closure")
    assert (effect.type, effect.measure, effect.limits) == ("impose", "closure", ("{aid} only", "}{"))  # type: ignore[union-attr]


def test_a_value_is_the_same_whatever_defaults_were_written_out() -> None:
    bare = {"type": "impose", "measure": "closure"}
    beside = {"from": "2031-01-01", "last_day": "2031-01-09", "until": "2031-01-10T06:00:00+04:00", "note": "words"}
    full: dict[str, object] = {**bare, **beside, "limits": [], "level": None, "basis": None}
    assert value_of_plain("impose", bare) == value_of_plain("impose", json.loads(json.dumps(full))) == "impose{}"


@given(st.lists(st.integers(-(2**62), 2**62), max_size=40), st.integers(-(2**62), 2**62))
def test_ranks_compare_as_the_instants_do(instants: list[int], at: int) -> None:
    column = Ranked.of(np.array(instants, dtype=np.int64))
    assert column.instants.tolist() == instants
    upto, behind = column.by(at), column.by(at, behind=True)
    assert (column.ranks < upto.rank).tolist() == [each <= at for each in instants]
    assert (column.ranks >= behind.rank).tolist() == [each > at for each in instants]
    assert upto.all == behind.none == all(each <= at for each in instants)
    assert upto.none == behind.all == all(each > at for each in instants)


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=9), st.lists(st.integers(0, 8), max_size=20))
def test_a_few_instants_and_the_number_of_each_rows_are_a_column(instants: list[int], numbers: list[int]) -> None:
    few, number = (
        np.array(instants, dtype=np.int64),
        np.array([each % len(instants) for each in numbers], dtype=np.int64),
    )
    found, plain = Ranked.of_numbers(few, number), Ranked.of(few[number])
    assert found.instants.tolist() == plain.instants.tolist()
    assert (found.values.tolist(), found.ranks.tolist()) == (plain.values.tolist(), plain.ranks.tolist())
    assert found.ranks.dtype == plain.ranks.dtype


def test_columns_of_arrays_are_sorted_by_track_and_order() -> None:
    times = {name: np.zeros(4, dtype=np.int64) for name in TIMES}
    ends = {name: np.full(4, 10) for name in ("ends_earliest", "ends_latest", "announced_to", "recorded_to")}
    begins = {"begins_latest": np.array([3, 1, 2, 0])}
    track, order = np.array([1, 0, 1, 2]), np.array([5, 9, 4, 1])
    columns = Columns.of_arrays(4, track, (order,), **{**times, **ends, **begins})
    assert columns.track.tolist() == [0, 1, 1, 2]
    assert columns.begins_latest.instants.tolist() == [1, 2, 3, 0]
    assert winners(columns, 5, Known(5, 5)).tolist() == [0, 2, 3, -1]
    assert winners(columns, 2, Known(5, 5)).tolist() == [0, 1, 3, -1]
    assert winners(columns, 12, EVERYTHING).tolist() == [-1, -1, -1, -1]
    for at, reading, rows in (
        (5, Reading.LATE, [0, 2, 3, -1]),
        (2, Reading.LATE, [0, 1, 3, -1]),
        (0, Reading.LATE, [-1, -1, 3, -1]),
        (0, Reading.POSSIBLE, [0, 2, 3, -1]),
    ):
        assert winners(columns, at, Known(5, 5), reading).tolist() == rows
        assert [winner(columns, track, at, Known(5, 5), reading) for track in range(4)] == rows


@pytest.mark.parametrize("length", [1, value_at.FEW - 1, value_at.FEW, value_at.FEW + 1, 5 * value_at.FEW])
def test_a_track_of_any_length_is_decided_by_its_last_row_that_covers_the_instant(length: int) -> None:
    track, order = np.repeat([0, 1, 2], [3, length, 3]), np.arange(length + 6)
    always = dict.fromkeys(TIMES, np.zeros(length + 6, dtype=np.int64)) | dict.fromkeys(
        ("announced_to", "recorded_to"), np.full(length + 6, 9)
    )
    for lasting in range(length):
        ends = np.zeros(length + 6, dtype=np.int64)
        ends[3 + lasting] = 9
        columns = Columns.of_arrays(3, track, (order,), **{**always, "ends_earliest": ends, "ends_latest": ends})
        assert [winner(columns, each, 5, Known(5, 5)) for each in range(3)] == [-1, 3 + lasting, -1]
        assert winner(columns, 1, 9, Known(5, 5)) == -1


def test_a_period_has_its_first_instant_and_not_its_end_in_every_reading() -> None:
    edges = {"begins_earliest": 10, "begins_latest": 20, "ends_earliest": 30, "ends_latest": 40}
    always = {"announced_from": 0, "announced_to": 99, "recorded_from": 0, "recorded_to": 99}
    track = np.zeros(1, dtype=np.int64)
    times = {name: np.array([at]) for name, at in {**edges, **always}.items()}
    columns = Columns.of_arrays(1, track, (track,), **times)
    alone = course(columns, 0)
    for reading, first, end in ((Reading.LATE, 20, 40), (Reading.CERTAIN, 20, 30), (Reading.POSSIBLE, 10, 40)):
        decided = {first - 1: -1, first: 0, end - 1: 0, end: -1}
        assert {at: int(winners(columns, at, Known(50, 50), reading)[0]) for at in decided} == decided
        assert {at: winner(columns, 0, at, Known(50, 50), reading) for at in decided} == decided
        assert {at: alone.read(at, reading) for at in decided} == decided
    assert {at: int(winners_of(columns, track, np.array([at]))[0]) for at in (19, 20, 39, 40)} == {
        19: -1, 20: 0, 39: 0, 40: -1,
    }  # fmt: skip
    assert {at: int(ended(columns, at, Known(50, 50))[0]) for at in (39, 40)} == {39: -1, 40: 0}


def test_of_what_ended_at_once_the_last_announced_ended_last() -> None:
    rows = np.arange(400)
    times = {name: np.full(400, 10 if name.startswith("ends") else 99 if name.endswith("_to") else 0) for name in TIMES}
    times["ends_earliest"], times["ends_latest"] = (np.where(rows == 7, 5, times[name]) for name in TIMES[2:4])
    columns = Columns.of_arrays(3, rows % 2, (rows,), **times)
    assert ended(columns, 10, Known(50, 50)).tolist() == [199, 399, -1]
    assert ended(columns, 5, Known(50, 50)).tolist() == [-1, 203, -1]
    only = ended(columns, 10, Known(50, 50), among=np.array([False, True, True]))
    assert only.tolist() == [-1, 399, -1]
