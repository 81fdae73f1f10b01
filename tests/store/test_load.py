"""Loading a dataset: all of it or nothing, and what is there already only once."""

from datetime import UTC, datetime

import pytest
from freezegun import freeze_time

from tests.store.conftest import NewUrl
from tests.store.samples import SUBJECTS, announcement, correction, registry, retraction
from tracker.model.announcement import Statement
from tracker.model.dataset import NO_ID
from tracker.model.errors import BadRequest, Conflict
from tracker.model.events import AnnouncementCorrected, AnnouncementRecorded, AnnouncementRetracted, digest
from tracker.model.registry import Party, Registry
from tracker.model.vocabulary import SubjectKind
from tracker.store.event_store import EventStore, Loaded, open_store


def with_party(name: str) -> Registry:
    """The registry, with another name for one party."""
    changed = Party.model_validate({"id": "AA", "name": name, "kind": "state"})
    return Registry.of([*registry().subjects(), changed])


def test_a_load_records_subjects_then_statements_in_order(store: EventStore) -> None:
    loaded = store.load(registry(), [announcement("b"), announcement("a")], by="coder")
    assert (loaded.recorded, loaded.amended, loaded.unchanged) == (SUBJECTS + 2, 0, 0)
    events = list(store.events())
    assert [found.position for found in events] == sorted(found.position for found in events)
    assert (loaded.first, loaded.last) == (events[0].position, events[-1].position)
    assert store.max_position() == loaded.last
    assert [found.event.type for found in events] == ["SubjectRegistered"] * SUBJECTS + ["AnnouncementRecorded"] * 2
    subjects = [event.subject for _, event in events if event.type == "SubjectRegistered"]
    assert subjects == list(registry().subjects())
    assert [event.announcement.id for _, event in events if event.type == "AnnouncementRecorded"] == ["b", "a"]
    assert {event.recorded_by for _, event in events} == {"coder"}


def test_a_load_reports_its_progress(store: EventStore) -> None:
    seen: list[tuple[int, int]] = []
    store.record(
        [announcement(f"a-{number}") for number in range(1200)], progress=lambda *done: seen.append((done[0], done[1]))
    )
    assert seen == [(0, 1200), (500, 1200), (1000, 1200), (1200, 1200)]


def test_law_loading_twice_equals_loading_once(store: EventStore) -> None:
    statements: list[Statement] = [announcement("a"), correction("c", "a"), retraction("r", "a")]
    store.load(registry(), statements)
    before = list(store.events())
    assert store.load(registry(), statements) == Loaded(0, 0, SUBJECTS + 3, None, None)
    assert store.record([statements[1]]) == Loaded(0, 0, 1, None, None)
    assert list(store.events()) == before


def test_the_same_statement_twice_in_one_load_is_recorded_once(store: EventStore) -> None:
    loaded = store.record([announcement("a"), announcement("a")])
    assert (loaded.recorded, loaded.unchanged) == (1, 1)


def test_a_changed_file_is_refused_with_both_digests_and_nothing_is_written(store: EventStore) -> None:
    store.record([announcement("a"), announcement("b")])
    before = list(store.events())
    changed = [announcement("new"), announcement("a", "Another."), announcement("b", "Another too.")]
    with pytest.raises(Conflict) as refusal:
        store.load(registry(), changed)
    text = str(refusal.value)
    for old, new in ((announcement("a"), changed[1]), (announcement("b"), changed[2])):
        assert f"{old.id}: recorded with digest {digest(old)}, now {digest(new)}" in text
    assert 'corrects = "a"' in text
    assert "new:" not in text
    assert list(store.events()) == before


def test_corrections_and_retractions_go_into_the_stream_of_their_announcement(store: EventStore) -> None:
    store.record([announcement("a"), announcement("b")])
    store.record([correction("c", "a"), correction("c-2", "a", summary="Again.")])
    store.record([retraction("r", "a")])
    events = [event for _, event in store.stream("announcement", "a")]
    assert isinstance(events[0], AnnouncementRecorded)
    assert [event.correction.id for event in events if isinstance(event, AnnouncementCorrected)] == ["c", "c-2"]
    assert isinstance(events[3], AnnouncementRetracted)
    assert len(store.stream("announcement", "b")) == 1
    assert store.stream("announcement", "c") == []


def test_the_id_of_a_correction_is_used_once(store: EventStore) -> None:
    store.record([announcement("a"), announcement("b"), correction("c", "a")])
    for other in (
        correction("c", "b"),
        correction("c", "a", summary="Other."),
        announcement("c"),
        retraction("c", "a"),
    ):
        with pytest.raises(Conflict, match="c: recorded with digest"):
            store.record([other])
    with pytest.raises(Conflict, match="a: recorded with digest"):
        store.record([correction("a", "b")])
    assert store.max_position() == 3


def test_a_correction_of_something_unknown_is_refused(store: EventStore) -> None:
    store.record([announcement("a"), correction("c", "a")])
    for unknown in ("nowhere", "c"):
        with pytest.raises(BadRequest, match=f"{unknown}.*record the announcement first"):
            store.record([announcement("b"), correction("d", unknown)])
    assert store.max_position() == 2


def test_a_correction_that_comes_first_waits_for_its_announcement(store: EventStore) -> None:
    store.record([correction("c", "a"), announcement("b"), announcement("a"), announcement("d")])
    assert [event.type.removeprefix("Announcement") for _, event in store.events()] == [
        "Recorded",
        "Recorded",
        "Corrected",
        "Recorded",
    ]


def test_an_amended_subject_gets_a_new_event_each_time_it_changes(store: EventStore) -> None:
    store.load(registry(), [])
    for name in ("Alandia", "Aland"):
        loaded = store.load(with_party(name), [])
        assert (loaded.recorded, loaded.amended, loaded.unchanged) == (0, 1, SUBJECTS - 1)
        assert loaded.first == loaded.last
    events = [event for _, event in store.stream(SubjectKind.PARTY, "AA")]
    assert [event.type for event in events] == ["SubjectRegistered", "SubjectAmended", "SubjectAmended"]
    assert [event.subject.name for event in events if event.type == "SubjectAmended"] == ["Alandia", "Aland"]


def test_a_subject_that_is_no_longer_registered_stays(store: EventStore) -> None:
    store.load(registry(), [])
    assert store.load(Registry.of([registry().dataset]), []) == Loaded(0, 0, 1, None, None)
    assert len(store.stream(SubjectKind.PARTY, "AA")) == 1


def test_another_timezone_is_refused_and_nothing_is_written(store: EventStore) -> None:
    store.load(registry(), [])
    with pytest.raises(Conflict, match=r'timezone = "\+03:00".*"\+04:00"'):
        store.load(registry(timezone="+03:00"), [announcement("a")])
    assert len(list(store.events())) == SUBJECTS


def test_another_dataset_is_refused_and_nothing_is_written(store: EventStore) -> None:
    store.load(registry(id="bridges"), [])
    for other in (registry(id="ferries"), registry(name="Bridges")):
        with pytest.raises(Conflict, match=r'holds the dataset "Bridges" \(id bridges\).*--store FILE.*id = "bridges"'):
            store.load(other, [announcement("a")])
    assert len(list(store.events())) == SUBJECTS
    assert store.load(registry(id="bridges", name="Bridges and ferries"), []).amended == 1


def test_a_stored_dataset_without_an_id_goes_by_its_name_until_it_gets_one(store: EventStore) -> None:
    store.load(registry(), [])
    with pytest.raises(Conflict, match=r'"Bridges" \(no id\), and this is "Ferries" \(id ferries\).*name = "Bridges"'):
        store.load(registry(id="ferries", name="Ferries"), [])
    assert store.load(registry(id="bridges"), []).amended == 1
    assert store.load(registry(id="bridges", name="Ferries"), []).amended == 1
    [first, *_, last] = store.stream(SubjectKind.DATASET, NO_ID)
    assert (first.event.subject.name, last.event.subject.id) == ("Bridges", "bridges")  # type: ignore[union-attr]


def test_recorded_at_is_the_system_clock_in_utc(store: EventStore) -> None:
    with freeze_time("2031-03-31 23:30"):
        store.record([announcement("a")])
    assert [event.recorded_at for _, event in store.events()] == [datetime(2031, 3, 31, 23, 30, tzinfo=UTC)]


def test_recorded_at_never_decreases(store: EventStore) -> None:
    for number, clock in enumerate(("2031-03-31 23:30", "2031-03-31 22:00", "2031-04-01 00:00")):
        with freeze_time(clock):
            store.record([announcement(f"a-{number}")])
    hours = [event.recorded_at.isoformat() for _, event in store.events()]
    assert hours == ["2031-03-31T23:30:00+00:00", "2031-03-31T23:30:00+00:00", "2031-04-01T00:00:00+00:00"]


def test_a_timestamp_stands_for_the_last_position_recorded_by_then(store: EventStore) -> None:
    for day in (1, 2):
        with freeze_time(f"2031-04-0{day} 12:00"):
            store.record([announcement(f"a-{day}"), announcement(f"b-{day}")])
    positions = [found.position for found in store.events()]
    assert store.position_at(datetime(2031, 4, 1, 11, 59, 59, tzinfo=UTC)) == 0
    assert store.position_at(datetime(2031, 4, 1, 12, tzinfo=UTC)) == positions[1]
    assert store.position_at(datetime(2031, 4, 2, 11, tzinfo=UTC)) == positions[1]
    assert store.position_at(datetime(2099, 1, 1, tzinfo=UTC)) == positions[3]
    with pytest.raises(BadRequest, match="offset"):
        store.position_at(datetime(2031, 4, 1))


def test_events_are_read_after_a_position_and_up_to_a_limit(store: EventStore) -> None:
    store.record([announcement(f"a-{number}") for number in range(1001)])
    everything = list(store.events())
    assert len(everything) == 1001
    assert list(store.events(after=everything[499].position)) == everything[500:]
    assert list(store.events(after=everything[9].position, limit=600)) == everything[10:610]
    assert list(store.events(limit=0)) == list(store.events(after=store.max_position())) == []


def test_an_empty_store_answers(store: EventStore) -> None:
    assert list(store.events()) == []
    assert store.max_position() == 0
    assert store.position_at(datetime(2031, 1, 1, tzinfo=UTC)) == 0
    assert store.record([]) == Loaded(0, 0, 0, None, None)


def test_two_stores_open_at_once_do_not_mix(new_url: NewUrl) -> None:
    with open_store(new_url()) as one, open_store(new_url()) as other:
        one.record([announcement("a")])
        other.record([announcement("a", "Something else."), announcement("b")])
        assert [event.digest for _, event in one.events()] == [digest(announcement("a"))]
        assert len(list(other.events())) == 2


def test_what_was_recorded_is_there_when_the_store_is_opened_again(url: str) -> None:
    with open_store(url) as store:
        store.load(registry(), [announcement("a")])
        before = list(store.events())
    with open_store(url, create=False) as store:
        assert list(store.events()) == before
