"""Measures beside the status of a lane, in words: restrictions of a part, formalities, exposure."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tracker.presentation.text import count, plain

if TYPE_CHECKING:
    from tracker.queries.answers import BesideAnswer, CauseAnswer, LaneAnswer
    from tracker.queries.change_answers import ChangeAnswer

MAX_BESIDE = 3  # of one kind; the others are counted


class BesideLine(NamedTuple):
    """A measure beside the status, or how many more there are."""

    name: str  # of its kind
    text: str
    measure: str | None  # None: more than are shown
    announcement: str | None


def beside_lines(lane: "LaneAnswer") -> Iterator[BesideLine]:
    """The first measures of each kind beside a lane's status, and how many more there are."""
    kinds: tuple[tuple[str, Sequence[CauseAnswer] | Sequence[BesideAnswer]], ...] = (
        ("Except", lane.exceptions),
        ("Formality", lane.formalities),
        ("Exposure", lane.exposure),
    )
    for name, measures in kinds:
        shown = measures if len(measures) <= MAX_BESIDE + 1 else measures[:MAX_BESIDE]
        for measure in shown:
            yield BesideLine(name, plain(measure.reason), measure.measure, measure.announcement)
        if len(shown) < len(measures):
            yield BesideLine(name, f"and {len(measures) - len(shown)} more", None, None)


def terms_of(change: "ChangeAnswer") -> list[str]:
    """The amount of a measure and the number of its exemptions, where the reason of a change does not say them."""
    amount = [change.amount] if change.amount and change.amount not in change.reason else []
    return amount + ([count(len(change.exemptions), "exemption")] if len(change.exemptions) > 1 else [])
