"""Statuses as they are shown: `restricted` looks different where the rest may pass and where it may not."""

from collections.abc import Sequence
from typing import Protocol

from tracker.model.vocabulary import Status
from tracker.presentation.text import first_of
from tracker.state.status import CLOSED_BUT_FOR, PASSABLE, SEVERITY

BUT_FOR = "closed-but-for"  # the look of `restricted` where the rest may not pass
_SEVERITIES = {BUT_FOR: CLOSED_BUT_FOR, **{status.value: number for status, number in SEVERITY.items()}}
LOOKS = tuple(sorted(_SEVERITIES, key=lambda look: -_SEVERITIES[look]))  # the worst first


def look(status: str, otherwise: Status | None) -> str:
    """The look of a status. Args: otherwise: of `restricted`, the status of the rest."""
    return BUT_FOR if otherwise is not None and otherwise not in PASSABLE else status


def rest_words(otherwise: Status | None, but_for: Sequence[str] = ()) -> str:
    """The status of the rest of a restricted lane, such as "closed but for humanitarian aid"; empty where it has none.

    Args: but_for: who or what has not the status of the rest; "some" where it is not known.
    """
    if otherwise is None:
        return ""
    return f"{'open' if otherwise in PASSABLE else otherwise.value} but for {first_of(but_for) or 'some'}"


def status_words(status: str, otherwise: Status | None, but_for: Sequence[str] = ()) -> str:
    """A status, and of `restricted` what the rest gets: "restricted: open but for lorries"."""
    return ": ".join(filter(None, (status, rest_words(otherwise, but_for))))


class Turned(Protocol):
    """A change of a lane, measure or text."""

    @property
    def before(self) -> str | None: ...
    @property
    def after(self) -> str: ...
    @property
    def otherwise_before(self) -> Status | None: ...
    @property
    def otherwise_after(self) -> Status | None: ...
    @property
    def but_for_before(self) -> tuple[str, ...]: ...
    @property
    def but_for_after(self) -> tuple[str, ...]: ...
    @property
    def amount_before(self) -> str | None: ...
    @property
    def amount_after(self) -> str | None: ...


def sides(turn: Turned) -> tuple[str | None, str]:
    """Both sides of a change in words, before and after; None where it was nothing, or where it is the same.

    Where only what decides changed, the second says so: "still closed".
    """
    before = None if turn.before is None else status_words(turn.before, turn.otherwise_before, turn.but_for_before)
    after = status_words(turn.after, turn.otherwise_after, turn.but_for_after)
    if before == after and turn.amount_before != turn.amount_after:
        return f"{before}, {turn.amount_before or 'no amount'}", turn.amount_after or "no amount"
    return (None, f"still {after}") if before == after else (before, after)
