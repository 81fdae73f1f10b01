"""The files of the Oxford COVID-19 Government Response Tracker: published versions, and dated changes of cells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from tracker.imports.mapping import FileFormat
from tracker.imports.rows import TableRow
from tracker.imports.table_file import ReadProgress, open_table
from tracker.model.errors import DatasetErrors, Location, Problem

FINAL, VERSIONS, REVISIONS = "final_wide.csv", "versions.csv", "revisions.csv.gz"

_CODES = {"0": b"0", "1": b"1", "2": b"2", "3": b"3", "4": b"4", "NA": b"n", "": b" "}
VALUES = {code: value for value, code in _CODES.items()}
_RUN = re.compile(rb"([0-4 ])\1*")  # of days with one value; days beyond coverage are in none
_FORM = FileFormat(blanks=("",))


class PublishedVersion(NamedTuple):
    """One published version of the table."""

    number: int
    at: datetime
    commit: str
    first: date
    last: date
    digest: str  # SHA-256 over its lines country,date,value
    line: int


class CellChange(NamedTuple):
    """A change of one cell by a version."""

    version: int
    country: str
    day: date
    old: bytes | None  # None: the cell is new
    new: bytes


class Run(NamedTuple):
    """Days on which a country has one value."""

    value: bytes
    first: int  # counted from the table's first day
    last: int


@dataclass
class Grid:
    """The table as it grows: a line of cells for each country, from one first day."""

    begins: date
    lines: dict[str, bytearray] = field(default_factory=dict)

    def put(self, cell: CellChange) -> str | None:
        """Change or add a cell; returns a message if it cannot follow from the cells so far."""
        line = self.lines.setdefault(cell.country, bytearray())
        place = (cell.day - self.begins).days
        if cell.old is None and place == len(line):
            line += cell.new
            return None
        if cell.old is None or not 0 <= place < len(line):
            what = "new" if cell.old is None else "changed"
            return f"{cell.country} has {len(line)} days by then, so {cell.day} cannot be a {what} one"
        if line[place : place + 1] != cell.old:
            return f"{cell.country} had another value on {cell.day} than the change replaces"
        line[place : place + 1] = cell.new
        return None

    def runs(self, country: str) -> dict[int, Run]:
        """The runs of a country, by their first day."""
        matches = _RUN.finditer(self.lines[country])
        return {match.start(): Run(match[1], match.start(), match.end() - 1) for match in matches}

    def day(self, number: int) -> str:
        return (self.begins + timedelta(days=number)).isoformat()

    def values(self, country: str) -> list[str]:
        """The cells of a country as the source writes them."""
        return [VALUES[bytes((code,))] for code in self.lines[country]]


def versions(folder: Path) -> list[PublishedVersion]:
    """The published versions, in order.

    Raises: UnreadableFile, DatasetErrors.
    """
    wanted = ("version", "recorded_at", "commit", "first_date", "last_date", "canonical_sha256")
    with open_table(folder / VERSIONS, _FORM, within=folder) as table:
        published = [_version(_sound(row), table.path) for row in table.rows(wanted)]
    for before, after in pairwise(published):
        if after.at <= before.at or after.number <= before.number:
            raise error(table.path, after.line, "is not after the version before it")
    return published


def names(folder: Path) -> dict[str, str]:
    """The name of each country. Raises: UnreadableFile, DatasetErrors."""
    with open_table(folder / FINAL, _FORM, within=folder) as table:
        rows = [_sound(row) for row in table.rows(("country_code", "country_name"))]
    return {row.cells["country_code"]: row.cells["country_name"] for row in rows}


def cells(folder: Path, read: ReadProgress | None = None) -> Iterator[tuple[int, CellChange]]:
    """Every dated change of a cell, with its line. Raises: UnreadableFile, DatasetErrors."""
    with open_table(folder / REVISIONS, _FORM, read, within=folder) as table:
        for row in table.rows(("version", "country", "date", "old", "new", "op")):
            yield _sound(row).line, _cell(_sound(row), table.path)


def _sound(row: TableRow | Problem) -> TableRow:
    if isinstance(row, Problem):
        raise DatasetErrors((row,))
    return row


def error(path: str, line: int, message: str) -> DatasetErrors:
    return DatasetErrors((Problem(Location(path, line), message),))


def _version(row: TableRow, path: str) -> PublishedVersion:
    values = row.cells
    try:
        at = datetime.fromisoformat(values["recorded_at"])
        first, last = _day(values["first_date"]), _day(values["last_date"])
        if at.tzinfo is None:
            raise ValueError("the time has no offset")
        return PublishedVersion(
            int(values["version"]), at, values["commit"], first, last, values["canonical_sha256"], row.line
        )
    except (ValueError, KeyError) as cause:
        raise error(path, row.line, f"is not a version as {VERSIONS} lists them: {cause}") from None


_day = cache(date.fromisoformat)


def _cell(row: TableRow, path: str) -> CellChange:
    values = row.cells
    try:
        old = None if values["op"] == "new" else _CODES[values["old"]]
        return CellChange(int(values["version"]), values["country"], _day(values["date"]), old, _CODES[values["new"]])
    except (ValueError, KeyError) as cause:
        raise error(path, row.line, f"is not a change of a cell as {REVISIONS} lists them: {cause}") from None
