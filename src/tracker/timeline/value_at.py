"""The one rule of time. Source: design §5.

> The value of a track at an instant is that of the last assertion, in the order, among those that are known and
> whose validity covers the instant.

An uncertain edge is read in one of three ways; the answer is the late one (a change has not happened yet), and it is
uncertain where the certain and the possible one differ.
"""

from enum import StrEnum

import numpy as np

from tracker.model.dates import Instant
from tracker.timeline.assertions import Assertions, BoolArray, IntArray
from tracker.timeline.versions import Known


class Reading(StrEnum):
    """How the uncertain edges of validity are read."""

    LATE = "late"  # no change has happened before its latest day
    CERTAIN = "certain"  # covered whichever day is right
    POSSIBLE = "possible"  # covered if one of the days is right


def covers(columns: Assertions, at: Instant, reading: Reading = Reading.LATE) -> BoolArray:
    """Which rows' validity covers the instant. Shape (rows,)."""
    begins = columns.begins_earliest if reading is Reading.POSSIBLE else columns.begins_latest
    ends = columns.ends_earliest if reading is Reading.CERTAIN else columns.ends_latest
    return (begins <= at) & (at < ends)


def winners(columns: Assertions, at: Instant, known: Known, reading: Reading = Reading.LATE) -> IntArray:
    """Row of the assertion that decides each track at an instant; -1 where none does.

    Args: columns sorted by the order of §5; `at` in microseconds UTC.
    Returns: shape (tracks,), int64, in the order of `columns.tracks`.
    """
    rows = np.flatnonzero(covers(columns, at, reading) & columns.known(known))
    winner = np.full(columns.track_count, -1, dtype=np.int64)
    winner[columns.track[rows]] = rows  # the last write is the last announced
    return winner


def ended(columns: Assertions, at: Instant, known: Known) -> IntArray:
    """Row of the assertion that ended last on each track by an instant; -1 where none has.

    With no winner, a track on which something has ended is lapsed: not in force, and not lifted.
    Returns: shape (tracks,), int64, in the order of `columns.tracks`.
    """
    rows = np.flatnonzero((columns.ends_latest <= at) & columns.known(known))
    rows = rows[np.argsort(columns.ends_latest[rows], kind="stable")]
    last = np.full(columns.track_count, -1, dtype=np.int64)
    last[columns.track[rows]] = rows
    return last
