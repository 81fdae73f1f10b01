"""The import of one file: read it once, sort its rows by announcement, and make the statements that the record lacks.

A row that does not fit is reported with its line and counted. Its whole announcement is held back, as it would be
incomplete without that row.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tracker.dataset.references import References
from tracker.dataset.registry_rules import alias_findings, subject_findings, twin_findings
from tracker.imports.changes import Edition, RecordedAnnouncement, retired, revised
from tracker.imports.mapping import TableMapping
from tracker.imports.rows import BROKEN_ROW, RowPart, RowStore, TableRow, UnfitRow
from tracker.imports.statements import ChainCounts, DraftedAnnouncement, StatementBuilder, SubjectBuilder, parts_of
from tracker.imports.table_file import open_table
from tracker.model.announcement import Announcement, Correction, Statement
from tracker.model.errors import Location, Problem, Severity
from tracker.model.registry import Registry, Subject

ImportProgress = Callable[[str, int, int], None]  # the step, how much of it is done, of how much
ReportProblem = Callable[[Problem], None]
RecordedOf = Callable[[str], RecordedAnnouncement]  # by the announcement's id


@dataclass
class ImportCounts:
    """Counts of an import; every row is in `said`, `skipped` or `unfit`."""

    rows: int = 0
    said: int = 0  # rows that are part of a statement
    skipped: Counter[str] = field(default_factory=Counter)  # by the mapping's reason
    unfit: int = 0
    problems: int = 0
    held_back: int = 0  # announcements, as a row of theirs does not fit
    subjects: int = 0
    announcements: int = 0
    corrections: int = 0
    retractions: int = 0
    unchanged: int = 0  # announcements

    def add(self, statements: Iterable[Statement]) -> None:
        for statement in statements:
            match statement:
                case Announcement():
                    self.announcements += 1
                case Correction():
                    self.corrections += 1
                case _:
                    self.retractions += 1


class ImportJob:
    """One file and its mapping."""

    def __init__(
        self, file: Path, mapping: TableMapping, edition: Edition, rows: RowStore, report: ReportProblem,
        progress: ImportProgress,
    ) -> None:  # fmt: skip
        self.counts = ImportCounts()
        self.mapping = mapping
        self._file, self._edition, self._rows = file, edition, rows
        self._report, self._progress = report, progress
        self._subjects = SubjectBuilder(mapping.entries)
        self._unfit_lines: set[int] = set()
        self._unplaced = 0  # rows that do not fit, and whose announcement is unknown
        self._shown = str(file)

    def read(self) -> None:
        """Read the file, and store its rows.

        Raises: UnreadableFile, MissingColumns.
        """
        chains: ChainCounts = {}
        with open_table(self._file, self.mapping.file, lambda done, of: self._progress("Reading", done, of)) as table:
            self._shown = table.path
            if missing := table.missing(self.mapping.columns):
                raise MissingColumns(missing)
            for row in table.rows(self.mapping.columns):
                self.counts.rows += 1
                if isinstance(row, Problem):
                    self._unplaced += 1
                    self._refuse(row.location.line, row.message)
                else:
                    self._take(row, chains)
        self._rows.sort()

    def _take(self, row: TableRow, chains: ChainCounts) -> None:
        try:
            if reason := self.mapping.skipped(row.cells):
                self.counts.skipped[reason] += 1
                return
            parts = list(parts_of(self.mapping, row, chains))
        except UnfitRow as error:
            self._unplaced += 1
            self._refuse(row.line, str(error))
            return
        try:
            if not parts and self.mapping.statements:
                raise UnfitRow("fits no [[announcement]] of the mapping: add one, or a [[skip]] with the reason")
            self._subjects.take(row)
        except UnfitRow as error:
            self._refuse(row.line, str(error))
            parts = [(target, RowPart(BROKEN_ROW, part.row)) for target, part in parts]
        for target, part in parts:
            self._rows.put(target, part)

    def _refuse(self, line: int, message: str) -> None:
        self._unfit_lines.add(line)
        self.counts.problems += 1
        self._report(Problem(Location(self._shown, line), message))

    def _warn(self, line: int, message: str) -> None:
        self._report(Problem(Location(self._shown, line), message, Severity.WARNING))

    def new_subjects(self, registry: Registry) -> list[Subject]:
        """The subjects that the registry lacks; those that it has are left as they are."""
        registered = {(subject.type.value, subject.id): subject for subject in registry.subjects()}
        subjects = self._subjects.subjects
        for key, count in self._subjects.differing.items():
            self._warn(self._subjects.line(key), f"{count} rows say something else of {key[0]} {key[1]} than this one")
        for key, subject in subjects.items():
            if key in registered and registered[key] != subject:
                self._warn(self._subjects.line(key), f"{key[0]} {key[1]} is registered otherwise, and stays as it is")
        new = {key: subject for key, subject in subjects.items() if key not in registered}
        sound = self._sound(new, registry)
        self.counts.subjects = len(sound)
        return sound

    def _sound(self, new: dict[tuple[str, str], Subject], registry: Registry) -> list[Subject]:
        """The new subjects that follow the rules."""
        whole = Registry.of([*registry.subjects(), *new.values()])
        known = References(whole)
        findings = [*twin_findings(whole), *alias_findings(whole)]
        findings += [(subject, finding) for subject in new.values() for finding in subject_findings(subject, known)]
        refused = set()
        for subject, finding in findings:
            key = subject.type.value, subject.id
            if key in new:
                refused.add(key)
                self._refuse(self._subjects.line(key), finding.message)
        return [subject for key, subject in new.items() if key not in refused]

    def statements(self, registry: Registry, recorded: RecordedOf) -> Iterator[list[Statement]]:
        """The statements to record about each announcement, so that the record agrees with the file.

        Args: registry: with the new subjects; recorded: the statements on the record, by the announcement's id.
        """
        builder = StatementBuilder(self.mapping, self._edition, registry, self._refuse)
        for done, (target, parts) in enumerate(self._rows.groups(), start=1):
            if done % 512 == 0 or done == self._rows.targets:
                self._progress("Recording", done, self._rows.targets)
            yield self._counted(self._changes(builder.build(parts), recorded(target), builder))
        self.counts.unfit = len(self._unfit_lines)
        self.counts.said = self.counts.rows - self.counts.unfit - self.counts.skipped.total()
        if self.mapping.file.missing == "retract":
            yield from self._retired(recorded)

    def _counted(self, statements: list[Statement] | None) -> list[Statement]:
        self.counts.held_back += statements is None
        self.counts.unchanged += statements == []
        self.counts.add(statements or ())
        return statements or []

    def _changes(
        self, draft: DraftedAnnouncement, recorded: RecordedAnnouncement, builder: StatementBuilder
    ) -> list[Statement] | None:
        """The statements to record about one announcement; None if a row does not fit."""
        if draft.broken:
            return None
        announcement = draft.announcement or recorded.content
        try:
            if announcement is None:
                raise UnfitRow(f"{draft.own[0].id} is about an announcement that neither the file nor the record has")
            statements = revised(recorded, announcement, draft.own, self._edition, draft.versioned)
            content = recorded.with_statements(*statements).content
            if content is not None and (messages := builder.findings(content)):
                raise UnfitRow(messages[0])
        except UnfitRow as error:
            self._refuse(draft.line, str(error))
            return None
        return statements

    def _retired(self, recorded: RecordedOf) -> Iterator[list[Statement]]:
        if self._unplaced:
            message = f"nothing is retracted, as {self._unplaced} rows may belong to announcements that seem missing"
            self._warn(0, message)
            return
        edition = replace(self._edition, reason="The source has it no more.")
        for target in self._rows.without_rows():
            try:
                statements = retired(recorded(target), edition)
            except UnfitRow as error:
                self._refuse(0, str(error))
                continue
            self.counts.add(statements)
            yield statements


class MissingColumns(Exception):
    """The mapping names columns that the file does not have."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(str(problems[0]))
        self.problems = tuple(problems)
