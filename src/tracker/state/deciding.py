"""The causes that decide a lane's status: history has a row wherever they change. Source: design §9, "What decides"."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import NamedTuple

from tracker.model.dates import BEGINNING, Instant
from tracker.model.vocabulary import Level, Status
from tracker.state.consents import Cause
from tracker.state.permission import (
    DECISIONS,
    ENDS,
    HALVES,
    LAPSED,
    LEVELS,
    LIFTED,
    Decision,
    consequences,
    counting,
    halves_together,
    last_end,
)
from tracker.state.slots import Role, Slots
from tracker.state.status import Choice, Consequence
from tracker.timeline.track_history import NOTHING

KINDS = len(Decision)  # of decisions
RANKS = {level: rank for rank, level in enumerate(Level)}  # the worst level first
WIDTH = KINDS + 2  # keys of one slot in a `Tally`: its decisions, and when something was lifted or lapsed in it
Best = Callable[[int], Sequence[Sequence[int]]]  # by point: the numbers of the best sites of each choice
MIXING = 0x9E3779B97F4A7C15  # odd, so that a sum of numbers tells in which slots they decide, and how

LEVEL_OF: Mapping[Status, Level] = {  # of the decisive cause; of the others no measure is
    Status.CLOSED: Level.PROHIBITED,
    Status.ONE_SIDED: Level.UNKNOWN,
    Status.UNVERIFIED: Level.UNKNOWN,
    Status.RESTRICTED: Level.RESTRICTED,
    Status.OPEN: Level.PERMITTED,
}
_DECISIVE: Mapping[Status, int] = {
    Status.CLOSED: 1 << Decision.PROHIBITED,
    Status.ONE_SIDED: DECISIONS,
    Status.UNVERIFIED: LAPSED,
    Status.UNREADY: 1 << Decision.LACKING,
    Status.RESTRICTED: sum(1 << decision for decision, level in LEVELS.items() if level is Level.RESTRICTED),
    Status.OPEN: DECISIONS,
    Status.PRESUMED: 0,
    Status.OPERATING: 0,  # the first passage decides, as long as the lane stays passable
}


class SlotChange(NamedTuple):
    """A change of how many measures decide in one way in one slot of a lane."""

    at: Instant
    slot: int
    decision: int
    more: int
    weight: int  # how much larger the sum of `weight` of their causes becomes
    fresh: bool  # whether some measure decides so that did not just before


class Judgement(NamedTuple):
    """A status, and what decides it: equal as long as both stay."""

    status: Status
    otherwise: Status | None  # of `restricted`: the status of the rest, where it is another
    causes: int  # the sum of the numbers of all causes that decide


class Judged(NamedTuple):
    """The status of a lane but for passages, with the best sites; and what decides it."""

    choice: Choice
    decisions: Sequence[int]  # in each slot, the set of decisions as for `counting`
    causes: int  # the sum of the numbers of all causes that decide; 0 where nobody asked


@cache
def decisive(role: Role, decisions: int, status: Status) -> int:
    """Of all decisions in one slot of a lane, those that decide a status. Takes and returns a set.

    Args: decisions: as for `counting`.
    """
    count = counting(role, decisions) & _DECISIVE[status]
    halves = decisions & HALVES
    if halves and count >> halves_together(role, decisions) & 1:
        count |= halves
    return count & decisions


def weight(slot: int, decision: int, cause: int) -> int:
    """The share of a cause's number in the sum of all that decide, by its slot and decision; below 2**64."""
    return cause * (2 * (slot * WIDTH + decision) + 1) * MIXING % 2**64


class Judge:
    """The status of a lane as its decisions change, but for passages; and the causes that decide it."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        roles = slots.roles
        self._counts = [[0] * KINDS for _ in roles]
        self._sums = [[0] * KINDS for _ in roles]
        self._standing, self._following = [0] * len(roles), [consequences(role, 0) for role in roles]
        self.decisions = [0] * len(roles)  # the set of decisions in each slot, as for `counting`
        self._ends = [[BEGINNING, BEGINNING] for _ in roles]

    def take(self, changed: SlotChange) -> None:
        """Take in a change, in the order of time."""
        at, slot, decision, more, weight, fresh = changed
        self._sums[slot][decision] += weight
        if not more and not fresh:
            return
        self._counts[slot][decision] += more
        bit = 1 << decision
        self._standing[slot] = (
            self._standing[slot] | bit if self._counts[slot][decision] else self._standing[slot] & ~bit
        )
        if fresh and bit & ENDS:
            self._ends[slot][bit != LIFTED] = at
        decisions = self.decisions[slot] = last_end(self._standing[slot], *self._ends[slot])
        self._following[slot] = consequences(self._slots.roles[slot], decisions)

    @property
    def choice(self) -> Choice:
        """The status that follows, with the best sites."""
        return self._slots.choice(self._following)

    def causes(self, status: Status, best: Iterable[Sequence[int]]) -> int:
        """The sum of the numbers of all causes that decide a status. Args: best: the best sites of each choice."""
        total = 0
        for slot in self._slots.deciding(best):
            some = decisive(self._slots.roles[slot], self.decisions[slot], status)
            if some:
                total += sum(number for decision, number in enumerate(self._sums[slot]) if some >> decision & 1)
            if (
                LEVEL_OF.get(status) is Level.UNKNOWN
                and self._following[slot] & Consequence.UNKNOWN
                and not some & LAPSED
            ):
                total += self._slots.silences[slot]
        return total % 2**64


def judged(
    slots: Slots, points: Iterable[Instant], changes: Iterable[SlotChange], best: Best | None = None
) -> list[Judged]:
    """The status of a lane from each point on, but for passages; and what decides it, where the best sites are given.

    Args: points: ascending, all instants of changes after the first of them; best: gives the best sites from each on.
    """
    judge, made = Judge(slots), list[Judged]()
    to_come = sorted(changes, key=itemgetter(0), reverse=True)
    for number, at in enumerate(points):
        changed = not made
        while to_come and to_come[-1].at <= at:
            changed = changed or to_come[-1].more != 0 or to_come[-1].fresh
            judge.take(to_come.pop())
        choice = judge.choice if changed else made[-1].choice
        decisions = tuple(judge.decisions) if changed else made[-1].decisions
        made.append(Judged(choice, decisions, 0 if best is None else judge.causes(choice.status, best(number))))
    return made


def decisive_cause(causes: Sequence[Cause], status: Status) -> Cause | None:
    """The cause that is told as the reason of a status; None where it is no word of an authority, or its silence.

    Args: causes: the worst first.
    """
    level = LEVEL_OF.get(status)
    if level is None:
        return None
    if status is Status.OPEN:  # an authority's own statement first, then the newest
        words = [cause for cause in causes if cause.row != NOTHING]
        return min(words, key=lambda cause: (not cause.number & 1, -cause.begun))
    return next(cause for cause in causes if cause.level is level)


@cache
def level_ranks(role: Role, decisions: int) -> tuple[int, ...]:
    """By decision, how bad its level is where it counts in a slot; -1 where it does not. Args: as for `counting`."""
    count = counting(role, decisions)
    joined = {
        decision: halves_together(role, decisions) if HALVES >> decision & 1 else decision for decision in Decision
    }
    return tuple(RANKS[LEVELS[own]] if count >> own & 1 and own in LEVELS else -1 for own in joined.values())
