"""Differences between two dates, or between two states of knowledge about one date."""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.model.vocabulary import Mode, Traffic
from tracker.queries.answers import ClocksAnswer, InstrumentAnswer, LanesState, StateAnswer
from tracker.queries.change_answers import DiffAnswer, Difference
from tracker.queries.clocks import Clocks
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.state.record import Record


class DiffKey(NamedTuple):
    """A lane, or a measure or text as a whole."""

    subject: str
    mode: Mode | None = None
    traffic: Traffic | None = None
    direction: str | None = None


class DiffValue(NamedTuple):
    """The status of a lane, measure or text in one of the two states."""

    answer: StateAnswer | None
    status: str
    reason: str


NOT_REGISTERED = DiffValue(None, "not registered", "")


def diff(record: Record, before: Clocks, after: Clocks, selection: Selection) -> DiffAnswer:
    """List the lanes, measures and texts whose status differs between two sets of clocks.

    Raises: UnknownSubject, BadRequest.
    """
    first, second = (dict(_values(state(record, clocks, selection))) for clocks in (before, after))
    differences = []
    for key in dict.fromkeys((*first, *second)):
        old, new = first.get(key, NOT_REGISTERED), second.get(key, NOT_REGISTERED)
        answer = new.answer or old.answer
        if old.status != new.status and answer is not None:
            differences.append(
                Difference(
                    **key._asdict(),
                    kind=answer.kind,
                    name=answer.name,
                    before=old.status,
                    after=new.status,
                    reason_before=old.reason,
                    reason_after=new.reason,
                )
            )
    return DiffAnswer(
        before=ClocksAnswer(**before.texts), after=ClocksAnswer(**after.texts), differences=tuple(differences)
    )


def _values(answers: list[StateAnswer]) -> Iterator[tuple[DiffKey, DiffValue]]:
    for answer in answers:
        match answer:
            case LanesState():
                for lane in answer.lanes:
                    key = DiffKey(answer.subject, lane.mode, lane.traffic, lane.direction)
                    yield key, DiffValue(answer, lane.status, lane.reason)
            case InstrumentAnswer():
                yield DiffKey(answer.subject), DiffValue(answer, answer.stage or "none", answer.reason)
            case _:
                yield DiffKey(answer.subject), DiffValue(answer, answer.state, answer.reason)
