"""The log: stored events in their order, and the drafts among them with their outcome."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, assert_never

from pydantic import Field

from tracker.model.announcement import Announcement, Correction, Statement
from tracker.model.events import (
    AnnouncementCorrected,
    AnnouncementRecorded,
    AnnouncementRetracted,
    DraftApproved,
    DraftEvent,
    DraftRejected,
    DraftSubmitted,
    Recorded,
    SubjectAmended,
    SubjectRegistered,
    WriterAdded,
    WriterRevoked,
    canonical,
)
from tracker.queries.answer_base import Answer
from tracker.queries.statement_answers import DigestField


class LogEntry(Answer):
    """A stored event, without its content."""

    position: int = Field(description="Position in the log.")
    recorded_at: datetime = Field(description="Time of its recording (UTC).")
    recorded_by: str | None = Field(description="Name of the person who recorded it.")
    writer: str | None = Field(None, description="Id of the token by which it was recorded over HTTP.")
    approved_by: str | None = Field(None, description="Name of the person who approved it, where that was required.")
    type: str = Field(description="Type of the event.")
    id: str = Field(description="Id of the subject, the statement, the draft or the writer.")
    digest: DigestField


class DraftStatus(StrEnum):
    """Outcome of a draft so far."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


class DraftAnswer(Answer):
    """A statement that was submitted for review."""

    draft: str = Field(description="Id of the draft.")
    status: DraftStatus = Field(description="Whether it waits, or was approved or rejected.")
    kind: str = Field(description="announcement, correction or retraction.")
    id: str = Field(description="Id of the statement.")
    submitted_by: str | None = Field(description="Name of the person who submitted it.")
    submitted_at: datetime = Field(description="Time of its submission (UTC).")
    decided_by: str | None = Field(description="Name of the person who approved or rejected it; null: it waits.")
    decided_at: datetime | None = Field(description="Time of that decision (UTC); null: it waits.")
    reason: str | None = Field(description="Reason of its rejection; null: it was not rejected.")
    position: int = Field(description="Position of its newest event in the log.")
    digest: DigestField
    statement: dict[str, Any] = Field(description="The statement, with the keys of a file.")


def log_entry(recorded: Recorded) -> LogEntry:
    """Describe a stored event."""
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
        case WriterAdded():
            name = event.added.id
        case WriterRevoked():
            name = event.revoked
        case _:
            assert_never(event)
    return LogEntry(
        position=recorded.position,
        recorded_at=event.recorded_at.astimezone(UTC),
        recorded_by=event.recorded_by,
        writer=event.writer,
        approved_by=getattr(event, "approved_by", None),
        type=event.type,
        id=name,
        digest=event.digest,
    )


def drafts(events: Iterable[Recorded], status: DraftStatus | None = None) -> list[DraftAnswer]:
    """List the drafts, the newest last.

    Args: events: in the order of the log; those that are not about drafts are passed over.
    """
    answers: dict[str, DraftAnswer] = {}
    for position, event in events:
        if isinstance(event, DraftSubmitted):
            answers[event.draft] = _submitted(position, event)
        elif isinstance(event, DraftEvent) and event.draft in answers:
            answers[event.draft] = _decided(answers[event.draft], position, event)
    return [answer for answer in answers.values() if status in (None, answer.status)]


def _submitted(position: int, event: DraftSubmitted) -> DraftAnswer:
    return DraftAnswer(
        draft=event.draft,
        status=DraftStatus.WAITING,
        kind=_kind_of(event.statement),
        id=event.statement.id,
        submitted_by=event.recorded_by,
        submitted_at=event.recorded_at.astimezone(UTC),
        decided_by=None,
        decided_at=None,
        reason=None,
        position=position,
        digest=event.digest,
        statement=canonical(event.statement),
    )


def _decided(draft: DraftAnswer, position: int, event: DraftApproved | DraftRejected) -> DraftAnswer:
    return draft.model_copy(
        update={
            "status": DraftStatus.APPROVED if isinstance(event, DraftApproved) else DraftStatus.REJECTED,
            "decided_by": event.recorded_by,
            "decided_at": event.recorded_at.astimezone(UTC),
            "reason": None if isinstance(event, DraftApproved) else event.reason,
            "position": position,
        }
    )


def _kind_of(statement: Statement) -> str:
    if isinstance(statement, Announcement):
        return "announcement"
    return "correction" if isinstance(statement, Correction) else "retraction"
