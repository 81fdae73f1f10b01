"""`tracker export … assertions` and `tracker states-at-scale`: the same answers, whoever does the work."""

import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from tests.cli.conftest import EVENTS, run
from tracker.model.dates import close_of
from tracker.model.errors import TrackerError
from tracker.projections.load import opened
from tracker.scale import spark
from tracker.scale.parts import batches_of, parts_in
from tracker.scale.work import total
from tracker.services import records
from tracker.services.parts import Engine, PartsQuestion

pytestmark = pytest.mark.slow

DAY = "2025-10-28"


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole record in three parts, straight from its files."""
    folder = tmp_path_factory.mktemp("parts") / "out"
    ran = run("--events", str(EVENTS), "export", "--format", "parquet", "assertions", "--parts", "3", str(folder))
    assert ran.code == 0, ran.err
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("store") / "record.sqlite")
    assert run("--store", path, "load", str(EVENTS)).code == 0
    return path


def answers(folder: Path) -> list[dict[str, object]]:
    rows = [row for file in sorted(folder.glob("states-*.parquet")) for row in parquet.read_table(file).to_pylist()]
    return sorted(rows, key=lambda row: str(row["track"]))


def test_the_states_are_those_that_the_program_gives(parts: Path, tmp_path: Path) -> None:
    ran = run("states-at-scale", str(parts), "--as-of", DAY, "--out", str(tmp_path / "out"), "--json")
    assert ran.code == 0, ran.err
    record = records.from_files(EVENTS, datetime.now(UTC))[0].record
    at = close_of(date.fromisoformat(DAY), record.tz)
    rows = [record.view.row(row) for row in record.view.winners(at) if row >= 0]
    expected = {row.track: (row.announcement, row.index) for row in rows}
    found = answers(tmp_path / "out")
    assert {row["track"]: (row["announcement"], row["effect"]) for row in found if row["value"] is not None} == expected
    assert (ran.json["tracks"], ran.json["decided"], ran.json["parts"]) == (len(found), len(expected), 3)
    assert ran.json["assertions"] == len(record.assertions)


def test_processes_give_what_one_gives(parts: Path, tmp_path: Path) -> None:
    for workers in ("1", "2"):
        out = tmp_path / workers
        ran = run("states-at-scale", str(parts), "--as-of", DAY, "--workers", workers, "--out", str(out), "--json")
        assert ran.code == 0, ran.err
    assert answers(tmp_path / "1") == answers(tmp_path / "2")


def counted(folder: Path) -> Any:
    asked = ("--as-of", DAY, "--announced-by", "2025-10-26", "--workers", "1", "--json")
    ran = run("states-at-scale", str(folder), *asked)
    assert ran.code == 0, ran.err
    return ran.json


def test_a_store_gives_what_files_give(parts: Path, store: str, tmp_path: Path) -> None:
    assert exported(store, tmp_path / "out") == 5
    from_store, from_files = counted(tmp_path / "out"), counted(parts)
    assert (from_store.pop("parts"), from_files.pop("parts")) == (5, 3)
    assert from_store == from_files


def test_a_server_in_small_batches_gives_what_a_file_gives(store: str, postgres_url: str) -> None:
    assert run("--store", postgres_url, "load", str(EVENTS)).code == 0
    with opened(postgres_url) as server, opened(store) as file:
        small, whole = batches_of(server.assertions, batch_rows=7), batches_of(file.assertions)
        assert pa.Table.from_batches(small).equals(pa.Table.from_batches(whole))


def exported(store: str, folder: Path) -> int:
    """How many parts there are."""
    ran = run("--store", store, "export", "--format", "parquet", "assertions", "--parts", "5", str(folder))
    assert ran.code == 0, ran.err
    return len(parts_in(folder).files)


def test_record_time_is_asked_by_position_or_by_date(parts: Path) -> None:
    def decided(*clock: str) -> object:
        return run("states-at-scale", str(parts), "--as-of", DAY, "--workers", "1", *clock, "--json").json["decided"]

    assert decided("--recorded-by", "0") == decided("--recorded-by", "1999-01-01") == 0
    assert decided() == decided("--recorded-by", "2999-01-01")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--engine", "abacus"], "write one of local, spark"),
        (["--as-of", "soon"], "is not a date"),
        (["--master", "spark://x:1"], "--master for Spark"),
        (["--engine", "spark", "--workers", "2"], "--workers is for the local engine"),
    ],
)
def test_a_question_that_cannot_be_is_refused(parts: Path, args: list[str], words: str) -> None:
    ran = run("states-at-scale", str(parts), *args)
    assert (ran.code, words in ran.err) == (2, True), ran.err


@pytest.mark.parametrize(
    "args",
    [["assertions", "x"], ["--format", "parquet", "assertions"], ["state", "x"], ["state", "--parts", "2"],
     ["--format", "parquet", "assertions", "x", "--as-of", DAY]],
)  # fmt: skip
def test_assertions_go_whole_as_parquet_into_a_folder(args: list[str]) -> None:
    ran = run("--events", str(EVENTS), "export", *args)
    assert ran.code == 2
    assert "tracker export --format parquet assertions --parts N DIR" in ran.err


def test_without_spark_the_error_says_how_to_get_it(parts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    ran = run("states-at-scale", str(parts), "--engine", "spark")
    assert ran.code == 3
    assert 'pip install "policy-timeline-tracker[spark]"' in ran.err


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_spark_gives_what_processes_give(parts: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed: not tried on Spark")
    if shutil.which("java") is None:
        pytest.skip("no Java runtime on this machine: not tried on Spark")
    asked = PartsQuestion.of(parts, DAY, None, None, date.fromisoformat(DAY))
    here = total(asked.on(Engine.LOCAL, tmp_path / "here", workers=1, master=None))
    there = total(asked.on(Engine.SPARK, tmp_path / "there", workers=None, master="local[2]"))
    assert there == here
    assert answers(tmp_path / "there") == answers(tmp_path / "here")
    with pytest.raises(TrackerError, match="Spark did not start"), spark.session("nonsense://"):
        pass
