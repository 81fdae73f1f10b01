"""The rule of time as a pure function from an Arrow table to an Arrow table, for every engine."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
from numpy.typing import NDArray

from tracker.model.dates import Instant
from tracker.scale.parts import EDGES
from tracker.timeline.columns import TIMES, Columns, IntArray, Ranked, Threshold, offsets_of
from tracker.timeline.knowledge import Known
from tracker.timeline.value_at import Reading, ended, winners

SHOWN = ("value", "announcement", "effect", "valid_from_earliest", "valid_from_latest", "valid_to_earliest",
         "valid_to_latest")  # fmt: skip  # of the deciding assertion; null where none decides


class StatesQuestion(NamedTuple):
    """An instant in the world, and the knowledge by which it is answered."""

    at: Instant
    known: Known


def states(assertions: pa.Table, question: StatesQuestion) -> pa.Table:
    """The state of every track of a table at an instant: a row for each, with the assertion that decides it.

    Args: whole tracks only, one after the other, rows of each in the order of §5, columns of `parts.SCHEMA`.
    Returns: track, what is in SHOWN, uncertain (it would be another if an uncertain edge fell on another of its
        days), lapsed (nothing decides it, and something has ended).
    """
    tracks = assertions["track"].combine_chunks().dictionary_encode()
    columns, place = _columns(tracks, assertions)
    at, known = question
    late, certain, possible = (
        winners(columns, at, known, reading) for reading in (Reading.LATE, Reading.CERTAIN, Reading.POSSIBLE)
    )
    decided = assertions.select(SHOWN).take(pa.array(place[late], mask=late < 0))
    lapsed = (late < 0) & (ended(columns, at, known) >= 0)
    answer = {"track": tracks.dictionary, "uncertain": certain != possible, "lapsed": lapsed}
    return pa.table({**answer, **{name: decided[name] for name in SHOWN}})


class _Plain(Ranked):
    """Instants as a file has them, each its own rank: for one question, finding the ranks costs more than it saves."""

    def by(self, at: Instant, *, behind: bool = False) -> Threshold:
        return Threshold(at + 1, behind, False, False)


def _columns(tracks: pa.DictionaryArray, assertions: pa.Table) -> tuple[Columns, IntArray]:
    """The columns of a table, and for each of their rows its place in that table."""
    numbers = tracks.indices.to_numpy().astype(np.int64)
    place = np.argsort(numbers, kind="stable")
    times = {time: _Plain(_NONE, assertions[name].to_numpy()[place]) for time, name in zip(TIMES, EDGES, strict=True)}
    return Columns(offsets_of(numbers, len(tracks.dictionary)), **times), place


_NONE = np.zeros(0, np.int64)


def checksum(answers: pa.Table) -> int:
    """64 bits over all cells of all rows, in any order; those of two tables add up, modulo 2^64, to that of both."""
    if answers.num_rows == 0:
        return 0
    cells = [compute.cast(answers[name], pa.string()) for name in sorted(answers.column_names)]
    lines = compute.binary_join_element_wise(*cells, "|", null_handling="replace", null_replacement="-")
    return int(_hashed(lines.combine_chunks()).sum())


def _hashed(lines: pa.StringArray) -> NDArray[np.uint64]:
    """A hash of 64 bits for each line: bytes weighted by fixed random numbers, then mixed as in splitmix64."""
    _, offsets, data = lines.buffers()
    bounds = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1].astype(np.int64)
    letters = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]].astype(np.uint64)
    lengths = np.diff(bounds)
    weights = np.random.default_rng(20_251_028).integers(0, 2**64, int(lengths.max()), np.uint64)
    place = np.arange(len(letters)) - np.repeat(bounds[:-1] - bounds[0], lengths)
    mixed = np.add.reduceat((letters + np.uint64(1)) * weights[place], bounds[:-1] - bounds[0])
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    result: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return result
