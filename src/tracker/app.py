"""The one place that wires files, store, read model and settings together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from tracker.model.events import Recorded, recorded, registered
from tracker.model.problem import DatasetErrors, Problem, Severity
from tracker.queries.clocks import Clocks, clocks
from tracker.state.record import Record


@dataclass(frozen=True)
class Tracker:
    """A record to ask, from wherever it comes."""

    record: Record
    today: date

    def clocks(self, as_of: str | None, announced_by: str | None, recorded_by: str | None) -> Clocks:
        """The clocks of a question.

        Raises: BadRequest.
        """
        return clocks(
            as_of, announced_by, recorded_by, tz=self.record.tz, today=lambda: self.today, position_at=self._position_at
        )

    def _position_at(self, moment: datetime) -> int:
        """The last position recorded by a timestamp."""
        return max((position for position, at in self._recorded if at <= moment), default=0)

    @cached_property
    def _recorded(self) -> Sequence[tuple[int, datetime]]:
        versions = (version for each in self.record.announcements.values() for version in each)
        return [(version.position, version.recorded_at) for version in versions]


def from_files(folder: Path, now: datetime) -> tuple[Tracker, tuple[Problem, ...]]:
    """Answer straight from files, as if they were recorded now; nothing is stored.

    Returns: the tracker, and warnings.
    Raises: DatasetErrors, with every mistake.
    """
    from tracker.dataset.reader import read_dataset

    files, problems = read_dataset(folder)
    if files is None or any(problem.severity is Severity.ERROR for problem in problems):
        raise DatasetErrors(problems)
    at = now.astimezone(UTC)
    events = [registered(subject, at) for subject in files.registry.subjects()]
    statements = [recorded(statement, at) for statement in files.statements]
    log = [Recorded(position, event) for position, event in enumerate([*events, *statements], start=1)]
    return Tracker(Record.of(log), now.date()), problems
