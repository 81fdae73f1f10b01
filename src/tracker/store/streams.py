"""Streams: one for each subject, each announcement and each draft, told apart by an id made from their name.

The same event always gets the same stream and number, so that recording it twice is refused by the database.
"""

from typing import Literal
from uuid import UUID, uuid5

from tracker.model.vocabulary import SubjectKind

_NAMESPACE = UUID("6f0c4f8e-52a1-5d0a-9d0e-0d6a6f1f7c52")  # for ever: another one would make every id another


def subject_stream(kind: SubjectKind, subject_id: str) -> UUID:
    """Number 0 registered it, each later one amended it."""
    return uuid5(_NAMESPACE, f"{kind.value}/{subject_id}")


def announcement_stream(announcement_id: str) -> UUID:
    """Number 0 recorded it, each later one corrected or retracted it."""
    return uuid5(_NAMESPACE, f"announcement/{announcement_id}")


def draft_stream(draft: str) -> UUID:
    """Number 0 submitted it, number 1 approved or rejected it: one of the two, for ever."""
    return uuid5(_NAMESPACE, f"draft/{draft}")


def stream_named(kind: SubjectKind | Literal["announcement", "draft"], name: str) -> UUID:
    """The stream of a thing of some kind."""
    if isinstance(kind, SubjectKind):
        return subject_stream(kind, name)
    return draft_stream(name) if kind == "draft" else announcement_stream(name)
