"""Feeds: Atom, iCalendar, and the stream of changes."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Annotated
from urllib.parse import quote
from xml.etree import ElementTree as xml  # nosec B405  # writes, never reads

from fastapi import APIRouter, Header, Query, Request, Response
from icalendar import Calendar, Event, vText
from pydantic import Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from tracker.api.change_notifier import StatusChanged
from tracker.api.parameters import Asked, Clocked, Question, Word
from tracker.api.problems import Blamed, blaming
from tracker.api.state import Service, service
from tracker.model.errors import BadRequest, UnknownSubject
from tracker.queries.feeds import Appointment, FeedEntry
from tracker.queries.feeds import agenda as agenda_query
from tracker.queries.feeds import feed as feed_query
from tracker.queries.log import log_entry
from tracker.queries.selection import find
from tracker.services.records import Tracker

router = APIRouter(tags=["feeds"])
ATOM = "http://www.w3.org/2005/Atom"
PING = 15  # seconds between signs of life
BATCH = 500  # events read from the log at once
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
xml.register_namespace("", ATOM)


class Atom(Response):
    """A feed."""

    media_type = "application/atom+xml"


class ICalendar(Response):
    """A calendar."""

    media_type = "text/calendar; charset=utf-8"


class FeedQuestion(Clocked):
    """Which feed."""

    subject: Word | None = Field(None, description="Only about this one, by its id or a name.", examples=["margara"])


class AtomQuestion(FeedQuestion):
    """Which entries."""

    limit: int = Field(100, ge=1, le=1000, description="No more than these, the newest first.", examples=[50])


@router.get("/feed.atom", summary="Announcements and changes of status, as Atom", response_class=Atom)
def atom(request: Request, asked: Asked, q: Annotated[AtomQuestion, Query()]) -> Response:
    """The newest announcements, and the newest changes of status that have taken place; of all, or about one
    subject. Atom, RFC 4287."""
    clocks = q.on(asked)
    with blaming("subject", only=UnknownSubject):
        entries = feed_query(asked.record, clocks, q.subject, q.limit)
    return Atom(_atom(_base(request), asked, q.subject, entries))


def _base(request: Request) -> str:
    return (service(request).settings.public_url or str(request.base_url)).rstrip("/")


def _atom(base: str, asked: Tracker, subject: str | None, entries: list[FeedEntry]) -> bytes:
    dataset = asked.record.view.registry.dataset
    own = f"{base}/api/v1/feed.atom" + (f"?subject={quote(subject)}" if subject else "")
    feed = xml.Element(f"{{{ATOM}}}feed")
    _text(feed, "id", own)
    _text(feed, "title", f"{dataset.name}: {find(asked.record.view.registry, subject).name if subject else 'all'}")
    _text(feed, "updated", entries[0].at if entries else "1970-01-01T00:00:00Z")
    xml.SubElement(feed, f"{{{ATOM}}}link", {"rel": "self", "type": Atom.media_type, "href": own})
    xml.SubElement(feed, f"{{{ATOM}}}generator").text = "tracker"
    for each in entries:
        feed.append(_entry(base, own, each))
    written: bytes = xml.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(base: str, own: str, each: FeedEntry) -> xml.Element:
    entry = xml.Element(f"{{{ATOM}}}entry")
    _text(entry, "id", f"{own.partition('?')[0]}#{quote(each.id)}")
    _text(entry, "title", each.title)
    _text(entry, "updated", each.at)
    _text(entry, "published", each.at)
    _text(entry, "summary", each.summary or each.title)
    for name in each.authors or ("tracker",):
        _text(xml.SubElement(entry, f"{{{ATOM}}}author"), "name", name)
    xml.SubElement(entry, f"{{{ATOM}}}category", {"term": each.kind})
    where = f"announcements/{each.announcement}" if each.announcement else f"subjects/{each.subject}/history"
    xml.SubElement(entry, f"{{{ATOM}}}link", {"rel": "alternate", "href": f"{base}/api/v1/{quote(where)}"})
    return entry


def _text(parent: xml.Element, name: str, text: str) -> None:
    """An element; characters that XML cannot hold are left out."""
    xml.SubElement(parent, f"{{{ATOM}}}{name}").text = _NOT_XML.sub("", text)


@router.get("/calendar.ics", summary="What is to come, as a calendar", response_class=ICalendar)
def calendar(request: Request, asked: Asked, q: Annotated[FeedQuestion, Query()]) -> Response:
    """Scheduled changes, ends of measures and due dates of open pledges after the date asked about; of all, or about
    one subject. iCalendar, RFC 5545."""
    clocks = q.on(asked)
    with blaming("subject", only=UnknownSubject):
        found = agenda_query(asked.record, clocks, q.subject)
    return ICalendar(_calendar(_base(request), asked, found))


def _calendar(base: str, asked: Tracker, found: list[Appointment]) -> bytes:
    dataset = asked.record.view.registry.dataset
    calendar = Calendar()
    calendar.add("prodid", "-//tracker//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText(dataset.name))
    for each in found:
        event = Event()
        event.add("uid", f"{each.id}@{dataset.id}.tracker")
        event.add("dtstamp", _stamp(asked, each))
        event.add("dtstart", _in_utc(each.starts))
        if each.ends != each.starts:
            event.add("dtend", _in_utc(each.ends))
        event.add("summary", each.title)
        event.add("description", each.description)
        event.add("transp", "TRANSPARENT")
        event.add("categories", [each.subject])
        if each.announcement:
            event.add("url", f"{base}/api/v1/announcements/{quote(each.announcement)}")
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _in_utc(at: date | datetime) -> date | datetime:
    """An hour so that no definition of a time zone is needed to read it."""
    return at.astimezone(UTC) if isinstance(at, datetime) else at


def _stamp(asked: Tracker, each: Appointment) -> datetime:
    """When it was stored that it is to come."""
    versions = asked.record.announcements.get(each.announcement or "", ())
    return versions[-1].recorded_at if versions else datetime(1970, 1, 1, tzinfo=UTC)


class StreamQuestion(Question):
    """From where on."""

    after: int | None = Field(
        None, ge=0, lt=2**62, description="Begin behind this position. Default: what comes from now on.", examples=[420]
    )


@router.get(
    "/changes/stream",
    summary="What is stored, and what it changes, as it happens",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream(
    request: Request,
    q: Annotated[StreamQuestion, Query()],
    last_event_id: Annotated[
        str | None, Header(description="Sent by a browser that connects again.", examples=["420"])
    ] = None,
) -> Response:
    """Server-sent events: `recorded`, with an entry of the log and its position as id; and `status`, with a
    difference, for each lane, measure or text that is no longer what it was, by new announcements or because its
    hour has come."""
    asked = service(request)
    start = q.after if q.after is not None else asked.live.held.record.position
    if last_event_id is not None:
        if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 19):
            raise Blamed("last-event-id", "header", BadRequest("last-event-id is not a position of the log"))
        start = int(last_event_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventSourceResponse(_events(request, asked, start), ping=PING, headers=headers)


async def _events(request: Request, asked: Service, after: int) -> AsyncIterator[ServerSentEvent]:
    newsroom = asked.newsroom
    newsroom.metrics.listeners.inc()
    told = newsroom.changed[-1].number if newsroom.changed else 0
    try:
        yield ServerSentEvent(comment=f"behind position {after}")
        while not await request.is_disconnected():
            seen = newsroom.edition  # before the log is read: what comes after it is not slept through
            entries = await asyncio.to_thread(asked.log, after, BATCH)
            for entry in map(log_entry, entries):
                after = entry.position
                yield ServerSentEvent(entry.model_dump_json(), event="recorded", id=str(after))
            for change in [each for each in newsroom.changed if each.number > told]:
                told = change.number
                yield ServerSentEvent(_status(change), event="status")
            if len(entries) < BATCH:
                await newsroom.wait(PING, seen)
    finally:
        newsroom.metrics.listeners.dec()


def _status(changed: StatusChanged) -> str:
    change = changed.change.model_dump(mode="json", by_alias=True)
    return json.dumps({"at": changed.at, "position": changed.position, **change}, ensure_ascii=False)
