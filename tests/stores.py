"""Stores with the real record, for tests of any room."""

import shutil
from pathlib import Path

import pytest

from tracker.services import records

EVENTS = Path(__file__).parents[1] / "events"


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
