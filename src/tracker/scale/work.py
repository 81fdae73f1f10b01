"""The work on one part, for every engine: read it, answer it, write the answer and sum it up."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.parquet as parquet

from tracker.scale.parts import EDGES
from tracker.scale.states import StatesQuestion, checksum, states

_READ = ["track", "announcement", "effect", "value", *EDGES]


class Summary(NamedTuple):
    """Counts and checksum of the answer for a part, or for all."""

    part: int
    assertions: int
    tracks: int
    decided: int
    uncertain: int
    lapsed: int
    checksum: int  # of every row of the answer


def answer_part(number: int, file: str, question: StatesQuestion, out: str | None) -> Summary:
    """Compute the states in one part. Files appear whole, so that a part may be repeated after a crash.

    Args: out: a folder for the answer, if it is wanted.
    """
    assertions = parquet.read_table(file, columns=_READ, use_threads=False)
    answer = states(assertions, question)
    if out is not None:
        _write(answer, Path(out) / f"states-{number:04}.parquet")
    return Summary(number, assertions.num_rows, *_counts(answer), checksum(answer))


def _counts(answer: pa.Table) -> tuple[int, int, int, int]:
    decided = answer.num_rows - answer["announcement"].null_count
    uncertain, lapsed = (compute.sum(answer[name]).as_py() or 0 for name in ("uncertain", "lapsed"))
    return answer.num_rows, decided, uncertain, lapsed


def _write(answer: pa.Table, file: Path) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        parquet.write_table(answer, beside, compression="zstd", compression_level=1)
        beside.replace(file)
    finally:
        with suppress(OSError):
            beside.unlink()


def total(summaries: Iterable[Summary]) -> Summary:
    """The summaries of all parts added up; `part` is the number of parts."""
    parts = assertions = tracks = decided = uncertain = lapsed = sums = 0
    for one in summaries:
        parts, assertions, tracks = parts + 1, assertions + one.assertions, tracks + one.tracks
        decided, uncertain, lapsed = decided + one.decided, uncertain + one.uncertain, lapsed + one.lapsed
        sums += one.checksum
    return Summary(parts, assertions, tracks, decided, uncertain, lapsed, sums % 2**64)
