"""Endpoints for feeds: Atom, iCalendar, and the stream of changes."""

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
from tracker.api.middleware.hosts import listens_on_loopback
from tracker.api.middleware.response_cache import NOT_KEPT
from tracker.api.parameters import ClockParameters, CurrentTracker, QueryParameters, ShortText
from tracker.api.problems import ParameterError, blaming
from tracker.api.state import ServerState, refuse_beyond, server_state
from tracker.model.errors import BadRequest, UnknownSubject
from tracker.queries.feeds import Appointment, FeedEntry, feed_name
from tracker.queries.feeds import agenda as agenda_query
from tracker.queries.feeds import feed as feed_query
from tracker.services.records import Tracker

router = APIRouter(tags=["feeds"])
ATOM = "http://www.w3.org/2005/Atom"
PING_SECONDS = 15  # between two signs of life of a stream
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
xml.register_namespace("", ATOM)


class Atom(Response):
    """A feed, as Atom."""

    media_type = "application/atom+xml"


class ICalendar(Response):
    """A calendar, as iCalendar."""

    media_type = "text/calendar; charset=utf-8"


class FeedParameters(ClockParameters):
    """The subject of a feed or calendar, as the query names it."""

    subject: ShortText | None = Field(
        None, description="Only what concerns this subject, territory or party: its id or a name.", examples=["margara"]
    )


class AtomParameters(FeedParameters):
    """The entries of a feed."""

    limit: int = Field(100, ge=1, le=1000, description="At most this many, the newest first.", examples=[50])


@router.get("/feed.atom", summary="Announcements and changes of status, as Atom", response_class=Atom)
def atom(request: Request, tracker: CurrentTracker, query: Annotated[AtomParameters, Query()]) -> Response:
    """The newest announcements, and the newest changes of status that have taken place; of all subjects, or about
    one. Atom, RFC 4287."""
    clocks = query.clocks(tracker)
    with blaming("subject", only=UnknownSubject):
        entries = feed_query(tracker.record, clocks, query.subject, query.limit)
        name = feed_name(tracker.record.at(clocks.known), query.subject)
    return Atom(_atom(_base_url(request), tracker, query.subject, name, entries))


def _base_url(request: Request) -> str:
    """The address of the server: as set, else of the loopback that it listens on, else as it was asked."""
    settings = server_state(request).settings
    if settings.public_url is not None:
        return settings.public_url.rstrip("/")
    host, port = request.scope.get("server") or (settings.host, settings.port)
    if listens_on_loopback(settings):
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"
    request.scope[NOT_KEPT] = True
    return str(request.base_url).rstrip("/")


def _atom(base: str, tracker: Tracker, subject: str | None, name: str, entries: list[FeedEntry]) -> bytes:
    dataset = tracker.record.view.registry.dataset
    own = f"{base}/api/v1/feed.atom" + (f"?subject={quote(subject)}" if subject else "")
    feed = xml.Element(f"{{{ATOM}}}feed")
    _add_text(feed, "id", own)
    _add_text(feed, "title", f"{dataset.name}: {name}")
    _add_text(feed, "updated", entries[0].updated if entries else "1970-01-01T00:00:00Z")
    xml.SubElement(feed, f"{{{ATOM}}}link", {"rel": "self", "type": Atom.media_type, "href": own})
    xml.SubElement(feed, f"{{{ATOM}}}generator").text = "tracker"
    feed.extend(_atom_entry(base, own, entry) for entry in entries)
    text: bytes = xml.tostring(feed, encoding="utf-8", xml_declaration=True)
    return text


def _atom_entry(base: str, own: str, entry: FeedEntry) -> xml.Element:
    element = xml.Element(f"{{{ATOM}}}entry")
    _add_text(element, "id", f"{own.partition('?')[0]}#{quote(entry.id)}")
    _add_text(element, "title", entry.title)
    _add_text(element, "updated", entry.updated)
    _add_text(element, "published", entry.at)
    _add_text(element, "summary", entry.summary or entry.title)
    for name in entry.authors or ("tracker",):
        _add_text(xml.SubElement(element, f"{{{ATOM}}}author"), "name", name)
    xml.SubElement(element, f"{{{ATOM}}}category", {"term": entry.kind})
    path = f"announcements/{entry.announcement}" if entry.announcement else f"subjects/{entry.subject}"
    link = {"rel": "alternate", "type": "text/html", "href": f"{base}/{quote(path)}"}
    xml.SubElement(element, f"{{{ATOM}}}link", link)
    return element


def _add_text(parent: xml.Element, name: str, text: str) -> None:
    """Add an element; characters that XML cannot hold are left out."""
    xml.SubElement(parent, f"{{{ATOM}}}{name}").text = _NOT_XML.sub("", text)


@router.get("/calendar.ics", summary="Scheduled changes, as a calendar", response_class=ICalendar)
def calendar(request: Request, tracker: CurrentTracker, query: Annotated[FeedParameters, Query()]) -> Response:
    """Scheduled changes, ends of measures and due dates of open pledges after the date asked about; of all subjects,
    or about one. iCalendar, RFC 5545."""
    clocks = query.clocks(tracker)
    with blaming("subject", only=UnknownSubject):
        appointments = agenda_query(tracker.record, clocks, query.subject)
    return ICalendar(_icalendar(_base_url(request), tracker, appointments))


def _icalendar(base: str, tracker: Tracker, appointments: list[Appointment]) -> bytes:
    dataset = tracker.record.view.registry.dataset
    calendar = Calendar()
    calendar.add("prodid", "-//tracker//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText(dataset.name))
    for appointment in appointments:
        event = Event()
        event.add("uid", f"{appointment.id}@{dataset.id}.tracker")
        event.add("dtstamp", _recorded_at(tracker, appointment))
        event.add("dtstart", _in_utc(appointment.starts))
        if appointment.ends != appointment.starts:
            event.add("dtend", _in_utc(appointment.ends))
        event.add("summary", appointment.title)
        event.add("description", appointment.description)
        event.add("transp", "TRANSPARENT")
        event.add("categories", [appointment.subject])
        if appointment.announcement:
            event.add("url", f"{base}/announcements/{quote(appointment.announcement)}")
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text


def _in_utc(at: date | datetime) -> date | datetime:
    """An instant in UTC, so that no definition of a time zone is needed to read it; a day as it is."""
    return at.astimezone(UTC) if isinstance(at, datetime) else at


def _recorded_at(tracker: Tracker, appointment: Appointment) -> datetime:
    """When the announcement of an appointment was recorded."""
    versions = tracker.record.announcements.get(appointment.announcement or "", ())
    return versions[-1].recorded_at if versions else datetime(1970, 1, 1, tzinfo=UTC)


class StreamParameters(QueryParameters):
    """The start of a stream."""

    after: int | None = Field(
        None, ge=0, lt=2**62, description="Begin after this position. Default: what comes from now on.", examples=[420]
    )


@router.get(
    "/changes/stream",
    summary="Stored events and changes of status, as they happen",
    response_class=EventSourceResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        409: {"description": "The position is beyond the end of this log."},
    },
)
async def stream(
    request: Request,
    query: Annotated[StreamParameters, Query()],
    last_event_id: Annotated[
        str | None, Header(description="Sent by a browser that connects again.", examples=["420"])
    ] = None,
) -> Response:
    """Server-sent events: `recorded`, with an entry of the log and its position as id; and `status`, with a
    difference, for each lane, measure or text whose status has changed, by new announcements or because its time has
    come."""
    state = server_state(request)
    after = query.after if query.after is not None else state.live.held.record.position
    if last_event_id is not None:
        if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 19):
            error = BadRequest("last-event-id is not a position of the log")
            raise ParameterError("last-event-id", "header", error)
        after = int(last_event_id)
    await asyncio.to_thread(refuse_beyond, state, after)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventSourceResponse(_events(request, state, after), ping=PING_SECONDS, headers=headers)


async def _events(request: Request, state: ServerState, after: int) -> AsyncIterator[ServerSentEvent]:
    notifier = state.notifier
    notifier.metrics.listeners.inc()
    sent = notifier.status_changes[-1].number if notifier.status_changes else 0
    try:
        yield ServerSentEvent(comment=f"behind position {after}")
        while not await request.is_disconnected():
            seen, held = notifier.updates, state.live.held  # before the log is read: see the wait below
            end = held.record.position
            for entry in await state.change_log.after(after, end, held.revision):
                after = entry.position
                yield ServerSentEvent(entry.text, event="recorded", id=str(after))
                await asyncio.sleep(0)  # other requests get their turn between two events
            for changed in [changed for changed in notifier.status_changes if changed.number > sent]:
                sent = changed.number
                yield ServerSentEvent(_status_event(changed), event="status")
            if after >= end:
                await notifier.wait(PING_SECONDS, seen)
    finally:
        notifier.metrics.listeners.dec()


def _status_event(changed: StatusChanged) -> str:
    change = changed.change.model_dump(mode="json", by_alias=True)
    return json.dumps({"at": changed.at, "position": changed.position, **change}, ensure_ascii=False)
