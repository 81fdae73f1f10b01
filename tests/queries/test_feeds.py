"""Entries of feeds, and appointments of calendars: one for one event."""

from pathlib import Path

from tests.queries.lists import PLEDGE, banks, clocks, effect, said
from tracker.queries.feeds import agenda, feed, feed_name
from tracker.state.record import Record

TITLE = 'title = "Midland shuts the bridge"'
SHUT = 'type = "impose"\nmeasure = "bridge-ban"\nbasis = "reported"\n'


def test_what_an_announcement_changes_at_once_stands_in_its_entry(tmp_path: Path) -> None:
    record = banks(tmp_path, shut=said(TITLE, effect(SHUT)))
    [entry] = feed(record, clocks(record))
    assert (entry.id, entry.kind, entry.title) == ("announcement/shut", "announcement", "Midland shuts the bridge")
    lines = entry.summary.splitlines()
    assert lines[:2] == ["Words.", "Closure of the bridge: in-force"]
    assert "The bridge road goods NO>MI: closed" in lines
    assert lines[-1] == "Test"
    assert entry.authors == ("The press",)


def test_changes_of_many_lanes_on_a_later_day_are_one_entry(tmp_path: Path) -> None:
    record = banks(tmp_path, shut=said(TITLE, effect(SHUT + "from = 2031-03-01\nlast_day = 2031-03-31")))
    later, begun, announced = feed(record, clocks(record))
    assert announced.summary == "Words.\nTest"
    assert begun.id == "change/shut/2031-03-01T00:00:00+04:00"
    assert begun.title.startswith("Closure of the bridge: in-force (and ")
    assert later.title.startswith("Closure of the bridge: lapsed (and ")
    assert begun.announcement == later.announcement == "shut"
    assert [entry.title for entry in feed(record, clocks(record, "2031-02-01"))] == ["Midland shuts the bridge"]


def test_a_corrected_announcement_keeps_its_entry(tmp_path: Path) -> None:
    correction = 'corrects = "shut"\nannounced = 2031-05-01\nreason = "A slip."\nreplace = { title = "Mended" }\n'
    record = banks(tmp_path, shut=said(TITLE, effect(SHUT)), mended=correction)
    [entry] = feed(record, clocks(record))
    assert (entry.id, entry.title) == ("announcement/shut", "Mended")
    assert (entry.at[:10], entry.updated[:10]) == ("2031-01-01", "2031-05-01")


def test_a_feed_about_a_place_has_what_concerns_it(tmp_path: Path) -> None:
    record = banks(tmp_path, shut=said(TITLE, effect(SHUT)), other=said('about = ["treaty"]', month=2))
    assert [entry.announcement for entry in feed(record, clocks(record), "Midland")] == ["shut"]
    assert [entry.announcement for entry in feed(record, clocks(record), "Southland")] == ["other"]
    assert [feed_name(record.view, name) for name in ("MI-NO", "NO", None)] == [
        "Northland – Midland", "Northland (mainland)", "all",
    ]  # fmt: skip


def test_one_event_is_one_appointment(tmp_path: Path) -> None:
    record = banks(tmp_path, shut=said(TITLE, effect(SHUT + "from = 2031-03-01")))
    at = clocks(record, "2031-02-01")
    [scheduled] = agenda(record, at, "bridge")
    assert scheduled.title.startswith("The bridge road goods NO>MI: closed (and ")
    assert [appointment.id[:18] for appointment in agenda(record, at)] == ["change/bridge-ban/"]


def test_a_calendar_of_a_place_has_the_pledges_about_it(tmp_path: Path) -> None:
    record = banks(tmp_path, offer=said(rest=effect(PLEDGE + "\ndue = 2031-06-30")))
    at = clocks(record, "2031-02-01")
    for name in ("bridge", "MI-NO", "Northland (mainland)", "SO"):
        assert [appointment.id for appointment in agenda(record, at, name)] == ["due/opening"]
    assert agenda(record, at, "treaty") == []


def test_the_feed_of_the_record_has_one_entry_for_one_event(record: Record) -> None:
    entries = feed(record, clocks(record, "2026-05-31"), None, 1000)
    assert len({entry.id for entry in entries}) == len(entries)
    assert not [entry for entry in entries if "None" in entry.title or not entry.title.strip()]
    events = [(entry.at, entry.announcement) for entry in entries if entry.announcement]
    assert len(set(events)) == len(events)
