"""Datasets, folders of files: read, checked, and as the log that a store would have of them.

Checks import their libraries where they run: an answer straight from files does not wait for them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tracker.dataset.plan_rules import short_forms
from tracker.dataset.reader import DatasetFiles, read_dataset
from tracker.dataset.references import STATEMENT, Locations
from tracker.model.announcement import Announcement
from tracker.model.errors import DatasetErrors, Location, Problem, Severity
from tracker.model.events import Recorded, recorded, registered

CHANGES_OF_PLANS = ("extend", "reschedule", "cancel")  # types of effects that may be impossible


@dataclass(frozen=True)
class DatasetCheck:
    """Every problem of a dataset, and how much there is in it."""

    problems: tuple[Problem, ...]  # errors first
    counts: dict[str, int]

    @property
    def has_errors(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def default_dataset() -> Path:
    """The dataset that comes with the program: inside the wheel, or of the source tree it runs from."""
    packaged = Path(__file__).parents[1] / "default_dataset"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "events"


def read_files(folder: Path) -> tuple[DatasetFiles, tuple[Problem, ...]]:
    """The files of a dataset, and warnings.

    Raises: DatasetErrors, with every mistake.
    """
    files, problems = read_dataset(folder)
    errors = tuple(problem for problem in problems if problem.severity is Severity.ERROR)
    if files is None or errors:
        raise DatasetErrors(errors or problems)
    files, unresolved = resolved_files(files)
    if unresolved:
        raise DatasetErrors(unresolved)
    return files, problems


def resolved_files(files: DatasetFiles) -> tuple[DatasetFiles, tuple[Problem, ...]]:
    """Files whose plans name what they move as it is stored, and the problems of those that do not name one change."""
    if not any(map(short_forms, files.statements)):
        return files, ()
    from tracker.queries.short_forms import resolved
    from tracker.state.fold import fold

    nothing_said = fold(log_of(replace(files, statements=()), datetime.now(UTC)))
    statements, problems = resolved(nothing_said, files.statements, locating(files.locations))
    return replace(files, statements=statements), tuple(problems)


def refuse(files: DatasetFiles) -> None:
    """Raise the problems of changes of plans that cannot be.

    Raises: DatasetErrors.
    """
    announcements = announcements_of(files)
    if not any(effect.type in CHANGES_OF_PLANS for one in announcements for effect in one.effect):
        return
    from tracker.queries.plan_checks import refusals
    from tracker.state.fold import fold

    problems = refusals(fold(log_of(files, datetime.now(UTC))), announcements, locating(files.locations))
    if problems:
        raise DatasetErrors(tuple(problems))


def log_of(files: DatasetFiles, now: datetime) -> Iterator[Recorded]:
    """The log that a store would have if the files were recorded now."""
    at = now.astimezone(UTC)
    entries = [registered(subject, at) for subject in files.registry.subjects()]
    statements = [recorded(statement, at) for statement in files.statements]
    yield from (Recorded(position, event) for position, event in enumerate([*entries, *statements], start=1))


def check(folder: Path, now: datetime) -> DatasetCheck:
    """Check the files of a dataset, the statements against each other, and the expectations."""
    from tracker.dataset.reader import DATASET, read_expectations
    from tracker.queries.expectations import misses
    from tracker.queries.lint import warnings
    from tracker.queries.plan_checks import refusals
    from tracker.state.fold import fold

    files, mistakes = read_dataset(folder)
    rows, malformed = read_expectations(folder) if folder.is_dir() else ((), ())
    problems = [*mistakes, *malformed]
    if files is not None and not any(problem.severity is Severity.ERROR for problem in problems):
        files, unresolved = resolved_files(files)
        problems += unresolved
    if files is not None and not any(problem.severity is Severity.ERROR for problem in problems):
        record, where = fold(log_of(files, now)), locating(files.locations)
        warned = warnings(record, now, files.locations[DATASET].at(), where)
        problems += [*refusals(record, announcements_of(files), where), *warned]
        problems += [Problem(row.location, miss) for row in rows for miss in misses(record, row.expectation)]
        problems += _coverage_out_of_date(folder, files)
    problems.sort(key=lambda problem: (list(Severity).index(problem.severity), problem.location))
    return DatasetCheck(tuple(problems), _counts(files, len(rows)))


def announcements_of(files: DatasetFiles) -> list[Announcement]:
    return [statement for statement in files.statements if isinstance(statement, Announcement)]


def locating(locations: Locations) -> Callable[[str, int], Location]:
    """A function that finds the file and line of an effect, by its announcement and its number from 0."""

    def where(announcement: str, effect: int) -> Location:
        entry = locations.get((STATEMENT, announcement))
        return entry.at("effect", effect) if entry else Location(announcement)

    return where


def coverage_page(folder: Path) -> str:
    """The announcements that settle each item of the coders' work list, as Markdown.

    Raises: DatasetErrors.
    """
    from tracker.dataset.coverage import coverage

    return coverage(read_files(folder)[0].statements)


def _coverage_out_of_date(folder: Path, files: DatasetFiles) -> Iterator[Problem]:
    """A problem if the coverage page of the dataset's project, in docs/ beside its folder, is out of date."""
    from tracker.dataset.coverage import coverage

    page = folder.resolve().parent / "docs" / "coverage.md"
    if page.is_file() and page.read_text("utf-8") != coverage(files.statements):
        text = f"is not what the files say: write it again with `tracker coverage {folder} > docs/coverage.md`"
        yield Problem(Location(f"docs/{page.name}"), text)


def _counts(files: DatasetFiles | None, expectations: int) -> dict[str, int]:
    statements = files.statements if files else ()
    announcements = [statement for statement in statements if isinstance(statement, Announcement)]
    return {
        "subjects": sum(1 for _ in files.registry.subjects()) if files else 0,
        "announcements": len(announcements),
        "corrections and retractions": len(statements) - len(announcements),
        "effects": sum(len(announcement.effect) for announcement in announcements),
        "sources": sum(len(statement.source) for statement in statements),
        "expectations": expectations,
    }
