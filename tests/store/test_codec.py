"""Events as bytes: nothing lost, no module's path, and old shapes still read."""

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.conftest import run_sql
from tests.store.samples import announcement, correction, registry, retraction
from tracker.model.announcement import Announcement, Correction, Retraction, Statement
from tracker.model.errors import BadRequest, NewerStore
from tracker.model.events import AnnouncementCorrected, approved, canonical, digest, rejected, submitted
from tracker.model.registry import AnySubject
from tracker.projections.rows import recorded_states
from tracker.store.codec import UPCASTERS, Mapper, StoredJson, Upcasters
from tracker.store.database import Stored
from tracker.store.errors import StoreDamaged
from tracker.store.event_store import EventStore, open_store
from tracker.store.load_plan import content_of
from tracker.store.streams import announcement_stream
from tracker.timeline.statements import content_of as struct_of

words = st.text("aé\u0301 \"\\\n☃𐍈'%?", min_size=1, max_size=12).map(lambda text: f"w{text}")
line = words.map(lambda text: text.replace("\n", " "))
days = st.sampled_from(["2031-03-20", "1993", "1989-08", "2010-09-15~", "[2020-12-31..2021-01-01]"])
instants = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    datetime.isoformat
)
numbers = st.floats(min_value=1e-9, max_value=1e15, allow_nan=False)
effects = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("impose"), "measure": st.just("closure")},
        optional={"from": days | instants, "last_day": days, "conditions": st.lists(line, max_size=2), "note": words},
    ),
    st.fixed_dictionaries(
        {"type": st.just("lift"), "measure": st.just("closure")}, optional={"from": days | instants, "until": instants}
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("passage"),
            "at": st.just("way"),
            "mode": st.just("road"),
            "traffic": st.just("goods"),
            "on": days,
        },
        optional={"quantity": numbers, "none": st.booleans(), "cargo": line},
    ),
)
sources = st.fixed_dictionaries({"publisher": line}, optional={"title": line, "published": days, "quote": line})
leaves = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | numbers | words
patches = st.dictionaries(
    words,
    st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3)),
    min_size=1,
    max_size=3,
)


def fresh(name: str) -> str:
    return f"{name}-{uuid4().hex}"


@st.composite
def statements(draw: st.DrawFn) -> list[Statement]:
    """An announcement, a correction and a retraction of it, under ids not used before."""
    said = Announcement.model_validate(
        {
            "id": fresh("a"),
            "announced": draw(days | instants),
            "summary": draw(words),
            "by": [{"party": "BB", "name": draw(line)}],
            "source": draw(st.lists(sources, max_size=2)),
            "effect": draw(st.lists(effects, max_size=3)),
        }
    )
    common = {"announced": draw(days), "reason": draw(words), "source": draw(st.lists(sources, max_size=1))}
    corrected = Correction.model_validate(
        {"id": fresh("c"), "corrects": said.id, "replace": draw(patches), **common, "remove": ["note"]}
    )
    return [said, corrected, Retraction.model_validate({"id": fresh("r"), "retracts": said.id, **common})]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=statements(), by=st.none() | line)
def test_law_statements_survive_the_store(store: EventStore, history: list[Statement], by: str | None) -> None:
    before = store.max_position()
    store.record(history, by=by)
    events = [event for _, event in store.events(after=before)]
    assert [content_of(event) for event in events] == history
    assert [event.digest for event in events] == [digest(statement) for statement in history]
    assert [digest(content_of(event)) for event in events] == [event.digest for event in events]
    assert {event.recorded_by for event in events} == {by and unicodedata.normalize("NFC", by.strip())}


def test_subjects_survive_the_store(store: EventStore) -> None:
    store.load(registry(), [])
    subjects: list[AnySubject] = list(registry().subjects())
    assert [content_of(event) for _, event in store.events()] == subjects
    assert [event.digest for _, event in store.events()] == [digest(subject) for subject in subjects]


def test_stored_bytes_are_canonical_and_name_no_module(store: EventStore, url: str) -> None:
    store.load(registry(), [announcement("a"), correction("c", "a"), retraction("r", "a")])
    for name, state in run_sql(url, "SELECT type, state FROM event_log ORDER BY position"):
        plain = json.loads(bytes(state))
        assert bytes(state) == rfc8785.dumps(plain)
        assert plain["type"] == name
        assert plain["schema"] == UPCASTERS.current(name)
        assert b"tracker" not in bytes(state)
        assert b"model" not in bytes(state)


def test_what_has_no_canonical_json_is_refused(store: EventStore) -> None:
    with pytest.raises(BadRequest, match="c: cannot be stored"):
        store.record([announcement("a"), correction("c", "a", covers=[2**60])])
    assert store.max_position() == 0


def old_shape(**changes: Any) -> StoredJson:
    """The plain JSON of an announcement, as schema 1 would have it had it differed from today's."""
    with_schema: StoredJson = {
        "type": "AnnouncementRecorded",
        "schema": 1,
        "recorded_at": "2031-03-20T10:00:00+00:00",
        "digest": "0" * 64,
        "announcement": {
            "id": "old",
            "announced": "2031-03-20",
            "text": "Beland closed the bridge.",  # was renamed to `summary`
            "speaker": "BB",  # became `by`, a list of tables
        },
    }
    return with_schema | changes


def put(url: str, plain: StoredJson) -> None:
    """Store bytes by hand, as an older version did."""
    state, stream = rfc8785.dumps(plain).hex(), announcement_stream(plain["announcement"]["id"])
    columns = "originator_id, originator_version, topic, state, statement, digest, recorded_at"
    key, literal = (stream, f"'\\x{state}'") if url.startswith("postgresql") else (stream.hex, f"x'{state}'")
    values = f"'{key}', 0, '{plain['type']}', {literal}, '{plain['announcement']['id']}', '{plain['digest']}', 1"
    run_sql(url, f"INSERT INTO stored_events ({columns}) VALUES ({values})")


def second_schema() -> Upcasters:
    """A tracker whose announcements are in schema 2."""
    upcasters = Upcasters()

    @upcasters.register("AnnouncementRecorded", 1)
    def names_of_today(plain: StoredJson) -> StoredJson:
        said = dict(plain["announcement"])
        said["summary"] = said.pop("text")
        said["by"] = [{"party": said.pop("speaker")}]
        return {**plain, "announcement": said}

    return upcasters


def test_an_upcaster_reads_an_old_shape_as_the_new_one(url: str) -> None:
    with open_store(url, upcasters=second_schema()) as store:
        put(url, old_shape())
        today = announcement("old", by=[{"party": "BB"}], source=[], effect=[])
        assert [content_of(event) for _, event in store.events()] == [today]
        store.record([announcement("new")])
        assert [content_of(event) for _, event in store.events()] == [today, announcement("new")]


def test_a_file_in_the_new_shape_is_the_same_as_what_was_recorded_in_the_old(url: str) -> None:
    with open_store(url, upcasters=second_schema()) as store:
        put(url, old_shape())
        today = announcement("old", by=[{"party": "BB"}], source=[], effect=[])
        assert store.record([today]).unchanged == 1


def test_an_event_is_stored_in_the_schema_of_today(store: EventStore) -> None:
    store.record([announcement("a")])
    [(_, event)] = store.events()
    assert json.loads(Mapper(second_schema()).state(event))["schema"] == 2


FORMER: list[tuple[dict[str, Any], dict[str, Any]]] = [  # an effect as it was stored, and as it is read
    (
        {"type": "ease", "measure": "closure", "limits": ["aid only"], "at": ["bridge"]},
        {"type": "exempt", "measure": "closure", "conditions": ["aid only"], "at": ["bridge"]},
    ),
    ({"type": "permit", "measure": "leave", "limits": []}, {"type": "permit", "measure": "leave"}),
    (
        {"type": "impose", "measure": "closure", "score": 3, "limits": ["by day"]},
        {"type": "impose", "measure": "closure", "amount": "3", "conditions": ["by day"]},
    ),
    (
        {"type": "stage", "instrument": "treaty", "stage": "void"},
        {"type": "stage", "instrument": "treaty", "stage": "annulled"},
    ),
]


@pytest.mark.parametrize(("stored", "read"), FORMER)
def test_words_of_the_earlier_language_are_read_in_todays(stored: dict[str, Any], read: dict[str, Any]) -> None:
    today = announcement("a", effect=[read])
    plain: StoredJson = {
        "type": "AnnouncementRecorded", "schema": 1, "recorded_at": "2031-03-20T10:00:00+00:00", "digest": "0" * 64,
        "announcement": {**canonical(announcement("a")), "effect": [stored]},
    }  # fmt: skip
    assert content_of(Mapper().event(rfc8785.dumps(plain), 1)) == today
    [(_, state)] = recorded_states([Stored(1, "AnnouncementRecorded", "a", rfc8785.dumps(plain))])
    assert state.announcement == struct_of(today)
    corrected = {"id": "c", "corrects": "a", "announced": "2031-04-01", "reason": "A slip."}
    patch: Any = {
        "type": "AnnouncementCorrected", "schema": 1, "recorded_at": "2031-04-01T10:00:00+00:00", "digest": "0" * 64,
        "correction": {**corrected, "replace": {"effect": [stored]}},
    }  # fmt: skip
    event = Mapper().event(rfc8785.dumps(patch), 2)
    assert isinstance(event, AnnouncementCorrected)
    [effect] = event.correction.replace["effect"]
    assert {key: value for key, value in effect.items() if value != []} == read


def test_an_event_of_a_newer_schema_is_refused(store: EventStore, url: str) -> None:
    put(url, old_shape(schema=3))
    with pytest.raises(NewerStore, match="schema 3"):
        list(store.events())


def test_an_event_that_cannot_be_read_stops_the_reader(store: EventStore, url: str) -> None:
    put(url, old_shape())
    with pytest.raises(StoreDamaged, match=f"position {store.max_position()} cannot be read"):
        list(store.events())


def test_upcasters_are_registered_in_order() -> None:
    with pytest.raises(ValueError, match="from version 1, not 2"):
        Upcasters().register("AnnouncementRecorded", 2)


@given(statements())
@settings(max_examples=30, deadline=None)
def test_a_draft_is_read_as_it_was_stored(history: list[Statement]) -> None:
    for said in history:
        draft = submitted("d-1", said, datetime(2031, 5, 1, tzinfo=UTC), "writer")
        for event in (draft, approved(draft, draft.recorded_at), rejected(draft, "No.", draft.recorded_at, "reader")):
            assert Mapper().event(Mapper().state(event), 1) == event
        assert draft.digest == digest(said)
