"""The rows of a file, put in the order of the announcements that they speak of: on disk, so that any number fits."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

from tracker.imports.row import Row

BATCH = 5000
BROKEN = -1  # in place of a form: a row that does not fit

_TABLES = """
CREATE TABLE part (target TEXT NOT NULL, form INTEGER NOT NULL, line INTEGER NOT NULL, cells TEXT NOT NULL);
CREATE TABLE on_record (target TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Part(NamedTuple):
    """What one row says of an announcement, by one form of the mapping."""

    form: int  # its number in the mapping
    row: Row


class Stage:
    """A temporary database; it is gone when the stage is closed."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="tracker-import-")
        self._rows = sqlite3.connect(Path(self._folder.name) / "rows.sqlite", isolation_level=None)
        self._rows.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;" + _TABLES
        )
        self._waiting: list[tuple[str, int, int, str]] = []
        self.targets = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rows.close()
        self._folder.cleanup()

    def put(self, target: str, form: int, row: Row) -> None:
        """Keep what a row says of an announcement."""
        self._waiting.append((target, form, row.line, json.dumps(row.cells, ensure_ascii=False)))
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        self._rows.execute("BEGIN")
        self._rows.executemany("INSERT INTO part VALUES (?, ?, ?, ?)", self._waiting)
        self._rows.execute("COMMIT")
        self._waiting = []

    def ready(self) -> None:
        """All rows are in: sort them."""
        self.flush()
        self._rows.execute("CREATE INDEX by_target ON part (target, form, line)")
        [[self.targets]] = self._rows.execute("SELECT COUNT(DISTINCT target) FROM part")

    def groups(self) -> Iterator[tuple[str, Sequence[Part]]]:
        """What the rows say, announcement by announcement; of one, by form and line."""
        found = self._rows.execute("SELECT target, form, line, cells FROM part ORDER BY target, form, line")
        for target, rows in groupby(found, key=lambda each: str(each[0])):
            yield target, [Part(form, Row(line, json.loads(cells))) for _, form, line, cells in rows]

    def note_standing(self, targets: Iterator[str]) -> None:
        """Note which announcements stand on the record."""
        self._rows.execute("BEGIN")
        self._rows.executemany("INSERT OR IGNORE INTO on_record VALUES (?)", ((target,) for target in targets))
        self._rows.execute("COMMIT")

    def stands(self, target: str) -> bool:
        """Whether an announcement was noted as being on the record."""
        return self._rows.execute("SELECT 1 FROM on_record WHERE target = ?", (target,)).fetchone() is not None

    def gone(self) -> Iterator[str]:
        """Those that stand on the record and of which no row speaks."""
        sql = "SELECT target FROM on_record WHERE target NOT IN (SELECT target FROM part) ORDER BY target"
        yield from (str(target) for (target,) in self._rows.execute(sql))
