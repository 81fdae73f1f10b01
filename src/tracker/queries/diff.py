"""What differs between two dates, or between two states of knowledge about one date."""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.model.vocabulary import Mode, Traffic
from tracker.queries.answers import Asked, InstrumentAnswer, LanesState, StateAnswer
from tracker.queries.change_answers import DiffAnswer, Difference
from tracker.queries.clocks import Clocks
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.state.record import Record


class Key(NamedTuple):
    """What is compared: a lane, or a measure or text as a whole."""

    subject: str
    mode: Mode | None = None
    traffic: Traffic | None = None
    direction: str | None = None


class Said(NamedTuple):
    """What one state says of it."""

    answer: StateAnswer | None
    status: str
    reason: str


NOT_REGISTERED = Said(None, "not registered", "")


def diff(record: Record, before: Clocks, after: Clocks, selection: Selection) -> DiffAnswer:
    """Every lane, measure and text that was one thing and is another.

    Raises: UnknownSubject, BadRequest.
    """
    first, second = (dict(_said(state(record, each, selection))) for each in (before, after))
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
    return DiffAnswer(before=asked(before), after=asked(after), differences=tuple(differences))


def _said(answers: list[StateAnswer]) -> Iterator[tuple[Key, Said]]:
    for answer in answers:
        match answer:
            case LanesState():
                for lane in answer.lanes:
                    key = Key(answer.subject, lane.mode, lane.traffic, lane.direction)
                    yield key, Said(answer, lane.status, lane.reason)
            case InstrumentAnswer():
                yield Key(answer.subject), Said(answer, answer.stage or "none", answer.reason)
            case _:
                yield Key(answer.subject), Said(answer, answer.state, answer.reason)


def asked(clocks: Clocks) -> Asked:
    """The clocks of a question, as asked."""
    return Asked(as_of=clocks.as_of_text, announced_by=clocks.announced_by_text, recorded_by=clocks.recorded_by_text)
