"""Endpoints about states: /state, /subjects, /diff, /series, /map.geojson."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from tracker.api.pagination import json_response, list_response
from tracker.api.parameters import (
    DATE_PATTERN,
    FIRM_PARAMETER,
    ClockParameters,
    CurrentTracker,
    LaneParameters,
    ListParameters,
    QueryParameters,
    ShortText,
    StartParameter,
    SubjectParameters,
    SubjectPath,
    SupposeParameters,
    end_instant,
)
from tracker.api.problems import ParameterError, blaming
from tracker.api.state import server_state
from tracker.model.dates import BEGINNING
from tracker.model.errors import BadRequest, UnknownSubject
from tracker.model.registry import Registry
from tracker.model.vocabulary import Status, SubjectKind
from tracker.queries.about import ids_about
from tracker.queries.change_answers import DiffAnswer, HistoryAnswer, PeriodChange, SeriesPoint
from tracker.queries.changes import changes as changes_query
from tracker.queries.changes import series as series_query
from tracker.queries.clocks import Clocks
from tracker.queries.diff import diff as diff_query
from tracker.queries.geography import FeatureCollection
from tracker.queries.geography import features as features_query
from tracker.queries.history import history as history_query
from tracker.queries.measure_answers import StateAnswer
from tracker.queries.need_answers import SubjectNeeds
from tracker.queries.needs import needs as needs_query
from tracker.queries.selection import find_party
from tracker.queries.state import state as state_query
from tracker.queries.subjects import SubjectAnswer
from tracker.queries.subjects import subject as subject_query
from tracker.queries.subjects import subjects as subjects_query
from tracker.queries.supposed import MAX_SUPPOSED
from tracker.queries.why import WhyAnswer
from tracker.queries.why import why as why_query
from tracker.services.records import Tracker

router = APIRouter(tags=["states"])
map_router = APIRouter(tags=["map"])


class StateParameters(SubjectParameters, SupposeParameters, ListParameters):
    """The states asked about."""

    status: Status | None = Field(None, description="Only lanes with this status.", examples=["closed"])


class SubjectsParameters(ClockParameters, ListParameters):
    """The entries of the registry asked about."""

    kind: SubjectKind | None = Field(None, description="Only this kind.", examples=["crossing"])


class SubjectStateParameters(LaneParameters, ClockParameters):
    """The lanes of one subject, and the clocks."""


class SubjectSupposedParameters(LaneParameters, SupposeParameters):
    """The lanes of one subject, the clocks, and what is supposed."""


class NeedsParameters(SubjectSupposedParameters):
    """The lanes of one subject, and how sure their passage has to be."""

    firm: bool = FIRM_PARAMETER


class DiffParameters(SubjectParameters, QueryParameters):
    """Two dates, or two states of knowledge about one."""

    before: ShortText = Field(description="The first date.", examples=["2025-10-20"])
    after: ShortText = Field(description="The second date.", examples=["2025-11-10"])
    known: bool = Field(
        False, description="Compare what had been announced by the two dates about as_of.", examples=[False]
    )
    as_of: ShortText | None = Field(
        None,
        description="With known: the date asked about. Default: today.",
        examples=["2025-10-23"],
        json_schema_extra={"pattern": DATE_PATTERN},
    )
    announced_by: ShortText | None = Field(
        None,
        description="Without known: only what had been announced in public by then.",
        examples=["2025-12-31"],
        json_schema_extra={"pattern": DATE_PATTERN},
    )
    recorded_by: ShortText | None = Field(
        None, description="Only what this tracker had recorded by then.", examples=["2026-12-31"]
    )
    suppose: list[ShortText] = Field(
        default_factory=list,
        description="Statements to suppose on the later side only: see /state.",
        examples=[["lift tr-closure-1993"]],
        max_length=MAX_SUPPOSED,
    )


class HistoryParameters(SubjectStateParameters):
    """The lanes of one subject, and how closely to look."""

    status_only: bool = Field(
        False, description="Leave out changes of what decides that leave the status as it is.", examples=[False]
    )


class PeriodParameters(SubjectParameters, ClockParameters, ListParameters, StartParameter):
    """The changes asked about; `to` is by default `as_of`."""

    to: ShortText | None = Field(
        None, description="Only by then: a day or an instant with its offset.", examples=["2025-11-06"],
        json_schema_extra={"pattern": DATE_PATTERN},
    )  # fmt: skip
    about: ShortText | None = Field(
        None, description="Only what concerns this subject, territory or party: its id or name.", examples=["margara"]
    )
    party: ShortText | None = Field(
        None, description="Only by statements of this party: its id or name.", examples=["AM"]
    )


class SeriesParameters(SubjectParameters, ClockParameters, ListParameters, StartParameter):
    """The changes asked about; as_of is the end of the series."""


class MapParameters(SubjectParameters, ClockParameters):
    """The features asked about."""

    status: Status | None = Field(None, description="Only lanes with this status.", examples=["open"])


@router.get("/state", summary="The state of all subjects, or of the chosen ones", response_model=list[StateAnswer])
def state(request: Request, tracker: CurrentTracker, query: Annotated[StateParameters, Query()]) -> Response:
    """The state of borders, crossings, corridors, measures and instruments as of a date. CSV has a row for each lane,
    measure and text."""
    selection = query.selection(query.status)
    record, clocks = query.supposed(tracker.record, query.clocks(tracker))
    with blaming("subject", only=UnknownSubject):
        answers = state_query(record, clocks, selection)
    return list_response(request, query, answers, "state", lambda answer: (answer.subject,))


@router.get("/subjects", summary="Entries of the registry", response_model=list[SubjectAnswer])
def subjects(request: Request, tracker: CurrentTracker, query: Annotated[SubjectsParameters, Query()]) -> Response:
    """Entries of the registry: the subjects that have a state, and the territories and parties behind them."""
    answers = subjects_query(tracker.record, query.clocks(tracker), query.kind)
    return list_response(request, query, answers, "subjects", lambda answer: (answer.kind.value, answer.id))


@router.get("/subjects/{subject}", summary="One entry of the registry", response_model=SubjectAnswer)
def subject(subject: SubjectPath, tracker: CurrentTracker, query: Annotated[ClockParameters, Query()]) -> Response:
    """A border, crossing, corridor, measure or instrument, by its id or a name; or a territory or party, by its id."""
    clocks = query.clocks(tracker)
    with blaming("subject", "path", UnknownSubject):
        return json_response(subject_query(tracker.record, clocks, subject))


@router.get("/subjects/{subject}/state", summary="The state of one subject", response_model=StateAnswer)
def subject_state(
    subject: SubjectPath, tracker: CurrentTracker, query: Annotated[SubjectSupposedParameters, Query()]
) -> Response:
    """The state of one border, crossing, corridor, measure or instrument as of a date, lane by lane."""
    selection = query.lanes_of(subject)
    record, clocks = query.supposed(tracker.record, query.clocks(tracker))
    with blaming("subject", "path", UnknownSubject):
        return json_response(state_query(record, clocks, selection)[0])


@router.get("/subjects/{subject}/why", summary="The reasons for a subject's state", response_model=WhyAnswer)
def why(
    subject: SubjectPath, tracker: CurrentTracker, query: Annotated[SubjectSupposedParameters, Query()]
) -> Response:
    """The state of one subject as of a date, with its path, the parties, and every announcement that it rests on, with
    sources."""
    selection = query.lanes_of(subject)
    record, clocks = query.supposed(tracker.record, query.clocks(tracker))
    with blaming("subject", "path", UnknownSubject):
        return json_response(why_query(record, clocks, selection))


@router.get(
    "/subjects/{subject}/needs",
    summary="The fewest things missing until a subject's lanes are passable",
    response_model=SubjectNeeds,
)
def needs(subject: SubjectPath, tracker: CurrentTracker, query: Annotated[NeedsParameters, Query()]) -> Response:
    """For each lane of a border, crossing or corridor, the fewest restrictions to be lifted, words
    to be spoken and infrastructure to be finished until it is passable, with their places and the open pledges."""
    selection = query.lanes_of(subject)
    record, clocks = query.supposed(tracker.record, query.clocks(tracker))
    with blaming("subject", "path"):
        return json_response(needs_query(record, clocks, selection, firm=query.firm))


@router.get("/subjects/{subject}/history", summary="Changes of a subject's status", response_model=HistoryAnswer)
def history(subject: SubjectPath, tracker: CurrentTracker, query: Annotated[HistoryParameters, Query()]) -> Response:
    """Every change of one subject's status, or of what decides it, oldest first, with the announcements that made it.
    `as_of` is not used."""
    selection, clocks = query.lanes_of(subject), query.clocks(tracker)
    with blaming("subject", "path", UnknownSubject):
        return json_response(history_query(tracker.record, clocks, selection, status_only=query.status_only)[0])


@router.get("/diff", summary="Differences between two dates", response_model=DiffAnswer)
def diff(tracker: CurrentTracker, query: Annotated[DiffParameters, Query()]) -> Response:
    """Every status that differs between the first date and the second; or, with `known`, between the states of
    knowledge on the two dates about a third."""
    unused = "announced_by" if query.known else "as_of"
    if getattr(query, unused) is not None:
        error = BadRequest(f"{unused} cannot be given {'with' if query.known else 'without'} known")
        raise ParameterError(unused, "query", error)
    selection = query.selection()
    before, after = (_clocks(tracker, query, name) for name in ("before", "after"))
    later, after = SupposeParameters(suppose=query.suppose).supposed(tracker.record, after)
    with blaming("subject", only=UnknownSubject):
        return json_response(diff_query(tracker.record, before, after, selection, later=later))


@router.get("/diff/changes", summary="Every change in a period", response_model=list[PeriodChange])
def changes(request: Request, tracker: CurrentTracker, query: Annotated[PeriodParameters, Query()]) -> Response:
    """Every change of lanes, measures and texts from `from` to `to`, also what was undone in between, by time."""
    selection, clocks = query.selection(), query.clocks(tracker)
    begin, end = query.start_instant(tracker), end_instant(tracker, "to", query.to)
    span = BEGINNING if begin is None else begin, clocks.as_of if end is None else end
    with blaming("party", only=UnknownSubject):
        if query.party is not None:
            find_party(tracker.record.at(clocks.known).registry, query.party)
    with blaming("about", only=UnknownSubject):
        if query.about is not None:
            ids_about(tracker.record.at(clocks.known), query.about)
    with blaming("subject", only=UnknownSubject):
        answers = changes_query(tracker.record, clocks, *span, selection, about=query.about, party=query.party)
    return list_response(request, query, answers, "changes-in-period", _change_key)


def _change_key(change: PeriodChange) -> tuple[str, ...]:
    return change.at, change.subject, change.mode or "", change.traffic or "", change.direction or "", change.reason


def _clocks(tracker: Tracker, query: DiffParameters, name: str) -> Clocks:
    """The clocks of the date that a parameter names.

    Raises: ParameterError.
    """
    date: str = getattr(query, name)
    with blaming(name):
        tracker.clocks(date, None, None)  # by itself, so that an error names it
    as_of, announced_by = (query.as_of, date) if query.known else (date, query.announced_by)
    clocks = ClockParameters(as_of=as_of, announced_by=announced_by, recorded_by=query.recorded_by)
    return clocks.clocks(tracker)


@router.get("/series", summary="Status over time, in long format", response_model=list[SeriesPoint])
def series(request: Request, tracker: CurrentTracker, query: Annotated[SeriesParameters, Query()]) -> Response:
    """One row for each change of each lane, measure and text between `from` and `as_of`, and one for what held at
    `from`; by time. Made for panels such as Grafana's."""
    selection, clocks, start = query.selection(), query.clocks(tracker), query.start_instant(tracker)
    with blaming("subject", only=UnknownSubject):
        answers = series_query(tracker.record, clocks, selection, start)
    return list_response(request, query, answers, "series", _point_key)


def _point_key(point: SeriesPoint) -> tuple[str, ...]:
    return point.time, point.subject, point.mode or "", point.traffic or "", point.direction or ""


class GeoJson(JSONResponse):
    """A map, as GeoJSON."""

    media_type = "application/geo+json"


@map_router.get("/map.geojson", summary="The map of a date", response_class=GeoJson, response_model=FeatureCollection)
def map_of(request: Request, tracker: CurrentTracker, query: Annotated[MapParameters, Query()]) -> Response:
    """Crossing points as points, borders as lines where their geometry is known, corridors as lines through their
    crossings; each with the status of its lanes. GeoJSON, RFC 7946."""
    selection, clocks = query.selection(query.status), query.clocks(tracker)
    regions = server_state(request).regions
    lines = border_lines(regions, tracker.record.view.registry) if regions else {}
    with blaming("subject", only=UnknownSubject):
        collection = features_query(tracker.record, clocks, selection, lines)
    return Response(collection.model_dump_json(by_alias=True), media_type=GeoJson.media_type)


def border_lines(regions: Path, registry: Registry) -> dict[str, Any]:
    """By border: its geometry in the files of the regions, found by its two sides."""
    lines = {}
    for sides, geometry in _lines_between(regions):
        border = registry.border_between(*sides)
        if border is not None:
            lines[border.id] = geometry
    return lines


@lru_cache(maxsize=4)
def _lines_between(regions: Path) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    """Lines with the territories on their two sides; a unit of the geometry may go by another id in the registry."""
    lines = []
    for path in sorted(regions.glob("*/borders.geojson")):
        labels = path.with_name("labels.json")
        units = json.loads(labels.read_text(encoding="utf-8")).get("units", {}) if labels.exists() else {}
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            one, other = (units.get(side, side) for side in feature["properties"]["sides"])
            lines.append(((one, other), feature["geometry"]))
    return lines
