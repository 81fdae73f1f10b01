"""The way back: the same record as from the log, and nothing heavy on the way."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from tests.projections import samples
from tests.projections.conftest import NewUrl, assert_same, dump, run_sql
from tests.store.samples import announcement, registry
from tracker.model.announcement import Statement
from tracker.model.errors import BadRequest
from tracker.model.registry import Registry
from tracker.projections.checkpoint import NotRefreshed
from tracker.projections.load import is_current, load
from tracker.projections.refresh import rebuild, refresh
from tracker.queries.clocks import Clocks, clocks
from tracker.queries.state import state
from tracker.state.fold import fold
from tracker.state.record import Record
from tracker.store.errors import StoreUnavailable
from tracker.store.event_store import EventStore, open_store

CLOCKS = (("2020-12-31", None), ("2025-03-25", None), ("2025-10-25", "2025-10-25"), ("2026-04-02", None))


def clocks_of(record: Record, as_of: str, announced_by: str | None) -> Clocks:
    return clocks(as_of, announced_by, None, tz=record.tz, today=lambda: date(2026, 7, 1), position_at=lambda _: 0)


def test_the_real_record_gives_the_same_answers(
    url: str, store: EventStore, dataset: tuple[Registry, Sequence[Statement]]
) -> None:
    store.load(*dataset)
    assert refresh(url, store) == store.max_position()
    loaded, read = load(url), fold(store.events())
    assert_same(loaded, read)
    for as_of, announced_by in CLOCKS:
        asked = clocks_of(read, as_of, announced_by)
        assert state(loaded, asked) == state(read, asked)
    refreshed = dump(url)
    rebuild(url, store)
    assert dump(url) == refreshed


def test_what_is_new_in_the_log_is_seen(url: str, store: EventStore) -> None:
    assert not is_current(url)
    with pytest.raises(NotRefreshed):
        load(url)
    for statement in (None, *samples.statements()):
        store.load(registry(), [statement] if statement else [])
        assert not is_current(url)
        refresh(url, store)
        assert is_current(url)
        assert_same(load(url), fold(store.events()))


def test_tables_that_cannot_be_read_are_refused_in_words(url: str, store: EventStore) -> None:
    store.load(registry(), [announcement("a")])
    refresh(url, store)
    run_sql(url, "DELETE FROM tracker_segments WHERE name = 'order.ranks'")
    with pytest.raises(NotRefreshed, match="rebuild it"):
        load(url)


def test_a_cold_load_imports_no_more_than_a_driver(tmp_path: Path) -> None:
    heavy = {"sqlalchemy", "eventsourcing", "psycopg"}
    program = f"""
import sys
from tracker.projections.load import is_current, load
print(is_current(sys.argv[1]), sorted({heavy} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "none.sqlite")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False []\n"


def test_a_server_that_is_not_there_is_an_error_in_words() -> None:
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1") as error:
        is_current("postgresql://someone:secret@127.0.0.1:1/nothing")
    assert "secret" not in str(error.value)


def test_a_url_that_is_none_is_an_error_in_words() -> None:
    with pytest.raises(BadRequest) as error:
        load("postgresql://someone:secret@host/base?what=ever")
    assert "secret" not in str(error.value)


def test_a_file_that_is_no_database_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "odd.sqlite").write_text("not a database, and longer than a header would be" * 10)
    with pytest.raises(StoreUnavailable, match="not an SQLite database"):
        is_current(str(tmp_path / "odd.sqlite"))


def test_a_file_with_an_odd_name_is_found(tmp_path: Path) -> None:
    url = str(tmp_path / "odd %20#name.sqlite")
    with open_store(url) as store:
        store.load(registry(), [])
        refresh(url, store)
    assert is_current(url)
    assert load(url).position == 10


def test_readers_do_not_write(new_url: NewUrl) -> None:
    url = new_url()
    if url.startswith("postgresql://"):
        assert not is_current(url)
        assert run_sql(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
