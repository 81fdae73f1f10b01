"""Decisions through time, and the causes that make them. Source: design §6 and §9, "What decides".

Causes are numbers, so that arrays can tell whether what decides is still the same. A cause is the same as long as it is
only prolonged. It is another where its measure, an exemption or the announcement to which it goes back is another.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from tracker.model.dates import FOREVER, Instant
from tracker.model.lifespans import Lifespan
from tracker.model.vocabulary import Basis
from tracker.state.beside import beside
from tracker.state.consents import ApplicableMeasure
from tracker.state.permission import Contribution, Decision, contributions, infrastructure
from tracker.state.record import View
from tracker.state.scope import Question
from tracker.state.tracks import Stretch, prolongs, together
from tracker.timeline.columns import IntArray
from tracker.timeline.track_history import NOTHING, deciding, run_out

Courses = Callable[[int], Iterable[Stretch]]  # by track: the stretches of its history
Decide = Callable[[View, ApplicableMeasure, Sequence[int], Instant, Question], Sequence[Contribution]]


class Decided(NamedTuple):
    """The decisions of a measure that stand from an instant on, and the number of their cause; 0 where none stands."""

    at: Instant
    contributions: Sequence[Contribution]
    cause: int


Decisions = tuple[Instant, Sequence[Decision], int]  # that stand from an instant on, and the number of their cause

ROW_BITS, PLACE_BITS = 20, 8
MEASURE_SHIFT = ROW_BITS + PLACE_BITS + 1
MAX_PLACE = (1 << PLACE_BITS) - 1


class DecisionChange(NamedTuple):
    """A decision that begins to stand, or stands no longer; or that stands from another cause."""

    at: Instant
    decision: Decision
    more: int  # 1 or -1
    cause: int  # its number
    begins: bool  # not by another cause alone


def decided(
    view: View, applicable: ApplicableMeasure, courses: Courses, question: Question, decide: Decide = contributions
) -> Iterator[Decided]:
    """The decisions of a measure at a place, from each instant at which one of its tracks may change."""
    origins, number = Origins(view, len(applicable.tracks)), 0
    last: tuple[int, ...] = ()
    bearing = applicable.terms.freed | applicable.terms.freed_in_part
    for at, standing in together([courses(track) for track in applicable.tracks]):
        standings = (standing[0], *(row if row in bearing else NOTHING for row in standing[1:]))
        contributed, rows = decide(view, applicable, standing, at, question), origins.follow(standings)
        if contributed and rows != last:
            number, last = number_of(view, applicable, rows), rows
        yield Decided(at, contributed, number if contributed else 0)


def measure_changes(
    view: View, applicable: ApplicableMeasure, courses: Courses, question: Question, decide: Decide = contributions
) -> Iterator[DecisionChange]:
    """Where the decision of a measure at a place changes, or its cause, in time."""
    made = decided(view, applicable, courses, question, decide)
    return _changes((at, [own.decision for own in contributed], cause) for at, contributed, cause in made)


def beside_changes(
    view: View, applicable: ApplicableMeasure, courses: Courses, question: Question
) -> Iterator[DecisionChange]:
    """Where a measure that stands beside the status begins to be in force, or is no longer."""
    return measure_changes(view, applicable, courses, question, beside)


def readiness_changes(view: View, track: int, courses: Courses) -> Iterator[DecisionChange]:
    """Where the decision of a report on infrastructure changes, or the report, in time."""
    origins = Origins(view, 1)
    made: list[Decisions] = []
    for at, standing in courses(track):
        decision, (row,) = infrastructure(view, standing), origins.follow((standing,))
        made.append((at, (), 0) if decision is None else (at, (decision,), number_of_report(view, track, row)))
    return _changes(made)


def during(span: Lifespan, changes: Iterable[DecisionChange]) -> Iterator[DecisionChange]:
    """The changes during a time: what stands when it begins begins then, and what stands when it ends ends then."""
    standing: Counter[tuple[Decision, int]] = Counter()
    begun = False
    for change in (*changes, None):
        if not begun and (change is None or change.at > span.begin):
            begun = True
            yield from _standing(standing, span.begin, 1)
        if change is None or change.at >= span.end:
            break
        standing[change.decision, change.cause] += change.more
        if begun:
            yield change
    if span.end < FOREVER:
        yield from _standing(standing, span.end, -1)


def _standing(standing: Counter[tuple[Decision, int]], at: Instant, sign: int) -> Iterator[DecisionChange]:
    """The beginning or the end of all decisions that stand. Args: sign: 1 or -1."""
    for (decision, cause), count in standing.items():
        if count:
            yield DecisionChange(at, decision, sign * count, cause, begins=True)


def _changes(made: Iterable[Decisions]) -> Iterator[DecisionChange]:
    before: Sequence[Decision] = ()
    last = 0
    for at, decisions, cause in made:
        for decision in before:
            if decision not in decisions or cause != last:
                yield DecisionChange(at, decision, -1, last, decision not in decisions)
        for decision in decisions:
            if decision not in before or cause != last:
                yield DecisionChange(at, decision, 1, cause, decision not in before)
        before, last = decisions, cause


class Origins:
    """The rows to which what stands on some tracks goes back: the first of those that prolong one another."""

    def __init__(self, view: View, tracks: int) -> None:
        self._view = view
        self._standings, self._rows = [NOTHING] * tracks, [NOTHING] * tracks

    def follow(self, standings: Sequence[int]) -> tuple[int, ...]:
        """The rows after the next change. Args: standings: what stands on each track from then on."""
        for number, (before, after) in enumerate(zip(self._standings, standings, strict=True)):
            if after != before and not self._carries_on(before, after):
                self._rows[number] = max(deciding(after), run_out(after))
        self._standings = list(standings)
        return tuple(self._rows)

    def _carries_on(self, before: int, after: int) -> bool:
        if before < 0:
            return False
        return run_out(after) == before if after < 0 else prolongs(self._view, before, after)


def number_of(view: View, applicable: ApplicableMeasure, origins: Sequence[int]) -> int:
    """The number of a cause that goes back to some rows, without its place: below 2**63, in every store alike.

    Its last bit says whether the authority declared it by its own word.
    """
    declared = declares(view, applicable, origins[0])
    return number_of_name(applicable.measure.id) << MEASURE_SHIFT | number_of_rows(view, origins) | declared


def number_of_report(view: View, track: int, origin: int) -> int:
    """The number of a report on infrastructure that goes back to a row."""
    return number_of_name(view.assertions.tracks[track]) << MEASURE_SHIFT | number_of_rows(view, (origin,))


def at_place(number: int, place: int) -> int:
    """The number of a cause at a place, counted along the lane's path; -1: on the lane as a whole."""
    return number | min(place + 1, MAX_PLACE) << 1


def at_places(numbers: IntArray, places: IntArray) -> IntArray:
    """The numbers of causes at places, as `at_place` has each; 0 where there is no cause. Shapes (causes,)."""
    placed: IntArray = np.where(numbers == 0, 0, numbers | np.clip(places + 1, 0, MAX_PLACE) << 1)
    return placed


@lru_cache(maxsize=65_536)
def number_of_name(name: str) -> int:
    """The part of a cause's number that the id of its measure makes."""
    return _digest(name, 63 - MEASURE_SHIFT)


def numbered(names: Iterable[str]) -> dict[int, str]:
    """Ids of measures by the part of a cause's number that they make."""
    return {number_of_name(name): name for name in names}


def number_of_rows(view: View, rows: Sequence[int]) -> int:
    """The part of a cause's number that the effects behind some rows make."""
    columns = view.assertions
    names = (f"{columns.announced_in(row)}#{columns.effect_number[row]}" for row in rows if row >= 0)
    return _digest(" ".join(names), ROW_BITS) << PLACE_BITS + 1


def _digest(text: str, bits: int) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 64 - bits


def declares(view: View, applicable: ApplicableMeasure, row: int) -> bool:
    """Whether a measure's authority declares a row by its own word."""
    basis = view.said(row).basis
    if basis is not None:
        return basis is Basis.DECLARED
    return applicable.measure.authority in view.assertions.attributed(row).parties
