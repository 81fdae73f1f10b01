"""The record as a Frictionless Data Package."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import frictionless
import pyarrow.parquet
import pytest

from tests.api.conftest import EVENTS
from tests.stores import log_length
from tracker.cli.main import answer
from tracker.services import records
from tracker.services.datapackage import write_package

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory, full_store: Path) -> Path:
    folder = tmp_path_factory.mktemp("package")
    assert answer(["--store", str(full_store), "export", "--datapackage", str(folder), "--as-of", "2025-10-28"]) == 0
    return folder


@pytest.mark.filterwarnings("ignore")
def test_frictionless_finds_it_valid(package: Path) -> None:
    report = frictionless.validate(str(package / "datapackage.json"))
    assert report.valid, report.flatten(["path", "rowNumber", "fieldName", "note"])
    assert report.stats["tasks"] == 14


def test_every_column_says_what_it_means(package: Path) -> None:
    described = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    assert described["licenses"]
    assert described["version"] == f"0.0.{log_length()}"
    for resource in described["resources"]:
        for field in resource.get("schema", {}).get("fields", ()):
            assert field["description"], f"{resource['name']}.{field['name']}"


def test_csv_and_parquet_hold_the_same(package: Path) -> None:
    for path in package.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        table = pyarrow.parquet.read_table(path.with_suffix(".parquet"))
        assert table.schema.names == header
        assert table.num_rows == len(rows) > 0


def test_it_can_be_written_again_over_itself(tmp_path: Path) -> None:
    asked, _ = records.from_files(EVENTS, NOW)
    clocks = asked.clocks("2025-10-28", None, None)
    first = {path: path.read_bytes() for path in write_package(asked.record, clocks, tmp_path / "new", NOW)}
    again = {path: path.read_bytes() for path in write_package(asked.record, clocks, tmp_path / "new", NOW)}
    assert first == again


def test_a_package_takes_no_table(tmp_path: Path) -> None:
    assert answer(["--events", str(EVENTS), "export", "state", "--datapackage", str(tmp_path)]) == 2
    assert answer(["--events", str(EVENTS), "export"]) == 2
