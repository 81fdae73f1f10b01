"""The log: what was stored, in the order in which it was."""

from datetime import UTC, datetime
from typing import assert_never

from tracker.model.events import (
    AnnouncementCorrected,
    AnnouncementRecorded,
    AnnouncementRetracted,
    DraftApproved,
    DraftRejected,
    DraftSubmitted,
    Recorded,
    SubjectAmended,
    SubjectRegistered,
)
from tracker.queries.answer import Answer


class LogEntry(Answer):
    """One stored event."""

    position: int
    recorded_at: datetime
    recorded_by: str | None
    approved_by: str | None = None  # another person, where somebody had to
    type: str
    id: str  # of the subject, the statement or the draft
    digest: str


def log_entry(recorded: Recorded) -> LogEntry:
    """A stored event, without its content."""
    event = recorded.event
    match event:
        case SubjectRegistered() | SubjectAmended():
            name = f"{event.subject.type}:{event.subject.id}"
        case AnnouncementRecorded():
            name = event.announcement.id
        case AnnouncementCorrected():
            name = event.correction.id
        case AnnouncementRetracted():
            name = event.retraction.id
        case DraftSubmitted() | DraftApproved() | DraftRejected():
            name = event.draft
        case _:
            assert_never(event)
    return LogEntry(
        position=recorded.position,
        recorded_at=event.recorded_at.astimezone(UTC),
        recorded_by=event.recorded_by,
        approved_by=getattr(event, "approved_by", None),
        type=event.type,
        id=name,
        digest=event.digest,
    )
