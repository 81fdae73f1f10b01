"""The row that decides a track at an instant, since when and until when; tracks together. Source: design §5."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from tracker.model.dates import FOREVER, Edge, Instant
from tracker.model.effects import AnyEffect, Exempt, Extend, Impose, Lift, Permit, Revoke
from tracker.state.record import View
from tracker.timeline.track_history import NOTHING, deciding, lapsed, run_out
from tracker.timeline.value_at import Reading

Stretch = tuple[Instant, int]  # from when, and what stands from then on


class Deciding(NamedTuple):
    """The deciding row of a track at an instant; -1 where none does."""

    track: int  # -1: nothing was ever said on it
    row: int = NOTHING
    ended: int = NOTHING  # the row that ended last, where none decides
    alternative: int | None = None  # the row (or -1) that may decide instead
    alternative_edge: Edge | None = None


def deciding_at(view: View, name: str, at: Instant) -> Deciding:
    """Find the row that decides a track at an instant."""
    track = view.track(name)
    if track < 0:
        return Deciding(track)
    standing = view.course(track).at(at)
    row = deciding(standing)
    alternative = next((other for _, other in undecided(view, at, (track,))), None)
    edge = None if alternative is None else open_edge(view, at, row, alternative)
    return Deciding(track, row, run_out(standing), alternative, edge)


def since(view: View, row: int, at: Instant) -> Edge:
    """Since when a track has been in the state in which a row leaves it at an instant, through all prolongations."""
    return _begun(view, row, at, _carried_on)


def amount_since(view: View, row: int, at: Instant) -> Edge:
    """Since when a track has been in the state and has had the amount of a row at an instant."""
    return _begun(view, row, at, _kept_amount)


def _begun(view: View, row: int, at: Instant, keeps: Callable[[View, int, int], bool]) -> Edge:
    """Since when the rows that decide a track have kept something, up to one that does at an instant."""
    course = view.course(int(view.assertions.track[row]))
    number = bisect_right(course.points, at) - 1
    begins = course.begins[row - course.rows[0]]
    if course.standings[number] != row:  # another reading of an uncertain edge
        return begins
    while number and keeps(view, course.standings[number - 1], row):
        number -= 1
    first, point = course.standings[number], course.points[number]
    if course.begins[first - course.rows[0]].latest == point:
        return course.begins[first - course.rows[0]]
    return next(course.edges_at(point), Edge(point, point))


def _carried_on(view: View, before: int, row: int) -> bool:
    """Whether a row keeps a measure in the state in which another left it: as strict, or ended."""
    if before < 0:
        return False
    one, other = view.said(before), view.said(row)
    ended = isinstance(one, Lift | Revoke)
    level = getattr(one, "level", None), getattr(other, "level", None)
    harder = isinstance(one, Impose) and isinstance(other, Impose) and level[0] != level[1]
    return ended is isinstance(other, Lift | Revoke) and not harder


def _kept_amount(view: View, before: int, row: int) -> bool:
    return _carried_on(view, before, row) and amount_of(view.said(before)) == amount_of(view.said(row))


def amount_of(effect: AnyEffect) -> str | None:
    """The rate, volume or number that an effect gives, as written."""
    amount: str | None = getattr(effect, "amount", None)
    return amount


def prolongs(view: View, before: int, after: int) -> bool:
    """Whether a row does no more than carry on what another says that it follows without a gap."""
    values = view.assertions.value
    if values[before] == values[after]:
        return True
    one, other = view.said(before), view.said(after)
    carries_on = isinstance(other, Extend) and isinstance(one, Extend | Exempt | Impose | Permit)
    return carries_on and amount_of(one) == amount_of(other)


def waiting(view: View, track: int) -> int | None:
    """The row of a track that has been decided and waits for its date; None where none does, or a later one has it."""
    rows = view.rows_of(track) if track >= 0 else ()
    undated = next((row for row in reversed(rows) if view.begins(row).latest >= FOREVER), None)
    if undated is None:
        return None
    kind = view.said(undated).type
    return None if any(row > undated and view.said(row).type == kind for row in rows) else undated


def until(view: View, track: int, at: Instant) -> Edge | None:
    """When what decides a track at an instant ends, if that is known: by its own end, or by a later row.

    An extension of it goes on with it.
    """
    row = view.course(track).winner(at)
    for later, following in _changes(view, track):
        if later > at and following != row:
            if row >= 0 and following >= 0 and isinstance(view.effect(following), Extend):
                row = following
                continue
            ending = view.row(row).ends if row >= 0 else Edge(later, later)
            return ending if ending.latest == later else Edge(later, later)
    return None


def next_row(view: View, track: int, at: Instant) -> int | None:
    """The first row that decides a track after an instant at which nothing does."""
    return next((row for later, row in _changes(view, track) if later > at and row >= 0), None)


class Run(NamedTuple):
    """A time during which what decides a track stays the same, or is only prolonged."""

    at: Instant
    before: int  # the row that decided, or ended, before it; -1: none
    row: int  # that decides from then on; -1: none does
    last: int  # that decides at its end
    made: tuple[int, ...]  # the rows that made the change, and then those that prolonged it


def runs(view: View, track: int) -> list[Run]:
    """Every change of what decides a track, but for those that only prolong it."""
    found: list[Run] = []
    before = NOTHING
    for at, row in _changes(view, track):
        last = found[-1] if found else None
        if last is None:
            before = NOTHING if row >= 0 else run_out(view.course(track).at(at))
        elif last.last == row:
            continue
        else:
            before = last.last
        if last is not None and row >= 0 and before >= 0 and prolongs(view, before, row):
            found[-1] = last._replace(last=row, made=(*last.made, row))
        else:
            found.append(Run(at, before, row, row, (maker(view, before, row, at),)))
    return found


def _changes(view: View, track: int) -> Iterator[tuple[Instant, int]]:
    """The deciding row from each of the track's points on, but for the beginning of time."""
    course = view.course(track)
    return zip(course.points[1:], map(deciding, course.standings[1:]), strict=True)


def maker(view: View, before: int, after: int, at: Instant) -> int:
    """The row that made a change at an instant: of an end that was set in advance, the one that set it."""
    set_in_advance = before >= 0 and view.ends(before) == at
    return before if after < 0 or (set_in_advance and view.begins(after).latest < at) else after


def undecided(view: View, at: Instant, tracks: Iterable[int]) -> list[tuple[int, int]]:
    """For each track whose value is uncertain at an instant, the rows (or -1) that may decide it instead."""
    alternatives: list[tuple[int, int]] = []
    for track in tracks:
        course = view.course(track)
        if not course.blurred:
            continue
        certain, possible = course.read(at, Reading.CERTAIN), course.read(at, Reading.POSSIBLE)
        if certain != possible:
            rows = [row for row in course.covering(at, Reading.POSSIBLE) if row > certain]
            alternatives += [(track, row) for row in (*rows, certain) if row != course.winner(at)]
    return alternatives


def open_edge(view: View, at: Instant, row: int, other: int) -> Edge:
    """The uncertain edge that leaves open which of two rows decides at an instant."""
    for candidate in (other, row):
        if candidate < 0:
            continue
        assertion = view.row(candidate)
        for edge in (assertion.begins, assertion.ends):
            if edge.earliest <= at < edge.latest:
                return edge
    return Edge(at, at)


def together(courses: Sequence[Iterable[Stretch]]) -> Iterator[tuple[Instant, tuple[int, ...]]]:
    """The standings of several tracks, from each instant at which the standing of one changes.

    Args: courses: of each track, ascending; before its first stretch nothing stands on it.
    """
    if len(courses) == 1:  # as a rule
        yield from ((at, (standing,)) for at, standing in courses[0])
        return
    standings = [NOTHING] * len(courses)
    changes = sorted((at, number, standing) for number, course in enumerate(courses) for at, standing in course)
    for at, changed in groupby(changes, key=itemgetter(0)):
        for _, number, standing in changed:
            standings[number] = standing
        yield at, tuple(standings)


def instead_of(standings: Mapping[int, int], rows: Mapping[int, int]) -> Mapping[int, int]:
    """The standings of some tracks if other rows (or none, -1) decided them; where none does, the former has ended."""
    ended = {track: lapsed(standing) if standing >= 0 else standing for track, standing in standings.items()}
    return {track: row if row >= 0 else ended[track] for track, row in rows.items()}
