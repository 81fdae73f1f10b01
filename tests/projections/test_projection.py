"""Batches of the log become rows and columns, whatever schema they are stored in, or stop the refresh."""

import json
from collections.abc import Sequence
from itertools import chain
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.projections import samples
from tests.projections.conftest import Log, NewUrl, assert_same, drop, dump, fresh, put, run_sql
from tests.store.samples import announcement, correction, registry
from tests.store.test_codec import statements
from tests.timeline.histories import logs
from tracker.model.announcement import Announcement, Statement
from tracker.model.errors import NewerStore
from tracker.model.events import AnnouncementRecorded, Recorded, recorded, registered
from tracker.model.registry import Registry
from tracker.projections.load import load
from tracker.projections.refresh import rebuild, refresh
from tracker.projections.rows import recorded_states, registry_rows
from tracker.state.fold import fold
from tracker.store.codec import Mapper, Upcasters
from tracker.store.database import Stored
from tracker.store.errors import StoreDamaged
from tracker.store.event_store import EventStore

some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TODAY = json.loads(Mapper().state(recorded(announcement("a"), samples.AT)))


def log_of(said: Sequence[Statement], by: str | None = None) -> list[Recorded]:
    events = [*(registered(subject, samples.AT) for subject in registry().subjects())]
    told = [recorded(statement, samples.AT, by, approved_by=by) for statement in said]
    return [Recorded(2 * number, event) for number, event in enumerate([*events, *told], start=1)]


def assert_refreshed(url: str, log: list[Recorded]) -> None:
    drop(url)
    refresh(url, put(url, log))
    assert_same(load(url), fold(log))


@some
@given(histories=st.lists(statements(), min_size=1, max_size=3), by=st.none() | st.just("coder"))
def test_law_all_that_can_be_said_is_taken_in_as_models_say_it(
    url: str, histories: list[list[Statement]], by: str | None
) -> None:
    said = [each for each in chain.from_iterable(histories) if isinstance(each, Announcement)]
    assert_refreshed(url, log_of(said, by))


def test_an_effect_of_every_type(new_url: NewUrl) -> None:
    said = [each for each in samples.statements() if isinstance(each, Announcement)]
    scored = announcement(
        "scored", effect=[{"type": "impose", "measure": "closure", "level": "restricted", "amount": "0"}]
    )
    assert_refreshed(fresh(new_url), log_of([*said, scored], "coder"))


def test_the_record_in_events(new_url: NewUrl, dataset: tuple[Registry, Sequence[Statement]]) -> None:
    subjects, said = dataset
    events = [registered(subject, samples.AT) for subject in subjects.subjects()]
    told = [recorded(statement, samples.AT) for statement in said]
    assert_refreshed(
        fresh(new_url), [Recorded(number, event) for number, event in enumerate([*events, *told], start=1)]
    )


def stored(number: int, said: dict[str, object], **more: object) -> Stored:
    content = {**TODAY["announcement"], "id": f"a-{number}", **said}
    plain = {key: value for key, value in {**TODAY, "announcement": content, **more}.items() if value is not None}
    return Stored(number, "AnnouncementRecorded", f"a-{number}", rfc8785.dumps(plain))


@pytest.mark.parametrize(
    "damaged",
    [
        stored(3, {}, schema=None),
        stored(3, {}, odd="key"),
        stored(3, {"status": "odd"}),
        stored(3, {"effect": [{"type": "odd"}]}),
        stored(3, {"effect": [{"type": "impose"}]}),
        stored(3, {"relation": None}, announcement=[]),
        Stored(3, "AnnouncementRecorded", "a-3", b"{"),
        Stored(3, "AnnouncementRecorded", "a-3", b"\xff"),
    ],
)
def test_an_event_that_cannot_be_read_is_named(damaged: Stored) -> None:
    others = [stored(number, {}) for number in range(4, 9)]
    assert [position for position, _ in recorded_states(others)] == [4, 5, 6, 7, 8]
    with pytest.raises(StoreDamaged, match="event at position 3 cannot be read"):
        list(recorded_states([*others[:2], damaged, *others[2:]]))


def test_an_event_of_a_newer_tracker_is_refused() -> None:
    with pytest.raises(NewerStore, match="upgrade the tracker"):
        list(recorded_states([stored(1, {}), stored(2, {}, schema=3)]))


def test_events_of_an_older_schema_are_read_in_todays_shape() -> None:
    upcasters = Upcasters()

    @upcasters.register("AnnouncementRecorded", 1)
    def shouted(plain: dict[str, Any]) -> dict[str, Any]:
        plain["announcement"]["summary"] = plain["announcement"]["summary"].upper()
        return plain

    @upcasters.register("SubjectRegistered", 1)
    def renamed(plain: dict[str, Any]) -> dict[str, Any]:
        plain["subject"]["name"] = "Renamed"
        return plain

    events = [stored(1, {"summary": "words"}, schema=1), stored(2, {"summary": "words"}, schema=2)]
    assert [state.announcement.summary for _, state in recorded_states(events, upcasters)] == ["WORDS", "words"]
    entered = registered(registry().parties["AA"], samples.AT)
    [row] = registry_rows([Stored(1, entered.type, None, Mapper().state(entered))], upcasters)
    assert (row.name, json.loads(row.content)["name"]) == ("Renamed", "Renamed")


def test_defaults_may_be_left_out_of_what_is_stored() -> None:
    """An event stored before a field was added has none of it."""
    plain = {**TODAY, "announcement": {key: TODAY["announcement"][key] for key in ("id", "announced", "summary", "by")}}
    plain["announcement"]["effect"] = [{"type": "impose", "measure": "closure"}]
    [(_, state)] = recorded_states([Stored(1, "AnnouncementRecorded", "a", rfc8785.dumps(plain))])
    event = Mapper().event(rfc8785.dumps(plain), 1)
    assert isinstance(event, AnnouncementRecorded)
    said = event.announcement
    assert (state.announcement.status, state.announcement.source) == (said.status, ())
    assert (state.announcement.effect[0].conditions, state.announcement.effect[0].starts) == ((), None)


@some
@given(log=logs(), batch=st.integers(1, 9))
def test_law_columns_alone_are_what_they_are_with_all_tables(url: str, log: list[Recorded], batch: int) -> None:
    put(url, [])
    drop(url)
    source = put(url, log)
    assert rebuild(url, source, columns=True, piece=batch) == log[-1].position  # no tables yet: all are made
    before = dump(url)
    run_sql(url, "DELETE FROM tracker_segments")
    assert rebuild(url, source, columns=True, piece=batch) == log[-1].position
    assert dump(url) == before


def test_columns_alone_stop_where_the_tables_do(url: str, store: EventStore) -> None:
    store.load(registry(), [announcement("a"), announcement("b")])
    until = refresh(url, store)
    before = dump(url)
    store.record([correction("c", "a"), announcement("d")])
    assert rebuild(url, store, columns=True) == until
    assert dump(url) == before
    assert refresh(url, store) == until + 2


class Damaged(Log):
    """A log in which texts are replaced in what is stored."""

    def __init__(self, events: Sequence[Recorded], old: bytes, new: bytes) -> None:
        super().__init__(events)
        self._old, self._new = old, new

    def stored(self, after: int, limit: int) -> Sequence[Stored]:
        whole = super().stored(after, limit)
        return [each._replace(state=each.state.replace(self._old, self._new)) for each in whole]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"kind":"state"', b'"kind":"odd"'),
        (b'"type":"impose"', b'"type":"odd"'),
        (b'"announced":"2031', b'"announced":"soon'),
        (b'"digest"', b'"digits"'),
    ],
)
def test_what_cannot_be_read_stops_the_refresh(new_url: NewUrl, old: bytes, new: bytes) -> None:
    said = [announcement("a", effect=[{"type": "impose", "measure": "closure"}])]
    url = fresh(new_url)
    with pytest.raises(StoreDamaged, match="cannot be read"):
        refresh(url, Damaged(log_of(said), old, new))
