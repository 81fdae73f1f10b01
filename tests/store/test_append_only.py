"""The database itself refuses to change what is stored."""

import sqlite3
from contextlib import closing

import psycopg
import pytest

from tests.store.conftest import run_sql
from tests.store.samples import announcement
from tracker.store.event_store import EventStore, open_store
from tracker.store.postgres import PostgresLog
from tracker.store.sqlite import SqliteLog
from tracker.store.url import PostgresAddress, SqliteAddress

CHANGES = [
    "UPDATE stored_events SET state = state",
    "UPDATE stored_events SET recorded_at = 1 WHERE topic = 'AnnouncementRecorded'",
    "DELETE FROM stored_events",
]


@pytest.mark.parametrize("change", CHANGES)
def test_events_cannot_be_updated_or_deleted(store: EventStore, url: str, change: str) -> None:
    store.record([announcement("a")])
    before = list(store.events())
    with pytest.raises((sqlite3.IntegrityError, psycopg.Error), match="never changed"):
        run_sql(url, change)
    assert list(store.events()) == before


def test_events_cannot_be_truncated(postgres_url: str) -> None:
    with open_store(postgres_url) as store:
        store.record([announcement("a")])
        with pytest.raises(psycopg.Error, match="never changed"):
            run_sql(postgres_url, "TRUNCATE stored_events")
        assert store.max_position() == 1


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
def test_events_cannot_be_replaced(store: EventStore, url: str) -> None:
    store.record([announcement("a")])
    before = list(store.events())
    columns = "rowid, originator_id, originator_version, topic, state, statement, digest, recorded_at"
    for change in (f"SELECT {columns}", f"SELECT {columns.replace('rowid', '99')}"):
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            run_sql(url, f"INSERT OR REPLACE INTO stored_events ({columns}) {change} FROM stored_events")
    assert list(store.events()) == before


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
def test_sqlite_is_durable(store: EventStore) -> None:
    assert isinstance(store.address, SqliteAddress)
    with closing(SqliteLog(store.address)) as log:
        assert log.select("PRAGMA journal_mode")[0]["journal_mode"] == "wal"
        assert log.select("PRAGMA synchronous")[0]["synchronous"] == 2  # FULL
        assert log.select("PRAGMA busy_timeout")[0]["timeout"] == 30_000
        [table] = log.select("SELECT sql FROM sqlite_master WHERE name = 'stored_events'")
    assert "AUTOINCREMENT" in table["sql"]


@pytest.mark.parametrize("new_url", ["postgres"], indirect=True)
def test_postgres_is_durable(store: EventStore, url: str) -> None:
    assert isinstance(store.address, PostgresAddress)
    names = ("synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout")
    with closing(PostgresLog(store.address)) as log:
        settings = [log.select(f"SELECT current_setting('{name}') AS value")[0]["value"] for name in names]
    assert settings == ["on", "30s", "1min"]
    assert run_sql(url, "SELECT 1 FROM pg_proc WHERE proname LIKE 'es_%'") == []
