"""The one rule of time. Source: design §5.

> The value of a track at an instant is that of the last assertion, in the order, among those that are known and
> whose validity covers the instant.

An uncertain edge is read in one of three ways; the answer is the late one (a change has not happened yet), and it is
uncertain where the certain and the possible one differ.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from tracker.model.dates import Instant
from tracker.timeline.columns import BoolArray, Columns, Hold, IntArray, Ranked
from tracker.timeline.knowledge import Known


class Reading(StrEnum):
    """How the uncertain edges of validity are read."""

    LATE = "late"  # no change has happened before its latest day
    CERTAIN = "certain"  # covered whichever day is right
    POSSIBLE = "possible"  # covered if one of the days is right


class Bound(NamedTuple):
    """A test of rows: that an instant of theirs is at or before one, or `behind` it."""

    column: Ranked
    at: Instant
    behind: bool = False


def covering(columns: Columns, at: Instant, reading: Reading = Reading.LATE) -> tuple[Bound, Bound]:
    """The tests for rows whose validity covers an instant."""
    begins = columns.begins_earliest if reading is Reading.POSSIBLE else columns.begins_latest
    ends = columns.ends_earliest if reading is Reading.CERTAIN else columns.ends_latest
    return Bound(begins, at), Bound(ends, at, behind=True)


def knowing(columns: Columns, known: Known) -> tuple[Bound, ...]:
    """The tests for rows that had been announced and recorded by then, and not yet superseded."""
    return (
        Bound(columns.announced_from, known.announced_by),
        Bound(columns.announced_to, known.announced_by, behind=True),
        Bound(columns.recorded_from, known.recorded_by),
        Bound(columns.recorded_to, known.recorded_by, behind=True),
    )


def passing(bounds: Iterable[Bound], count: int) -> BoolArray:
    """Which of `count` rows pass all tests. Shape (count,)."""
    passed: BoolArray | None = None
    for bound in bounds:
        test = bound.column.by(bound.at, behind=bound.behind)
        if test.none:
            return np.zeros(count, dtype=np.bool_)
        if test.all:
            continue
        ranks = bound.column.ranks
        own: BoolArray = ranks >= test.rank if test.behind else ranks < test.rank
        passed = own if passed is None else np.logical_and(passed, own, out=passed)
    return np.ones(count, dtype=np.bool_) if passed is None else passed


def known_rows(columns: Columns, known: Known) -> BoolArray:
    """Which rows are known. Shape (rows,)."""
    return passing(knowing(columns, known), len(columns))


def winners(columns: Columns, at: Instant, known: Known, reading: Reading = Reading.LATE) -> IntArray:
    """Row of the assertion that decides each track at an instant; -1 where none does.

    Args: `at` in microseconds UTC.
    Returns: shape (tracks,), int64.
    """
    live = passing((*covering(columns, at, reading), *knowing(columns, known)), len(columns))
    if columns.holds is not None:
        live &= columns.holds != Hold.SILENT
    rows = np.flatnonzero(live)
    winner = np.full(columns.track_count, -1, dtype=np.int64)
    winner[columns.track[rows]] = rows  # the last write is the last announced
    return winner


def ended(columns: Columns, at: Instant, known: Known, among: BoolArray | None = None) -> IntArray:
    """Row of the assertion that ended last on each track by an instant; -1 where none has.

    With no winner, a track on which something has ended is lapsed: not in force, and not lifted. It has not while the
    period of an assertion runs that is silent at the instant.

    Args: among: tracks that matter, shape (tracks,); all where left out.
    Returns: shape (tracks,), int64.
    """
    over = passing((Bound(columns.ends_latest, at), *knowing(columns, known)), len(columns))
    if columns.holds is not None:
        running = passing((*covering(columns, at), *knowing(columns, known)), len(columns))
        quiet = np.zeros(columns.track_count, dtype=np.bool_)
        quiet[columns.track[running & (columns.holds == Hold.SILENT)]] = True
        over &= ~quiet[columns.track]
    if among is not None:
        over &= among[columns.track]
    rows = np.flatnonzero(over)
    rows = rows[np.argsort(columns.ends_latest.ranks[rows], kind="stable")]
    last = np.full(columns.track_count, -1, dtype=np.int64)
    last[columns.track[rows]] = rows
    return last


def winners_of(columns: Columns, tracks: IntArray, instants: IntArray) -> IntArray:
    """Row of the assertion that decides each track at an instant of its own, all rows being known; -1 where none does.

    Args: tracks, instants: shape (pairs,). The late reading is used.
    Returns: shape (pairs,), int64.
    """
    first, counts = columns.offsets[tracks], columns.offsets[tracks + 1] - columns.offsets[tracks]
    pair = np.repeat(np.arange(len(tracks)), counts)
    row = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts) + first[pair]
    begun = columns.begins_latest.values[columns.begins_latest.ranks[row]] <= instants[pair]
    live = begun & (instants[pair] < columns.ends_latest.values[columns.ends_latest.ranks[row]])
    winner = np.full(len(tracks), -1, dtype=np.int64)
    winner[pair[live]] = row[live]  # the last write is the last announced
    return winner
