"""A digest of the derived state: what the tracker made of the log up to a position, as SHA-256 over canonical rows.

The rows are JSON arrays, one a line, in this order: the registry by position; then denials and precedents, sorted; then
the assertions by track and, within one, in the order of design §5. They say what the columns mean, not how they are
packed. `FORMAT` names the form of the rows and the derivation of their values together.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from tracker.model.canonical import canonical_json
from tracker.model.dates import BEGINNING, FOREVER
from tracker.projections.connections import Reader
from tracker.projections.derived_copy import DerivedCopy
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.columns import TIMES
from tracker.timeline.merge import merged
from tracker.timeline.serialisation import segments

FORMAT = 1  # to be raised with each change of the rows, or of the derivation of their values

_REGISTRY = "SELECT position, kind, id, content FROM tracker_registry ORDER BY position"
_DENIALS = "SELECT announcement, denied FROM tracker_denials ORDER BY 1, 2"
_PRECEDENTS = "SELECT announcement, earlier, said FROM tracker_precedents ORDER BY 1, 2, 3"
_SEGMENTS = "SELECT segment, name, type, data FROM tracker_segments ORDER BY segment, name"
_ENDS = {BEGINNING: "beginning", FOREVER: "forever"}  # of time


def digest_of(copy: DerivedCopy) -> bytes:
    """The digest of a copy of the derived tables, at the position that it has reached. Shape: 32 bytes."""
    total = hashlib.sha256()
    with copy.reading() as reader:
        for row in rows(reader):
            total.update(canonical_json(row) + b"\n")
    return total.digest()


def rows(reader: Reader) -> Iterator[list[Any]]:
    """The canonical rows."""
    for kind, sql in (("registry", _REGISTRY), ("denial", _DENIALS), ("precedent", _PRECEDENTS)):
        for batch in reader.batches(sql, 1_000):
            yield from ([kind, *row] for row in batch)
    yield from _assertion_rows(merged(segments(reader.select(_SEGMENTS))))


def _assertion_rows(table: Assertions) -> Iterator[list[Any]]:
    """Track, place in the order, announcement and effect, periods in the world and on record, value, on whose word."""
    for number, track in enumerate(table.tracks):
        for row in range(int(table.offsets[number]), int(table.offsets[number + 1])):
            yield [
                "assertion",
                track,
                table.order[row],
                int(table.place[row]),
                table.announced_in(row),
                int(table.effect_number[row]),
                int(table.version[row]),
                *(_ENDS.get(at, at) for at in (getattr(table, name)[row] for name in TIMES)),
                table.values[int(table.value[row])],
                table.attributions[int(table.attribution[row])],
            ]
