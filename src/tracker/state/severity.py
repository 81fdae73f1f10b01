"""How bad a lane's status is, as a number: for colours, panels and rankings."""

from tracker.model.vocabulary import Status

SEVERITY: dict[str, int] = {
    Status.OPERATING: 0,  # traffic is seen to pass
    Status.OPEN: 1,
    Status.RESTRICTED: 2,
    Status.UNREADY: 3,
    Status.UNVERIFIED: 4,
    Status.ONE_SIDED: 5,
    Status.CLOSED: 6,
}
