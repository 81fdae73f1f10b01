"""What the store holds: facts in the past tense, never changed.

Each carries when it was recorded (UTC) and the digest of its content; its position is the store's.
"""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, Field

from tracker.model.announcement import Announcement, Correction, Retraction, Statement
from tracker.model.canonical import written
from tracker.model.dates import InstantField
from tracker.model.registry import AnySubject, Id, Model, Subject
from tracker.model.text import Line, Prose


def canonical(content: Model) -> dict[str, Any]:
    """Content as plain JSON values, from which the same content can be read again.

    A field that holds its empty default is left out, so that a field added later changes no digest.
    """
    return _plain(content, content.model_dump(mode="json", by_alias=True))


def _plain(content: BaseModel, dumped: dict[str, Any]) -> dict[str, Any]:
    kept = {}
    for name, field in type(content).model_fields.items():
        value, key = getattr(content, name), field.alias or name
        if value is None or value == () or (value is False and field.default is False):
            continue
        kept[key] = _part(value, dumped[key])
    return kept


def _part(value: Any, dumped: Any) -> Any:
    if isinstance(value, BaseModel):
        return _plain(value, dumped)
    if isinstance(value, tuple):
        return [_part(item, plain) for item, plain in zip(value, dumped, strict=True)]
    return dumped


def digest(content: Model) -> str:
    """SHA-256 of the canonical JSON (RFC 8785), in hexadecimal.

    Raises: NotCanonical.
    """
    return digest_of(written(content).bare)


def digest_of(bare: bytes) -> str:
    """The same of content that is written already."""
    return hashlib.sha256(bare).hexdigest()


class Event(Model):
    """Common to all: when the tracker stored it, for whom, and what it stored."""

    recorded_at: InstantField
    recorded_by: Line | None = None
    digest: str


class SubjectRegistered(Event):
    """A thing that can have a state, or a party, was entered in the registry."""

    type: Literal["SubjectRegistered"] = "SubjectRegistered"
    subject: AnySubject


class SubjectAmended(Event):
    """An entry of the registry was replaced."""

    type: Literal["SubjectAmended"] = "SubjectAmended"
    subject: AnySubject


class Approvable(Event):
    """Common to statements: who approved it, where somebody had to."""

    approved_by: Line | None = None


class AnnouncementRecorded(Approvable):
    """A statement was put on the record."""

    type: Literal["AnnouncementRecorded"] = "AnnouncementRecorded"
    announcement: Announcement


class AnnouncementCorrected(Approvable):
    """The content of a statement was superseded."""

    type: Literal["AnnouncementCorrected"] = "AnnouncementCorrected"
    correction: Correction


class AnnouncementRetracted(Approvable):
    """The effects of a statement were taken away."""

    type: Literal["AnnouncementRetracted"] = "AnnouncementRetracted"
    retraction: Retraction


class DraftSubmitted(Event):
    """A statement was handed in for review; it changes nothing, and does not reserve its id."""

    type: Literal["DraftSubmitted"] = "DraftSubmitted"
    draft: Id
    statement: Announcement | Correction | Retraction


class DraftApproved(Event):
    """A draft was approved, and its statement recorded right behind; the digest is that of the statement."""

    type: Literal["DraftApproved"] = "DraftApproved"
    draft: Id


class DraftRejected(Event):
    """A draft was turned down; the digest is that of its statement."""

    type: Literal["DraftRejected"] = "DraftRejected"
    draft: Id
    reason: Prose


SubjectEvent = SubjectRegistered | SubjectAmended
StatementEvent = AnnouncementRecorded | AnnouncementCorrected | AnnouncementRetracted
DraftEvent = DraftSubmitted | DraftApproved | DraftRejected  # part of the log, and of no state
AnyEvent = Annotated[SubjectEvent | StatementEvent | DraftEvent, Field(discriminator="type")]


class Recorded(NamedTuple):
    """An event at its place in the log."""

    position: int
    event: SubjectEvent | StatementEvent | DraftEvent


def registered(subject: Subject, at: datetime, by: str | None = None) -> SubjectRegistered:
    return SubjectRegistered(recorded_at=at, recorded_by=by, digest=digest(subject), subject=subject)


def amended(subject: Subject, at: datetime, by: str | None = None) -> SubjectAmended:
    return SubjectAmended(recorded_at=at, recorded_by=by, digest=digest(subject), subject=subject)


def recorded(
    statement: Statement, at: datetime, by: str | None = None, approved_by: str | None = None
) -> StatementEvent:
    """The event that puts a statement on the record."""
    common: dict[str, Any] = {
        "recorded_at": at, "recorded_by": by, "approved_by": approved_by, "digest": digest(statement)
    }  # fmt: skip
    match statement:
        case Announcement():
            return AnnouncementRecorded(announcement=statement, **common)
        case Correction():
            return AnnouncementCorrected(correction=statement, **common)
        case Retraction():
            return AnnouncementRetracted(retraction=statement, **common)


def statement_of(event: StatementEvent) -> Statement:
    """What was said."""
    match event:
        case AnnouncementRecorded():
            return event.announcement
        case AnnouncementCorrected():
            return event.correction
        case AnnouncementRetracted():
            return event.retraction


def submitted(draft: str, statement: Statement, at: datetime, by: str | None = None) -> DraftSubmitted:
    return DraftSubmitted(
        recorded_at=at, recorded_by=by, digest=digest(statement), draft=draft, statement=statement
    )  # fmt: skip


def approved(draft: DraftSubmitted, at: datetime, by: str | None = None) -> DraftApproved:
    return DraftApproved(recorded_at=at, recorded_by=by, digest=draft.digest, draft=draft.draft)


def rejected(draft: DraftSubmitted, reason: str, at: datetime, by: str | None = None) -> DraftRejected:
    return DraftRejected(recorded_at=at, recorded_by=by, digest=draft.digest, draft=draft.draft, reason=reason)
