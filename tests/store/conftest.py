"""Every test of a store runs on an SQLite file and on a PostgreSQL database."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tracker.store.event_store import EventStore, open_store

NewUrl = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgres"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Makes the URL of an empty store at each call."""
    if request.param == "postgres":
        make: NewUrl = request.getfixturevalue("new_postgres_url")
        return make
    numbers = count()
    return lambda: f"sqlite:///{tmp_path}/store{next(numbers)}.sqlite"


@pytest.fixture
def url(new_url: NewUrl) -> str:
    return new_url()


@pytest.fixture
def store(url: str) -> Iterator[EventStore]:
    with open_store(url) as opened:
        yield opened


def run_sql(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements by other means than the tracker; returns the rows of the last one."""
    if url.startswith("postgresql://"):
        with psycopg.connect(url, autocommit=True) as server:
            for statement in statements:
                cursor = server.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
        for statement in statements:
            rows = file.execute(statement).fetchall()
        return rows


def without_guards(url: str) -> None:
    """Disable the triggers, as an attacker with all rights in the database would."""
    if url.startswith("postgresql://"):
        tables = ("stored_events", "merkle_leaves", "merkle_nodes")
        run_sql(url, *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in tables))
        run_sql(url, "ALTER TABLE stored_events ALTER notification_id DROP IDENTITY")
    else:
        names = run_sql(url, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        run_sql(url, *(f"DROP TRIGGER {name}" for (name,) in names))


def back_to_version_1(url: str) -> None:
    """Turn a store into one of version 1, which had no leaves."""
    if url.startswith("postgresql://"):
        run_sql(url, "DROP FUNCTION merkle_refuse CASCADE")
    run_sql(url, "DROP INDEX stored_events_drafts", "DROP TABLE writer_tokens", "DROP TABLE idempotency_keys")
    run_sql(url, "DROP TABLE merkle_leaves", "DROP TABLE merkle_nodes", "UPDATE store_version SET version = 1")
