"""Stored events: facts in the past tense, never changed.

Each event has the time of its recording (UTC) and the digest of its content; the store gives it a position.
"""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, Field, StringConstraints

from tracker.model.announcement import Announcement, Correction, Retraction, Statement
from tracker.model.canonical import written
from tracker.model.dates import InstantField
from tracker.model.fields import Id, Model
from tracker.model.registry import AnySubject, Subject
from tracker.model.text import Line, Prose


def canonical(content: Model) -> dict[str, Any]:
    """Content as plain JSON values, from which an equal model can be read.

    A field that holds its empty default is left out, so that a field added later changes no digest.
    """
    return _plain(content, content.model_dump(mode="json", by_alias=True))


def _plain(content: BaseModel, dumped: dict[str, Any]) -> dict[str, Any]:
    plain = {}
    for name, field in type(content).model_fields.items():
        value, key = getattr(content, name), field.alias or name
        if value is None or value == () or (value is False and field.default is False):
            continue
        plain[key] = _part(value, dumped[key])
    return plain


def _part(value: Any, dumped: Any) -> Any:
    if isinstance(value, BaseModel):
        return _plain(value, dumped)
    if isinstance(value, tuple):
        return [_part(item, plain) for item, plain in zip(value, dumped, strict=True)]
    if isinstance(value, dict):
        return {key: _part(item, dumped[key]) for key, item in value.items()}
    return dumped


def digest(content: Model) -> str:
    """SHA-256 of the canonical JSON (RFC 8785), in hexadecimal.

    Raises: NotCanonical.
    """
    return digest_of(written(content).bare)


def digest_of(bare: bytes) -> str:
    """SHA-256 of content already written as canonical JSON without empty defaults, in hexadecimal."""
    return hashlib.sha256(bare).hexdigest()


WriterId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]  # the public part of a token


class Writer(Model):
    """A person who may write over HTTP by a token, and to do what; never its secret, nor a hash of that."""

    id: WriterId
    person: Line
    scopes: tuple[Line, ...]
    expires_at: InstantField | None = None


class Event(Model):
    """Common to all events: when and for whom the tracker stored it, and the digest of its content."""

    recorded_at: InstantField
    recorded_by: Line | None = None
    writer: WriterId | None = None  # whose token it was, over HTTP
    digest: str


class SubjectRegistered(Event):
    """A subject was entered in the registry."""

    type: Literal["SubjectRegistered"] = "SubjectRegistered"
    subject: AnySubject


class SubjectAmended(Event):
    """An entry of the registry was replaced."""

    type: Literal["SubjectAmended"] = "SubjectAmended"
    subject: AnySubject


class Approvable(Event):
    """Common to events of statements: the person who approved it, where approval was required."""

    approved_by: Line | None = None
    approver: WriterId | None = None  # whose token approved it


class AnnouncementRecorded(Approvable):
    """A statement was put on the record."""

    type: Literal["AnnouncementRecorded"] = "AnnouncementRecorded"
    announcement: Announcement


class AnnouncementCorrected(Approvable):
    """The content of a statement was superseded."""

    type: Literal["AnnouncementCorrected"] = "AnnouncementCorrected"
    correction: Correction


class AnnouncementRetracted(Approvable):
    """The effects of a statement were removed."""

    type: Literal["AnnouncementRetracted"] = "AnnouncementRetracted"
    retraction: Retraction


class DraftSubmitted(Event):
    """A statement was submitted for review; it changes nothing, and does not reserve its id."""

    type: Literal["DraftSubmitted"] = "DraftSubmitted"
    draft: Id
    statement: Announcement | Correction | Retraction


class DraftApproved(Event):
    """A draft was approved, and its statement recorded next; the digest is that of the statement."""

    type: Literal["DraftApproved"] = "DraftApproved"
    draft: Id


class DraftRejected(Event):
    """A draft was rejected; the digest is that of its statement."""

    type: Literal["DraftRejected"] = "DraftRejected"
    draft: Id
    reason: Prose


class WriterAdded(Event):
    """A token was made, by which a person may write over HTTP."""

    type: Literal["WriterAdded"] = "WriterAdded"
    added: Writer


class WriterRevoked(Event):
    """A token was revoked; the digest is that of its writer."""

    type: Literal["WriterRevoked"] = "WriterRevoked"
    revoked: WriterId


SubjectEvent = SubjectRegistered | SubjectAmended
StatementEvent = AnnouncementRecorded | AnnouncementCorrected | AnnouncementRetracted
DraftEvent = DraftSubmitted | DraftApproved | DraftRejected  # in the log, but without influence on any state
WriterEvent = WriterAdded | WriterRevoked  # so are these
AnyEvent = Annotated[SubjectEvent | StatementEvent | DraftEvent | WriterEvent, Field(discriminator="type")]


class Recorded(NamedTuple):
    """An event at its place in the log."""

    position: int
    event: SubjectEvent | StatementEvent | DraftEvent | WriterEvent


def registered(subject: Subject, at: datetime, by: str | None = None) -> SubjectRegistered:
    """Make the event that enters a subject in the registry."""
    return SubjectRegistered(recorded_at=at, recorded_by=by, digest=digest(subject), subject=subject)


def amended(subject: Subject, at: datetime, by: str | None = None) -> SubjectAmended:
    """Make the event that replaces an entry of the registry."""
    return SubjectAmended(recorded_at=at, recorded_by=by, digest=digest(subject), subject=subject)


def recorded(
    statement: Statement, at: datetime, by: str | None = None, approved_by: str | None = None, *,
    writer: str | None = None, approver: str | None = None,
) -> StatementEvent:  # fmt: skip
    """Make the event that puts a statement on the record."""
    common: dict[str, Any] = {
        "recorded_at": at, "recorded_by": by, "writer": writer, "approved_by": approved_by, "approver": approver,
        "digest": digest(statement),
    }  # fmt: skip
    match statement:
        case Announcement():
            return AnnouncementRecorded(announcement=statement, **common)
        case Correction():
            return AnnouncementCorrected(correction=statement, **common)
        case Retraction():
            return AnnouncementRetracted(retraction=statement, **common)


def statement_of(event: StatementEvent) -> Statement:
    """The statement that an event put on the record."""
    match event:
        case AnnouncementRecorded():
            return event.announcement
        case AnnouncementCorrected():
            return event.correction
        case AnnouncementRetracted():
            return event.retraction


def submitted(
    draft: str, statement: Statement, at: datetime, by: str | None = None, writer: str | None = None
) -> DraftSubmitted:
    """Make the event that submits a statement for review."""
    return DraftSubmitted(
        recorded_at=at, recorded_by=by, writer=writer, digest=digest(statement), draft=draft, statement=statement
    )


def approved(draft: DraftSubmitted, at: datetime, by: str | None = None, writer: str | None = None) -> DraftApproved:
    """Make the event that approves a draft."""
    return DraftApproved(recorded_at=at, recorded_by=by, writer=writer, digest=draft.digest, draft=draft.draft)


def rejected(
    draft: DraftSubmitted, reason: str, at: datetime, by: str | None = None, writer: str | None = None
) -> DraftRejected:
    """Make the event that rejects a draft."""
    return DraftRejected(
        recorded_at=at, recorded_by=by, writer=writer, digest=draft.digest, draft=draft.draft, reason=reason
    )


def writer_added(writer: Writer, at: datetime) -> WriterAdded:
    """Make the event that adds a writer."""
    return WriterAdded(recorded_at=at, digest=digest(writer), added=writer)


def writer_revoked(added: WriterAdded, at: datetime) -> WriterRevoked:
    """Make the event that revokes a writer."""
    return WriterRevoked(recorded_at=at, digest=added.digest, revoked=added.added.id)
