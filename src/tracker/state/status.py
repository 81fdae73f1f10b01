"""A lane's status from what everybody's word and the infrastructure amount to. Source: design §6, the last table."""

from tracker.model.vocabulary import Status

PASSABLE = (Status.RESTRICTED, Status.OPERATING, Status.OPEN)


def status_from(*, prohibited: bool, unknown: bool, spoken: bool, lacking: bool, restricted: bool) -> Status:
    """The first status that applies; `operating` takes a passage beside."""
    if prohibited:
        return Status.CLOSED
    if unknown:
        return Status.ONE_SIDED if spoken else Status.UNVERIFIED
    if lacking:
        return Status.UNREADY
    return Status.RESTRICTED if restricted else Status.OPEN
