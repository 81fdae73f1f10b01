"""Rows of a foreign table, and a temporary store that sorts them by the announcements that they are about."""

import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

ROWS_PER_WRITE = 5000
BROKEN_ROW = -1  # in place of a template's number: a row that does not fit

_TABLES = """
CREATE TABLE part (target TEXT NOT NULL, template INTEGER NOT NULL, line INTEGER NOT NULL, cells TEXT NOT NULL);
CREATE TABLE on_record (target TEXT PRIMARY KEY) WITHOUT ROWID;
"""

Cells = Mapping[str, str]  # by column; "" where the cell is blank

ANNOUNCED, DAY = "@announced", "@day"  # pseudo-columns: when the version that is imported was published
NUMBER = "@number"  # pseudo-column: the row's number in its chain, from 1


def is_version_column(column: str) -> bool:
    """Whether a pseudo-column is about the imported version of the table, so that it differs with each one."""
    return column.startswith("@") and column != NUMBER


class TableRow(NamedTuple):
    """One record of the file."""

    line: int  # on which it begins, from 1
    cells: Cells


class UnfitRow(Exception):
    """A row that does not fit the mapping; the import reports and counts it."""


def slug(text: str) -> str:
    """Text as part of an id: plain small letters and digits, with hyphens between.

    Raises: UnfitRow, if nothing is left.
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    part = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not part:
        raise UnfitRow(f"{text[:80]!r} has no letter or digit that an id can have")
    return part


class RowPart(NamedTuple):
    """A row as the part of an announcement that one template of the mapping makes of it."""

    template: int  # its number in the mapping
    row: TableRow


class RowStore:
    """A temporary database on disk, so that any number of rows fits; deleted when it is closed."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="tracker-import-")
        self._database = sqlite3.connect(Path(self._folder.name) / "rows.sqlite", isolation_level=None)
        self._database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;" + _TABLES
        )
        self._buffer: list[tuple[str, int, int, str]] = []
        self.targets = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()
        self._folder.cleanup()

    def put(self, target: str, part: RowPart) -> None:
        """Store a row as a part of an announcement."""
        cells = json.dumps(part.row.cells, ensure_ascii=False)
        self._buffer.append((target, part.template, part.row.line, cells))
        if len(self._buffer) >= ROWS_PER_WRITE:
            self.flush()

    def flush(self) -> None:
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO part VALUES (?, ?, ?, ?)", self._buffer)
        self._database.execute("COMMIT")
        self._buffer = []

    def sort(self) -> None:
        """Sort the rows, when all are stored."""
        self.flush()
        self._database.execute("CREATE INDEX by_target ON part (target, template, line)")
        [[self.targets]] = self._database.execute("SELECT COUNT(DISTINCT target) FROM part")

    def groups(self) -> Iterator[tuple[str, Sequence[RowPart]]]:
        """The parts of each announcement, by template and line."""
        sql = "SELECT target, template, line, cells FROM part ORDER BY target, template, line"
        for target, rows in groupby(self._database.execute(sql), key=lambda row: str(row[0])):
            yield target, [RowPart(template, TableRow(line, json.loads(cells))) for _, template, line, cells in rows]

    def note_recorded(self, targets: Iterator[str]) -> None:
        """Note which announcements are on the record."""
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR IGNORE INTO on_record VALUES (?)", ((target,) for target in targets))
        self._database.execute("COMMIT")

    def is_recorded(self, target: str) -> bool:
        """Whether an announcement was noted as being on the record."""
        return self._database.execute("SELECT 1 FROM on_record WHERE target = ?", (target,)).fetchone() is not None

    def without_rows(self) -> Iterator[str]:
        """The announcements on the record that no row is about."""
        sql = "SELECT target FROM on_record WHERE target NOT IN (SELECT target FROM part) ORDER BY target"
        yield from (str(target) for (target,) in self._database.execute(sql))
