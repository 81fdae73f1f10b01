"""The views for SQL say what the questions say, in SQLite and PostgreSQL; and Datasette can read them."""

import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from datasette.app import Datasette

from tests.api.conftest import EVENTS, running
from tests.api.test_feeds import LIFTED
from tests.stores import log_length
from tracker.model.dates import BEGINNING, close_of, instant
from tracker.model.registry import Border, Corridor, Crossing
from tracker.projections.checkpoint import VIEWS
from tracker.projections.load import load
from tracker.projections.sql_views.refresh import derive
from tracker.queries.clocks import Clocks
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.services import records
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import lanes

SPAN = "valid_from valid_to uncertain announcement"
COLUMNS = {
    "v_status_interval": "subject kind mode traffic direction status severity otherwise valid_from valid_to uncertain "
    "cause_measure exceptions announcement",
    "v_measure_interval": f"measure title authority kind places state level limits {SPAN}",
    "v_promise": "pledge kind parties places text announced announcement due status ended ended_by lag_days",
    "v_announcement": "id announced parties speakers title summary verification effects publishers urls version "
    "version_kind retracted position recorded_at recorded_by digest",
}
PAGE = (EVENTS.parent / "docs" / "dashboards.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"```sql (sqlite|postgresql)\n(.*?)```", PAGE, re.DOTALL)
MACROS = {"$__timeFrom()": "timestamptz '2020-01-01'", "$__timeTo()": "timestamptz '2026-01-01'"}
Ask = Callable[[str], list[tuple[Any, ...]]]


def _sqlite(path: Path) -> Ask:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(path)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    return ask


def _postgres(url: str) -> Ask:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as connection:
            connection.execute("SET TIME ZONE 'UTC'")
            return connection.execute(sql.encode()).fetchall()

    return ask


def test_the_views_have_the_columns_that_are_documented(full_store: Path) -> None:
    assert set(COLUMNS) == set(VIEWS)
    connection = sqlite3.connect(full_store)
    for view, columns in COLUMNS.items():
        found = connection.execute(f"SELECT * FROM {view}")
        assert " ".join(each[0] for each in found.description) == columns
    connection.close()
    for view, columns in COLUMNS.items():
        assert f"`{view}`" in PAGE
        for column in columns.split():
            assert f"`{column}`" in PAGE, f"docs/dashboards.md does not say what {view}.{column} is"


def test_exceptions_are_the_restrictions_beside_the_status_on_any_of_its_days(full_store: Path) -> None:
    ask, view = _sqlite(full_store), load(str(full_store)).view
    rows = ask(
        "SELECT subject, mode, traffic, direction, valid_from, valid_to, exceptions FROM v_status_interval "
        "WHERE mode IS NOT NULL"
    )
    beside: dict[tuple[Any, ...], set[str]] = {}
    subjects = [*view.registry.borders.values(), *view.registry.crossings.values(), *view.registry.corridors.values()]
    for subject in subjects:
        assert isinstance(subject, Border | Crossing | Corridor)
        for lane in lanes(view.registry, subject):
            history = LaneHistory(view, lane)
            for at in history.points:
                name = (lane.subject, lane.mode.value, lane.traffic.value, lane.direction)
                begun = max(begin for begin in map(history.points.__getitem__, history.causal_runs()) if begin <= at)
                causes = history.verdict(at).exceptions
                beside.setdefault((*name, begun), set()).update(cause.measure for cause in causes if cause.measure)
    assert any(beside.values())
    for *row, begins, _, exceptions in rows:
        key = (*row, _instant(begins))
        assert set((exceptions or "").split()) == beside[key], key


def _instant(stamp: str | None) -> int:
    return BEGINNING if stamp is None else instant(datetime.fromisoformat(stamp).replace(tzinfo=UTC))


@pytest.mark.parametrize("day", ["1995-01-01", "2020-12-31", "2025-10-20", "2025-10-28", "2026-05-01"])
def test_the_status_on_a_day_is_that_of_the_question(day: str, full_store: Path) -> None:
    ask = _sqlite(full_store)
    record = load(str(full_store))
    at = f"strftime('%Y-%m-%d %H:%M:%f', {close_of(date.fromisoformat(day), record.tz) // 1_000_000}, 'unixepoch')"
    rows = ask(
        "SELECT subject, mode, traffic, direction, status FROM v_status_interval WHERE kind != 'instrument' "
        f"AND (valid_from IS NULL OR valid_from <= {at}) AND (valid_to IS NULL OR valid_to > {at})"
    )
    answers = state(record, Clocks(close_of(date.fromisoformat(day), record.tz)), Selection())
    lanes = {
        (answer.subject, lane.mode.value, lane.traffic.value, lane.direction): lane.status.value
        for answer in answers
        for lane in getattr(answer, "lanes", ())
    }
    assert {row[:4]: row[4] for row in rows} == lanes
    assert len(rows) == len(lanes)


def test_intervals_of_a_lane_follow_each_other(full_store: Path) -> None:
    rows = _sqlite(full_store)(
        "SELECT subject, mode, traffic, direction, valid_from, valid_to FROM v_status_interval WHERE mode IS NOT NULL "
        "ORDER BY subject, mode, traffic, direction, valid_from"
    )
    for before, after in pairwise(rows):
        if before[:4] == after[:4]:
            assert before[5] == after[4]
        else:
            assert (before[5], after[4]) == (None, None)


def test_both_databases_show_the_same(full_store: Path, postgres_url: str) -> None:
    records.load(postgres_url, EVENTS)
    one, other = _sqlite(full_store), _postgres(postgres_url)
    for view in VIEWS:
        columns = [each for each in COLUMNS[view].split() if each != "recorded_at"]
        sql = f"SELECT {', '.join(columns)} FROM {view}"
        assert sorted(map(_plain, one(sql))) == sorted(map(_plain, other(sql))), view


def _plain(row: tuple[Any, ...]) -> list[str]:
    return [str(int(each) if isinstance(each, bool) else each)[:19].removesuffix("+00:00") for each in row]


def test_views_keep_up_with_what_is_recorded(own_store: Path, tmp_path: Path) -> None:
    ask = _sqlite(own_store)
    [(before,)] = ask("SELECT count(*) FROM v_announcement")
    question = "SELECT state FROM v_measure_interval WHERE measure = 'tr-closure-1993' ORDER BY valid_from DESC LIMIT 1"
    assert ask(question) == [("in-force",)]
    (tmp_path / "turkey-opens.toml").write_text(LIFTED, encoding="utf-8")
    records.record(str(own_store), [tmp_path / "turkey-opens.toml"])
    assert ask(question) == [("lifted",)]
    assert ask("SELECT count(*) FROM v_announcement") == [(before + 1,)]
    assert not derive(str(own_store))


def test_a_rebuild_leaves_the_views_as_they_were(own_store: Path) -> None:
    ask = _sqlite(own_store)
    before = [ask(f"SELECT * FROM {view}") for view in VIEWS]
    records.rebuild(str(own_store))
    assert [ask(f"SELECT * FROM {view}") for view in VIEWS] == before


def test_views_that_are_gone_are_made_again(own_store: Path) -> None:
    connection = sqlite3.connect(own_store)
    connection.execute("DROP VIEW v_promise")
    connection.commit()
    connection.close()
    assert derive(str(own_store))
    assert _sqlite(own_store)("SELECT count(*) FROM v_promise")[0][0] > 50


def test_postgres_tables_of_an_older_version_can_be_dropped_under_the_views(postgres_url: str) -> None:
    records.load(postgres_url, EVENTS)
    with psycopg.connect(postgres_url) as connection:
        connection.execute("UPDATE tracker_checkpoint SET version = version - 1")
    assert records.rebuild(postgres_url) == log_length()
    assert _postgres(postgres_url)("SELECT count(*) FROM v_announcement")[0][0] > 300


@pytest.mark.parametrize("sql", [sql for database, sql in RECIPES if database == "sqlite"])
def test_recipes_run_on_sqlite(sql: str, full_store: Path) -> None:
    assert _sqlite(full_store)(sql)


def test_recipes_run_on_postgresql(postgres_url: str) -> None:
    records.load(postgres_url, EVENTS)
    for sql in (sql for database, sql in RECIPES if database == "postgresql"):
        for macro, meaning in MACROS.items():
            sql = sql.replace(macro, meaning)
        assert _postgres(postgres_url)(sql), sql


@pytest.mark.filterwarnings("ignore")
def test_datasette_reads_the_views_over_http(full_store: Path) -> None:
    sql = "SELECT status, valid_from, announcement FROM v_status_interval WHERE subject = :subject AND mode = 'rail'"
    with running(Datasette([str(full_store)]).app()) as client:
        asked = {"sql": sql, "subject": "ru-az-ge-am", "_shape": "array"}
        rows = client.get("/record.json", params=asked)
        table = client.get("/record/v_promise.json?status=overdue&_shape=array&_size=3")
        page = client.get("/record/v_announcement")
    assert rows.status_code == table.status_code == page.status_code == 200
    assert "aliyev-lifts-transit-to-armenia" in {row["announcement"] for row in rows.json()}
    assert [row["status"] for row in table.json()] == ["overdue"] * 3
