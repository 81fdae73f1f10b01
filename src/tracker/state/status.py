"""A lane's status, and how bad it is. Source: design §6, the last table."""

from collections.abc import Sequence
from enum import IntFlag
from functools import cache, lru_cache
from typing import NamedTuple

from tracker.model.vocabulary import Status

STATUSES = tuple(Status)  # arrays hold the number of a status in this
SEVERITY = {  # of `restricted` where the rest may pass: see `severity`
    Status.OPERATING: 0,
    Status.OPEN: 1,
    Status.PRESUMED: 2,
    Status.RESTRICTED: 3,
    Status.UNREADY: 5,
    Status.ONE_SIDED: 6,
    Status.UNVERIFIED: 7,
    Status.CLOSED: 8,
}
PASSABLE = frozenset(status for status in Status if SEVERITY[status] <= 4)
CLOSED_BUT_FOR = 4  # severity of `restricted` where the rest may not pass
UNHINDERED = frozenset({Status.OPEN, Status.PRESUMED})  # `operating` as soon as something is seen to pass


def severity(status: Status, otherwise: Status | None = None) -> int:
    """How bad a status is, for colours, panels and rankings.

    Args: otherwise: of `restricted`, the status of the flow that no class and no exemption holds; None: the same.
    """
    closed_but_for = status is Status.RESTRICTED and otherwise is not None and otherwise not in PASSABLE
    return CLOSED_BUT_FOR if closed_but_for else SEVERITY[status]


class Consequence(IntFlag):
    """The consequences of consents and of infrastructure for a lane; they add up."""

    PROHIBITED = 1
    UNKNOWN = 2
    RESTRICTED = 4
    SPOKEN = 8  # an authority whose consent is needed permits or restricts by its own word
    LACKING = 16  # infrastructure
    ABSENT = 32  # the crossing does not exist


def status_from(*, prohibited: bool, unknown: bool, spoken: bool, lacking: bool, restricted: bool) -> Status:
    """The first status that applies; `operating` takes a passage beside."""
    if prohibited:
        return Status.CLOSED
    if unknown:
        return Status.ONE_SIDED if spoken else Status.UNVERIFIED
    if lacking:
        return Status.UNREADY
    if restricted:
        return Status.RESTRICTED
    return Status.OPEN if spoken else Status.PRESUMED


@cache
def status_of(consequences: int) -> Status:
    """The status that follows from a set of `Consequence`."""
    return status_from(
        prohibited=bool(consequences & Consequence.PROHIBITED),
        unknown=bool(consequences & Consequence.UNKNOWN),
        spoken=bool(consequences & Consequence.SPOKEN),
        lacking=bool(consequences & Consequence.LACKING),
        restricted=bool(consequences & Consequence.RESTRICTED),
    )


class Choice(NamedTuple):
    """The status of a lane that takes the best site of each step that leaves a choice."""

    status: Status
    best: tuple[tuple[int, ...], ...]  # for each such step, the numbers of its sites that make the status so
    passable: tuple[tuple[bool, ...], ...]  # whether the lane would be passable by each site


@lru_cache(maxsize=65_536)
def choose(common: int, choices: tuple[tuple[int, ...], ...]) -> Choice:
    """Choose the best sites of a lane by their consequences.

    Args: common: the consequences of all steps that leave no choice; choices: for each other, those of its sites.
    """
    if not choices:
        return Choice(status_of(common), (), ())
    statuses = [_by_site(common, choices, number) for number in range(len(choices))]
    status = min((one for one in statuses[0] if one is not None), key=_severity)
    return Choice(
        status,
        tuple(_best(status, *step) for step in zip(statuses, choices, strict=True)),
        tuple(tuple(one in PASSABLE for one in step) for step in statuses),
    )


def _by_site(common: int, choices: Sequence[Sequence[int]], number: int) -> list[Status | None]:
    """The status of the lane by each site of a step, with the best sites of the other steps; None: it is not there."""
    others = {common}
    for sites in (*choices[:number], *choices[number + 1 :]):
        others = {other | site for other in others for site in sites if not site & Consequence.ABSENT}
    return [
        None if site & Consequence.ABSENT else min((status_of(site | other) for other in others), key=_severity)
        for site in choices[number]
    ]


def _best(status: Status, statuses: Sequence[Status | None], sites: Sequence[int]) -> tuple[int, ...]:
    """The numbers of the best sites; of a lane that is closed whatever the site, those that are best by themselves."""
    numbers = [number for number, one in enumerate(statuses) if one is status]
    if status is Status.CLOSED:
        own = [_severity(status_of(sites[number])) for number in numbers]
        numbers = [number for number, one in zip(numbers, own, strict=True) if one == min(own)]
    return tuple(numbers)


def _severity(status: Status) -> int:
    return SEVERITY[status]
