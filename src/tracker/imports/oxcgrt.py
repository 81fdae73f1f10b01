"""The international travel controls of the Oxford COVID-19 Government Response Tracker, version by version.

A run of days on which a country has one value is one announcement, by the mapping in oxcgrt.toml. A change of the
runs by a version is a correction, a retraction or a new announcement at its time of publication. Everything follows
from the files alone, so that a second import changes nothing, and a longer file adds the new versions.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from tracker.imports.changes import Edition, RecordedAnnouncement, retired, revised
from tracker.imports.mapping import TableMapping, read_mapping
from tracker.imports.oxcgrt_files import (
    FINAL,
    REVISIONS,
    VALUES,
    VERSIONS,
    CellChange,
    Grid,
    PublishedVersion,
    Run,
    cells,
    error,
    names,
    versions,
)
from tracker.imports.rows import TableRow, UnfitRow
from tracker.imports.statements import StatementBuilder, SubjectBuilder, parts_of
from tracker.imports.table_file import ReadProgress
from tracker.model.announcement import Source, Statement
from tracker.model.errors import DatasetErrors, Location, Problem
from tracker.model.registry import Registry

MAPPING = Path(__file__).with_name("oxcgrt.toml")


def mapping() -> TableMapping:
    """The mapping that comes with the program."""
    oxcgrt, problems = read_mapping(MAPPING)
    if oxcgrt is None:
        raise DatasetErrors(problems)
    return oxcgrt


class Import:
    """The whole source: its registry, and the statements that each version makes."""

    def __init__(self, folder: Path, read: ReadProgress | None = None) -> None:
        self._folder, self._read = folder, read
        self._mapping = mapping()
        self._names = names(folder)
        self.versions = versions(folder)
        self.registry = self._registry()
        self.rows = 0  # cells read so far

    def _registry(self) -> Registry:
        entries = SubjectBuilder(self._mapping.entries)
        for code, name in self._names.items():
            entries.take(TableRow(0, {"country": code, "name": name}))
        return Registry.of([self._mapping.dataset, *entries.subjects.values()])

    def statements(self) -> Iterator[list[Statement]]:
        """The statements that each version makes, from the first on. Raises: UnreadableFile, DatasetErrors."""
        by_number = {version.number: version for version in self.versions}
        history = _History(self._mapping, self.registry, Grid(self.versions[0].first), self._names)
        for number, group in groupby(cells(self._folder, self._read), key=lambda change: change[1].version):
            touched = set()
            for line, cell in group:
                self.rows += 1
                touched.add(cell.country)
                if message := self._mistake(cell, by_number) or history.grid.put(cell):
                    raise error(REVISIONS, line, message)
            yield history.changes(_edition(by_number[number]), sorted(touched))

    def _mistake(self, cell: CellChange, by_number: Mapping[int, PublishedVersion]) -> str | None:
        if cell.version not in by_number:
            return f"there is no version {cell.version} in {VERSIONS}"
        return None if cell.country in self._names else f"there is no country {cell.country} in {FINAL}"


def _edition(version: PublishedVersion) -> Edition:
    commit = version.commit[:8]
    source = Source.model_validate(
        {
            "publisher": "Blavatnik School of Government, University of Oxford",
            "title": f"OxCGRT, commit {commit}",
            "published": version.at.date(),
        }
    )
    reason = f"Version {version.number} of the source codes these days otherwise."
    return Edition(version.at, reason, (source,), more={"@commit": commit})


class _History:
    """The runs and announcements so far."""

    def __init__(self, mapping: TableMapping, registry: Registry, grid: Grid, names: Mapping[str, str]) -> None:
        self.grid = grid
        self._mapping, self._registry, self._names = mapping, registry, names
        self._runs: dict[str, dict[int, Run]] = {}
        self._recorded: dict[str, RecordedAnnouncement] = {}

    def changes(self, edition: Edition, touched: list[str]) -> list[Statement]:
        """The statements that a version makes about the countries in which it changes a cell."""
        problems: list[Problem] = []
        builder = StatementBuilder(
            self._mapping,
            edition,
            self._registry,
            lambda _, message: problems.append(Problem(Location(REVISIONS), message)),
        )
        statements = [statement for country in touched for statement in self._of(country, edition, builder)]
        if problems:
            raise DatasetErrors(tuple(problems))
        return statements

    def _of(self, country: str, edition: Edition, builder: StatementBuilder) -> Iterator[Statement]:
        before, after = self._runs.get(country, {}), self.grid.runs(country)
        self._runs[country] = after
        for first in sorted({*before, *after}):
            run = after.get(first)
            if run != before.get(first):
                yield from self._changed(self._row(country, run or before[first]), edition, builder, gone=run is None)

    def _row(self, country: str, run: Run) -> TableRow:
        values = {"country": country, "name": self._names[country], "value": VALUES[run.value]}
        return TableRow(0, {**values, "first": self.grid.day(run.first), "last": self.grid.day(run.last)})

    def _changed(self, row: TableRow, edition: Edition, builder: StatementBuilder, *, gone: bool) -> list[Statement]:
        [(target, part)] = parts_of(self._mapping, row, {})
        recorded = self._recorded.get(target, RecordedAnnouncement())
        draft = builder.build([part])
        if draft.broken or draft.announcement is None:
            return []  # the builder has reported why
        try:
            if gone:
                statements = retired(recorded, edition)
            else:
                statements = revised(recorded, draft.announcement, (), edition, draft.versioned)
        except UnfitRow as cause:
            raise error(REVISIONS, 0, str(cause)) from None
        self._recorded[target] = recorded.with_statements(*statements)
        return statements
