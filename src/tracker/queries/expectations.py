"""Expectations: what the record should say, and where it says something else."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from tracker.model.dates import Instant, When, close_of, instant
from tracker.model.errors import BadRequest, TrackerError
from tracker.model.expectation import Expectation
from tracker.queries.answers import InstrumentAnswer, LaneAnswer, LanesState, MeasureAnswer, PledgeAnswer, StateAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.promises import promises
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.state.record import Record
from tracker.timeline.knowledge import EVERYTHING, Known


class Finding(NamedTuple):
    """One thing that the record says, beside what it should say."""

    what: str
    expected: object
    found: object
    why: str

    def __str__(self) -> str:
        return f"{self.what} should be {_words(self.expected)}, and the record says {_words(self.found)}: {self.why}"


def misses(record: Record, expected: Expectation) -> list[str]:
    """How the record misses an expectation, in words; nothing where it meets it."""
    try:
        found = _findings(record, expected)
        return [str(each) for each in found if each.expected != each.found]
    except TrackerError as error:
        return [str(error)]


def _findings(record: Record, row: Expectation) -> list[Finding]:
    clocks = _clocks(record, row)
    if row.pledge_id is not None:
        return list(_of_pledge(promises(record, clocks), row))
    assert row.subject is not None
    selection = Selection(
        (row.subject,), mode=row.mode, traffic=row.traffic, direction=row.direction, goods=row.goods, only=row.only
    )
    answer = state(record, clocks, selection)[0]
    return list(_of_answer(answer, row))


def _clocks(record: Record, row: Expectation) -> Clocks:
    def read(when: When) -> Instant:
        return instant(when) if isinstance(when, datetime) else close_of(when.latest, record.tz)

    known = Known(EVERYTHING.announced_by if row.announced_by is None else read(row.announced_by))
    return Clocks(read(row.as_of), known, str(row.as_of))


def _of_pledge(ledger: list[PledgeAnswer], row: Expectation) -> Iterator[Finding]:
    found = next((each for each in ledger if each.pledge == row.pledge_id), None)
    if found is None:
        yield Finding(f"pledge {row.pledge_id}", row.became, "not made", "no announcement makes it by then")
    else:
        yield Finding(f"pledge {row.pledge_id}", row.became, found.status, f"made in {found.announcement}")


def _of_answer(answer: StateAnswer, row: Expectation) -> Iterator[Finding]:
    match answer:
        case LanesState():
            yield from _asked(row, "status", "control", "uncertain", "disputed", "passages", of="a place")
            for lane in answer.lanes:
                yield from _of_lane(answer.subject, lane, row)
            if row.control is not None:
                found = answer.control.by if answer.control else None
                yield Finding(f"control of {answer.subject}", row.control, found, "by its latest `control` effect")
        case MeasureAnswer():
            yield from _asked(row, "state", "uncertain", "disputed", of="a measure")
            if row.state is not None:
                yield Finding(answer.subject, row.state, answer.state, answer.reason)
            yield from _of_marks(answer.subject, answer, row)
        case InstrumentAnswer():
            yield from _asked(row, "stage", "uncertain", of="a text")
            if row.stage is not None:
                found = answer.by_party.get(row.party) if row.party else answer.stage
                yield Finding(f"stage of {answer.subject}", row.stage, found, answer.reason)
            yield from _of_marks(answer.subject, answer, row)


def _asked(row: Expectation, *answers: str, of: str) -> Iterator[Finding]:
    """Refuse a row that expects of one kind of subject what only another has."""
    for name in ("status", "state", "stage", "control", "uncertain", "disputed", "passages", "became"):
        if getattr(row, name) is not None and name not in answers:
            raise BadRequest(f"{row.subject} is {of}, which has no `{name}`: expect {', '.join(answers)}")
    return iter(())


def _of_lane(subject: str, lane: LaneAnswer, row: Expectation) -> Iterator[Finding]:
    name = f"{subject} {lane.mode} {lane.traffic} {lane.direction}"
    if row.status is not None:
        yield Finding(name, row.status, lane.status, lane.reason)
    if row.passages is not None:
        yield Finding(f"passages on {name}", row.passages, lane.passages.count, lane.reason)
    yield from _of_marks(name, lane, row)


def _of_marks(name: str, answer: LaneAnswer | MeasureAnswer | InstrumentAnswer, row: Expectation) -> Iterator[Finding]:
    uncertain = answer.uncertain
    if isinstance(row.uncertain, bool):
        yield Finding(f"uncertainty of {name}", row.uncertain, uncertain is not None, answer.reason)
    elif row.uncertain is not None:
        found = uncertain.alternative if uncertain else None
        yield Finding(f"the alternative of {name}", row.uncertain, found, answer.reason)
    if row.disputed is not None and not isinstance(answer, InstrumentAnswer):
        yield Finding(f"dispute about {name}", row.disputed, bool(answer.disputed), answer.reason)


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
