"""A lane's status, and how bad it is. Source: design §6, the last table."""

from enum import IntFlag
from functools import cache

from tracker.model.vocabulary import Status

SEVERITY: dict[str, int] = {  # for colours, panels and rankings
    Status.OPERATING: 0,
    Status.OPEN: 1,
    Status.RESTRICTED: 2,
    Status.UNREADY: 3,
    Status.UNVERIFIED: 4,
    Status.ONE_SIDED: 5,
    Status.CLOSED: 6,
}
PASSABLE = (Status.RESTRICTED, Status.OPERATING, Status.OPEN)
STATUSES = tuple(Status)  # arrays hold a status as its number in this


class Outcome(IntFlag):
    """What the consents that a lane needs, and its infrastructure, amount to."""

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
def status_of(outcome: int) -> Status:
    """The status that an `Outcome` amounts to."""
    return status_from(
        prohibited=bool(outcome & Outcome.PROHIBITED),
        unknown=bool(outcome & Outcome.UNKNOWN),
        spoken=bool(outcome & Outcome.SPOKEN),
        lacking=bool(outcome & Outcome.LACKING),
        restricted=bool(outcome & Outcome.RESTRICTED),
    )
