"""Questions about states: /state, /subjects, /diff, /series."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from tracker.api.pagination import many, one
from tracker.api.parameters import (
    DATE,
    Asked,
    Clocked,
    Lanes,
    Listed,
    Question,
    Spanned,
    SubjectPath,
    Subjects,
    Word,
)
from tracker.api.problems import Blamed, blaming
from tracker.model.errors import BadRequest, UnknownSubject
from tracker.model.vocabulary import Status, SubjectKind
from tracker.queries.answers import StateAnswer
from tracker.queries.change_answers import DiffAnswer, HistoryAnswer, SeriesPoint
from tracker.queries.clocks import Clocks
from tracker.queries.diff import diff as diff_query
from tracker.queries.history import history as history_query
from tracker.queries.history import series as series_query
from tracker.queries.state import state as state_query
from tracker.queries.subjects import SubjectAnswer
from tracker.queries.subjects import subject as subject_query
from tracker.queries.subjects import subjects as subjects_query
from tracker.queries.why import WhyAnswer
from tracker.queries.why import why as why_query
from tracker.services.records import Tracker

router = APIRouter(tags=["states"])


class StateQuestion(Subjects, Clocked, Listed):
    """Which states."""

    status: Status | None = Field(None, description="Only lanes like this.", examples=["closed"])


class SubjectsQuestion(Clocked, Listed):
    """Which entries of the registry."""

    kind: SubjectKind | None = Field(None, description="Only this kind.", examples=["crossing"])


class LaneQuestion(Lanes, Clocked):
    """Which lanes of a subject, and when."""


class DiffQuestion(Subjects, Question):
    """Two dates, or two states of knowledge about one."""

    before: Word = Field(description="The first date.", examples=["2025-10-20"])
    after: Word = Field(description="The second date.", examples=["2025-11-10"])
    known: bool = Field(
        False, description="Compare what had been announced by the two dates about as_of.", examples=[False]
    )
    as_of: Word | None = Field(
        None,
        description="With known: the date asked about. Default: today.",
        examples=["2025-10-23"],
        json_schema_extra={"pattern": DATE},
    )
    announced_by: Word | None = Field(
        None,
        description="Without known: only what had been announced in public by then.",
        examples=["2025-12-31"],
        json_schema_extra={"pattern": DATE},
    )
    recorded_by: Word | None = Field(
        None, description="Only what this tracker had recorded by then.", examples=["2026-12-31"]
    )


class SeriesQuestion(Subjects, Clocked, Listed, Spanned):
    """Which changes; as_of is the end of the series."""


@router.get("/state", summary="The state of everything, or of what is chosen", response_model=list[StateAnswer])
def state(request: Request, asked: Asked, q: Annotated[StateQuestion, Query()]) -> Response:
    """The state of borders, crossings, corridors, measures and instruments as of a date. CSV has a row for each lane,
    measure and text."""
    chosen, clocks = q.chosen(q.status), q.on(asked)
    with blaming("subject", only=UnknownSubject):
        answers = state_query(asked.record, clocks, chosen)
    return many(request, q, answers, "state", lambda each: (each.subject,))


@router.get("/subjects", summary="What is registered", response_model=list[SubjectAnswer])
def subjects(request: Request, asked: Asked, q: Annotated[SubjectsQuestion, Query()]) -> Response:
    """The registry: what has a state, and the territories and parties behind it."""
    answers = subjects_query(asked.record, q.on(asked), q.kind)
    return many(request, q, answers, "subjects", lambda each: (each.kind.value, each.id))


@router.get("/subjects/{subject}", summary="One entry of the registry", response_model=SubjectAnswer)
def subject(subject: SubjectPath, asked: Asked, q: Annotated[Clocked, Query()]) -> Response:
    """What has a state, by its id or a name; or a territory or party, by its id."""
    clocks = q.on(asked)
    with blaming("subject", "path", UnknownSubject):
        return one(subject_query(asked.record, clocks, subject))


@router.get("/subjects/{subject}/state", summary="The state of one subject", response_model=StateAnswer)
def subject_state(subject: SubjectPath, asked: Asked, q: Annotated[LaneQuestion, Query()]) -> Response:
    """The state of one border, crossing, corridor, measure or instrument as of a date, lane by lane."""
    chosen, clocks = q.selection(subject), q.on(asked)
    with blaming("subject", "path", UnknownSubject):
        return one(state_query(asked.record, clocks, chosen)[0])


@router.get("/subjects/{subject}/why", summary="Why it is so", response_model=WhyAnswer)
def why(subject: SubjectPath, asked: Asked, q: Annotated[LaneQuestion, Query()]) -> Response:
    """The same with its path, the parties, and every announcement that it rests on, with sources."""
    chosen, clocks = q.selection(subject), q.on(asked)
    with blaming("subject", "path", UnknownSubject):
        return one(why_query(asked.record, clocks, chosen))


@router.get("/subjects/{subject}/history", summary="How it changed", response_model=HistoryAnswer)
def history(subject: SubjectPath, asked: Asked, q: Annotated[LaneQuestion, Query()]) -> Response:
    """Every change of status, oldest first, with the announcements that made it. `as_of` is not used."""
    chosen, clocks = q.selection(subject), q.on(asked)
    with blaming("subject", "path", UnknownSubject):
        return one(history_query(asked.record, clocks, chosen)[0])


@router.get("/diff", summary="What differs between two dates", response_model=DiffAnswer)
def diff(asked: Asked, q: Annotated[DiffQuestion, Query()]) -> Response:
    """Everything that was one thing on the first date and is another on the second; or, with `known`, what was
    learned between the two about a third."""
    for name in ("announced_by",) if q.known else ("as_of",):
        if getattr(q, name) is not None:
            raise Blamed(name, "query", BadRequest(f"{name} does not go {'with' if q.known else 'without'} known"))
    chosen = q.chosen()
    clocks = [_clocks(asked, q, name) for name in ("before", "after")]
    with blaming("subject", only=UnknownSubject):
        return one(diff_query(asked.record, clocks[0], clocks[1], chosen))


def _clocks(asked: Tracker, q: DiffQuestion, name: str) -> Clocks:
    """The clocks of one of the two dates.

    Raises: Blamed.
    """
    date: str = getattr(q, name)
    with blaming(name):
        asked.clocks(date, None, None)  # by itself, so that an error names it
    as_of, announced_by = (q.as_of, date) if q.known else (date, q.announced_by)
    return Clocked(as_of=as_of, announced_by=announced_by, recorded_by=q.recorded_by).on(asked)


@router.get("/series", summary="Status over time, in long format", response_model=list[SeriesPoint])
def series(request: Request, asked: Asked, q: Annotated[SeriesQuestion, Query()]) -> Response:
    """One row for each change of each lane, measure and text between `from` and `as_of`, and one for what held at
    `from`; by time. Made for panels such as Grafana's."""
    chosen, clocks, begin = q.chosen(), q.on(asked), q.begins(asked)
    with blaming("subject", only=UnknownSubject):
        answers = series_query(asked.record, clocks, chosen, begin)
    return many(request, q, answers, "series", _place)


def _place(point: SeriesPoint) -> tuple[str, ...]:
    return point.time, point.subject, point.mode or "", point.traffic or "", point.direction or ""
