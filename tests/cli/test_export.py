"""`tracker export`: flat tables that programs and spreadsheets can read."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet
import pytest

from tests.cli.conftest import Run
from tracker.queries.tabular import harmless

TABLES = ("state", "history", "announcements")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_a_row_for_each_lane_measure_and_text(run_cli: Run) -> None:
    rows = rows_of(run_cli("export", "state", "--as-of", "2030-06-01").out)
    assert len(rows) == 8 + 4 + 2 + 2 + 1
    bridge = next(row for row in rows if row["subject"] == "bridge")
    assert (bridge["mode"], bridge["direction"], bridge["status"]) == ("road", "north>south", "closed")
    assert (bridge["since_earliest"], bridge["since_latest"]) == ("2030-01-01", "2030-01-01")


def test_csv_follows_the_rfc(run_cli: Run) -> None:
    raw = run_cli("export", "announcements").raw
    assert raw.count(b"\r\n") == 3
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_no_cell_is_a_formula(run_cli: Run) -> None:
    rows = rows_of(run_cli("export", "announcements").out)
    assert rows[0]["titles"] == "'=Closed"
    assert [harmless(cell) for cell in ("=1", "+1", "-1", "@x", "\tx", "x=1", 3, None)] == [
        "'=1", "'+1", "'-1", "'@x", "'\tx", "x=1", 3, None,
    ]  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_the_three_formats_say_the_same(run_cli: Run, tmp_path: Path, table: str) -> None:
    as_json = json.loads(run_cli("export", table, "--format", "json").out)
    as_csv = rows_of(run_cli("export", table).out)
    out = tmp_path / "table.parquet"
    ran = run_cli("export", table, "--format", "parquet", "--out", str(out))
    assert (ran.code, ran.out) == (0, "")
    as_parquet = pyarrow.parquet.read_table(out).to_pylist()
    for row in (*as_json, *as_csv, *as_parquet):
        row.pop("recorded_at", None)  # files are recorded anew by each command
    assert as_parquet == as_json
    assert [list(row) for row in as_csv] == [list(row) for row in as_json]
    for flat, row in zip(as_csv, as_json, strict=True):
        assert flat == {name: "" if value is None else str(harmless(value)) for name, value in row.items()}


def test_parquet_goes_through_a_pipe(run_cli: Run) -> None:
    raw = run_cli("export", "history", "--format", "parquet").raw
    assert pyarrow.parquet.read_table(io.BytesIO(raw)).num_rows > 0


def test_a_file_is_written_whole_or_not_at_all(run_cli: Run, tmp_path: Path) -> None:
    ran = run_cli("export", "state", "--out", str(tmp_path / "nowhere" / "table.csv"))
    assert ran.code == 3
    assert ran.err.startswith("tracker: ")
    out = tmp_path / "table.csv"
    assert run_cli("export", "state", "--out", str(out)).code == 0
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["table.csv"]
