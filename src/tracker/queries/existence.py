"""The life of a subject as an answer, and in words."""

from tracker.model.lifespans import ALWAYS, WrittenSpan, span_text, written_span
from tracker.model.lives import life_of
from tracker.model.registry import Border, Corridor, Crossing, Party, Territory
from tracker.queries.answers import ExistsAnswer
from tracker.state.record import View

DOES_NOT_EXIST = "does not exist"  # in the place of a status, on a date outside a life
Living = Party | Territory | Border | Crossing | Corridor


def exists_answer(view: View, subject: Living) -> ExistsAnswer | None:
    """From when to when a subject exists; None where it neither begins nor ends on record, nor succeeds anything."""
    life = life_of(view.registry, subject)
    if life == ALWAYS and subject.succeeds is None:
        return None
    begin, until, last_day = written_span(life, view.tz)
    return ExistsAnswer(starts=begin, until=until, last_day=last_day, succeeds=subject.succeeds)


def exists_text(exists: ExistsAnswer) -> str:
    """From when to when a subject exists, in words: "exists from 2011-07-09, succeeds SD"."""
    times = span_text(WrittenSpan(exists.starts, exists.until, exists.last_day))
    told = (times and f"exists {times}", exists.succeeds and f"succeeds {exists.succeeds}")
    return ", ".join(filter(None, told))
