"""Parts: every assertion once, each track whole in one file, in the order; all of them or nothing."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from tests.scale.histories import batch_of
from tracker.model.dates import FOREVER, instant
from tracker.model.errors import BadRequest, TrackerError
from tracker.scale.parts import SCHEMA, part_of, parts_in, write_parts

STORED = datetime(2040, 1, 1, tzinfo=UTC)


def row(number: int, track: int) -> Sequence[object]:
    knowledge = (number, FOREVER, number, FOREVER)
    return (f"measure:m{track}", number, 0, f"a{number}", 0, "in-force", None, 0, 0, FOREVER, FOREVER, *knowledge)


def some(count: int = 1000, tracks: int = 30) -> list[Sequence[object]]:
    return [row(number, number * 7919 % tracks) for number in range(count)]


def written(folder: Path, rows: Sequence[Sequence[object]], parts: int, batch: int = 64, **limits: int) -> int:
    batches = (batch_of(rows[start : start + batch]) for start in range(0, len(rows), batch))
    log = [(position, instant(STORED) + position) for position in range(1, 11)]
    return write_parts(batches, log, "+04:00", 10, folder=folder, parts=parts, **limits)


@pytest.mark.parametrize("parts", [1, 4, 64])
def test_every_row_is_in_the_part_of_its_track_in_its_order(tmp_path: Path, parts: int) -> None:
    rows = some()
    assert written(tmp_path / "out", rows, parts) == len(rows)
    found = parts_in(tmp_path / "out")
    assert (len(found.files), found.timezone, found.position) == (parts, "+04:00", 10)
    for number, file in enumerate(found.files):
        expected = [each for each in rows if part_of(str(each[0]), parts) == number]
        assert [tuple(each.values()) for each in parquet.read_table(file).to_pylist()] == expected


def test_small_row_groups_hold_the_same(tmp_path: Path) -> None:
    written(tmp_path / "out", some(), 4, buffered_rows=100)
    file = parquet.ParquetFile(parts_in(tmp_path / "out").files[0])
    assert file.num_row_groups > 3
    assert file.schema_arrow.names == SCHEMA.names


def test_positions_are_found_by_timestamp(tmp_path: Path) -> None:
    written(tmp_path / "out", some(), 2)
    found = parts_in(tmp_path / "out")
    assert found.position_at(STORED) == 0
    assert found.position_at(STORED.replace(microsecond=4)) == 4
    assert found.position_at(STORED.replace(year=2050)) == 10


def test_a_folder_in_use_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(BadRequest, match="is not empty"):
        written(tmp_path / "out", some(), 2)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_what_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield batch_of(some(10))
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        write_parts(broken(), [], "UTC", 10, folder=tmp_path / "out", parts=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("parts", [0, -1, 100_000])
def test_a_number_of_parts_is_from_one_to_many(tmp_path: Path, parts: int) -> None:
    with pytest.raises(BadRequest, match="from 1 to"):
        written(tmp_path / "out", some(10), parts)


def test_parts_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="has no parts"):
        parts_in(tmp_path)
    written(tmp_path / "out", some(), 3)
    files = parts_in(tmp_path / "out").files
    content = files[1].read_bytes()
    files[1].unlink()
    with pytest.raises(TrackerError, match="the 3 parts of one export"):
        parts_in(tmp_path / "out")
    files[1].write_bytes(content[: len(content) // 2])
    with pytest.raises(TrackerError, match="not a whole Parquet file"):
        parts_in(tmp_path / "out")
    parquet.write_table(pa.table({"a": [1]}), files[1])
    with pytest.raises(TrackerError, match="does not say which part"):
        parts_in(tmp_path / "out")
    files[1].write_bytes(files[0].read_bytes())
    with pytest.raises(TrackerError, match="the 3 parts of one export"):
        parts_in(tmp_path / "out")
