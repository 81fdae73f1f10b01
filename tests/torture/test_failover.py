"""What `benchmarks/failover.py` does at length, at a small size."""

from pathlib import Path

import pytest

from tests.postgres import server_binaries
from tests.torture.failover import SYNCHRONOUS, failover
from tests.torture.place import Processes

pytestmark = pytest.mark.slow


def test_nothing_that_was_acknowledged_is_lost_with_the_primary(forker: Processes, tmp_path: Path) -> None:
    binaries = server_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server binary (pg_ctl) on this machine")
    found = failover(binaries, forker, tmp_path, SYNCHRONOUS, seconds=1, writers=3, readers=1).counts
    assert found["acknowledged and lost"] == 0
    assert found["checkpoints of before that fit"] == "2 of 2"
    assert found["acknowledged afterwards"] >= 3
