"""A lane's status, and how bad it is. Source: design §6, the last table."""

from enum import IntFlag
from functools import cache

from tracker.model.vocabulary import Status

STATUSES = tuple(Status)  # arrays hold the number of a status in this
SEVERITY: dict[str, int] = {  # for colours, panels and rankings
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
UNHINDERED = frozenset({Status.OPEN, Status.PRESUMED})  # `operating` as soon as something is seen to pass


class Consequence(IntFlag):
    """The consequences of consents and of infrastructure for a lane; they add up."""

    PROHIBITED = 1
    UNKNOWN = 2
    RESTRICTED = 4
    SPOKEN = 8  # an authority whose consent is needed permits or restricts by its own word
    LACKING = 16  # infrastructure


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
