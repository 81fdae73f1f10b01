"""A preview compares only what statements can touch: the same as comparing everything."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.timeline.histories import logs
from tracker.model.errors import Location
from tracker.model.events import Recorded, StatementEvent, SubjectEvent, statement_of
from tracker.queries.changes import differing
from tracker.queries.clocks import clocks
from tracker.queries.history import all_status_changes
from tracker.queries.preview import preview
from tracker.queries.selection import Selection
from tracker.queries.supposed import supposing
from tracker.state.fold import fold
from tracker.state.record import Record
from tracker.timeline.serialisation import pack


def parts(log: list[Recorded], kept: int) -> tuple[Record, list[Recorded]]:
    """The record of the registry and the first statements of a log, and the others."""
    subjects = [one for one in log if isinstance(one.event, SubjectEvent)]
    said = [one for one in log if isinstance(one.event, StatementEvent)]
    return fold([*subjects, *said[:kept]]), said[kept:]


@given(log=logs(), kept=st.integers(0, 6))
def test_law_to_suppose_statements_is_to_record_them_next(log: list[Recorded], kept: int) -> None:
    record, new = parts(log, kept)
    supposed = supposing(record, [statement_of(one.event) for one in new if isinstance(one.event, StatementEvent)])
    assert list(pack(supposed.assertions)) == list(pack(fold(log).assertions))
    assert set(supposed.announcements) == set(fold(log).announcements)


@given(log=logs(), kept=st.integers(0, 6))
@settings(max_examples=25)
def test_law_a_preview_leaves_out_no_change(log: list[Recorded], kept: int) -> None:
    record, new = parts(log, kept)
    statements = [statement_of(one.event) for one in new if isinstance(one.event, StatementEvent)]
    asked = clocks("2031-06-01", None, None, tz=record.tz, today=date.today, position_at=lambda _: 0)
    answer = preview(record, statements, asked, lambda name, _: Location(name))
    before, after = (
        {(subject.id, lane): changes for subject, lane, changes in all_status_changes(one.view, Selection())}
        for one in (record, supposing(record, statements))
    )
    expected = {
        (subject, lane and (lane.mode, lane.traffic, lane.direction), span.before.status, span.after.status)
        for subject, lane in after
        for span in differing(before.get((subject, lane), []), after[subject, lane])
    }
    previewed = {
        (one.subject, one.mode and (one.mode, one.traffic, one.direction), one.before, one.after)
        for one in answer.changes
    }
    assert previewed == expected
