"""A lane's status, and how bad it is. Source: design §6, the last table."""

from enum import IntFlag
from functools import cache

from tracker.model.vocabulary import Status

STATUSES = tuple(Status)  # arrays hold the number of a status in this
PASSABLE = (Status.RESTRICTED, Status.OPERATING, Status.OPEN)
SEVERITY: dict[str, int] = {  # for colours, panels and rankings
    Status.OPERATING: 0,
    Status.OPEN: 1,
    Status.RESTRICTED: 2,
    Status.UNREADY: 3,
    Status.UNVERIFIED: 4,
    Status.ONE_SIDED: 5,
    Status.CLOSED: 6,
}


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
    return Status.RESTRICTED if restricted else Status.OPEN


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
