"""A dataset's folder as a record, without a store."""

from datetime import UTC, datetime
from pathlib import Path

from tracker.dataset.reader import read_dataset, read_expectations
from tracker.model.errors import Problem
from tracker.model.events import Recorded, recorded, registered
from tracker.queries.expectations import misses
from tracker.services.datasets import resolved_files
from tracker.state.fold import fold
from tracker.state.record import Record

ROOT = Path(__file__).parents[2]


def record_of(folder: Path) -> tuple[Record, tuple[Problem, ...]]:
    """The record that a folder amounts to, and what its files are reported for."""
    files, problems = read_dataset(folder)
    assert files is not None
    files, unresolved = resolved_files(files)
    now = datetime.now(UTC)
    events = [registered(subject, now) for subject in files.registry.subjects()]
    statements = [recorded(statement, now) for statement in files.statements]
    log = (Recorded(place, event) for place, event in enumerate([*events, *statements], start=1))
    return fold(log), (*problems, *unresolved)


def missed(folder: Path, record: Record, *, at_least: int) -> list[str]:
    """The expectations of a folder that its record does not meet."""
    rows, problems = read_expectations(folder)
    assert problems == ()
    assert len(rows) >= at_least
    return [f"{row.location}: {miss}" for row in rows for miss in misses(record, row.expectation)]
