"""Streams: one for each subject, each announcement, each draft and each writer, with an id made from its name.

An event always gets the same stream and number, so that the database refuses to record it twice.
"""

from typing import Literal
from uuid import UUID, uuid5

from tracker.model.vocabulary import SubjectKind

_NAMESPACE = UUID("6f0c4f8e-52a1-5d0a-9d0e-0d6a6f1f7c52")  # never changes: every stream id depends on it


def subject_stream(kind: SubjectKind, subject_id: str) -> UUID:
    """The stream of a subject: event 0 registered it, each later one amended it."""
    return uuid5(_NAMESPACE, f"{kind.value}/{subject_id}")


def announcement_stream(announcement_id: str) -> UUID:
    """The stream of an announcement: event 0 recorded it, each later one corrected or retracted it."""
    return uuid5(_NAMESPACE, f"announcement/{announcement_id}")


def draft_stream(draft: str) -> UUID:
    """The stream of a draft: event 0 submitted it, event 1 approved or rejected it, and there is no third."""
    return uuid5(_NAMESPACE, f"draft/{draft}")


def writer_stream(writer: str) -> UUID:
    """The stream of a writer: event 0 added the token, event 1 revoked it."""
    return uuid5(_NAMESPACE, f"writer/{writer}")


StreamKind = SubjectKind | Literal["announcement", "draft", "writer"]


def stream_named(kind: StreamKind, name: str) -> UUID:
    """The stream of a subject, an announcement, a draft or a writer."""
    if isinstance(kind, SubjectKind):
        return subject_stream(kind, name)
    return {"announcement": announcement_stream, "draft": draft_stream, "writer": writer_stream}[kind](name)
