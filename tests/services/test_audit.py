"""Evidence as the command line gives it: what `audit verify` looks at."""

from pathlib import Path

import pytest

from tests.store.conftest import run_sql
from tests.store.samples import announcement, registry
from tracker.cli.main import answer
from tracker.projections.refresh import refresh
from tracker.services import verification
from tracker.services.stores import refreshed
from tracker.store.event_store import open_store

ALL = ("log", "columns", "views", "definitions", "integrity_check")


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = str(tmp_path / "store.sqlite")
    with open_store(made) as store:
        store.load(registry(), [announcement("a"), announcement("b")])
        refreshed(made, store)
    return made


def test_verify_looks_at_the_log_and_at_all_that_answers_come_from(url: str) -> None:
    found = verification.verify(url)
    assert (found.intact, found.checks, found.skipped) == (True, ALL, ())
    assert found.columns_position == found.views_position == found.last_position
    assert verification.verify(url, log_only=True).checks == ("log",)


def test_an_entry_edited_in_its_table_is_named(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    run_sql(url, "UPDATE tracker_registry SET content = replace(content, 'prohibited', 'limited') WHERE id = 'closure'")
    assert answer(["--store", url, "audit", "verify", "--log-only"]) == 0
    assert answer(["--store", url, "audit", "verify"]) == 1
    assert "tracker_registry, measure, closure: the row was altered, its content" in capsys.readouterr().out


def test_tables_that_are_not_there_are_named_as_not_looked_at(url: str) -> None:
    run_sql(url, "UPDATE tracker_views_checkpoint SET version = 1", "DROP VIEW v_promise")
    found = verification.verify(url)
    assert found.intact
    assert "views" not in found.checks
    assert found.skipped[0].startswith("views: there are none of this version")


def test_tables_are_not_derived_from_a_log_that_is_not_intact(url: str) -> None:
    run_sql(url, "DROP TRIGGER merkle_leaves_no_update", "UPDATE merkle_leaves SET leaf = x'00' WHERE number = 11")
    found = verification.verify(url)
    assert [one.position for one in found.findings] == [12, None]
    assert found.skipped[0].startswith("columns, views: they are derived from the log")


def test_a_file_that_sqlite_finds_damaged_is_named(url: str) -> None:
    with open_store(url) as store:
        refresh(url, store)
    run_sql(
        url,
        "PRAGMA writable_schema = 1",
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE "
        "name = 'tracker_announcements_id') WHERE name = 'tracker_registry_kind_id'",
    )
    assert any("integrity_check of the file" in found.message for found in verification.verify(url).findings)
