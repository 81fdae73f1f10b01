"""Stores: where they are, and that questions and writers bring their tables up to the log."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker.model.errors import NewerStore
from tracker.projections.load import load
from tracker.projections.sql_views import refresh
from tracker.services import audit, records, stores

EVENTS = Path(__file__).parents[2] / "examples" / "fiordland"
NOW = datetime(2032, 1, 1, tzinfo=UTC)


def intervals(store: Path) -> int:
    with sqlite3.connect(store) as connection:
        found: int = connection.execute("SELECT count(*) FROM v_status_interval").fetchone()[0]
    connection.close()
    return found


def silence(_words: str) -> None:
    """Drop a note."""


def test_a_store_of_a_newer_schema_is_refused_by_questions_too(tmp_path: Path) -> None:
    store = tmp_path / "record.sqlite"
    records.load(str(store), EVENTS)
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE store_version SET version = version + 1")
    with pytest.raises(NewerStore, match="upgrade the tracker"):
        records.from_store(str(store), NOW, silence)
    with pytest.raises(NewerStore, match="upgrade the tracker"):
        load(str(store))


@pytest.mark.parametrize("mend", ["write", "rebuild", "serve"])
def test_views_that_a_crash_left_out_are_made_by_who_writes_or_serves_and_not_by_a_question(
    mend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "record.sqlite"
    with monkeypatch.context() as crash:
        crash.setattr(refresh, "derive", lambda _url: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            records.load(str(store), EVENTS)
    records.from_store(str(store), NOW, silence)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        intervals(store)
    mends: dict[str, Callable[[str], object]] = {
        "write": lambda url: records.load(url, EVENTS),
        "rebuild": records.rebuild,
        "serve": stores.bring_up_views,
    }
    mends[mend](str(store))
    assert intervals(store) > 0


def test_a_question_that_makes_tables_of_an_older_version_anew_makes_the_views_too(tmp_path: Path) -> None:
    store = tmp_path / "record.sqlite"
    records.load(str(store), EVENTS)
    before = intervals(store)
    with closing(sqlite3.connect(store)) as file, file:
        file.execute("UPDATE tracker_checkpoint SET version = version - 1")
    records.from_store(str(store), NOW, silence)
    assert intervals(store) == before


def test_columns_are_made_anew_without_the_views(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are derived from lanes and their histories, which takes minutes where there are many."""
    store = tmp_path / "record.sqlite"
    records.load(str(store), EVENTS)
    derived: list[str] = []
    monkeypatch.setattr(refresh, "derive", lambda url, **_how: derived.append(url))
    reached = records.rebuild(str(store), columns=True)
    assert derived == []
    assert records.rebuild(str(store)) == reached
    assert len(derived) == 1
    assert intervals(store) > 0


def test_a_restored_store_has_its_views(tmp_path: Path) -> None:
    store, other, archive = tmp_path / "one.sqlite", tmp_path / "two.sqlite", tmp_path / "log.jsonl.gz"
    records.load(str(store), EVENTS)
    audit.backup(str(store), archive)
    audit.restore(str(other), archive)
    assert intervals(other) == intervals(store) > 0


def test_an_up_to_date_store_is_only_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "record.sqlite"
    records.load(str(store), EVENTS)
    monkeypatch.setattr(stores, "open_for_writing", lambda _url: pytest.fail("opened to write"))
    assert records.from_store(str(store), NOW, silence).record.position > 0
