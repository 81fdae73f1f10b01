"""Keep the tables up with the log, or make them anew beside those that are being read.

Whoever writes them holds one lock of the database, and goes on from what the checkpoint says under it. So two writers
at once share the work, and one that is killed leaves a whole number of batches for the next to go on from. Events are
read and decoded before the lock is taken, so that others get their turn in between (an SQLite file has one lock for
all); if the checkpoint has moved meanwhile, they are read again.
"""

from collections.abc import Sequence

from sqlalchemy import delete, insert, inspect, select
from sqlalchemy.engine import Connection

from tracker.model.events import Recorded
from tracker.read_model.checkpoint import VERSION, Checkpoint, refuse_newer
from tracker.read_model.database import writer
from tracker.read_model.project import EventSource, next_batch, take
from tracker.read_model.tables import BESIDE, LIVE, Schema
from tracker.store.address import Address, parse_address

NOWHERE: tuple[int, Sequence[Recorded]] = (-1, ())  # no batch has been read yet


def refresh(url: str, source: EventSource) -> int:
    """Take in what is new in the log, all of it if the tables are missing, of an older version or of another log.

    Returns: the position reached.
    Raises: NewerStore, StoreBusy, StoreUnavailable, BadRequest.
    """
    address = parse_address(url)
    with writer(address) as connection:
        position = _catch_up(connection, source, address)
        return _rebuild(connection, source, address) if position is None else position


def rebuild(url: str, source: EventSource) -> int:
    """Make the tables anew from the whole log; readers see the old ones until the new ones are whole.

    Returns, raises: as `refresh`.
    """
    address = parse_address(url)
    with writer(address) as connection:
        return _rebuild(connection, source, address)


def _catch_up(connection: Connection, source: EventSource, address: Address) -> int | None:
    """The position reached; None if the tables have to be made anew."""
    after, batch = NOWHERE
    while True:
        with connection.begin():
            position = _position(connection, LIVE, address)
            if position is None or position > source.max_position():
                return None
            if position == after:
                if not batch:
                    return position
                position = take(connection, LIVE, source, batch)
        after, batch = position, next_batch(source, position)


def _rebuild(connection: Connection, source: EventSource, address: Address) -> int:
    after, batch = NOWHERE
    begun = False
    while True:
        with connection.begin():
            live = _position(connection, LIVE, address)
            position = _position(connection, BESIDE, address) if begun else None
            if position is None:
                if begun and live is not None:
                    return live  # another rebuild, which began after this one and shared its work, has swapped
                position, begun = _begin(connection), True
            elif position == after and batch:
                position = take(connection, BESIDE, source, batch)
            elif position == after and position >= min(live or 0, source.max_position()):  # never back in time
                _swap(connection, keep=live is not None)
                return position
        after, batch = position, next_batch(source, position)


def _position(connection: Connection, schema: Schema, address: Address) -> int | None:
    """What the checkpoint says; None where the tables are not whole, or of an older version.

    Raises: NewerStore.
    """
    there = set(inspect(connection).get_table_names())
    if schema.checkpoint.name not in there:
        return None
    row = connection.execute(select(schema.checkpoint.c.version, schema.checkpoint.c.position)).one_or_none()
    if row is None:
        return None
    found = Checkpoint(*row)
    refuse_newer(found, address)
    return found.position if found.readable and schema.names <= there else None


def _begin(connection: Connection) -> int:
    BESIDE.drop(connection)
    BESIDE.create(connection)
    connection.execute(insert(BESIDE.checkpoint).values(version=VERSION, position=0))
    return 0


def _swap(connection: Connection, keep: bool) -> None:
    """Rows, not names, change places: so readers in the middle of it, and views, go on with the tables they have."""
    if not keep:
        LIVE.drop(connection)
    LIVE.create(connection)
    for name, table in LIVE.tables.items():
        connection.execute(delete(table))
        connection.execute(insert(table).from_select(list(table.c), select(BESIDE.tables[name])))
    BESIDE.drop(connection)
