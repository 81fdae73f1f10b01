"""The registry's table: every entry that there was, and from which to which position it stood."""

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, update
from sqlalchemy.engine import Connection

from tracker.model.dates import FOREVER
from tracker.projections.registry_rows import Row
from tracker.projections.tables import LIVE
from tracker.projections.writer import put_rows

_TABLE = LIVE.tables["registry"]
assert tuple(_TABLE.c.keys()) == Row._fields


def put(connection: Connection, rows: Sequence[Row], amended: Collection[int]) -> None:
    """Put entries into the table, in the order of their positions, and say until when what they amend stood.

    Args: amended: the positions of those that amend another.
    """
    new: list[Row] = []
    standing: dict[tuple[str, str], int] = {}
    superseded: list[dict[str, object]] = []
    for row in rows:
        key = row.kind, row.id
        if key in standing:
            new[standing[key]] = new[standing[key]]._replace(recorded_to=row.position)
        elif row.position in amended:
            superseded.append({"of_kind": row.kind, "of_id": row.id, "until": row.position})
        standing[key] = len(new)
        new.append(row)
    if superseded:
        same = (_TABLE.c.kind == bindparam("of_kind")) & (_TABLE.c.id == bindparam("of_id"))
        entry = same & (_TABLE.c.recorded_to == FOREVER)
        connection.execute(update(_TABLE).where(entry).values(recorded_to=bindparam("until")), superseded)
    put_rows(connection, _TABLE, new)
