"""The real record, for queries that only read."""

import pytest

from tests.dataset.records import ROOT, record_of
from tracker.queries.clocks import Clocks, read_instant
from tracker.state.record import Record


@pytest.fixture(scope="session")
def record() -> Record:
    return record_of(ROOT / "events")[0]


@pytest.fixture
def clocks(record: Record) -> Clocks:
    """The close of a day, with everything known."""
    return Clocks(read_instant("as-of", "2025-11-10", record.tz), as_of_text="2025-11-10")
