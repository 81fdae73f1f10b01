"""One track by itself: what decides it at an instant, since when, until when, and what comes next."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tracker.model.dates import BEGINNING, Edge, Instant
from tracker.model.effects import Ease, Extend, Impose
from tracker.state.bundle import open_edge, undecided
from tracker.state.record import View
from tracker.timeline.track_history import NOTHING, deciding, run_out


class TrackState(NamedTuple):
    """The deciding row of a track at an instant; -1 where none does."""

    track: int  # -1: nothing was ever said on it
    row: int = NOTHING
    ended: int = NOTHING  # the row that ended last, where none decides
    alternative: int | None = None  # the row (or -1) that may decide instead
    alternative_edge: Edge | None = None


def track_state(view: View, name: str, at: Instant) -> TrackState:
    """What decides a track at an instant."""
    track = view.track(name)
    if track < 0:
        return TrackState(track)
    standing = view.course(track).at(at)
    row = deciding(standing)
    other = next((row for _, row in undecided(view, at, (track,))), None)
    edge = None if other is None else open_edge(view, at, row, other)
    return TrackState(track, row, run_out(standing), other, edge)


def since(view: View, row: int) -> Edge:
    """Since when what a row says has been so; an extension carries on what was in force, or eased, before it."""
    assertion = view.row(row)
    if not isinstance(assertion.effect, Extend):
        return assertion.begins
    track = int(view.assertions.track[row])
    while isinstance(assertion.effect, Extend | Ease):
        before = view.course(track).winner(assertion.begins.latest - 1)
        if before < 0 or not isinstance(view.effect(before), Impose | Extend | Ease):
            break
        assertion = view.row(before)
    return assertion.begins


def until(view: View, track: int, at: Instant) -> Edge | None:
    """When what decides a track at an instant ends, if that is known: by its own end, or by a later row."""
    row = view.course(track).winner(at)
    for later, following in _turns(view, track):
        if later > at and following != row:
            ending = view.row(row).ends if row >= 0 else Edge(later, later)
            return ending if ending.latest == later else Edge(later, later)
    return None


def next_row(view: View, track: int, at: Instant) -> int | None:
    """The first row that decides a track after an instant at which nothing does."""
    return next((row for later, row in _turns(view, track) if later > at and row >= 0), None)


def runs(view: View, track: int) -> list[tuple[Instant, int]]:
    """Every change of what decides a track: from when, and the row (-1 where nothing does)."""
    found: list[tuple[Instant, int]] = []
    for at, row in _turns(view, track):
        if not found or found[-1][1] != row:
            found.append((at, row))
    return found


def before_runs(view: View, track: int, found: Sequence[tuple[Instant, int]]) -> int:
    """The row before the first of some runs: -1, unless that one is the end of a row that never decided anything."""
    at, row = found[0] if found else (BEGINNING, 0)
    return NOTHING if row >= 0 else run_out(view.course(track).at(at))


def _turns(view: View, track: int) -> Iterator[tuple[Instant, int]]:
    """What decides a track from each of its points on, but for the beginning of time."""
    course = view.course(track)
    return zip(course.points[1:], map(deciding, course.standings[1:]), strict=True)


def maker(view: View, before: int, after: int, at: Instant) -> int:
    """The row that made a change at an instant: of an end that was set in advance, the one that set it."""
    set_in_advance = before >= 0 and view.ends(before) == at
    return before if after < 0 or (set_in_advance and view.begins(after).latest < at) else after
