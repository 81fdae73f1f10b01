"""The rules of `load` for the log of an archive: every mistake with the line that it is in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tracker.dataset.existing import NO_STATEMENTS
from tracker.dataset.files import FileEntry, shown_path
from tracker.dataset.references import STATEMENT, EntryKey
from tracker.dataset.rules import check, check_registry
from tracker.dataset.validation import MAX_FINDINGS
from tracker.model.announcement import Announcement, Statement
from tracker.model.dataset import entry_id
from tracker.model.errors import DatasetErrors, Location, Problem, Severity
from tracker.model.events import Recorded, StatementEvent, SubjectEvent, statement_of
from tracker.model.registry import Registry, Subject
from tracker.model.vocabulary import SubjectKind
from tracker.queries.plan_checks import refusals
from tracker.services.datasets import locating
from tracker.state.fold import fold


@dataclass(frozen=True)
class ArchiveEntry(FileEntry):
    """An event in an archive: all of it stands in one line."""

    line: int = 0

    def at(self, *_keys: str | int) -> Location:
        return Location(self.path, self.line)

    def inside(self, *_keys: str | int) -> FileEntry:
        return self


def check_archive(path: Path, events: Sequence[tuple[int, Recorded]]) -> None:
    """Check the entries and statements of a log as those of a dataset. An empty log is fine.

    Args: events: with their lines.
    Raises: DatasetErrors.
    """
    subjects: dict[EntryKey, Subject] = {}
    statements: list[Statement] = []
    locations: dict[EntryKey, FileEntry] = {}
    for line, (_, event) in events:
        entry = ArchiveEntry(shown_path(path), line=line)
        if isinstance(event, SubjectEvent):
            key: EntryKey = (event.subject.type, entry_id(event.subject.type, event.subject.id))
            subjects[key] = event.subject
        elif isinstance(event, StatementEvent):
            statement = statement_of(event)
            key = STATEMENT, statement.id
            statements.append(statement)
        else:
            continue
        locations[key] = entry
    if not subjects and not statements:
        return
    problems = _problems([one for _, one in events], list(subjects.values()), statements, locations, path)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise DatasetErrors(tuple(sorted(set(errors))[:MAX_FINDINGS]))


def _problems(
    log: Sequence[Recorded],
    subjects: Sequence[Subject],
    statements: Sequence[Statement],
    locations: dict[EntryKey, FileEntry],
    path: Path,
) -> list[Problem]:
    if not any(subject.type is SubjectKind.DATASET for subject in subjects):
        return [Problem(Location(shown_path(path)), "the log registers no dataset: statements cannot be read without")]
    registry = Registry.of(subjects)
    problems = [
        *check_registry(registry, locations),
        *check(registry, NO_STATEMENTS, statements, locations),
    ]
    if not any(problem.severity is Severity.ERROR for problem in problems):
        announcements = [statement for statement in statements if isinstance(statement, Announcement)]
        problems += refusals(fold(log), announcements, locating(locations))
    return problems
