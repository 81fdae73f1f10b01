"""The rule of time as docs/scale.md writes it in SQL: its very text, on three engines, against the columns."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.conftest import EVENTS, run
from tests.scale.histories import question, rows_of, table_of
from tests.timeline.histories import a_day, logs
from tracker.model.events import Recorded
from tracker.scale.parts import SCHEMA
from tracker.scale.states import StatesQuestion, states
from tracker.services import records
from tracker.timeline.assertions import value_of

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
BLOCKS = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
EXPORTED = next(block for block in BLOCKS if "read_parquet" in block)
RULE = next(block for block in BLOCKS if "AS known" in block)
UNCERTAIN = next(block for block in BLOCKS if "AS possible" in block)
CLOCK = st.integers(-2, 100).map(a_day)

Engine = Callable[[Sequence[Sequence[object]], str, StatesQuestion], set[tuple[Any, ...]]]


def written(sql: str, asked: StatesQuestion) -> str:
    """With the clocks in their places, as `psql` and others write them in."""
    clocks = {"as_of": asked.at, "announced_by": asked.known.announced_by, "recorded_by": asked.known.recorded_by}
    return re.sub(r":(as_of|announced_by|recorded_by)\b", lambda name: str(clocks[name[1]]), sql)


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Engine]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE tracker_assertions ({', '.join(SCHEMA.names)})")
        yield lambda rows, sql, asked: _asked(connection, "?", rows, written(sql, asked))


@pytest.fixture(scope="module")
def duck() -> Iterator[Engine]:
    with closing(duckdb.connect()) as connection:

        def ask(rows: Sequence[Sequence[object]], sql: str, asked: StatesQuestion) -> set[tuple[Any, ...]]:
            connection.register("tracker_assertions", table_of(rows))
            return set(connection.execute(written(sql, asked)).fetchall())

        yield ask


@pytest.fixture(scope="module")
def postgres(postgres_server: Any) -> Iterator[Engine]:
    types = {"string": 'TEXT COLLATE "C"', "int64": "BIGINT", "int32": "INTEGER"}
    columns = ", ".join(f"{field.name} {types[str(field.type)]}" for field in SCHEMA)
    with psycopg.connect(postgres_server.new_database()) as connection:
        connection.execute(f"CREATE TEMPORARY TABLE tracker_assertions ({columns})".encode())
        yield lambda rows, sql, asked: _asked(connection.cursor(), "%s", rows, written(sql, asked).encode())


def _asked(connection: Any, mark: str, rows: Sequence[Sequence[object]], sql: str | bytes) -> set[tuple[Any, ...]]:
    connection.execute("DELETE FROM tracker_assertions")
    connection.executemany(f"INSERT INTO tracker_assertions VALUES ({', '.join([mark] * len(SCHEMA))})", rows)
    return set(connection.execute(sql).fetchall())


@pytest.mark.parametrize("name", ["sqlite", "duck", "postgres"])
def test_the_text_of_the_page_gives_the_programs_answer(name: str, request: pytest.FixtureRequest) -> None:
    engine: Engine = request.getfixturevalue(name)

    @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
    @given(log=logs(), day=CLOCK, announced_by=CLOCK, data=st.data())
    def law(log: list[Recorded], day: date, announced_by: date, data: st.DataObject) -> None:
        asked = question(day, announced_by, data.draw(st.integers(0, len(log) + 1)))
        rows = rows_of(log)
        answer = states(table_of(rows), asked).to_pylist()
        decided = [row for row in answer if row["announcement"] is not None]
        cells = ("track", "value", "announcement", "effect")
        assert engine(rows, RULE, asked) == {tuple(row[cell] for cell in cells) for row in decided}
        assert {row[0] for row in engine(rows, UNCERTAIN, asked)} == {
            row["track"] for row in answer if row["uncertain"]
        }

    law()


def test_the_text_of_the_page_reads_an_export(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    ran = run("--events", str(EVENTS), "export", "--format", "parquet", "assertions", "--parts", "3", str(folder))
    assert ran.code == 0, ran.err
    view = records.from_files(EVENTS, datetime.now(UTC))[0].record.view
    asked = question(date(2025, 10, 28), date(9999, 1, 1), 2**62 - 1)
    deciding = [view.row(row) for row in view.winners(asked.at) if row >= 0]
    with closing(duckdb.connect()) as connection:
        connection.execute(EXPORTED.replace("DIR", str(folder)))
        found = set(connection.execute(written(RULE, asked)).fetchall())
    assert found == {(row.track, value_of(row.effect), row.announcement, row.index) for row in deciding}
