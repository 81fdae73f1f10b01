"""What the store holds: facts in the past tense, never changed.

Each carries when it was recorded (UTC) and the digest of its content; its position is the store's.
"""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

import rfc8785
from pydantic import Field

from tracker.model.announcement import Announcement, Correction, Retraction
from tracker.model.dates import InstantField
from tracker.model.registry import AnySubject, Line, Model, Subject


def canonical(content: Model) -> dict[str, Any]:
    """Content as plain JSON values.

    What is empty is left out, so that a later field whose default is empty changes no digest.
    """
    plain: dict[str, Any] = _without_empty(content.model_dump(mode="json", by_alias=True))
    if isinstance(content, Correction):
        plain["replace"] = content.replace  # here an empty value is a statement
    return plain


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None and item is not False and item != []}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value


def digest(content: Model) -> str:
    """SHA-256 of the canonical JSON (RFC 8785), in hexadecimal."""
    return hashlib.sha256(rfc8785.dumps(canonical(content))).hexdigest()


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


class AnnouncementRecorded(Event):
    """A statement was put on the record."""

    type: Literal["AnnouncementRecorded"] = "AnnouncementRecorded"
    announcement: Announcement


class AnnouncementCorrected(Event):
    """The content of a statement was superseded."""

    type: Literal["AnnouncementCorrected"] = "AnnouncementCorrected"
    correction: Correction


class AnnouncementRetracted(Event):
    """The effects of a statement were taken away."""

    type: Literal["AnnouncementRetracted"] = "AnnouncementRetracted"
    retraction: Retraction


AnyEvent = Annotated[
    SubjectRegistered | SubjectAmended | AnnouncementRecorded | AnnouncementCorrected | AnnouncementRetracted,
    Field(discriminator="type"),
]


class Recorded(NamedTuple):
    """An event at its place in the log."""

    position: int
    event: SubjectRegistered | SubjectAmended | AnnouncementRecorded | AnnouncementCorrected | AnnouncementRetracted


def registered(subject: Subject, at: datetime, by: str | None = None) -> SubjectRegistered:
    return SubjectRegistered(recorded_at=at, recorded_by=by, digest=digest(subject), subject=subject)


def amended(subject: Subject, at: datetime, by: str | None = None) -> SubjectAmended:
    return SubjectAmended(recorded_at=at, recorded_by=by, digest=digest(subject), subject=subject)


def recorded(
    statement: Announcement | Correction | Retraction, at: datetime, by: str | None = None
) -> AnnouncementRecorded | AnnouncementCorrected | AnnouncementRetracted:
    """The event that puts a statement on the record."""
    mark = digest(statement)
    match statement:
        case Announcement():
            return AnnouncementRecorded(recorded_at=at, recorded_by=by, digest=mark, announcement=statement)
        case Correction():
            return AnnouncementCorrected(recorded_at=at, recorded_by=by, digest=mark, correction=statement)
        case Retraction():
            return AnnouncementRetracted(recorded_at=at, recorded_by=by, digest=mark, retraction=statement)
