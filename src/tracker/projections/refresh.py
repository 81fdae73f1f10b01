"""Bring the tables up to the log, or rebuild them while they are read.

Writers take turns by one lock of the database, and each goes on from the checkpoint that it then finds: writers at the
same time share the work, and after one that was killed the next goes on from whole batches. Events are read before the
lock is taken, so that others get their turn in between (an SQLite file has one lock for all); if the checkpoint has
moved meanwhile, they are read again.

Tables that are not complete yet say so in their checkpoint. Complete ones are rebuilt in one transaction: readers see
the old rows until it commits, and a writer that is killed leaves them; but an SQLite file takes no other writer
meanwhile.

Assertions are stored as columns, in segments: each batch adds one. Small segments are merged into the one before them,
so that there are few, and each row is written again only now and then.
"""

from collections.abc import Sequence

from sqlalchemy import delete, insert, inspect, select, update
from sqlalchemy.engine import Connection

from tracker.projections.checkpoint import UNFINISHED, VERSION, Checkpoint, refuse_newer
from tracker.projections.projection import EVENTS_PER_PIECE, EventSource, Projection, in_pieces
from tracker.projections.writer import (
    CHECKPOINTS,
    METADATA,
    SEGMENTS,
    create_indexes,
    create_tables,
    drop_tables,
    tables_exist,
    without_last_indexes,
    writer,
)
from tracker.store.database import Stored
from tracker.store.url import Address, parse_address
from tracker.timeline.merge import REPLACED, Segment, merged
from tracker.timeline.serialisation import TEXT, Packed, pack, segments

EVENTS_PER_BATCH = 10_000  # in one transaction
NOWHERE: tuple[int, Sequence[Stored]] = (-1, ())  # no batch has been read yet
MIN_SEGMENT_ROWS = 50_000  # assertions: segments that have fewer together are always merged
GROWTH = 4  # a segment that is so many times as large as what comes is left as it is
NEGLIGIBLE = 64  # segments that are together so many times smaller than the first are left to readers to merge


def refresh(url: str, source: EventSource, *, batch: int = EVENTS_PER_BATCH, log: str | None = None) -> int:
    """Take in all new events of the log; all events if the tables are missing, of an older version or of another log.

    Args: batch: events in one transaction; log: the store whose log it is, where the tables are in another database.
    Returns: the position reached.
    Raises: NewerStore, StoreBusy, StoreUnavailable, StoreDamaged, BadRequest.
    """
    with writer(parse_address(url)) as connection:
        return _catch_up(connection, source, parse_address(log or url), batch)


def rebuild(url: str, source: EventSource, *, columns: bool = False, piece: int = EVENTS_PER_PIECE) -> int:
    """Rebuild the tables from the whole log; readers see the old rows until the new ones are complete.

    Args: columns: only the columns that questions are answered from; other tables stay, if they can be read;
        piece: events that are read at a time.
    Returns: the position reached.
    Raises: NewerStore, StoreBusy, StoreUnavailable, StoreDamaged, BadRequest.
    """
    address = parse_address(url)
    with writer(address) as connection:
        with connection.begin():
            checkpoint = _checkpoint(connection, address)
            if checkpoint is not None and checkpoint.readable:
                until = source.max_position()
                if columns and checkpoint.position <= until:
                    return _rebuild_columns(connection, source, address, checkpoint.position, piece)
                return _rebuild(connection, source, address, until, piece)
        return _catch_up(connection, source, address, EVENTS_PER_BATCH)


def _catch_up(connection: Connection, source: EventSource, address: Address, size: int) -> int:
    after, batch = NOWHERE
    while True:
        with connection.begin():
            checkpoint = _checkpoint(connection, address)
            if checkpoint is None or checkpoint.position > source.max_position():
                position = _begin(connection)
            elif checkpoint.position != after:
                position = checkpoint.position
            elif batch:
                projection = Projection(connection, address, source)
                for start in range(0, len(batch), EVENTS_PER_PIECE):
                    projection.take(batch[start : start + EVENTS_PER_PIECE])
                position = batch[-1].position
                add_segment(connection, projection.finish(position), read=checkpoint.readable)
                _reach(connection, position)
            else:
                settle(connection, read=checkpoint.readable)
                if not checkpoint.readable:
                    _finish(connection)
                return checkpoint.position
        after, batch = position, source.stored(position, size)


def _rebuild(connection: Connection, source: EventSource, address: Address, until: int, piece: int) -> int:
    """Rebuild in the transaction that has begun. Tables stay, so that readers and views go on with the old rows."""
    for table in METADATA.tables.values():
        if table is not CHECKPOINTS:
            connection.execute(delete(table))
    with without_last_indexes(connection):
        segment = _all(Projection(connection, address, source), source, until, piece)
    add_segment(connection, segment)
    return _reach(connection, until)


def _rebuild_columns(connection: Connection, source: EventSource, address: Address, until: int, piece: int) -> int:
    """Rebuild the columns alone, up to the position that the other tables hold."""
    segment = _all(Projection(connection, address, source, rows=False), source, until, piece)
    connection.execute(delete(SEGMENTS))
    add_segment(connection, segment)
    return until


def _all(projection: Projection, source: EventSource, until: int, size: int) -> Segment:
    """Take in all events up to a position."""
    for piece in in_pieces(source, until, size):
        projection.take(piece)
    return projection.finish(until)


def _checkpoint(connection: Connection, address: Address) -> Checkpoint | None:
    """How far the tables have come; None where some are missing, or are of an older version.

    Raises: NewerStore.
    """
    if not inspect(connection).has_table(CHECKPOINTS.name):
        return None
    row = connection.execute(select(CHECKPOINTS.c.version, CHECKPOINTS.c.position)).one_or_none()
    if row is None:
        return None
    checkpoint = Checkpoint(*row)
    refuse_newer(checkpoint, address)
    return checkpoint if checkpoint.version in (VERSION, UNFINISHED) and tables_exist(connection) else None


def _begin(connection: Connection) -> int:
    drop_tables(connection)
    create_tables(connection)
    connection.execute(insert(CHECKPOINTS).values(version=UNFINISHED, position=0))
    return 0


def _finish(connection: Connection) -> None:
    create_indexes(connection)
    connection.execute(update(CHECKPOINTS).values(version=VERSION))


def _reach(connection: Connection, position: int) -> int:
    connection.execute(update(CHECKPOINTS).values(position=position))
    return position


def add_segment(connection: Connection, segment: Segment, *, read: bool = True) -> None:
    """Store a segment behind the others, merged with those before it that are not much larger.

    Args: read: the tables are read already; otherwise segments are merged once, at the end, see `settle`.
    """
    sizes = _sizes(connection)
    kept, taken, size = sorted(sizes), [], len(segment.assertions)
    while read and kept and (sizes[kept[-1]] < GROWTH * size or sizes[kept[-1]] + size < MIN_SEGMENT_ROWS):
        size += sizes[kept[-1]]
        taken.append(kept.pop())
    _put(connection, kept, taken, [segment])


def settle(connection: Connection, *, read: bool) -> None:
    """Merge all segments, now that no more come for a while, unless those behind the first hold next to nothing.

    Args: read: the tables are read already.
    """
    first, *others = _sizes(connection).items() or [(0, 0)]
    if others and (not read or sum(size for _, size in others) * NEGLIGIBLE > first[1]):
        _put(connection, [], [first[0], *(number for number, _ in others)], [])


def _sizes(connection: Connection) -> dict[int, int]:
    """How many assertions each segment has, the oldest first."""
    columns = SEGMENTS.c.segment, SEGMENTS.c.rows
    rows = connection.execute(select(*columns).distinct().order_by(SEGMENTS.c.segment))
    return {row.segment: row.rows for row in rows}


def _put(connection: Connection, kept: Sequence[int], taken: Sequence[int], new: Sequence[Segment]) -> None:
    """Store one segment in place of some that are stored and some that are not, behind those that stay."""
    where = SEGMENTS.c.segment.in_(taken)
    columns = (SEGMENTS.c.segment, SEGMENTS.c.name, SEGMENTS.c.type, SEGMENTS.c.data)
    parts = [*segments(connection.execute(select(*columns).where(where).order_by(SEGMENTS.c.segment))), *new]
    connection.execute(delete(SEGMENTS).where(where))
    whole = merged(parts)
    replaced = sorted({name for part in parts for name in part.replaced}) if kept else ()
    packed = (*pack(whole), Packed(REPLACED, TEXT, "\n".join(replaced).encode()))
    rows = [{"segment": len(kept) + 1, "rows": len(whole), **part._asdict()} for part in packed]
    connection.execute(insert(SEGMENTS), rows)
