"""Drafts are part of the log, and of no state."""

from datetime import UTC, datetime

from tests.store.samples import announcement, registry
from tracker.model.events import AnyEvent, Recorded, approved, recorded, registered, rejected, submitted
from tracker.queries.log import log_entry
from tracker.state.fold import fold

AT = datetime(2031, 5, 1, tzinfo=UTC)


def test_law_a_record_is_the_same_with_and_without_drafts() -> None:
    entries = [registered(subject, AT) for subject in registry().subjects()]
    draft = submitted("d-1", announcement("a"), AT, "writer")
    said = recorded(announcement("b"), AT, "writer", "reader")
    plain = fold(Recorded(*each) for each in enumerate([*entries, said], start=1))
    events = [*entries, said, draft, approved(draft, AT, "reader"), rejected(draft, "No.", AT)]
    drafted = fold(Recorded(*each) for each in enumerate(events, start=1))
    assert drafted.announcements == plain.announcements
    assert drafted.entries == plain.entries
    assert drafted.position == len(events)


def test_the_log_shows_drafts_by_their_id_and_statements_by_who_recorded_and_who_approved() -> None:
    draft = submitted("d-1", announcement("a"), AT, "writer")
    events: list[AnyEvent] = [draft, approved(draft, AT, "reader"), recorded(draft.statement, AT, "writer", "reader")]
    found = [log_entry(Recorded(*each)) for each in enumerate(events, start=1)]
    assert [(each.type, each.id, each.recorded_by, each.approved_by) for each in found] == [
        ("DraftSubmitted", "d-1", "writer", None),
        ("DraftApproved", "d-1", "reader", None),
        ("AnnouncementRecorded", "a", "writer", "reader"),
    ]
    assert len({each.digest for each in found}) == 1
