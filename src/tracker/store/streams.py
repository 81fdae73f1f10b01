"""Streams: one for each subject, each announcement and each draft, with an id made from its name.

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


def stream_named(kind: SubjectKind | Literal["announcement", "draft"], name: str) -> UUID:
    """The stream of a subject, an announcement or a draft."""
    if isinstance(kind, SubjectKind):
        return subject_stream(kind, name)
    return draft_stream(name) if kind == "draft" else announcement_stream(name)
