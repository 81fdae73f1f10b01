"""Random histories as the tables that engines work on, and what design §5, read literally, says of them."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from tests.timeline.histories import LOCAL
from tests.timeline.oracle import claims
from tracker.model.dates import close_of
from tracker.model.events import Recorded
from tracker.scale.parts import SCHEMA, batches_of
from tracker.scale.states import StatesQuestion
from tracker.state.fold import fold
from tracker.timeline.knowledge import Known

Answer = dict[str, tuple[str, int]]  # by track: announcement and effect


def rows_of(log: Sequence[Recorded]) -> list[Sequence[object]]:
    """The assertions of a history, in the columns of an export."""
    batches = batches_of(fold(log).assertions)
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def table_of(rows: Sequence[Sequence[object]]) -> pa.Table:
    return pa.Table.from_batches([batch_of(rows)] if rows else [], SCHEMA)


def batch_of(rows: Sequence[Sequence[object]]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    return pa.record_batch(
        [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], SCHEMA
    )


def question(day: date, announced_by: date, recorded_by: int) -> StatesQuestion:
    return StatesQuestion(close_of(day, LOCAL), Known(close_of(announced_by, LOCAL), recorded_by))


def expected(log: Sequence[Recorded], day: date, announced_by: date, recorded_by: int) -> Answer:
    """The last claim on each track that is known and covers the day, an uncertain day being its last."""
    found: Answer = {}
    for claim in claims(log, announced_by, recorded_by):
        if claim.covers(day):
            found[claim.track] = claim.cited
    return found


def expected_uncertain(log: Sequence[Recorded], day: date, announced_by: date, recorded_by: int) -> set[str]:
    """The tracks on which the choice of a day within an uncertain one decides the answer.

    All choices are tried: each claim's begin and end, on its earliest or its latest day.
    """
    found = set()
    known = [claim for claim in claims(log, announced_by, recorded_by) if claim.begins is not None]
    for track in {claim.track for claim in known}:
        answers: set[object] = {None}
        for claim in (claim for claim in known if claim.track == track):
            assert claim.begins is not None
            begun = {begin <= day for begin in claim.begins}
            open_ = {True} if claim.ends is None else {day <= end for end in claim.ends}
            covers = {one and other for one in begun for other in open_}
            answers = (answers if False in covers else set()) | (
                {(claim.order, claim.cited)} if True in covers else set()
            )
        if len(answers) > 1:
            found.add(track)
    return found
