"""Announcements taken in many at once: the same rows and columns as one by one."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.projections import samples
from tests.projections.conftest import Log, NewUrl, drop, dump, fresh, put, run_sql, shown
from tests.store.samples import announcement, correction, registry
from tests.store.test_codec import statements
from tests.timeline.histories import logs
from tracker.model.announcement import Announcement, Statement
from tracker.model.dates import zone
from tracker.model.events import Recorded, recorded, registered
from tracker.model.registry import Registry
from tracker.projections import numbers, parts, project, registry_rows
from tracker.projections.numbers import Numbering, Part
from tracker.projections.refresh import rebuild, refresh
from tracker.projections.singles import Lexicon, Singles
from tracker.store.codec import Mapper
from tracker.store.database import Stored
from tracker.store.errors import StoreDamaged
from tracker.store.event_store import EventStore

some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
quickly, entered_quickly, made = Numbering._read, registry_rows.rows_of, Numbering.part


def one_by_one(*_: object) -> Any:
    raise ValueError("nothing is taken in at once")


def not_at_all(*_: object) -> None:
    return None


def assert_the_same_either_way(url: str, patch: pytest.MonkeyPatch, log: list[Recorded], *, all_quickly: bool) -> None:
    left: list[Stored] = []

    def watched(numbering: Numbering, pieces: Iterable[Sequence[Stored]]) -> Part:
        found = made(numbering, pieces)
        left.extend(each for each in found.left if each.type in numbers.TYPES)
        return found

    patch.setattr(Numbering, "part", watched)
    found = []
    for way, entered in ((quickly, entered_quickly), (one_by_one, not_at_all)):
        patch.setattr(Numbering, "_read", way)
        patch.setattr(registry_rows, "rows_of", entered)
        drop(url)
        refresh(url, put(url, log))
        found.append(shown(url))
        assert left if way is one_by_one and log else not (left and all_quickly)
    assert found[0] == found[1]


def log_of(said: Sequence[Statement], by: str | None = None) -> list[Recorded]:
    events = [*(registered(subject, samples.AT) for subject in registry().subjects())]
    told = [recorded(statement, samples.AT, by, approved_by=by) for statement in said]
    return [Recorded(2 * number, event) for number, event in enumerate([*events, *told], start=1)]


@some
@given(log=logs())
def test_law_many_at_once_are_what_they_are_one_by_one(
    url: str, monkeypatch: pytest.MonkeyPatch, log: list[Recorded]
) -> None:
    assert_the_same_either_way(url, monkeypatch, log, all_quickly=True)


@some
@given(histories=st.lists(statements(), min_size=1, max_size=3), by=st.none() | st.just("coder"))
def test_law_the_same_of_all_that_can_be_said(
    url: str, monkeypatch: pytest.MonkeyPatch, histories: list[list[Statement]], by: str | None
) -> None:
    said = [each for history in histories for each in history if isinstance(each, Announcement)]
    assert_the_same_either_way(url, monkeypatch, log_of(said, by), all_quickly=True)


def test_an_effect_of_every_type(new_url: NewUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    said = [each for each in samples.statements() if isinstance(each, Announcement)]
    scored = announcement(
        "scored", effect=[{"type": "impose", "measure": "closure", "level": "restricted", "score": 0}]
    )
    assert_the_same_either_way(fresh(new_url), monkeypatch, log_of([*said, scored], "coder"), all_quickly=True)


def test_the_record_in_events(
    new_url: NewUrl, monkeypatch: pytest.MonkeyPatch, dataset: tuple[Registry, Sequence[Statement]]
) -> None:
    subjects, said = dataset
    events = [*(registered(subject, samples.AT) for subject in subjects.subjects())]
    told = [recorded(statement, samples.AT) for statement in said]
    log = [Recorded(number, event) for number, event in enumerate([*events, *told], start=1)]
    assert_the_same_either_way(fresh(new_url), monkeypatch, log, all_quickly=True)


TODAY = json.loads(Mapper().state(recorded(announcement("a"), samples.AT)))


def stored(number: int, said: dict[str, object], **more: object) -> Stored:
    content = {**TODAY["announcement"], "id": f"a-{number}", **said}
    plain = {key: value for key, value in {**TODAY, "announcement": content, **more}.items() if value is not None}
    return Stored(number, "AnnouncementRecorded", f"a-{number}", rfc8785.dumps(plain))


@pytest.mark.parametrize(
    "odd",
    [
        stored(1, {}, schema=2),
        stored(1, {}, schema=None),
        stored(1, {"id": "other"}),
        stored(1, {"status": "odd"}),
        stored(1, {"announced": "soon"}),
        stored(1, {"effect": [{"type": "odd"}]}),
        stored(1, {"effect": [{"type": "impose", "measure": "closure"}]}),  # before it had limits, say
        stored(1, {"effect": [{"type": "lift", "measure": "closure", "until": "2031-02-30T00:00:00Z"}]}),
        stored(1, {"relation": None}),
        Stored(1, "AnnouncementRecorded", "a-1", b"{"),
        Stored(1, "AnnouncementRecorded", "a-1", b"\xff"),
    ],
)
def test_what_is_not_as_it_is_stored_today_goes_the_general_way(odd: Stored) -> None:
    others = [stored(number, {}) for number in range(2, 9)]
    part = Numbering(zone("+04:00"), dict.fromkeys(numbers.TYPES, 1)).part([[*others[:5], odd, *others[5:]]])
    assert part.left == [odd]
    taking = Singles(zone("+04:00"), Lexicon(), Lexicon())
    rows = {name: list(some) for name, some in taking.add(part)}
    assert [row[0] for row in rows["recorded"]] == [each.position for each in others]
    assert list(taking.assertions.announcements) == [each.statement for each in others]
    assert len(taking.assertions) == len(others)


@some
@given(log=logs(), batch=st.integers(1, 9))
def test_law_columns_alone_are_what_they_are_with_all_tables(
    url: str, monkeypatch: pytest.MonkeyPatch, log: list[Recorded], batch: int
) -> None:
    monkeypatch.setattr(project, "BATCH", batch)
    monkeypatch.setattr(parts, "PIECE", batch)
    put(url, [])
    drop(url)
    source = put(url, log)
    assert rebuild(url, source, columns=True) == log[-1].position  # there are no tables yet: all are made
    before = dump(url)
    run_sql(url, "DELETE FROM tracker_segments")
    assert rebuild(url, source, columns=True) == log[-1].position
    assert dump(url) == before


def test_columns_alone_stop_where_the_tables_do(url: str, store: EventStore) -> None:
    store.load(registry(), [announcement("a"), announcement("b")])
    until = refresh(url, store)
    before = dump(url)
    store.record([correction("c", "a"), announcement("d")])
    assert rebuild(url, store, columns=True) == until
    assert dump(url) == before
    assert refresh(url, store) == until + 2


def test_a_damaged_subject_stops_the_refresh(new_url: NewUrl) -> None:
    class Damaged(Log):
        def stored(self, after: int, limit: int) -> Sequence[Stored]:
            whole = super().stored(after, limit)
            return [each._replace(state=each.state.replace(b'"kind":"state"', b'"kind":"odd"')) for each in whole]

    with pytest.raises(StoreDamaged, match="cannot be read"):
        refresh(fresh(new_url), Damaged(log_of([])))


def test_what_cannot_be_read_stops_the_refresh(new_url: NewUrl) -> None:
    class Damaged(Log):
        def stored(self, after: int, limit: int) -> Sequence[Stored]:
            return [*super().stored(after, limit), *([stored(99, {"effect": [{"type": "odd"}]})] if after < 99 else [])]

        def max_position(self) -> int:
            return 99

    with pytest.raises(StoreDamaged, match="position 99 cannot be read"):
        refresh(fresh(new_url), Damaged(log_of([])))
