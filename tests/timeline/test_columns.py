"""Columns as they are stored and merged: nothing is lost, and it does not matter in how many parts they came."""

import json
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.histories import LOCAL, logs
from tests.timeline.tables import columns_of
from tracker.model.events import Recorded
from tracker.state.fold import fold
from tracker.timeline.assertion_table import read_value, value_text
from tracker.timeline.columns import TIMES, Ranked
from tracker.timeline.derivation import Derivation
from tracker.timeline.knowledge import EVERYTHING, Known
from tracker.timeline.merge import Segment, merged
from tracker.timeline.serialisation import Packed, pack, segments, unpack
from tracker.timeline.track_history import course
from tracker.timeline.value_at import Reading, ended, winners, winners_of
from tracker.timeline.versions import concerns, versions


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
    assert list(pack(merged([earlier, *parts[keep + 1 :]]))) == list(pack(_segment(said, 0).assertions))


def _segment(log: Sequence[Recorded], begin: int) -> Segment:
    """The assertions of the announcements that something was recorded of from one event on."""
    streams: dict[str, list[Recorded]] = {}
    for each in log:
        streams.setdefault(concerns(each.event), []).append(each)  # type: ignore[arg-type]
    changed = {concerns(each.event) for each in log[begin:]}  # type: ignore[arg-type]
    derivation = Derivation(LOCAL)
    derivation.add_histories(versions(streams[name], LOCAL) for name in changed)
    return Segment(derivation.table(), changed)


@given(log=logs())
def test_a_value_is_read_back_as_it_was_said(log: list[Recorded]) -> None:
    columns = _segment([each for each in log if not hasattr(each.event, "subject")], 0).assertions
    for row in range(len(columns)):
        text = columns.values[columns.value[row]]
        effect = read_value(text, columns.tracks[columns.track[row]])
        assert value_text(effect.type, effect.model_dump(mode="json", by_alias=True)) == text


def test_a_value_may_have_braces_in_its_words() -> None:
    words = value_text("impose", {"measure": "closure", "only": ["{aid} only", "}{"]})
    effect = read_value(words, "measure:closure")
    assert (effect.type, effect.measure, effect.only) == ("impose", "closure", ("{aid} only", "}{"))  # type: ignore[union-attr]


def test_a_value_is_the_same_whatever_defaults_were_written_out() -> None:
    bare = {"type": "impose", "measure": "closure"}
    beside = {"from": "2031-01-01", "last_day": "2031-01-09", "until": "2031-01-10T06:00:00+04:00", "note": "words"}
    full: dict[str, object] = {**bare, **beside, "only": [], "level": None, "basis": None}
    assert value_text("impose", bare) == value_text("impose", json.loads(json.dumps(full))) == "impose{}"


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
    columns = columns_of(4, track, order, **{**times, **ends, **begins})
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


def test_a_period_has_its_first_instant_and_not_its_end_in_every_reading() -> None:
    edges = {"begins_earliest": 10, "begins_latest": 20, "ends_earliest": 30, "ends_latest": 40}
    always = {"announced_from": 0, "announced_to": 99, "recorded_from": 0, "recorded_to": 99}
    track = np.zeros(1, dtype=np.int64)
    times = {name: np.array([at]) for name, at in {**edges, **always}.items()}
    columns = columns_of(1, track, track, **times)
    alone = course(columns, 0)
    for reading, first, end in ((Reading.LATE, 20, 40), (Reading.CERTAIN, 20, 30), (Reading.POSSIBLE, 10, 40)):
        decided = {first - 1: -1, first: 0, end - 1: 0, end: -1}
        assert {at: int(winners(columns, at, Known(50, 50), reading)[0]) for at in decided} == decided
        assert {at: alone.read(at, reading) for at in decided} == decided
    assert {at: int(winners_of(columns, track, np.array([at]))[0]) for at in (19, 20, 39, 40)} == {
        19: -1, 20: 0, 39: 0, 40: -1,
    }  # fmt: skip
    assert {at: int(ended(columns, at, Known(50, 50))[0]) for at in (39, 40)} == {39: -1, 40: 0}


def test_of_what_ended_at_once_the_last_announced_ended_last() -> None:
    rows = np.arange(400)
    times = {name: np.full(400, 10 if name.startswith("ends") else 99 if name.endswith("_to") else 0) for name in TIMES}
    times["ends_earliest"], times["ends_latest"] = (np.where(rows == 7, 5, times[name]) for name in TIMES[2:4])
    columns = columns_of(3, rows % 2, rows, **times)
    assert ended(columns, 10, Known(50, 50)).tolist() == [199, 399, -1]
    assert ended(columns, 5, Known(50, 50)).tolist() == [-1, 203, -1]
    only = ended(columns, 10, Known(50, 50), among=np.array([False, True, True]))
    assert only.tolist() == [-1, 399, -1]
