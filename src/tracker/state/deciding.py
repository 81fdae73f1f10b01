"""What decides a lane's status, so that history has a row wherever it changes. Source: design §9, "What decides"."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import NamedTuple

from tracker.model.dates import BEGINNING, Instant
from tracker.model.vocabulary import Level, Status
from tracker.state.consents import Cause, Role, Slots, joined
from tracker.state.decision_changes import DecisionChange
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
from tracker.state.status import status_of
from tracker.timeline.track_history import NOTHING

WIDTH = 16  # keys of one slot in a `Tally`: its decisions, and when something was lifted, or lapsed, in it
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
    """A change of decisions in one slot of a lane."""

    at: Instant
    slot: int
    change: DecisionChange
    cause: int  # its number, at its place


class Deciding(NamedTuple):
    """A status, and the sum of the numbers of all that decide it: equal as long as what decides is the same."""

    status: Status
    causes: int


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


def judged(slots: Slots, points: Iterable[Instant], changes: Iterable[SlotChange]) -> list[Deciding]:
    """The status of a lane from each point on, but for passages, and what decides it.

    Args: points: ascending, all instants of changes among them.
    """
    counts = [[0] * len(Decision) for _ in slots.roles]
    sums = [[0] * len(Decision) for _ in slots.roles]
    following = [consequences(role, 0) for role in slots.roles]
    decisions, ends = [0] * len(slots.roles), [[BEGINNING, BEGINNING] for _ in slots.roles]
    to_come = sorted(changes, key=itemgetter(0), reverse=True)
    made: list[Deciding] = []
    for at in points:
        if made and not (to_come and to_come[-1].at == at):
            made.append(made[-1])
            continue
        while to_come and to_come[-1].at == at:
            _, slot, (_, decision, more, _, begins), cause = to_come.pop()
            counts[slot][decision] += more
            sums[slot][decision] += more * weight(slot, decision, cause)
            bit = 1 << decision
            decisions[slot] = decisions[slot] | bit if counts[slot][decision] else decisions[slot] & ~bit
            if more > 0 and begins and bit & ENDS:
                ends[slot][bit != LIFTED] = at
            following[slot] = consequences(slots.roles[slot], last_end(decisions[slot], *ends[slot]))
        counting_slots = slots.deciding(following)
        status = status_of(joined(following, counting_slots))
        causes = 0
        for slot in counting_slots:
            some = decisive(slots.roles[slot], last_end(decisions[slot], *ends[slot]), status)
            causes += sum(sums[slot][decision] for decision in Decision if some >> decision & 1)
        made.append(Deciding(status, causes % 2**64))
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
