"""Statuses as they are shown: `restricted` looks different where the rest may pass and where it may not."""

from tracker.model.vocabulary import Status
from tracker.state.status import CLOSED_BUT_FOR, PASSABLE, SEVERITY

BUT_FOR = "closed-but-for"  # the look of `restricted` where the rest may not pass
_SEVERITIES = {BUT_FOR: CLOSED_BUT_FOR, **{status.value: number for status, number in SEVERITY.items()}}
LOOKS = tuple(sorted(_SEVERITIES, key=lambda look: -_SEVERITIES[look]))  # the worst first


def look(status: str, otherwise: Status | None) -> str:
    """The look of a status. Args: otherwise: of `restricted`, the status of the rest."""
    return BUT_FOR if otherwise is not None and otherwise not in PASSABLE else status


def rest_words(otherwise: Status | None) -> str:
    """The status of the rest of a restricted lane in words, such as "closed but for some"; empty where it has none."""
    if otherwise is None:
        return ""
    return f"{'open' if otherwise in PASSABLE else otherwise.value} but for some"
