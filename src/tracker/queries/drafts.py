"""Drafts: what was handed in, and what became of it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from tracker.model.announcement import Announcement, Correction, Statement
from tracker.model.events import DraftApproved, DraftEvent, DraftRejected, DraftSubmitted, Recorded, canonical
from tracker.queries.answer import Answer


class DraftStatus(StrEnum):
    """What became of a draft."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


class DraftAnswer(Answer):
    """A statement that was handed in for review."""

    draft: str
    status: DraftStatus
    kind: str  # announcement, correction or retraction
    id: str  # of the statement
    submitted_by: str | None
    submitted_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None  # of a rejection
    position: int  # of its newest event
    digest: str
    statement: dict[str, Any]


def drafts(events: Iterable[Recorded], status: DraftStatus | None = None) -> list[DraftAnswer]:
    """Every draft, the newest last.

    Args: events: those about drafts, in order; others are passed over.
    """
    found: dict[str, DraftAnswer] = {}
    for position, event in events:
        if isinstance(event, DraftSubmitted):
            found[event.draft] = _submitted(position, event)
        elif isinstance(event, DraftEvent) and event.draft in found:
            found[event.draft] = _decided(found[event.draft], position, event)
    return [each for each in found.values() if status in (None, each.status)]


def _submitted(position: int, event: DraftSubmitted) -> DraftAnswer:
    return DraftAnswer(
        draft=event.draft,
        status=DraftStatus.WAITING,
        kind=kind_of(event.statement),
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
    approved = isinstance(event, DraftApproved)
    return draft.model_copy(
        update={
            "status": DraftStatus.APPROVED if approved else DraftStatus.REJECTED,
            "decided_by": event.recorded_by,
            "decided_at": event.recorded_at.astimezone(UTC),
            "reason": None if isinstance(event, DraftApproved) else event.reason,
            "position": position,
        }
    )


def kind_of(statement: Statement) -> str:
    """What a statement is, in a word."""
    if isinstance(statement, Announcement):
        return "announcement"
    return "correction" if isinstance(statement, Correction) else "retraction"
