"""Bring the tables under the public views up to the read model. See docs/dashboards.md.

After something was recorded, only what it can have changed is derived, in one transaction. The code that sweeps a lane
tells which lanes those are: it is asked about a record with nothing but the changed tracks, as they were and as they
are. All is derived where the tables are missing or of another version, where a place or a path is new or amended, and
in a rebuild; the lock is only held to put the finished rows in place of the old ones.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Table, and_, bindparam, delete, select
from sqlalchemy.engine import Connection

from tracker.model.dates import FOREVER, Instant
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import SubjectKind
from tracker.projections.load import opened
from tracker.projections.sql_views import tables as tables
from tracker.projections.sql_views.intervals import (
    KindOfLane,
    StatusRow,
    all_lanes,
    lane_rows,
    measure_rows,
    pledge_rows,
    stage_rows,
)
from tracker.projections.writer import REGISTRY, writer
from tracker.state.causal_runs import CausalRuns, causal_runs
from tracker.state.decision_changes import numbered
from tracker.state.ended_parties import ended_parties
from tracker.state.lanes import Lane
from tracker.state.record import Record, View
from tracker.state.sweep import Mark, Sweep
from tracker.state.tally import Tally
from tracker.store.url import parse_address
from tracker.timeline.assertions import measure_track, pledge_track, stage_track
from tracker.timeline.knowledge import Known

LANES_PER_BATCH, TRACKS_PER_BATCH = 64, 2_000  # derived at a time: bounds the memory
MAX_CHANGED_TRACKS = 20_000  # when more have changed, all is derived
_BY_TRACK = (
    (measure_track(""), tables.MEASURES, "measure", measure_rows),
    (stage_track(""), tables.STATUSES, "subject", stage_rows),
    (pledge_track(""), tables.PLEDGES, "pledge", pledge_rows),
)
_TRACK_OF: Mapping[str, Callable[[str], str]] = {
    SubjectKind.MEASURE: measure_track,
    SubjectKind.INSTRUMENT: stage_track,
}


class LaneRows(NamedTuple):
    """The rows of a lane in the tables."""

    of: KindOfLane
    tally: Tally
    rows: list[StatusRow]


class ChangedLane(NamedTuple):
    """A lane on which some of the changed tracks bear, or bore."""

    of: KindOfLane
    more: Tally  # the difference to its tally before


class Held(NamedTuple):
    """The stored tally and marks of a lane."""

    tally: Tally
    marks: dict[Instant, Mark]  # at the beginnings of its statuses


class Change:
    """The lanes that may have changed since a position of the log, and the changed tracks."""

    def __init__(self, record: Record, since: int, tracks: Collection[str]) -> None:
        self._record = record
        about = record.about(tracks)
        self.tracks = tracks
        self.view = about.view
        before = about.at(Known(recorded_by=since))
        tables = (about.assertions, before.assertions, self.view.assertions)  # the views have the edges of seasons
        self._instants = frozenset(at for table in tables for at in table.instants)
        self.lanes = list(_changed_lanes(Sweep(before), Sweep(self.view)))

    def lane_rows(self, held: Sequence[Held]) -> Iterator[LaneRows]:
        """The new rows of the lanes. Args: held: of each lane, in the same order."""
        tallies = [before.tally + changed.more for before, changed in zip(held, self.lanes, strict=True)]
        runs = [causal_runs(tally, changed.of.lane) for tally, changed in zip(tallies, self.lanes, strict=True)]
        kept = [self._kept(before, own) for before, own in zip(held, runs, strict=True)]
        sweep = self._sweep_at([at for marks in kept for at, mark in marks.items() if mark is None])
        for (of, _), tally, own, marks in zip(self.lanes, tallies, runs, kept, strict=True):
            missing = [at for at, mark in marks.items() if mark is None]
            made = dict(zip(missing, sweep.lane(of.lane).marks(missing), strict=True)) if missing else {}
            known = [mark or made[at] for at, mark in marks.items()]
            yield LaneRows(of, tally, list(lane_rows(of, own, known, self._record.registry(), self._measures)))

    @cached_property
    def _measures(self) -> Mapping[int, str]:
        return numbered(self._record.registry().measures)

    def _kept(self, before: Held, runs: CausalRuns) -> dict[Instant, Mark | None]:
        """The stored marks where statuses begin; None where there is none, or where the tracks change."""
        return {at: None if at in self._instants else before.marks.get(at) for at in runs.instant.tolist()}

    def _sweep_at(self, instants: Sequence[Instant]) -> Sweep:
        """A sweep of the tracks that may change at some instants."""
        moved = self._record.expressions or ended_parties(self._record.registry())  # edges that only views have
        assertions = self._record.view.assertions if moved else self._record.assertions
        tracks = assertions.tracks_at(np.array(instants, dtype=np.int64))
        return Sweep(self._record.about([assertions.tracks[track] for track in tracks]).view)


def _changed_lanes(before: Sweep, after: Sweep) -> Iterator[ChangedLane]:
    for of in all_lanes(after.view.registry, _spoken_of(before.view) | _spoken_of(after.view)):
        was, now = before.lane(of.lane), after.lane(of.lane)
        if not (was.silent and now.silent):
            yield ChangedLane(of, now.tally + -was.tally)


def derive(url: str, *, full: bool = False, max_tracks: int = MAX_CHANGED_TRACKS) -> bool:
    """Bring the tables under the views up to the read model.

    Args: full: derive all, whatever the tables hold; max_tracks: if more have changed, all is derived, too.
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
            done = _derive(connection, record, full, max_tracks)
        return done


def _derive(connection: Connection, record: Record, full: bool, max_tracks: int) -> bool | None:
    """Derive once. Returns: whether there was anything to do; None if another writer did some of it meanwhile."""
    with connection.begin():
        reached = None if full else tables.reached_by(connection)
        if reached is not None and reached >= record.position:
            return False
        tracks = None if reached is None else _tracks_since(connection, record, reached)
    if reached is None or tracks is None or len(tracks) > max_tracks:
        return _derive_all(connection, record, full)
    return _derive_change(connection, record, reached, Change(record, reached, tracks))


def _derive_all(connection: Connection, record: Record, full: bool) -> bool:
    stage = tables.StagingTables(connection)
    for lanes in _all_lane_rows(record):
        stage.put(tables.STATUSES, (row for lane in lanes for row in lane.rows))
        stage.put(tables.TALLIES, map(_tally_row, lanes))
    for prefix, table, _, make in _BY_TRACK:
        for view in _views(record, prefix):
            stage.put(table, make(view))
    with connection.begin():
        reached = tables.reached_by(connection)
        if reached is None:
            tables.make(connection)
        elif reached > record.position or (reached == record.position and not full):
            return False  # another writer was faster
        stage.fill()
        tables.reach(connection, record.position)
    return True


def _all_lane_rows(record: Record) -> Iterator[list[LaneRows]]:
    """The rows of all lanes, some lanes at a time."""
    sweep, measures = Sweep(record.view), numbered(record.registry().measures)
    lanes = all_lanes(record.view.registry)
    while batch := list(islice(lanes, LANES_PER_BATCH)):
        yield [_lane_rows(sweep, of, measures) for of in batch]


def _lane_rows(sweep: Sweep, of: KindOfLane, measures: Mapping[int, str]) -> LaneRows:
    lane = sweep.lane(of.lane)
    runs = lane.causal_runs
    marks = lane.marks(runs.instant.tolist())
    return LaneRows(of, lane.tally, list(lane_rows(of, runs, marks, sweep.view.registry, measures)))


def _views(record: Record, prefix: str) -> Iterator[View]:
    """Views of all tracks whose names begin with a prefix, a few tracks in each."""
    names = (name for _, name in record.assertions.beginning(prefix))
    while batch := list(islice(names, TRACKS_PER_BATCH)):
        yield record.about(batch).view


def _tracks_since(connection: Connection, record: Record, reached: int) -> set[str] | None:
    """The tracks that have changed since a position; None where places or paths have, and thereby any lane may have."""
    new = REGISTRY.c.position.between(reached + 1, record.position)
    subjects = connection.execute(select(REGISTRY.c.kind, REGISTRY.c.id).where(new)).all()
    if any(kind != SubjectKind.PARTY and kind not in _TRACK_OF for kind, _ in subjects):
        return None
    if any(kind == SubjectKind.PARTY and _is_dated(record, reached, key) for kind, key in subjects):
        return None
    if record.expressions and record.listed_until() != record.listed_until(recorded_by=reached):
        return None  # seasons are listed for another year
    assertions = record.assertions
    tracks = {assertions.tracks[track] for track in assertions.tracks_since(reached)}
    return record.together(tracks | {_TRACK_OF[kind](key) for kind, key in subjects if kind in _TRACK_OF})


def _is_dated(record: Record, reached: int, party: str) -> bool:
    """Whether a party begins, ends or has members, or did so at a position: other lanes and measures may change."""
    entries = (record.registry(position).parties.get(party) for position in (reached, FOREVER))
    return any(one is not None and (one.starts or one.last_day or one.members) for one in entries)


def _derive_change(connection: Connection, record: Record, since: int, change: Change) -> bool | None:
    with connection.begin():
        if tables.reached_by(connection) != since:
            return None
        held = [_held(connection, changed.of.lane) for changed in change.lanes]
        _put_lanes(connection, list(change.lane_rows(held)))
        for prefix, table, column, make in _BY_TRACK:
            keys = [name.removeprefix(prefix) for name in change.tracks if name.startswith(prefix)]
            _delete(connection, table, (column,), ((key,) for key in keys))
            tables.put(connection, table, make(change.view))
        tables.reach(connection, record.position)
    return True


def _held(connection: Connection, lane: Lane) -> Held:
    key = dict(zip(tables.LANE, _key(lane), strict=True))
    statuses, tallies = (
        table.select().where(and_(*(table.c[name] == value for name, value in key.items())))
        for table in (tables.STATUSES, tables.TALLIES)
    )
    rows = connection.execute(statuses).all()
    marks = {tables.instant_of(row.valid_from): Mark(row.announcement, row.uncertain) for row in rows}
    return Held(Tally.unpacked(connection.execute(tallies).one().tally), marks)


def _put_lanes(connection: Connection, lanes: Collection[LaneRows]) -> None:
    for table in (tables.STATUSES, tables.TALLIES):
        _delete(connection, table, tables.LANE, (_key(lane.of.lane) for lane in lanes))
    tables.put(connection, tables.STATUSES, (row for lane in lanes for row in lane.rows))
    tables.put(connection, tables.TALLIES, map(_tally_row, lanes))


def _tally_row(lane: LaneRows) -> tuple[str | bytes, ...]:
    return (*_key(lane.of.lane), lane.tally.packed())


def _key(lane: Lane) -> tuple[str, ...]:
    return lane.subject, lane.mode.value, lane.traffic.value, lane.direction


def _delete(connection: Connection, table: Table, columns: Collection[str], keys: Iterable[tuple[Any, ...]]) -> None:
    """Delete the rows that have one of some keys in some columns."""
    bound = [dict(zip((f"of_{name}" for name in columns), key, strict=True)) for key in keys]
    if bound:
        same = and_(*(table.c[name] == bindparam(f"of_{name}") for name in columns))
        connection.execute(delete(table).where(same), bound)


def _spoken_of(view: View) -> frozenset[str]:
    """The places named by anything on which a lane depends; names in lower case."""
    ready = (place for places in view.readiness_at.values() for place in places)
    passages = (place for place, _ in view.passed)
    return frozenset(place.lower() for place in (*view.registry.measures_at, *ready, *passages))
