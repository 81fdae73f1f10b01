"""The real record, for queries that only read; stores are SQLite files and PostgreSQL databases."""

import pytest

from tests.dataset.records import ROOT, record_of
from tests.store.conftest import new_url
from tracker.queries.clocks import Clocks, read_instant
from tracker.state.record import Record

__all__ = ["new_url"]


@pytest.fixture(scope="session")
def record() -> Record:
    return record_of(ROOT / "events")[0]


@pytest.fixture
def clocks(record: Record) -> Clocks:
    """The close of a day, with everything known."""
    return Clocks(read_instant("as-of", "2025-11-10", record.tz), as_of_text="2025-11-10")
