"""Endpoints about statements and observations: /announcements, /promises, /passages, /changes."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from tracker.api.pagination import json_response, list_response
from tracker.api.parameters import (
    MAX_PAGE_SIZE,
    ClockParameters,
    CurrentTracker,
    Format,
    ListParameters,
    QueryParameters,
    ShortText,
    StartParameter,
    end_instant,
)
from tracker.api.problems import blaming
from tracker.api.state import refuse_beyond, server_state
from tracker.model.dates import BEGINNING
from tracker.model.errors import UnknownAnnouncement, UnknownSubject
from tracker.model.events import Recorded
from tracker.model.vocabulary import EffectType, Mode, PledgeStatus, Traffic
from tracker.queries.announcements import AnnouncementFilter, announcement_answer, matches
from tracker.queries.announcements import show as show_query
from tracker.queries.answers import PledgeAnswer
from tracker.queries.log import LogEntry, log_entry
from tracker.queries.passages import PassageAnswer, PassageFilter
from tracker.queries.passages import passages as passages_query
from tracker.queries.promises import promises as promises_query
from tracker.queries.selection import find_party
from tracker.queries.statement_answers import AnnouncementAnswer, ShowAnswer

router = APIRouter(tags=["statements"])


class AnnouncementsParameters(ClockParameters, ListParameters, StartParameter):
    """The announcements asked about."""

    party: ShortText | None = Field(None, description="Said by this party: its id or a name.", examples=["AZ"])
    about: ShortText | None = Field(
        None,
        description="Concerning this place, measure, text, party or pledge: its id or a name.",
        examples=["margara"],
    )
    type: EffectType | None = Field(
        None, description="With an effect of this type; none: without effect.", examples=["lift"]
    )
    to: ShortText | None = Field(None, description="Announced then or earlier.", examples=["2025-12-31"])
    text: ShortText | None = Field(
        None, description="With these words, in any order; case and accents do not matter.", examples=["wheat"]
    )
    source: ShortText | None = Field(
        None, description="With a source of this publisher, title or address.", examples=["OC Media"]
    )


class PromisesParameters(ClockParameters, ListParameters):
    """The pledges asked about."""

    party: ShortText | None = Field(None, description="Made by this party: its id or a name.", examples=["AM"])
    status: PledgeStatus | None = Field(None, description="Only pledges with this status.", examples=["overdue"])


class PassagesParameters(ClockParameters, ListParameters, StartParameter):
    """The passages asked about."""

    at: ShortText | None = Field(
        None, description="Reported at this border, crossing or corridor.", examples=["margara"]
    )
    mode: Mode | None = Field(None, description="Only this mode.", examples=["rail"])
    traffic: Traffic | None = Field(None, description="Only this traffic.", examples=["goods"])


class ChangesParameters(QueryParameters):
    """The stored events asked about."""

    after: int = Field(0, ge=0, lt=2**62, description="Only events stored after this position.", examples=[400])
    limit: int = Field(1000, ge=1, le=MAX_PAGE_SIZE, description="At most this many on a page.", examples=[100])
    format: Format = Field(Format.JSON, description="JSON, CSV or JSON lines.", examples=["json"])
    bom: bool = Field(False, description="Begin CSV with a byte order mark, for Excel.", examples=[False])


@router.get("/announcements", summary="Who said what, and when", response_model=list[AnnouncementAnswer])
def announcements(
    request: Request, tracker: CurrentTracker, query: Annotated[AnnouncementsParameters, Query()]
) -> Response:
    """The announcements that are known by the clocks, in the order of announcement. `as_of` is not used."""
    clocks = query.clocks(tracker)
    start, end = query.start_instant(tracker), end_instant(tracker, "to", query.to)
    wanted = AnnouncementFilter(query.party, query.about, query.type, start, end, query.text, query.source)
    view = tracker.record.over_periods(clocks.known, clocks.as_of)
    with blaming("party", only=UnknownSubject):
        if query.party is not None:
            find_party(view.registry, query.party)
    with blaming("about", only=UnknownSubject):
        found = matches(view, wanted)
    return list_response(
        request, query, found, "announcements",
        key=lambda match: (match[0].order, match[0].id), make=lambda match: announcement_answer(view, *match),
    )  # fmt: skip


@router.get("/announcements/{announcement}", summary="One announcement", response_model=ShowAnswer)
def announcement(
    announcement: Annotated[
        str,
        Path(
            min_length=1,
            max_length=200,
            description="The id of an announcement, correction or retraction.",
            examples=["aliyev-lifts-transit-to-armenia"],
        ),
    ],
    tracker: CurrentTracker,
    query: Annotated[ClockParameters, Query()],
) -> Response:
    """Every version of an announcement, who recorded it when, its digest, and its effects at the date asked
    about."""
    clocks = query.clocks(tracker)
    with blaming("announcement", "path", UnknownAnnouncement):
        return json_response(show_query(tracker.record, clocks, announcement))


@router.get("/promises", summary="Pledges and their outcome", response_model=list[PledgeAnswer])
def promises(request: Request, tracker: CurrentTracker, query: Annotated[PromisesParameters, Query()]) -> Response:
    """The pledges made by the date asked about, oldest first, with their outcome by then."""
    clocks = query.clocks(tracker)
    with blaming("party", only=UnknownSubject):
        answers = promises_query(tracker.record, clocks, query.party, query.status)
    return list_response(request, query, answers, "promises", lambda answer: (answer.pledge,))


@router.get("/passages", summary="Reports of traffic", response_model=list[PassageAnswer])
def passages(request: Request, tracker: CurrentTracker, query: Annotated[PassagesParameters, Query()]) -> Response:
    """Traffic that was reported, or reported as none, by the date asked about, oldest first."""
    clocks, start = query.clocks(tracker), query.start_instant(tracker)
    with blaming("at", only=UnknownSubject):
        sought = PassageFilter(query.at, query.mode, query.traffic, BEGINNING if start is None else start)
        answers = passages_query(tracker.record, clocks, sought)
    return list_response(request, query, answers, "passages", lambda answer: (answer.announcement, answer.effect))


@router.get("/changes", summary="Stored events, in order", response_model=list[LogEntry],
            responses={409: {"description": "The position is beyond the end of this log."}})  # fmt: skip
async def changes(request: Request, query: Annotated[ChangesParameters, Query()]) -> Response:
    """The change feed: the events stored after a position. To follow it, ask again with the last position seen, or
    listen to /changes/stream."""
    state = server_state(request)

    def read() -> list[Recorded]:
        refuse_beyond(state, query.after)
        return list(state.log(query.after, query.limit + 1))

    entries = [log_entry(event) for event in await state.store_reads.run(read)]
    listing = ListParameters(format=query.format, bom=query.bom, limit=query.limit)
    return list_response(request, listing, entries, "changes", lambda entry: (entry.position,), lambda key: str(key[0]))
