"""Assertions as Parquet in parts: the part of a track follows from its name, and its rows stand together there."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from tracker.model.dates import Instant, instant
from tracker.model.errors import BadRequest, TrackerError
from tracker.timeline.assertion_table import Assertions, read_value
from tracker.timeline.assertions import value_of
from tracker.timeline.columns import TIMES, Ranked

EDGES = (
    "valid_from_earliest", "valid_from_latest", "valid_to_earliest", "valid_to_latest",
    "announced_from", "announced_to", "recorded_from", "recorded_to",
)  # fmt: skip
SCHEMA = pa.schema(
    [
        ("track", pa.string()),
        ("order_instant", pa.int64()),
        ("place", pa.int32()),  # among those of one instant, before announcement and effect
        ("announcement", pa.string()),
        ("effect", pa.int32()),
        ("value", pa.string()),
        *((name, pa.int64()) for name in EDGES),
    ]
)
RECORDED = pa.schema([("position", pa.int64()), ("recorded_at", pa.int64())])

MAX_PARTS = 4096
MAX_BATCH_ROWS = 65_536
MAX_BUFFERED_ROWS = 2_000_000  # in memory, of all parts together
_ROWS_PER_GROUP = 250_000  # where that is fewer than the buffered rows allow
_ABOUT = b"tracker"  # the key of a part's metadata: part, parts, time zone, position
_LOG = "recorded_at.parquet"


@dataclass(frozen=True)
class Parts:
    """A folder of parts that belong together."""

    folder: Path
    files: tuple[Path, ...]  # by number
    timezone: str
    position: int  # of the last event of the log that is in them

    def position_at(self, at: datetime) -> int:
        """The last position recorded by a timestamp, 0 before the first."""
        table = parquet.read_table(self.folder / _LOG)
        before = np.flatnonzero(table["recorded_at"].to_numpy() <= instant(at.astimezone(UTC)))
        return int(table["position"].to_numpy()[before].max()) if len(before) else 0


def part_of(track: str, parts: int) -> int:
    """The number of the part that holds a track, on any machine."""
    return crc32(track.encode()) % parts


def batches_of(assertions: Assertions, batch_rows: int = MAX_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """All assertions in the columns of `SCHEMA`, by track and then in the order of §5, some rows at a time."""
    track = pa.array(assertions.tracks, pa.string())
    announcement = pa.array(assertions.announcements, pa.string())
    value = pa.array([value_of(read_value(text, "")) for text in assertions.values], pa.string())
    for start in range(0, len(assertions), batch_rows):
        rows = slice(start, start + batch_rows)
        columns = [
            track.take(pa.array(assertions.track[rows])),
            _instants(assertions.order, rows),
            pa.array(assertions.place[rows].astype(np.int32)),
            announcement.take(pa.array(assertions.announcement[rows])),
            pa.array(assertions.effect_number[rows].astype(np.int32)),
            value.take(pa.array(assertions.value[rows])),
            *(_instants(getattr(assertions, name), rows) for name in TIMES),
        ]
        yield pa.record_batch(columns, SCHEMA)


def _instants(column: Ranked, rows: slice) -> pa.Array:
    return pa.array(column.values[column.ranks[rows]])


def write_parts(
    batches: Iterable[pa.RecordBatch],
    log: Iterable[tuple[int, Instant]],
    timezone: str,
    position: int,
    *,
    folder: Path,
    parts: int,
    buffered_rows: int = MAX_BUFFERED_ROWS,
) -> int:
    """Write assertions, which come by track and then in the order of §5, into a folder: all of them or nothing.

    Args: log: when each position was recorded; position: the last one that is in them;
        buffered_rows: how many rows are kept in memory, of all parts together.
    Returns: how many assertions.
    Raises: BadRequest where the folder is in use, OSError.
    """
    if not 1 <= parts <= MAX_PARTS:
        raise BadRequest(f"--parts {parts} is not a number of parts: write one from 1 to {MAX_PARTS}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadRequest(
            f"{folder} is not empty: name a folder that is not there yet, so that no older part is left in it"
        )
    beside = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        beside.mkdir(parents=True)
        written = _write(batches, beside, parts, {"timezone": timezone, "position": str(position)}, buffered_rows)
        _write_log(log, beside / _LOG)
        if folder.exists():
            folder.rmdir()
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return written


def _write(
    batches: Iterable[pa.RecordBatch], folder: Path, parts: int, about: Mapping[str, str], buffered_rows: int
) -> int:
    written = 0
    with ExitStack() as stack:
        buffered = min(_ROWS_PER_GROUP, buffered_rows // parts)
        files = [_File(stack.enter_context(_writer(folder, number, parts, about)), buffered) for number in range(parts)]
        for batch in batches:
            written += batch.num_rows
            for number, rows in _split(batch, parts):
                files[number].add(rows)
        for file in files:
            file.flush()
    return written


def _writer(folder: Path, number: int, parts: int, about: Mapping[str, str]) -> parquet.ParquetWriter:
    pairs = {**about, "part": str(number), "parts": str(parts)}
    text = " ".join(f"{name}={value}" for name, value in pairs.items())
    schema = SCHEMA.with_metadata({_ABOUT: text.encode()})
    return parquet.ParquetWriter(folder / f"part-{number:04}.parquet", schema, compression="zstd", compression_level=1)


class _File:
    """A part that is being written: small pieces are gathered into row groups."""

    def __init__(self, writer: parquet.ParquetWriter, group: int) -> None:
        self._writer = writer
        self._group = max(1, group)
        self._pieces: list[pa.RecordBatch] = []
        self._rows = 0

    def add(self, piece: pa.RecordBatch) -> None:
        self._pieces.append(piece)
        self._rows += piece.num_rows
        if self._rows >= self._group:
            self.flush()

    def flush(self) -> None:
        if self._pieces:
            self._writer.write_table(pa.Table.from_batches(self._pieces), row_group_size=self._rows)
        self._pieces, self._rows = [], 0


def _split(batch: pa.RecordBatch, parts: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows of each part that has any, in the same order."""
    tracks = batch.column("track").dictionary_encode()
    numbers = np.array([part_of(name, parts) for name in tracks.dictionary.to_pylist()], np.int64)
    number = numbers[tracks.indices.to_numpy()]
    order = np.argsort(number, kind="stable")
    bounds = np.searchsorted(number[order], np.arange(parts + 1))
    for part in np.unique(number).tolist():
        yield part, batch.take(pa.array(order[bounds[part] : bounds[part + 1]]))


def _write_log(log: Iterable[tuple[int, Instant]], path: Path) -> None:
    with parquet.ParquetWriter(path, RECORDED, compression="zstd") as writer:
        rows: list[tuple[int, Instant]] = []
        for row in log:
            rows.append(row)
            if len(rows) == _ROWS_PER_GROUP:
                writer.write_batch(_log_batch(rows))
                rows = []
        writer.write_batch(_log_batch(rows))


def _log_batch(rows: Sequence[tuple[int, Instant]]) -> pa.RecordBatch:
    return pa.record_batch([pa.array([row[column] for row in rows], pa.int64()) for column in range(2)], RECORDED)


def parts_in(folder: Path) -> Parts:
    """The parts in a folder.

    Raises: TrackerError where a part is missing, or is not of the same export.
    """
    files = sorted(folder.glob("part-*.parquet")) if folder.is_dir() else []
    if not files:
        raise BadRequest(
            f"{folder} has no parts in it: write them with `tracker export --format parquet assertions DIR`"
        )
    about = [_about(file) for file in files]
    count, timezone, position = about[0]["parts"], about[0]["timezone"], about[0]["position"]
    expected = [f"{number}" for number in range(int(count))]
    if [own["part"] for own in about] != expected or any(
        (own["parts"], own["timezone"], own["position"]) != (count, timezone, position) for own in about
    ):
        raise TrackerError(f"{folder} does not hold the {count} parts of one export, whole: export it again")
    return Parts(folder, tuple(files), timezone, int(position))


def _about(file: Path) -> Mapping[str, str]:
    try:
        metadata = parquet.read_schema(file).metadata or {}
    except pa.ArrowInvalid as error:
        raise TrackerError(f"{file} is not a whole Parquet file: export it again ({error})") from error
    if _ABOUT not in metadata:
        raise TrackerError(f"{file} was not written by `tracker export`: it does not say which part it is")
    return dict(pair.split("=", 1) for pair in metadata[_ABOUT].decode().split(" "))
