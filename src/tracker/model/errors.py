"""Errors: mistakes in files with their place, and exceptions for requests that cannot be met."""

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """An error keeps a dataset from being loaded; a warning asks the coder to act; a note is only to be known."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def mark(self) -> str:
        """The word that stands before a message; none before that of an error."""
        return "" if self is Severity.ERROR else f"{self.value}: "


class Location(NamedTuple):
    """A line of a file, from 1; line 0 is the file as a whole."""

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


class Problem(NamedTuple):
    """A mistake in a file. Returned, not raised, so that one run reports them all."""

    location: Location
    message: str  # what is wrong, what was expected, how to mend it
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


class Discrepancy(NamedTuple):
    """A difference between what a store holds and what was recorded."""

    position: int | None  # of the event; None: unknown, or not about one event
    message: str


class TrackerError(Exception):
    """A request that cannot be met; its message says how to mend it."""


class UnknownSubject(TrackerError):
    """No subject is registered under that id."""


class UnknownAnnouncement(TrackerError):
    """No announcement is on the record under that id, or not yet by the clocks of the question."""


class BadRequest(TrackerError):
    """The question itself is not well formed."""


class Conflict(TrackerError):
    """The store already holds something else under that id."""


class UnknownDraft(TrackerError):
    """No draft was submitted under that id."""


class NotAuthentic(TrackerError):
    """The request has no valid token."""


class Forbidden(TrackerError):
    """The token does not allow the request."""


class NewerStore(TrackerError):
    """The store was written by a newer version of the tracker."""


class DatasetErrors(TrackerError):
    """The dataset has mistakes; nothing was loaded."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
