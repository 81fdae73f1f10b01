"""The international travel controls of the Oxford COVID-19 Government Response Tracker, version by version.

A run of days on which a country has one value is one announcement, by the mapping in oxcgrt.toml. What a version
changes in the runs is said at its time of publication: a correction, a retraction, or a new announcement. Everything
follows from the files alone, so that a second import says the same again, and a longer file says what is new.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Mapped
from itertools import groupby
from pathlib import Path

from tracker.imports.changes import Edition, Held, retired, revised
from tracker.imports.mapping import Mapping, read_mapping
from tracker.imports.oxcgrt_files import (
    FINAL,
    REVISIONS,
    VALUES,
    VERSIONS,
    Cell,
    Grid,
    Run,
    Version,
    cells,
    error,
    names,
    versions,
)
from tracker.imports.row import Row, Unfit
from tracker.imports.statements import Drafter, Entries, parts_of
from tracker.imports.table_file import Read
from tracker.model.announcement import Source, Statement
from tracker.model.errors import DatasetErrors, Location, Problem
from tracker.model.registry import Registry

MAPPING = Path(__file__).with_name("oxcgrt.toml")


def mapping() -> Mapping:
    """The mapping that comes with the program."""
    found, problems = read_mapping(MAPPING)
    if found is None:
        raise DatasetErrors(problems)
    return found


class Import:
    """The whole source: its registry, and what each version says."""

    def __init__(self, folder: Path, read: Read | None = None) -> None:
        self._folder, self._read = folder, read
        self._mapping = mapping()
        self._names = names(folder)
        self.versions = versions(folder)
        self.registry = self._registry()
        self.rows = 0  # cells read so far

    def _registry(self) -> Registry:
        entries = Entries(self._mapping.entries)
        for code, name in self._names.items():
            entries.take(Row(0, {"country": code, "name": name}))
        return Registry.of([self._mapping.dataset, *entries.subjects.values()])

    def statements(self) -> Iterator[list[Statement]]:
        """What each version says, from the first on. Raises: Unreadable, DatasetErrors."""
        by_number = {version.number: version for version in self.versions}
        history = _History(self._mapping, self.registry, Grid(self.versions[0].first), self._names)
        for number, group in groupby(cells(self._folder, self._read), key=lambda each: each[1].version):
            touched = set()
            for line, cell in group:
                self.rows += 1
                touched.add(cell.country)
                if wrong := self._wrong(cell, by_number) or history.grid.put(cell):
                    raise error(REVISIONS, line, wrong)
            yield history.said(_edition(by_number[number]), sorted(touched))

    def _wrong(self, cell: Cell, by_number: Mapped[int, Version]) -> str | None:
        if cell.version not in by_number:
            return f"there is no version {cell.version} in {VERSIONS}"
        return None if cell.country in self._names else f"there is no country {cell.country} in {FINAL}"


def _edition(version: Version) -> Edition:
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

    def __init__(self, mapping: Mapping, registry: Registry, grid: Grid, names: Mapped[str, str]) -> None:
        self.grid = grid
        self._mapping, self._registry, self._names = mapping, registry, names
        self._runs: dict[str, dict[int, Run]] = {}
        self._held: dict[str, Held] = {}

    def said(self, edition: Edition, touched: list[str]) -> list[Statement]:
        """What a version says of the countries in which it changes a cell."""
        problems: list[Problem] = []
        drafter = Drafter(
            self._mapping,
            edition,
            self._registry,
            lambda _, message: problems.append(Problem(Location(REVISIONS), message)),
        )
        found = [each for country in touched for each in self._of(country, edition, drafter)]
        if problems:
            raise DatasetErrors(tuple(problems))
        return found

    def _of(self, country: str, edition: Edition, drafter: Drafter) -> Iterator[Statement]:
        before, after = self._runs.get(country, {}), self.grid.runs(country)
        self._runs[country] = after
        for first in sorted({*before, *after}):
            run = after.get(first)
            if run != before.get(first):
                yield from self._changed(self._row(country, run or before[first]), edition, drafter, gone=run is None)

    def _row(self, country: str, run: Run) -> Row:
        told = {"country": country, "name": self._names[country], "value": VALUES[run.value]}
        return Row(0, {**told, "first": self.grid.day(run.first), "last": self.grid.day(run.last)})

    def _changed(self, row: Row, edition: Edition, drafter: Drafter, *, gone: bool) -> list[Statement]:
        [(target, part)] = parts_of(self._mapping, row, {})
        held = self._held.get(target, Held())
        made = drafter.drafted([part])
        if made.broken or made.announcement is None:
            return []  # the drafter has told why
        try:
            said = retired(held, edition) if gone else revised(held, made.announcement, (), edition, made.versioned)
        except Unfit as wrong:
            raise error(REVISIONS, 0, str(wrong)) from None
        self._held[target] = held.and_(*said)
        return said
