"""The Arrow function is the rule of time; parts and engines change nothing about it."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scale.histories import expected, expected_uncertain, question, rows_of, table_of
from tests.timeline.histories import a_day, logs
from tracker.model.events import Recorded
from tracker.scale.parts import SCHEMA, part_of
from tracker.scale.states import checksum, states
from tracker.state.fold import fold

pytestmark = pytest.mark.slow

CLOCK = st.integers(-2, 100).map(a_day)


@given(log=logs(), day=CLOCK, announced_by=CLOCK, data=st.data())
def test_the_function_is_the_rule_on_all_three_clocks(
    log: list[Recorded], day: date, announced_by: date, data: st.DataObject
) -> None:
    recorded_by = data.draw(st.integers(0, len(log) + 1))
    answer = states(table_of(rows_of(log)), question(day, announced_by, recorded_by)).to_pylist()
    decided = {row["track"]: (row["announcement"], row["effect"]) for row in answer if row["announcement"] is not None}
    assert decided == expected(log, day, announced_by, recorded_by)
    uncertain = {row["track"] for row in answer if row["uncertain"]}
    assert uncertain == expected_uncertain(log, day, announced_by, recorded_by)
    assert not any(row["lapsed"] for row in answer if row["announcement"] is not None)


@given(log=logs(), day=CLOCK, parts=st.integers(1, 4))
def test_parts_have_the_checksum_of_the_whole(log: list[Recorded], day: date, parts: int) -> None:
    rows, asked = rows_of(log), question(day, a_day(1000), len(log))
    pieces = [table_of([row for row in rows if part_of(str(row[0]), parts) == part]) for part in range(parts)]
    whole = checksum(states(table_of(rows), asked))
    assert sum(checksum(states(piece, asked)) for piece in pieces) % 2**64 == whole


@given(log=logs(), day=CLOCK, data=st.data())
def test_the_checksum_minds_cells_and_not_the_order_of_rows(
    log: list[Recorded], day: date, data: st.DataObject
) -> None:
    answer = states(table_of(rows_of(log)), question(day, a_day(1000), len(log)))
    if not answer.num_rows:
        return
    shuffled = answer.take(pa.array(data.draw(st.permutations(range(answer.num_rows)))))
    assert checksum(shuffled) == checksum(answer)
    row, name = data.draw(st.integers(0, answer.num_rows - 1)), data.draw(st.sampled_from(answer.column_names))
    cells = answer[name].to_pylist()
    kind = answer[name].type
    was = cells[row]
    cells[row] = "other" if pa.types.is_string(kind) else not was if pa.types.is_boolean(kind) else (was or 0) + 1
    changed = answer.set_column(answer.column_names.index(name), name, pa.array(cells, kind))
    assert checksum(changed) != checksum(answer)


def test_nothing_amounts_to_nothing() -> None:
    answer = states(SCHEMA.empty_table(), question(a_day(0), a_day(0), 1))
    assert (answer.num_rows, checksum(answer)) == (0, 0)


@given(log=logs())
def test_hours_are_carried_as_they_were_written(log: list[Recorded]) -> None:
    table, rows = fold(log).assertions, table_of(rows_of(log)).to_pylist()
    written = [getattr(table.row(row).effect, "when", None) for row in range(len(table))]
    assert [row["hours"] for row in rows] == written
    assert "24/7" not in written
