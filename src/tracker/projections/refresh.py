"""Keep the tables up with the log, or make them anew under the eyes of those who read them.

Whoever writes them holds one lock of the database, and goes on from what the checkpoint says under it. So two writers
at once share the work, and one that is killed leaves a whole number of batches for the next to go on from. Events are
read before the lock is taken, so that others get their turn in between (an SQLite file has one lock for all); if the
checkpoint has moved meanwhile, they are read again.

Tables that nobody can read yet say so in their checkpoint until they are whole. Those that are read are made anew in
one transaction: nobody sees the new rows before they are whole, a writer that is killed leaves the old ones, and no row
is copied; but an SQLite file takes no other writer for so long.
"""

from collections.abc import Sequence

from sqlalchemy import delete, insert, inspect, select, update
from sqlalchemy.engine import Connection

from tracker.projections import segments
from tracker.projections.checkpoint import UNFINISHED, VERSION, Checkpoint, refuse_newer
from tracker.projections.parts import Task, in_parts
from tracker.projections.project import Projection, next_batch
from tracker.projections.source import EventSource
from tracker.projections.tables import LIVE
from tracker.projections.writer import writer
from tracker.store.database import Stored
from tracker.store.url import Address, parse_address
from tracker.timeline.merge import Segment

NOWHERE: tuple[int, Sequence[Stored]] = (-1, ())  # no batch has been read yet


def refresh(url: str, source: EventSource) -> int:
    """Take in what is new in the log, all of it if the tables are missing, of an older version or of another log.

    Returns: the position reached.
    Raises: NewerStore, StoreBusy, StoreUnavailable, StoreDamaged, BadRequest.
    """
    address = parse_address(url)
    with writer(address) as connection:
        return _catch_up(connection, source, address)


def rebuild(url: str, source: EventSource, *, columns: bool = False) -> int:
    """Make the tables anew from the whole log; readers see the old ones until the new ones are whole.

    Args: columns: only the columns that questions are answered from; the tables for SQL stay, if they can be read.
    Returns, raises: as `refresh`.
    """
    address = parse_address(url)
    with writer(address) as connection:
        with connection.begin():
            found = _checkpoint(connection, address)
            if found is not None and found.readable:
                if columns and found.position <= source.max_position():
                    return _columns_anew(connection, source, found.position, url)
                return _anew(connection, source, url)
        return _catch_up(connection, source, address)


def _catch_up(connection: Connection, source: EventSource, address: Address) -> int:
    after, batch = NOWHERE
    while True:
        with connection.begin():
            found = _checkpoint(connection, address)
            if found is None or found.position > source.max_position():
                position = _begin(connection)
            elif found.position != after:
                position = found.position
            elif batch:
                taking = Projection(connection, source)
                taking.take(batch)
                segments.add_segment(connection, LIVE, taking.segment(), read=found.readable)
                position = _reach(connection, batch[-1].position)
            else:
                segments.settle(connection, LIVE, read=found.readable)
                if not found.readable:
                    _finish(connection)
                return found.position
        after, batch = position, next_batch(source, position)


def _anew(connection: Connection, source: EventSource, url: str) -> int:
    """In the transaction that has begun. Rows go, and tables stay: readers and views go on with what they have."""
    for name, table in LIVE.tables.items():
        if name != "checkpoint":
            connection.execute(delete(table))
    until = source.max_position()
    with LIVE.without_indexes(connection):
        made = _all(Projection(connection, source), source, until, url)
    segments.add_segment(connection, LIVE, made)
    return _reach(connection, until)


def _columns_anew(connection: Connection, source: EventSource, until: int, url: str) -> int:
    """The same of the columns alone, up to where the tables are."""
    made = _all(Projection(connection, source, rows=False), source, until, url)
    connection.execute(delete(LIVE.tables["segments"]))
    segments.add_segment(connection, LIVE, made)
    return until


def _all(taking: Projection, source: EventSource, until: int, url: str) -> Segment:
    """Take in all events up to a position."""
    task = Task(url, taking.timezone, taking.schemas, taking.rows) if taking.timezone else None
    for part, maker in in_parts(source, taking.numbering, until, task):
        taking.add(part, maker)
    return taking.segment()


def _checkpoint(connection: Connection, address: Address) -> Checkpoint | None:
    """How far the tables have come; None where some are missing, or are of an older version.

    Raises: NewerStore.
    """
    checkpoint = LIVE.checkpoint
    if not inspect(connection).has_table(checkpoint.name):
        return None
    row = connection.execute(select(checkpoint.c.version, checkpoint.c.position)).one_or_none()
    if row is None:
        return None
    found = Checkpoint(*row)
    refuse_newer(found, address)
    return found if found.version in (VERSION, UNFINISHED) and LIVE.there(connection) else None


def _begin(connection: Connection) -> int:
    LIVE.drop(connection)
    LIVE.create(connection)
    connection.execute(insert(LIVE.checkpoint).values(version=UNFINISHED, position=0))
    return 0


def _finish(connection: Connection) -> None:
    LIVE.create_indexes(connection)
    connection.execute(update(LIVE.checkpoint).values(version=VERSION))


def _reach(connection: Connection, position: int) -> int:
    connection.execute(update(LIVE.checkpoint).values(position=position))
    return position
