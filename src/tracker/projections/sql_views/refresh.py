"""Views for SQL: what held from when to when, whoever writes queries by hand or draws panels. See docs/dashboards.md.

What is under them is derived when something was recorded, in one transaction, and only for what that can have changed:
see `derivation`. It is all derived where there is none of this version, where a place or a path is new or amended, and
in a rebuild; nobody waits meanwhile, for the lock is only taken to put what is ready in place of what was there.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack
from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, select
from sqlalchemy.engine import Connection

from tracker.model.errors import BadRequest
from tracker.model.vocabulary import SubjectKind
from tracker.projections.load import opened
from tracker.projections.sql_views import tables as tables
from tracker.projections.sql_views.derivation import Change, Held, LaneRows, in_views, of_all_lanes
from tracker.projections.sql_views.intervals import measure_rows, pledge_rows, stage_rows
from tracker.projections.tables import LIVE
from tracker.projections.writer import writer
from tracker.state.lanes import Lane
from tracker.state.record import Record
from tracker.state.sweep import Mark, Tally
from tracker.store.url import parse_address
from tracker.timeline.assertions import measure_track, pledge_track, stage_track

MANY = 20_000  # tracks: when so many have changed, all is derived
_BY_TRACK = (
    (measure_track(""), tables.MEASURES, "measure", measure_rows),
    (stage_track(""), tables.STATUSES, "subject", stage_rows),
    (pledge_track(""), tables.PLEDGES, "pledge", pledge_rows),
)
_TRACK_OF: Mapping[str, Callable[[str], str]] = {
    SubjectKind.MEASURE: measure_track,
    SubjectKind.INSTRUMENT: stage_track,
}
_REGISTRY = LIVE.tables["registry"]


def derive(url: str, *, anew: bool = False) -> bool:
    """Bring the tables under the views up to what the read model holds.

    Args: anew: all of them, whatever they hold.
    Returns: whether there was anything to do.
    Raises: NotRefreshed, NewerStore, StoreBusy, StoreUnavailable.
    """
    with ExitStack() as opening:
        connection = opening.enter_context(writer(parse_address(url)))
        try:
            record = opening.enter_context(opened(url))
        except BadRequest:  # no dataset is on the record yet
            return False
        done = None
        while done is None:
            done = _derived(connection, record, anew=anew)
        return done


def _derived(connection: Connection, record: Record, *, anew: bool) -> bool | None:
    """Returns: whether there was anything to do; None if somebody else has done some of it meanwhile."""
    with connection.begin():
        reached = None if anew else tables.reached_by(connection)
        if reached is not None and reached >= record.position:
            return False
        tracks = None if reached is None else _tracks_since(connection, record, reached)
    if reached is None or tracks is None:
        return _all_anew(connection, record, anew=anew)
    return _brought_up(connection, record, reached, Change(record, reached, tracks))


def _all_anew(connection: Connection, record: Record, *, anew: bool) -> bool:
    stage = tables.Stage(connection)
    for some in of_all_lanes(record):
        stage.put(tables.STATUSES, (row for each in some for row in each.rows))
        stage.put(tables.TALLIES, map(_tally_row, some))
    for prefix, table, _, make in _BY_TRACK:
        for view in in_views(record, prefix):
            stage.put(table, make(view))
    with connection.begin():
        reached = tables.reached_by(connection)
        if reached is None:
            tables.make(connection)
        elif reached > record.position or (reached == record.position and not anew):
            return False  # somebody else was faster
        stage.fill()
        tables.reach(connection, record.position)
    return True


def _tracks_since(connection: Connection, record: Record, reached: int) -> set[str] | None:
    """The tracks on which something has changed since a position; None where that is not all that may have."""
    new = _REGISTRY.c.position.between(reached + 1, record.position)
    subjects = connection.execute(select(_REGISTRY.c.kind, _REGISTRY.c.id).where(new)).all()
    if any(kind != SubjectKind.PARTY and kind not in _TRACK_OF for kind, _ in subjects):
        return None  # places, and paths over them: any lane may be another one
    every = record.assertions
    found = {every.tracks[track] for track in every.tracks_since(reached)}
    found.update(_TRACK_OF[kind](key) for kind, key in subjects if kind in _TRACK_OF)
    return found if len(found) <= MANY else None


def _brought_up(connection: Connection, record: Record, since: int, change: Change) -> bool | None:
    with connection.begin():
        if tables.reached_by(connection) != since:
            return None
        held = [_held(connection, each.of.lane) for each in change.lanes]
        made = list(change.lane_rows(held))
        _put_lanes(connection, made)
        for prefix, table, column, make in _BY_TRACK:
            keys = [name.removeprefix(prefix) for name in change.tracks if name.startswith(prefix)]
            _delete(connection, table, (column,), ((key,) for key in keys))
            tables.put(connection, table, make(change.view))
        tables.reach(connection, record.position)
    return True


def _held(connection: Connection, lane: Lane) -> Held:
    named = dict(zip(tables.LANE, _named(lane), strict=True))
    statuses, tallies = (
        table.select().where(and_(*(table.c[name] == value for name, value in named.items())))
        for table in (tables.STATUSES, tables.TALLIES)
    )
    rows = connection.execute(statuses).all()
    marks = {tables.instant_of(row.valid_from): Mark(row.announcement, row.uncertain) for row in rows}
    return Held(Tally.unpacked(connection.execute(tallies).one().tally), marks)


def _put_lanes(connection: Connection, made: Collection[LaneRows]) -> None:
    for table in (tables.STATUSES, tables.TALLIES):
        _delete(connection, table, tables.LANE, (_named(each.of.lane) for each in made))
    tables.put(connection, tables.STATUSES, (row for each in made for row in each.rows))
    tables.put(connection, tables.TALLIES, map(_tally_row, made))


def _tally_row(each: LaneRows) -> tuple[str | bytes, ...]:
    return (*_named(each.of.lane), each.tally.packed())


def _named(lane: Lane) -> tuple[str, ...]:
    return lane.subject, lane.mode.value, lane.traffic.value, lane.direction


def _delete(connection: Connection, table: Table, columns: Collection[str], keys: Iterable[tuple[Any, ...]]) -> None:
    """Delete the rows that have one of some keys in some columns."""
    bound = [dict(zip((f"of_{name}" for name in columns), key, strict=True)) for key in keys]
    if bound:
        same = and_(*(table.c[name] == bindparam(f"of_{name}") for name in columns))
        connection.execute(delete(table).where(same), bound)
