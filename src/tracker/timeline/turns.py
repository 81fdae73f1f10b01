"""Every change on every track, as arrays: what lanes with many thousands of tracks are made of. Source: design §5."""

from array import array
from dataclasses import dataclass

import numpy as np

from tracker.model.dates import Instant
from tracker.timeline.columns import Columns, IntArray, spread
from tracker.timeline.track_history import NOTHING, stretches


@dataclass(frozen=True, eq=False)
class Turns:
    """Changes of what stands, as `course` says it, by track and in time.

    `offsets` has shape (tracks + 1,), as in `Columns`; all else has shape (turns,).
    """

    offsets: IntArray
    instant: IntArray
    before: IntArray
    after: IntArray

    def of_tracks(self, tracks: IntArray) -> tuple[IntArray, IntArray]:
        """The turns of some tracks, one track after the other, and of which of those each is."""
        counts = self.offsets[tracks + 1] - self.offsets[tracks]
        return spread(self.offsets[tracks], counts), np.repeat(np.arange(len(tracks)), counts)


def turns(columns: Columns) -> Turns:
    """The turns of all tracks, if all rows are known."""
    offsets, instant, before, after = array("q", [0]), array("q"), array("q"), array("q")
    for track in range(columns.track_count):
        last = NOTHING
        for at, standing in _stretches(columns, track):
            if standing != last:
                instant.append(at)
                before.append(last)
                after.append(standing)
                last = standing
        offsets.append(len(instant))
    return Turns(*(np.array(each, dtype=np.int64) for each in (offsets, instant, before, after)))


def _stretches(columns: Columns, track: int) -> "zip[tuple[Instant, int]]":
    rows = columns.rows_of(track)
    begins, ends = (column.instants_of(rows) for column in (columns.begins_latest, columns.ends_latest))
    return zip(*stretches(range(rows.start, rows.stop), begins, ends), strict=True)
