"""Stores with the real record, for tests of any room."""

import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from tracker.services import datasets, records

EVENTS = Path(__file__).parents[1] / "events"


@cache
def log_length() -> int:
    """Number of events in the log of the real record: the position of the last."""
    return len(list(datasets.log_of(datasets.read_files(EVENTS)[0], datetime.now(UTC))))


@pytest.fixture(scope="session")
def full_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store to read from."""
    path = tmp_path_factory.mktemp("store") / "record.sqlite"
    records.load(str(path), EVENTS)
    return path


@pytest.fixture
def own_store(full_store: Path, tmp_path: Path) -> Path:
    """A copy to write to."""
    return Path(shutil.copy(full_store, tmp_path / "own.sqlite"))
