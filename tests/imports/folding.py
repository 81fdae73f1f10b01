"""A record folded back to the table that it was imported from, by the rule of time; benchmarks/oxcgrt.py uses it."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.imports.oxcgrt_files import FINAL, Grid, PublishedVersion, cells, names, versions
from tracker.model.dates import close_of, instant
from tracker.model.effects import Impose, Lift
from tracker.model.events import AnyEvent, Recorded, recorded, registered
from tracker.model.registry import Registry
from tracker.state.record import Record
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.assertions import measure_track
from tracker.timeline.knowledge import Known
from tracker.timeline.value_at import known_rows, winners

RECORDED = datetime(2024, 1, 1, tzinfo=UTC)
MEASURE = "oxcgrt-c8-{}"
NOT_COVERED, NO_DATA = -1, -2  # "NA" and ""
WORDS = {NOT_COVERED: "NA", NO_DATA: "", **{score: str(score) for score in range(5)}}

Cells = NDArray[np.int8]  # (days, countries)


def log_of(registry: Registry, statements: Iterable[Sequence[Any]]) -> Iterator[Recorded]:
    """The log that a store would have."""
    events: list[AnyEvent] = [registered(subject, RECORDED) for subject in registry.subjects()]
    events += [recorded(statement, RECORDED) for said in statements for statement in said]
    return (Recorded(position, event) for position, event in enumerate(events, start=1))


class Folder:
    """Gives the table as it was known at any time."""

    def __init__(self, record: Record, countries: Sequence[str]) -> None:
        self.record = record
        self.tracks = [record.assertions.number(measure_track(MEASURE.format(c.lower()))) for c in countries]
        self.numbers = {country: number for number, country in enumerate(countries)}
        self.scores = np.array(
            [_score(record.assertions.effect(row)) for row in range(len(record.assertions))], dtype=np.int8
        )
        self.silent = [
            version for history in record.announcements.values() for version in history
            if version.content is not None and not version.content.effect
        ]  # fmt: skip

    def table(self, known: Known, first: date, last: date) -> Cells:
        """Every country's value at the close of every day."""
        live = np.flatnonzero(known_rows(self.record.assertions, known))
        rows, scores = self.record.assertions.take(live), np.append(self.scores[live], NOT_COVERED)
        days = (last - first).days + 1
        found = np.full((days, len(self.tracks)), NOT_COVERED, dtype=np.int8)
        for day in range(days):
            found[day] = _values(rows, scores, close_of(first + timedelta(days=day), UTC), known, self.tracks)
        for version in self.silent:
            if version.known(known) and version.content is not None:
                for item in version.content.covers:
                    self._no_data(found, item, first)
        return found

    def _no_data(self, found: Cells, item: str, first: date) -> None:
        """`covers` of an announcement without effect: country, first and last day of a blank."""
        country, *parts = item.split("-")
        begin, end = (date(*map(int, each)) for each in (parts[:3], parts[3:]))
        column = found[(begin - first).days : (end - first).days + 1, self.numbers[country]]
        column[column == NOT_COVERED] = NO_DATA


def _score(effect: Any) -> int:
    match effect:
        case Impose(amount=str(amount)):
            return int(amount)
        case Lift():
            return 0
    raise AssertionError(f"{effect} is no level of the source")


def _values(rows: Assertions, scores: Cells, at: int, known: Known, tracks: Sequence[int]) -> Cells:
    found: Cells = np.append(scores[winners(rows, at, known)], NOT_COVERED)[tracks]
    return found


def answers(folder: Path) -> Iterator[tuple[PublishedVersion, Cells]]:
    """The answer key: each version's table, from the dated cells, by plain overwriting."""
    code = {word: number for number, word in WORDS.items()}
    published = versions(folder)
    grid, countries = Grid(published[0].first), sorted(names(folder))
    changes = cells(folder)
    line, cell = next(changes)
    for version in published:
        while cell is not None and cell.version == version.number:
            assert grid.put(cell) is None
            line, cell = next(changes, (line, None))  # type: ignore[assignment]
        yield version, np.array([[code[v] for v in grid.values(c)] for c in countries], dtype=np.int8).T


def digest(table: Cells, countries: Sequence[str], first: date) -> str:
    """SHA-256 over the lines country,date,value in order, as versions.csv has it."""
    days = [(first + timedelta(days=number)).isoformat() for number in range(len(table))]
    lines = (
        f"{country},{day},{WORDS[value]}"
        for column, country in enumerate(countries)
        for day, value in zip(days, table[:, column].tolist(), strict=True)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def final(folder: Path) -> tuple[list[str], Cells]:
    """The last published table, as published."""
    code = {word: number for number, word in WORDS.items()}
    with (folder / FINAL).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    at, first = header.index("country_code"), header.index("01Jan2020")
    rows.sort(key=lambda row: row[at])
    return [row[at] for row in rows], np.array([[code[v] for v in row[first:]] for row in rows], dtype=np.int8).T


def known_at(version: PublishedVersion) -> Known:
    """The announcements made before a version was published."""
    return Known(announced_by=instant(version.at))
