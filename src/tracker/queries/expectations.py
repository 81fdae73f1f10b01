"""Expectations, and where the answers of a record miss them."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from tracker.model.dates import Instant, When, close_of, instant
from tracker.model.errors import BadRequest, TrackerError
from tracker.model.expectation import Expectation
from tracker.queries.answers import LaneAnswer, LanesState, PledgeAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.measure_answers import InstrumentAnswer, MeasureAnswer, StateAnswer
from tracker.queries.promises import promises
from tracker.queries.reasons import lane_words
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.state.record import Record
from tracker.timeline.knowledge import EVERYTHING, Known


class Comparison(NamedTuple):
    """An expected value beside that of the record."""

    subject: str
    expected: object
    actual: object
    reason: str

    def __str__(self) -> str:
        expected, actual = _words(self.expected), _words(self.actual)
        return f"{self.subject} should be {expected}, and the record says {actual}: {self.reason}"


def misses(record: Record, expected: Expectation) -> list[str]:
    """The misses of an expectation, in words; empty where the record meets it."""
    try:
        comparisons = _comparisons(record, expected)
        return [str(comparison) for comparison in comparisons if comparison.expected != comparison.actual]
    except TrackerError as error:
        return [str(error)]


def _comparisons(record: Record, row: Expectation) -> list[Comparison]:
    clocks = _clocks(record, row)
    if row.pledge_id is not None:
        return list(_of_pledge(promises(record, clocks), row))
    assert row.subject is not None
    selection = Selection(
        (row.subject,), mode=row.mode, traffic=row.traffic, direction=row.direction,
        goods=row.goods, only=row.only, origin=row.origin, destination=row.destination,
    )  # fmt: skip
    answer = state(record, clocks, selection)[0]
    return list(_of_answer(answer, row))


def _clocks(record: Record, row: Expectation) -> Clocks:
    def read(when: When) -> Instant:
        return instant(when) if isinstance(when, datetime) else close_of(when.latest, record.tz)

    known = Known(EVERYTHING.announced_by if row.announced_by is None else read(row.announced_by))
    day = None if isinstance(row.as_of, datetime) or not row.as_of.exact else row.as_of.latest
    return Clocks(read(row.as_of), known, str(row.as_of), day=day)


def _of_pledge(ledger: list[PledgeAnswer], row: Expectation) -> Iterator[Comparison]:
    pledge = next((pledge for pledge in ledger if pledge.pledge == row.pledge_id), None)
    if pledge is None:
        yield Comparison(f"pledge {row.pledge_id}", row.became, "not made", "no announcement makes it by then")
    else:
        yield Comparison(f"pledge {row.pledge_id}", row.became, pledge.status, f"made in {pledge.announcement}")


def _of_answer(answer: StateAnswer, row: Expectation) -> Iterator[Comparison]:
    match answer:
        case LanesState():
            _refuse_other(row, "a place", "status", "control", "uncertain", "disputed", "passages")
            for lane in answer.lanes:
                yield from _of_lane(answer.subject, lane, row)
            if row.control is not None:
                party = answer.control.by if answer.control else None
                yield Comparison(f"control of {answer.subject}", row.control, party, "by its latest `control` effect")
        case MeasureAnswer():
            _refuse_other(row, "a measure", "state", "uncertain", "disputed")
            if row.state is not None:
                yield Comparison(answer.subject, row.state, answer.state, answer.reason)
            yield from _of_marks(answer.subject, answer, row)
        case InstrumentAnswer():
            _refuse_other(row, "a text", "stage", "uncertain")
            if row.stage is not None:
                stage = answer.by_party.get(row.party) if row.party else answer.stage
                yield Comparison(f"stage of {answer.subject}", row.stage, stage, answer.reason)
            yield from _of_marks(answer.subject, answer, row)


def _refuse_other(row: Expectation, kind: str, *answers: str) -> None:
    """Refuse a row that expects an answer which a subject of its kind does not have. Raises: BadRequest."""
    for name in ("status", "state", "stage", "control", "uncertain", "disputed", "passages", "became"):
        if getattr(row, name) is not None and name not in answers:
            raise BadRequest(f"{row.subject} is {kind}, which has no `{name}`: expect {', '.join(answers)}")


def _of_lane(subject: str, lane: LaneAnswer, row: Expectation) -> Iterator[Comparison]:
    name = lane_words(subject, lane)
    if row.status is not None:
        yield Comparison(name, row.status, lane.status, lane.reason)
    if row.passages is not None:
        yield Comparison(f"passages on {name}", row.passages, lane.passages.count, lane.reason)
    yield from _of_marks(name, lane, row)


def _of_marks(
    name: str, answer: LaneAnswer | MeasureAnswer | InstrumentAnswer, row: Expectation
) -> Iterator[Comparison]:
    uncertain = answer.uncertain
    if isinstance(row.uncertain, bool):
        yield Comparison(f"uncertainty of {name}", row.uncertain, uncertain is not None, answer.reason)
    elif row.uncertain is not None:
        alternative = uncertain.alternative if uncertain else None
        yield Comparison(f"the alternative of {name}", row.uncertain, alternative, answer.reason)
    if row.disputed is not None and not isinstance(answer, InstrumentAnswer):
        yield Comparison(f"dispute about {name}", row.disputed, bool(answer.disputed), answer.reason)


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
