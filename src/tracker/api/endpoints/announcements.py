"""Questions about the record itself: /announcements, /promises, /passages, /changes."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from tracker.api.pagination import many, one
from tracker.api.parameters import LONGEST_PAGE, Asked, Clocked, Format, Listed, Question, Spanned, Word, instant
from tracker.api.problems import blaming
from tracker.api.state import service
from tracker.model.dates import BEGINNING
from tracker.model.errors import UnknownAnnouncement, UnknownSubject
from tracker.model.vocabulary import EffectType, Mode, PledgeStatus, Traffic
from tracker.queries.announcements import Wanted
from tracker.queries.announcements import announcements as announcements_query
from tracker.queries.announcements import show as show_query
from tracker.queries.answers import PledgeAnswer
from tracker.queries.log import LogEntry, log_entry
from tracker.queries.passages import PassageAnswer, Sought
from tracker.queries.passages import passages as passages_query
from tracker.queries.promises import promises as promises_query
from tracker.queries.statement_answers import AnnouncementAnswer, ShowAnswer

router = APIRouter(tags=["statements"])


class AnnouncementsQuestion(Clocked, Listed, Spanned):
    """Which announcements."""

    party: Word | None = Field(None, description="Said by this party: its id or name.", examples=["AZ"])
    about: Word | None = Field(None, description="With an effect on this subject or place.", examples=["margara"])
    type: EffectType | None = Field(None, description="With such an effect; none for no effect.", examples=["lift"])
    to: Word | None = Field(None, description="Announced then or earlier.", examples=["2025-12-31"])
    text: Word | None = Field(None, description="With these words, whatever the case.", examples=["wheat"])
    source: Word | None = Field(
        None, description="With a source of this publisher, title or address.", examples=["OC Media"]
    )


class PromisesQuestion(Clocked, Listed):
    """Which pledges."""

    party: Word | None = Field(None, description="Made by this party.", examples=["AM"])
    status: PledgeStatus | None = Field(None, description="Only pledges like this.", examples=["overdue"])


class PassagesQuestion(Clocked, Listed, Spanned):
    """Which passages."""

    at: Word | None = Field(None, description="Reported at this border, crossing or corridor.", examples=["margara"])
    mode: Mode | None = Field(None, description="Only this mode.", examples=["rail"])
    traffic: Traffic | None = Field(None, description="Only this traffic.", examples=["goods"])


class ChangesQuestion(Question):
    """Which stored events."""

    after: int = Field(0, ge=0, lt=2**62, description="Only what was stored behind this position.", examples=[400])
    limit: int = Field(1000, ge=1, le=LONGEST_PAGE, description="No more than these on a page.", examples=[100])
    format: Format = Field(Format.JSON, description="JSON, CSV or JSON lines.", examples=["json"])
    bom: bool = Field(False, description="Begin CSV with a byte order mark, for Excel.", examples=[False])


@router.get("/announcements", summary="Who said what, and when", response_model=list[AnnouncementAnswer])
def announcements(request: Request, asked: Asked, q: Annotated[AnnouncementsQuestion, Query()]) -> Response:
    """The announcements that are known by the clocks, in the order of announcement. `as_of` is not used."""
    clocks = q.on(asked)
    wanted = Wanted(q.party, q.about, q.type, q.begins(asked), instant(asked, "to", q.to), q.text, q.source)
    with blaming("about", only=UnknownSubject):
        answers = announcements_query(asked.record, clocks, wanted)
    view = asked.record.at(clocks.known)
    return many(request, q, answers, "announcements", lambda each: (view.contents[each.id][0].order, each.id))


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
    asked: Asked,
    q: Annotated[Clocked, Query()],
) -> Response:
    """Every version of it, who recorded it when, its digest, and what it changes at the date asked about."""
    clocks = q.on(asked)
    with blaming("announcement", "path", UnknownAnnouncement):
        return one(show_query(asked.record, clocks, announcement))


@router.get("/promises", summary="What was promised, and what became of it", response_model=list[PledgeAnswer])
def promises(request: Request, asked: Asked, q: Annotated[PromisesQuestion, Query()]) -> Response:
    """The pledges made by the date asked about, oldest first, with what became of them by then."""
    answers = promises_query(asked.record, q.on(asked), q.party, q.status)
    return many(request, q, answers, "promises", lambda each: (each.pledge,))


@router.get("/passages", summary="What was seen to pass", response_model=list[PassageAnswer])
def passages(request: Request, asked: Asked, q: Annotated[PassagesQuestion, Query()]) -> Response:
    """Traffic that was reported, or reported as none, by the date asked about, oldest first."""
    clocks, begin = q.on(asked), q.begins(asked)
    with blaming("at", only=UnknownSubject):
        sought = Sought(q.at, q.mode, q.traffic, BEGINNING if begin is None else begin)
        answers = passages_query(asked.record, clocks, sought)
    return many(request, q, answers, "passages", lambda each: (each.announcement, each.effect))


@router.get("/changes", summary="What was stored, in order", response_model=list[LogEntry])
def changes(request: Request, q: Annotated[ChangesQuestion, Query()]) -> Response:
    """The change feed: the stored events behind a position. Ask again with the last position that you have seen, or
    listen to /changes/stream."""
    found = service(request).log(q.after, q.limit + 1)
    page = Listed(format=q.format, bom=q.bom, limit=q.limit)
    entries = [log_entry(each) for each in found]
    return many(request, page, entries, "changes", lambda each: (each.position,), lambda key: str(key[0]))
