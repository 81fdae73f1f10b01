"""The life of a subject as an answer, and in words."""

from tracker.model.dates import FOREVER, Edge, is_midnight, moment, render
from tracker.model.lifespans import ALWAYS, Lifespan
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
    return ExistsAnswer(
        starts=render(Edge(life.begin, life.begin), view.tz),
        until=render(Edge(life.end, life.end), view.tz),
        last_day=_last_day(view, life),
        succeeds=subject.succeeds,
    )


def _last_day(view: View, life: Lifespan) -> str | None:
    if life.end >= FOREVER or not is_midnight(moment(life.end, view.tz)):
        return None
    return moment(life.end - 1, view.tz).date().isoformat()


def exists_text(exists: ExistsAnswer) -> str:
    """From when to when a subject exists, in words: "exists from 2011-07-09, succeeds SD"."""
    end = f"through {exists.last_day}" if exists.last_day else f"until {exists.until}" if exists.until else ""
    times = " ".join(filter(None, (exists.starts and f"from {exists.starts}", end)))
    told = (times and f"exists {times}", exists.succeeds and f"succeeds {exists.succeeds}")
    return ", ".join(filter(None, told))
