"""The import of one file: read it once, sort it by announcement, and say what the record lacks.

A row that does not fit is reported with its line and counted. The announcement that it belongs to is held back as a
whole, as without that row it would say something else.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tracker.dataset.references import References
from tracker.dataset.registry_rules import alias_findings, subject_findings, twin_findings
from tracker.dataset.validation import EntryFinding
from tracker.imports.changes import Edition, Held, retired, revised
from tracker.imports.mapping import Mapping
from tracker.imports.row import Row, Unfit
from tracker.imports.row_store import BROKEN, Part, Stage
from tracker.imports.statements import Chains, Drafted, Drafter, Entries, parts_of
from tracker.imports.table_file import open_table
from tracker.model.announcement import Announcement, Correction, Statement
from tracker.model.errors import Location, Problem, Severity
from tracker.model.registry import Registry, Subject

Progress = Callable[[str, int, int], None]  # what is being done, how much of it, of how much
Report = Callable[[Problem], None]


@dataclass
class Tally:
    """What an import did, by counts; every row is in `said`, `skipped` or `unfit`."""

    rows: int = 0
    said: int = 0
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


class Job:
    """One file and its mapping."""

    def __init__(
        self, file: Path, mapping: Mapping, edition: Edition, stage: Stage, report: Report, progress: Progress
    ) -> None:
        self.tally = Tally()
        self.mapping = mapping
        self._file, self._edition, self._stage = file, edition, stage
        self._report, self._progress = report, progress
        self._entries = Entries(mapping.entries)
        self._unfit: set[int] = set()  # lines
        self._unplaced = 0  # rows that do not fit, and nobody knows of which announcement
        self._shown = str(file)

    def read(self) -> None:
        """Read the file, and keep its rows.

        Raises: Unreadable, where the file as a whole cannot be used.
        """
        chains: Chains = {}
        with open_table(self._file, self.mapping.file, lambda done, of: self._progress("Reading", done, of)) as table:
            self._shown = table.path
            if missing := table.missing(self.mapping.columns):
                raise MissingColumns(missing)
            for row in table.rows(self.mapping.columns):
                self.tally.rows += 1
                if isinstance(row, Problem):
                    self._unplaced += 1
                    self._tell(row.location.line, row.message)
                else:
                    self._take(row, chains)
        self._stage.ready()

    def _take(self, row: Row, chains: Chains) -> None:
        try:
            if reason := self.mapping.skipped(row.cells):
                self.tally.skipped[reason] += 1
                return
            parts = list(parts_of(self.mapping, row, chains))
        except Unfit as error:
            self._unplaced += 1
            self._tell(row.line, str(error))
            return
        try:
            if not parts and self.mapping.statements:
                raise Unfit("fits no [[announcement]] of the mapping: add one, or a [[skip]] with the reason")
            self._entries.take(row)
        except Unfit as error:
            self._tell(row.line, str(error))
            parts = [(target, Part(BROKEN, part.row)) for target, part in parts]
        for target, part in parts:
            self._stage.put(target, part.form, part.row)

    def _tell(self, line: int, message: str) -> None:
        self._unfit.add(line)
        self.tally.problems += 1
        self._report(Problem(Location(self._shown, line), message))

    def new_subjects(self, registry: Registry) -> list[Subject]:
        """The subjects that the registry lacks; those that it has are left as they are."""
        kept = {(subject.type.value, subject.id): subject for subject in registry.subjects()}
        for key, count in self._entries.differing.items():
            self._warn(self._entries.line(key), f"{count} rows say something else of {key[0]} {key[1]} than this one")
        new = {key: subject for key, subject in self._entries.subjects.items() if key not in kept}
        for key, subject in self._entries.subjects.items():
            if key in kept and kept[key] != subject:
                self._warn(self._entries.line(key), f"{key[0]} {key[1]} is registered otherwise, and stays as it is")
        sound = self._sound(new, registry)
        self.tally.subjects = len(sound)
        return sound

    def _sound(self, new: dict[tuple[str, str], Subject], registry: Registry) -> list[Subject]:
        whole = Registry.of([*registry.subjects(), *new.values()])
        known = References(whole)
        found: list[tuple[Subject, EntryFinding]] = [*twin_findings(whole), *alias_findings(whole)]
        found += [(subject, one) for subject in new.values() for one in subject_findings(subject, known)]
        wrong = set()
        for subject, finding in found:
            key = subject.type.value, subject.id
            if key in new:
                wrong.add(key)
                self._tell(self._entries.line(key), finding.message)
        return [subject for key, subject in new.items() if key not in wrong]

    def _warn(self, line: int, message: str) -> None:
        self._report(Problem(Location(self._shown, line), message, Severity.WARNING))

    def statements(self, registry: Registry, held: Callable[[str], Held]) -> Iterator[list[Statement]]:
        """What has to be said, announcement by announcement, so that the record holds what the file says.

        Args: registry: with the new subjects; held: what is on the record of an announcement.
        """
        drafter = Drafter(self.mapping, self._edition, registry, self._tell)
        for done, (target, parts) in enumerate(self._stage.groups(), start=1):
            if done % 512 == 0 or done == self._stage.targets:
                self._progress("Recording", done, self._stage.targets)
            yield self._counted(self._said(drafter.drafted(parts), held(target), drafter))
        self.tally.unfit = len(self._unfit)
        self.tally.said = self.tally.rows - self.tally.unfit - self.tally.skipped.total()
        if self.mapping.file.missing == "retract":
            yield from self._retired(held)

    def _counted(self, said: list[Statement] | None) -> list[Statement]:
        self.tally.held_back += said is None
        self.tally.unchanged += said == []
        self.tally.add(said or ())
        return said or []

    def _said(self, made: Drafted, held: Held, drafter: Drafter) -> list[Statement] | None:
        """None where something does not fit."""
        if made.broken:
            return None
        draft = made.announcement or held.content
        try:
            if draft is None:
                raise Unfit(f"{made.own[0].id} is about an announcement that neither the file nor the record has")
            statements = revised(held, draft, made.own, self._edition, made.versioned)
            content = held.and_(*statements).content if held else Held.of(statements, self._edition.tz).content
            if content is not None and (wrong := drafter.findings(content)):
                raise Unfit(wrong[0])
        except Unfit as error:
            self._tell(made.line, str(error))
            return None
        return statements

    def _retired(self, held: Callable[[str], Held]) -> Iterator[list[Statement]]:
        if self._unplaced:
            message = f"nothing is retracted, as {self._unplaced} rows may belong to announcements that seem missing"
            self._warn(0, message)
            return
        edition = replace(self._edition, reason="The source has it no more.")
        for target in self._stage.gone():
            try:
                said = retired(held(target), edition)
            except Unfit as error:
                self._tell(0, str(error))
                continue
            self.tally.add(said)
            yield said


class MissingColumns(Exception):
    """The mapping names columns that the file does not have."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(str(problems[0]))
        self.problems = tuple(problems)
