"""Every test of the read model runs on an SQLite file and on a PostgreSQL database."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.store.conftest import NewUrl, new_url, run_sql, store, url
from tracker.dataset.reader import read_dataset
from tracker.model.announcement import Statement
from tracker.model.dates import instant
from tracker.model.events import AnyEvent, Recorded, StatementEvent
from tracker.model.registry import Registry
from tracker.projections.writer import METADATA
from tracker.state.record import Record
from tracker.store.codec import Mapper
from tracker.store.database import Stored
from tracker.store.load_plan import stream_and_statement
from tracker.store.streams import announcement_stream
from tracker.timeline.serialisation import pack
from tracker.timeline.versions import concerns

__all__ = ["NewUrl", "new_url", "run_sql", "store", "url"]

EVENTS = Path(__file__).parents[2] / "events"


class Log:
    """A log in memory, of which a source may show only a part."""

    def __init__(self, events: Sequence[Recorded]) -> None:
        self._events = events

    def stored(self, after: int, limit: int) -> Sequence[Stored]:
        return [_stored(*found) for found in self._events if found.position > after][:limit]

    def max_position(self) -> int:
        return self._events[-1].position if self._events else 0


def _stored(position: int, event: AnyEvent) -> Stored:
    _, statement = stream_and_statement(event)
    return Stored(position, event.type, statement, Mapper().state(event))


def put(url: str, events: Sequence[Recorded]) -> Log:
    """A log in memory that stands in the database, too: there the histories of announcements are read."""
    postgres = url.startswith("postgresql://")
    kinds = ("bigint", "uuid", "bytea", "bigint") if postgres else ("INTEGER", "TEXT", "BLOB", "INTEGER")
    columns = "position {}, type TEXT, stream {}, state {}, recorded_at {}, statement TEXT, digest TEXT"
    table = f"CREATE TABLE IF NOT EXISTS event_log ({columns.format(*kinds)})"
    rows = []
    for position, event in events:
        if isinstance(event, StatementEvent):
            stream, state = announcement_stream(concerns(event)), Mapper().state(event).hex()
            mark, data = (str(stream), f"'\\x{state}'") if postgres else (stream.hex, f"X'{state}'")
            said = f"{instant(event.recorded_at)}, '{stream_and_statement(event)[1]}', '{event.digest}'"
            rows.append(f"INSERT INTO event_log VALUES ({position}, '{event.type}', '{mark}', {data}, {said})")
    run_sql(url, table, "DELETE FROM event_log", *rows)
    return Log(events)


def fresh(new_url: NewUrl) -> str:
    """The URL of a database with neither store nor read model."""
    url = new_url()
    if not url.startswith("postgresql://"):
        run_sql(url, "PRAGMA journal_mode = WAL")
    put(url, [])
    return url


def dump(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of the read model."""
    return {name: sorted(run_sql(url, f"SELECT * FROM {name}"), key=repr) for name in sorted(METADATA.tables)}


def drop(url: str, *names: str) -> None:
    """Drop tables of the read model, all of them unless named."""
    more = " CASCADE" if url.startswith("postgresql://") else ""
    run_sql(url, *(f"DROP TABLE IF EXISTS {name}{more}" for name in names or METADATA.tables))


def assert_same(one: Record, other: Record) -> None:
    """The same to the last column and value."""
    assert list(one.announcements.items()) == list(other.announcements.items())
    assert_same_tables(one, other)


def assert_same_tables(one: Record, other: Record) -> None:
    """What comes from the tables, and not from the log itself."""
    assert list(one.registry().subjects()) == list(other.registry().subjects())
    assert [entry[:3] for entry in one.entries] == [entry[:3] for entry in other.entries]
    assert {key: sorted(each) for key, each in one.denying.items()} == {
        key: sorted(each) for key, each in other.denying.items()
    }
    assert list(pack(one.assertions)) == list(pack(other.assertions))
    assert (one.tz, one.position) == (other.tz, other.position)


@pytest.fixture(scope="session")
def dataset() -> tuple[Registry, Sequence[Statement]]:
    """The real one."""
    files, problems = read_dataset(EVENTS)
    assert files is not None, problems
    return files.registry, files.statements
