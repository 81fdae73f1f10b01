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
    """Run statements behind the store's back; the rows of the last one."""
    if url.startswith("postgresql://"):
        with psycopg.connect(url, autocommit=True) as server:
            for statement in statements:
                cursor = server.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
        for statement in statements:
            rows = file.execute(statement).fetchall()
        return rows
