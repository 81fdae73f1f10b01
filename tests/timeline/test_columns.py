"""Columns as they are stored and merged: nothing is lost, and it does not matter in how many parts they came."""

import json
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.histories import LOCAL, a_day, logs
from tracker.model.dates import close_of
from tracker.model.events import Recorded
from tracker.state.record import Record
from tracker.timeline.assertions import assertions_of
from tracker.timeline.columns import TIMES, Columns, Ranked
from tracker.timeline.known import EVERYTHING, Known
from tracker.timeline.merge import REPLACED, Segment, merged
from tracker.timeline.packing import Packed, pack, segments, unpack
from tracker.timeline.table import Assertions, read_value, value_of_plain, value_text
from tracker.timeline.value_at import Reading, winner, winners
from tracker.timeline.versions import concerns, versions

CLOCK = st.integers(-2, 100).map(a_day)


@given(log=logs())
def test_packing_loses_nothing(log: list[Recorded]) -> None:
    columns = Record.of(log).assertions
    assert list(pack(unpack(pack(columns)))) == list(pack(columns))
    [segment] = segments([(1, *each) for each in (*pack(columns), Packed(REPLACED, "text", b"a\nb"))])
    assert list(pack(segment.assertions)) == list(pack(columns))
    assert list(segment.replaced) == ["a", "b"]


@given(log=logs(), data=st.data())
def test_law_segments_merge_to_what_the_whole_log_gives(log: list[Recorded], data: st.DataObject) -> None:
    said = [each for each in log if hasattr(each.event, "announcement") or not hasattr(each.event, "subject")]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=4)))
    parts = [_segment(said[:end], begin) for begin, end in zip([0, *cuts], [*cuts, len(said)], strict=True)]
    keep = data.draw(st.integers(0, len(parts) - 1))
    earlier = Segment(merged(parts[: keep + 1]), {name for part in parts[: keep + 1] for name in part.replaced})
    assert list(pack(merged([earlier, *parts[keep + 1 :]]))) == list(pack(Record.of(log).assertions))


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
    columns = Record.of(log).assertions
    at = close_of(day, LOCAL)  # type: ignore[arg-type]
    known = Known(close_of(announced_by, LOCAL), data.draw(st.integers(0, len(log) + 1)))  # type: ignore[arg-type]
    every = winners(columns, at, known, reading).tolist()
    assert every == [winner(columns, track, at, known, reading) for track in range(columns.track_count)]


@given(log=logs())
def test_a_value_is_read_back_as_it_was_said(log: list[Recorded]) -> None:
    columns = Record.of(log).assertions
    for row in range(len(columns)):
        text = columns.values[columns.value[row]]
        assert value_text(read_value(text, "closure")) == text


def test_a_value_is_the_same_whatever_defaults_were_written_out() -> None:
    bare = {"type": "impose", "measure": "closure"}
    full: dict[str, object] = {**bare, "limits": [], "level": None, "basis": None, "from": "2031-01-01"}
    assert value_of_plain("impose", bare) == value_of_plain("impose", json.loads(json.dumps(full))) == "impose{}"


@given(st.lists(st.integers(-(2**62), 2**62), max_size=40), st.integers(-(2**62), 2**62))
def test_ranks_compare_as_the_instants_do(instants: list[int], at: int) -> None:
    column = Ranked.of(np.array(instants, dtype=np.int64))
    assert column.instants.tolist() == instants
    upto, behind = column.by(at), column.by(at, behind=True)
    assert (column.ranks < upto.rank).tolist() == [each <= at for each in instants]
    assert (column.ranks >= behind.rank).tolist() == [each > at for each in instants]
    assert upto.all == all(each <= at for each in instants)
    assert behind.none == (not any(each > at for each in instants))


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
