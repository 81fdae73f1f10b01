"""The rows under the views for SQL: of the whole record, or of what some new events can have changed.

Which lanes that is, the code that sweeps a lane says: it is asked about a record in which there is nothing but the
tracks that changed, once as they were and once as they are.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from tracker.model.dates import Instant
from tracker.projections.sql_views.intervals import KindOfLane, StatusRow, all_lanes, lane_rows
from tracker.state.record import Record, View
from tracker.state.sweep import Mark, Runs, Sweep, Tally
from tracker.timeline.knowledge import Known

LANES, TRACKS = 64, 2_000  # looked at in one go: bounds the memory


class LaneRows(NamedTuple):
    """What stands in the tables about a lane."""

    of: KindOfLane
    tally: Tally
    rows: list[StatusRow]


def of_all_lanes(record: Record) -> Iterator[list[LaneRows]]:
    """All lanes, some at a time."""
    sweep = Sweep(record.view)
    every = all_lanes(record.view.registry)
    while some := list(islice(every, LANES)):
        yield [_whole(sweep, each) for each in some]


def _whole(sweep: Sweep, of: KindOfLane) -> LaneRows:
    lane = sweep.lane(of.lane)
    found = lane.tally.runs(of.lane)
    return LaneRows(of, lane.tally, list(lane_rows(of, found, lane.marks(found.instant.tolist()))))


def in_views(record: Record, prefix: str) -> Iterator[View]:
    """Views of a few tracks each, of all whose names begin like this."""
    names = (name for _, name in record.assertions.beginning(prefix))
    while some := list(islice(names, TRACKS)):
        yield record.about(some).view


class ChangedLane(NamedTuple):
    """A lane of which some tracks speak, or spoke."""

    of: KindOfLane
    more: Tally  # than was said


class Held(NamedTuple):
    """What the tables hold of a lane."""

    tally: Tally
    marks: dict[Instant, Mark]  # at the beginnings of its statuses


class Change:
    """What became of some tracks since a position of the log."""

    def __init__(self, record: Record, since: int, tracks: Collection[str]) -> None:
        self._record = record
        about = record.about(tracks)
        self.tracks = tracks
        self.view = about.view
        self._instants = frozenset(about.assertions.instants)
        self.lanes = list(_changed(Sweep(about.at(Known(recorded_by=since))), Sweep(self.view)))

    def lane_rows(self, held: Sequence[Held]) -> Iterator[LaneRows]:
        """The rows of the lanes. Args: held: of each, in the same order."""
        tallies = [before.tally + each.more for before, each in zip(held, self.lanes, strict=True)]
        found = [tally.runs(each.of.lane) for tally, each in zip(tallies, self.lanes, strict=True)]
        kept = [self._kept(before, runs) for before, runs in zip(held, found, strict=True)]
        sweep = self._sweep_at([at for marks in kept for at, mark in marks.items() if mark is None])
        for (of, _), tally, runs, marks in zip(self.lanes, tallies, found, kept, strict=True):
            open_ = [at for at, mark in marks.items() if mark is None]
            made = dict(zip(open_, sweep.lane(of.lane).marks(open_), strict=True)) if open_ else {}
            yield LaneRows(of, tally, list(lane_rows(of, runs, [mark or made[at] for at, mark in marks.items()])))

    def _kept(self, before: Held, runs: Runs) -> dict[Instant, Mark | None]:
        """What is still to be said where statuses begin: what was said there, unless the tracks change there."""
        return {at: None if at in self._instants else before.marks.get(at) for at in runs.instant.tolist()}

    def _sweep_at(self, instants: Sequence[Instant]) -> Sweep:
        """Of the tracks that may change at some instants, whatever they say at others."""
        every = self._record.assertions
        tracks = every.tracks_at(np.array(instants, dtype=np.int64))
        return Sweep(self._record.about([every.tracks[track] for track in tracks]).view)


def _changed(before: Sweep, after: Sweep) -> Iterator[ChangedLane]:
    for of in all_lanes(after.view.registry, before.view.spoken_of | after.view.spoken_of):
        was, now = before.lane(of.lane), after.lane(of.lane)
        if not (was.silent and now.silent):
            yield ChangedLane(of, now.tally + -was.tally)
