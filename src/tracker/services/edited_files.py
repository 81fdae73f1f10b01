"""A record that keeps up with its files while somebody edits them, for processes that go on running."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.model.errors import DatasetErrors
from tracker.services.records import Tracker, tracker_of
from tracker.services.stores import Say

if TYPE_CHECKING:
    from tracker.model.events import Recorded

FileMarks = tuple[tuple[str, int, int], ...]  # by file: its path, when it was written (ns), its size


class EditedFiles:
    """Reads a folder again when a file in it has changed, was added or is gone.

    It looks at the times of the files: notifications of the system do not reach mounted and shared folders. While a
    file has a mistake, the last record without one stays, and its tracker says what is wrong.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime], say: Say) -> None:
        self._folder, self._now, self._say = folder, now, say
        self._marks: FileMarks = ()
        self._log: Sequence[Recorded] = ()

    def first(self) -> Tracker:
        """The record of the files as they are. Raises: DatasetErrors."""
        self._marks = self._current_marks()
        return self._read()

    def again(self, held: Tracker) -> Tracker | None:
        """A tracker of the files as they are now, or on a new day; None where neither has moved."""
        marks, today = self._current_marks(), self._now().date()
        if marks == self._marks:
            return None if held.today == today else replace(held, today=today)
        self._marks = marks
        try:
            tracker = self._read()
        except DatasetErrors as error:
            problem = _words(error, self._now())
            self._say(f"note: {problem}")
            return replace(held, today=today, revision=self._revision(), problem=problem)
        self._say(f"note: {self._folder} has changed and was read again")
        return tracker

    def log(self, after: int, limit: int) -> Sequence["Recorded"]:
        """Events after a position, as a store would have them if the files had been recorded when they were read."""
        return self._log[after : after + limit]

    def _read(self) -> Tracker:
        tracker, self._log, _ = tracker_of(self._folder, self._now())
        return replace(tracker, revision=self._revision())

    def _revision(self) -> str:
        return hashlib.sha256(repr(self._marks).encode()).hexdigest()[:12]

    def _current_marks(self) -> FileMarks:
        return tuple(sorted(_marks(self._folder)))


def _marks(folder: Path) -> Iterator[tuple[str, int, int]]:
    for path in folder.rglob("*.toml"):
        try:
            found = path.stat()
        except OSError:  # gone since it was listed
            continue
        yield str(path), found.st_mtime_ns, found.st_size


def _words(error: DatasetErrors, now: datetime) -> str:
    first, others = error.problems[0], len(error.problems) - 1
    more = f" (and {others} more)" if others else ""
    return f"{first}{more} – answers rest on the files as they were before this, at {now:%H:%M}, until it is mended"
