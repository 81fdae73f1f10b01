"""Atom, iCalendar and the stream of changes."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import httpx
from icalendar import Calendar

from tests.api.conftest import Serving
from tests.stores import log_length
from tracker.api.change_notifier import ChangeNotifier
from tracker.api.middleware.metrics import Metrics
from tracker.services import records
from tracker.services.live import Live

ATOM = "{http://www.w3.org/2005/Atom}"
LIFTED = """
announced = 2026-06-01
summary = "Turkey opened the border."

[[by]]
party = "TR"

[[source]]
publisher = "Test"

[[effect]]
type = "lift"
measure = "tr-closure-1993"
"""
HOSTILE = LIFTED.replace("Turkey opened the border.", "</title><script>alert(1)</script> ]]> &amp;")


def _feed(client: httpx.Client, more: str = "") -> xml.Element:
    answer = client.get(f"/api/v1/feed.atom{more}")
    assert answer.headers["content-type"] == "application/atom+xml"
    return xml.fromstring(answer.content)


def test_a_feed_has_what_atom_asks_for(client: httpx.Client) -> None:
    feed = _feed(client, "?limit=60&as_of=2026-01-20")
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 60
    for part in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert part.findtext(f"{ATOM}{name}")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    times = [datetime.fromisoformat(entry.findtext(f"{ATOM}updated") or "") for entry in entries]
    assert times == sorted(times, reverse=True)
    assert all(entry.find(f"{ATOM}author/{ATOM}name") is not None for entry in entries)
    kinds = {category.get("term") for entry in entries for category in entry.findall(f"{ATOM}category")}
    assert kinds == {"announcement", "change"}


def test_links_of_a_feed_lead_somewhere(client: httpx.Client) -> None:
    for entry in _feed(client, "?limit=12&as_of=2026-01-20").findall(f"{ATOM}entry"):
        link = entry.find(f"{ATOM}link")
        assert link is not None
        assert client.get(link.get("href") or "").status_code == 200


def test_a_feed_of_one_subject_is_about_it(client: httpx.Client) -> None:
    titles = [
        entry.findtext(f"{ATOM}title") or "" for entry in _feed(client, "?subject=margara").findall(f"{ATOM}entry")
    ]
    assert any(title.startswith("Margara–Alican road goods AM>TR: ") for title in titles)


def test_hostile_words_stay_words(serving: Serving, own_store: Path, tmp_path: Path) -> None:
    (tmp_path / "hostile.toml").write_text(HOSTILE, encoding="utf-8")
    records.record(str(own_store), [tmp_path / "hostile.toml"])
    with serving() as client:
        titles = [entry.findtext(f"{ATOM}title") or "" for entry in _feed(client).findall(f"{ATOM}entry")]
        assert any(title.startswith("</title><script>") for title in titles)
        assert b"<script" not in client.get("/api/v1/feed.atom").content
        assert _events(client.get("/api/v1/calendar.ics?as_of=2026-01-01"))


def _events(answer: httpx.Response) -> list[Any]:
    calendar: Any = Calendar.from_ical(answer.content)
    return list(calendar.walk("VEVENT"))


def test_a_calendar_has_ends_of_measures_and_due_dates(client: httpx.Client) -> None:
    answer = client.get("/api/v1/calendar.ics?as_of=2026-03-20")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    events = {str(each["uid"]): each for each in _events(answer)}
    assert len(events) == len(_events(answer))
    ending = [each for uid, each in events.items() if uid.startswith("change/az-land-closure/")]
    assert [each["dtstart"].dt for each in ending] == [datetime(2026, 7, 1, 2, tzinfo=UTC)]
    assert "lapsed" in str(ending[0]["summary"])
    due = [each for uid, each in events.items() if uid.startswith("due/")]
    assert due
    assert all(isinstance(each["dtstart"].dt, date) and each["dtend"].dt > each["dtstart"].dt for each in due)


def _told(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Events of a stream, with their data."""
    event = ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            event = value
        elif name == "data":
            yield event, json.loads(value)


def test_the_stream_begins_where_it_is_asked_to(client: httpx.Client) -> None:
    last = log_length()
    with client.stream("GET", f"/api/v1/changes/stream?after={last - 2}") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        found = _told(answer.iter_lines())
        assert [next(found)[1]["position"] for _ in range(2)] == [last - 1, last]
    again = {"Last-Event-ID": f"{last - 1}"}
    with client.stream("GET", "/api/v1/changes/stream?after=1", headers=again) as answer:
        assert next(_told(answer.iter_lines()))[1]["position"] == last


def test_what_is_recorded_is_told_with_what_it_changes(serving: Serving, own_store: Path, tmp_path: Path) -> None:
    (tmp_path / "turkey-opens.toml").write_text(LIFTED, encoding="utf-8")
    with serving() as client, client.stream("GET", "/api/v1/changes/stream") as answer:
        found = _told(answer.iter_lines())
        records.record(str(own_store), [tmp_path / "turkey-opens.toml"])
        event, entry = next(found)
        assert (event, entry["id"], entry["position"]) == ("recorded", "turkey-opens", log_length() + 1)
        changes = {}
        while "tr-closure-1993" not in changes:
            event, change = next(found)
            assert event == "status"
            changes[change["subject"]] = (change["before"], change["after"])
        assert changes["tr-closure-1993"] == ("in-force", "lifted")


def test_news_that_came_between_a_look_and_the_wait_is_not_slept_through(full_store: Path) -> None:
    async def meet() -> tuple[bool, bool]:
        notifier = ChangeNotifier(Live.of_store(str(full_store), lambda: datetime.now(UTC), print), Metrics())
        seen = notifier.updates
        notifier.updates += 1  # while the log was being read
        return await notifier.wait(60, seen), await notifier.wait(0.01, notifier.updates)

    assert asyncio.run(meet()) == (True, False)


def test_a_feed_of_a_border_has_its_name_and_links_to_pages(client: httpx.Client) -> None:
    feed = _feed(client, "?subject=AM-TR")
    assert (feed.findtext(f"{ATOM}title") or "").endswith(": Armenia – Turkey")
    links = [str(link.get("href")) for link in feed.iterfind(f"{ATOM}entry/{ATOM}link")]
    assert links
    assert not [link for link in links if "/api/" in link]
    assert client.get(links[0]).headers["content-type"].startswith("text/html")
