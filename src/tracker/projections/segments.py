"""The assertions as stored columns: a cold question reads them as they are, instead of making them from the log.

Each batch of events adds a segment, in the transaction that moves the checkpoint. Small segments are merged into the
one before them, so that there are few, and each row is written again only now and then.
"""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from tracker.projections.tables import Schema
from tracker.timeline.merge import REPLACED, Segment, merged
from tracker.timeline.serialisation import TEXT, Packed, pack, segments

SMALL = 50_000  # assertions that are always merged
GROWTH = 4  # a segment that is so many times as large as what comes is left as it is
LITTLE = 64  # what is so many times smaller than the first is merged with it by those who read


def add_segment(connection: Connection, schema: Schema, segment: Segment, *, read: bool = True) -> None:
    """Store a segment behind the others, merged with those before it that are not much larger.

    Args: read: somebody reads them already; otherwise they are merged once, at the end, see `settle`.
    """
    sizes = _sizes(connection, schema)
    kept, coming, size = sorted(sizes), [], len(segment.assertions)
    while read and kept and (sizes[kept[-1]] < GROWTH * size or sizes[kept[-1]] + size < SMALL):
        size += sizes[kept[-1]]
        coming.append(kept.pop())
    _put(connection, schema, kept, coming, [segment])


def settle(connection: Connection, schema: Schema, *, read: bool) -> None:
    """Merge all segments, now that no more come for a while, unless those behind the first hold next to nothing.

    Args: read: somebody reads them already.
    """
    first, *others = _sizes(connection, schema).items() or [(0, 0)]
    if others and (not read or sum(size for _, size in others) * LITTLE > first[1]):
        _put(connection, schema, [], [first[0], *(number for number, _ in others)], [])


def _sizes(connection: Connection, schema: Schema) -> dict[int, int]:
    """How many assertions each segment has, the oldest first."""
    table = schema.tables["segments"]
    found = connection.execute(select(table.c.segment, table.c.rows).distinct().order_by(table.c.segment))
    return {row.segment: row.rows for row in found}


def _put(
    connection: Connection, schema: Schema, kept: Sequence[int], coming: Sequence[int], new: Sequence[Segment]
) -> None:
    """Store one segment in place of some that are stored and some that are not, behind those that stay."""
    table = schema.tables["segments"]
    taken = table.c.segment.in_(coming)
    columns = (table.c.segment, table.c.name, table.c.type, table.c.data)
    parts = [*segments(connection.execute(select(*columns).where(taken).order_by(table.c.segment))), *new]
    connection.execute(delete(table).where(taken))
    whole = merged(parts)
    replaced = sorted({name for part in parts for name in part.replaced}) if kept else ()
    packed = (*pack(whole), Packed(REPLACED, TEXT, "\n".join(replaced).encode()))
    rows = [{"segment": len(kept) + 1, "rows": len(whole), **each._asdict()} for each in packed]
    connection.execute(insert(table), rows)
