"""Ours, the plain scan of the same bytes, SQLite and DuckDB: all inside this process."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from engines import COLUMNS, Clustered, Ints, Reduced
from tracker.model.dates import Instant
from tracker.timeline.columns import TIMES, Columns, Ranked, offsets_of
from tracker.timeline.knowledge import Known
from tracker.timeline.track_history import course, deciding
from tracker.timeline.value_at import known_rows, winners

FILTER = """
    begins_latest <= {at} AND {at} < ends_latest AND announced_from <= {announced} AND {announced} < announced_to
    AND recorded_from <= {recorded} AND {recorded} < recorded_to
"""
EVERY = "SELECT track, MAX(place) AS place FROM assertions WHERE {filter} GROUP BY track"
WINDOW = """
    SELECT track, place FROM (
        SELECT track, place, ROW_NUMBER() OVER (PARTITION BY track ORDER BY place DESC) AS last
        FROM assertions WHERE {filter}
    ) AS known WHERE last = 1
"""
ONE = "SELECT place FROM assertions WHERE track = {track} AND {filter} ORDER BY place DESC LIMIT 1"
REDUCED = "SELECT COUNT(*), SUM(place), SUM(place * (track % 1009)) FROM ({every}) AS decided"


class Ours:
    """Columns of ranks; for all tracks `winners`, for one its course in a view, as the program asks them.

    A view holds the rows that are known to a question's clocks; the program keeps the last few, and so does this.
    """

    def __init__(self, data: Clustered) -> None:
        times = {name: getattr(data.made, name) for name in TIMES}
        self.columns = Columns(
            offsets_of(data.made.track, data.tracks),
            **{name: Ranked.of(column[data.place]) for name, column in times.items()},
        )
        self._place = data.place
        self._views: dict[Known, tuple[Columns, Ints]] = {}
        _ = self.columns.track

    def rows(self, at: Instant, known: Known) -> Ints:
        return winners(self.columns, at, known)

    def every(self, at: Instant, known: Known) -> Ints:
        rows = winners(self.columns, at, known)
        return np.where(rows >= 0, self._place[rows], -1)

    def one(self, track: int, at: Instant, known: Known) -> int:
        if known not in self._views:
            self._views[known] = self.view(known)
        columns, place = self._views[known]
        row = deciding(course(columns, track).at(at))
        return int(place[row]) if row >= 0 else -1

    def view(self, known: Known) -> tuple[Columns, Ints]:
        """What is known to some clocks, and the place of each of its rows."""
        rows = np.flatnonzero(known_rows(self.columns, known))
        return self.columns.take(rows), self._place[rows]

    def narrow(self) -> list[np.ndarray]:
        """The columns that a question on all clocks must look at."""
        ranked: list[Ranked] = [getattr(self.columns, name) for name in COLUMNS]
        return [*(each.ranks for each in ranked), self.columns.track]


def scan(columns: list[np.ndarray]) -> int:
    """Read every byte once, as fast as numpy can: the sum of the machine words."""
    return sum(int(column.view(np.uint8)[: column.nbytes // 8 * 8].view(np.uint64).sum()) for column in columns)


def compare(columns: list[np.ndarray]) -> int:
    """Look at every number once."""
    return sum(int(np.count_nonzero(column >= column[0])) for column in columns)


@contextmanager
def ours(data: Clustered) -> Iterator[Ours]:
    yield Ours(data)


class Sqlite:
    """A table clustered by track and place, so that groups stream in the order of the key; statements are cached."""

    def __init__(self, connection: sqlite3.Connection, data: Clustered, every: str) -> None:
        self._connection, self._data = connection, data
        names = FILTER.format(at=":at", announced=":announced", recorded=":recorded")
        self._every = every.format(filter=names)
        self._one = ONE.format(filter=names, track=":track")

    def _clocks(self, at: Instant, known: Known) -> dict[str, int]:
        return {"at": at, "announced": known.announced_by, "recorded": known.recorded_by}

    def every(self, at: Instant, known: Known) -> Ints:
        return self._data.scattered(self._connection.execute(self._every, self._clocks(at, known)).fetchall())

    def reduced(self, at: Instant, known: Known) -> Reduced:
        sql = REDUCED.format(every=self._every)
        return self._connection.execute(sql, self._clocks(at, known)).fetchone()

    def one(self, track: int, at: Instant, known: Known) -> int:
        found = self._connection.execute(self._one, {**self._clocks(at, known), "track": track}).fetchone()
        return found[0] if found else -1


@contextmanager
def _sqlite(data: Clustered, every: str) -> Iterator[Sqlite]:
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "assertions.sqlite")) as file:
        file.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000;")
        columns = ", ".join(f"{name} INTEGER" for name in COLUMNS)
        file.execute(
            f"CREATE TABLE assertions (track INTEGER, place INTEGER, {columns}, PRIMARY KEY (track, place)) "
            "WITHOUT ROWID"
        )
        file.executemany("INSERT INTO assertions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", data.rows())
        file.commit()
        file.execute("ANALYZE")
        yield Sqlite(file, data, every)


def sqlite_max(data: Clustered):
    return _sqlite(data, EVERY)


def sqlite_window(data: Clustered):
    return _sqlite(data, WINDOW)


class Duck:
    """A table in memory, prepared by DuckDB for each text; its answer comes back as arrays."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, data: Clustered) -> None:
        self._connection, self._data = connection, data
        names = FILTER.format(at="$at", announced="$announced", recorded="$recorded")
        self._every = EVERY.format(filter=names)
        self._one = ONE.format(filter=names, track="$track")

    def _clocks(self, at: Instant, known: Known) -> dict[str, int]:
        return {"at": at, "announced": known.announced_by, "recorded": known.recorded_by}

    def every(self, at: Instant, known: Known) -> Ints:
        found = self._connection.execute(self._every, self._clocks(at, known)).fetchnumpy()
        answer = np.full(self._data.tracks, -1, np.int64)
        answer[found["track"]] = found["place"]
        return answer

    def reduced(self, at: Instant, known: Known) -> Reduced:
        found = self._connection.execute(REDUCED.format(every=self._every), self._clocks(at, known)).fetchone()
        return tuple(int(number) for number in found)

    def one(self, track: int, at: Instant, known: Known) -> int:
        found = self._connection.execute(self._one, {**self._clocks(at, known), "track": track}).fetchone()
        return found[0] if found else -1


@contextmanager
def duck(data: Clustered) -> Iterator[Duck]:
    with closing(duckdb.connect()) as connection:
        table = pa.table({"track": data.track, "place": data.place, **data.columns})
        connection.register("given", table)
        connection.execute("CREATE TABLE assertions AS SELECT * FROM given")
        connection.execute("CREATE INDEX by_track ON assertions (track)")
        connection.unregister("given")
        yield Duck(connection, data)
