"""Every test of the read model runs on an SQLite file and on a PostgreSQL database."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.store.conftest import NewUrl, new_url, run_sql, store, url
from tracker.dataset.reader import read_dataset
from tracker.model.announcement import Statement
from tracker.model.events import Recorded
from tracker.model.registry import Registry
from tracker.read_model.tables import LIVE
from tracker.state.record import Record

__all__ = ["NewUrl", "new_url", "run_sql", "store", "url"]

EVENTS = Path(__file__).parents[2] / "events"


class Log:
    """A log in memory, of which a source may show only a part."""

    def __init__(self, events: Sequence[Recorded]) -> None:
        self._events = events

    def events(self, after: int = 0, limit: int | None = None) -> Iterator[Recorded]:
        return iter([event for event in self._events if event.position > after][:limit])

    def max_position(self) -> int:
        return self._events[-1].position if self._events else 0


def fresh(new_url: NewUrl) -> str:
    """The URL of a database with neither store nor read model."""
    url = new_url()
    if not url.startswith("postgresql://"):
        run_sql(url, "PRAGMA journal_mode = WAL")
    return url


def dump(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    return {name: sorted(run_sql(url, f"SELECT * FROM {table.name}"), key=repr) for name, table in LIVE.tables.items()}


def drop(url: str, *names: str) -> None:
    """Drop tables of the read model, all of them unless named."""
    chosen = [table for name, table in LIVE.tables.items() if not names or name in names]
    run_sql(url, *(f"DROP TABLE IF EXISTS {table.name}" for table in chosen))


def assert_same(one: Record, other: Record) -> None:
    """The same to the last column and value."""
    assert list(one.entries) == list(other.entries)
    assert list(one.announcements.items()) == list(other.announcements.items())
    assert one.assertions.rows == other.assertions.rows
    assert one.assertions.tracks == other.assertions.tracks
    for name in ("track", "begins_earliest", "begins_latest", "ends_earliest", "ends_latest"):
        assert getattr(one.assertions, name).tolist() == getattr(other.assertions, name).tolist()
    for name in ("announced_from", "announced_to", "recorded_from", "recorded_to"):
        assert getattr(one.assertions, name).tolist() == getattr(other.assertions, name).tolist()
    assert one.assertions.track.dtype == other.assertions.track.dtype
    assert (one.tz, one.position) == (other.tz, other.position)


@pytest.fixture(scope="session")
def dataset() -> tuple[Registry, Sequence[Statement]]:
    """The real one."""
    files, problems = read_dataset(EVENTS)
    assert files is not None, problems
    return files.registry, files.statements
