"""The tables: the same whether refreshed or rebuilt, and whatever the batches."""

from collections.abc import Collection, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from tests.projections import samples
from tests.projections.conftest import Log, NewUrl, assert_same, drop, dump, fresh, put, run_sql
from tests.store.samples import announcement, correction, registry, retraction
from tests.timeline.histories import logs
from tracker.model.dates import FOREVER
from tracker.model.errors import BadRequest, NewerStore
from tracker.model.events import AnyEvent, Recorded, recorded, rejected, submitted
from tracker.projections import entries, parts, project
from tracker.projections.checkpoint import VERSION, NotRefreshed
from tracker.projections.load import is_current, load
from tracker.projections.refresh import rebuild, refresh
from tracker.projections.registry_rows import Row
from tracker.projections.tables import LIVE
from tracker.state.fold import fold
from tracker.store.errors import StoreUnavailable
from tracker.store.event_store import EventStore

some = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@some
@given(log=logs(), stops=st.lists(st.integers(0, 30), max_size=4), batch=st.integers(1, 9))
def test_law_refresh_equals_rebuild_equals_the_log(
    url: str, monkeypatch: pytest.MonkeyPatch, log: list[Recorded], stops: list[int], batch: int
) -> None:
    put(url, [])
    drop(url)
    monkeypatch.setattr(project, "BATCH", batch)
    monkeypatch.setattr(parts, "PIECE", batch)
    monkeypatch.setattr(parts, "SHARE", batch)
    for stop in sorted(stops):
        refresh(url, put(url, log[:stop]))
    assert refresh(url, put(url, log)) == log[-1].position
    refreshed = dump(url)
    assert_same(load(url), fold(log))
    assert rebuild(url, put(url, log)) == log[-1].position
    assert dump(url) == refreshed


@pytest.mark.parametrize("batch", [1, 2, 3, 7, 1000])
def test_an_effect_of_every_type_is_kept(new_url: NewUrl, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    url = fresh(new_url)
    log = samples.log()
    monkeypatch.setattr(project, "BATCH", batch)
    monkeypatch.setattr(parts, "PIECE", batch)
    monkeypatch.setattr(parts, "SHARE", batch)
    refresh(url, put(url, log))
    refreshed = dump(url)
    assert_same(load(url), fold(log))
    drop(url)
    monkeypatch.setattr(project, "BATCH", 1000)
    refresh(url, put(url, log))
    assert dump(url) == refreshed


def test_every_prefix_of_the_log_can_be_refreshed_to(new_url: NewUrl) -> None:
    url = fresh(new_url)
    log = samples.log()
    for length in range(1, len(log) + 1):
        assert refresh(url, put(url, log[:length])) == log[length - 1].position
        assert_same(load(url), fold(log[:length]))


def test_drafts_make_no_row_and_only_move_the_checkpoint(new_url: NewUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    url = fresh(new_url)
    log, draft = samples.log(), submitted("d-1", announcement("draft"), samples.AT, "writer")
    news: list[AnyEvent] = [draft, rejected(draft, "No.", samples.AT, "reader")]
    drafted = [*log, *(Recorded(200 + number, event) for number, event in enumerate(news))]
    monkeypatch.setattr(project, "BATCH", 1)
    refresh(url, put(url, log))
    before = {name: rows for name, rows in dump(url).items() if name != "tracker_checkpoint"}
    assert refresh(url, put(url, drafted)) == 201
    assert {name: rows for name, rows in dump(url).items() if name != "tracker_checkpoint"} == before
    assert_same(load(url), fold(drafted))


def test_a_corrected_announcement_has_a_row_for_each_version(new_url: NewUrl) -> None:
    url = fresh(new_url)
    refresh(url, put(url, samples.log()))
    columns = "version, kind, statement, reason, announced, recorded_by"
    assert run_sql(url, f"SELECT {columns} FROM tracker_announcements WHERE announcement = 'plain' ORDER BY 1") == [
        (0, "recorded", "plain", None, "2031-03-20", "coder"),
        (1, "retracted", "r-1", "It was never said.", "2031-04-02", "coder"),
        (2, "corrected", "c-3", "A slip of the pen.", "2031-04-05", "coder"),
    ]
    versions = "SELECT statement FROM tracker_announcements WHERE announcement = 'everything' ORDER BY version"
    assert run_sql(url, versions) == [("everything",), ("c-2",), ("c-1",), ("c-1",)]
    sources = "SELECT version, part, publisher FROM tracker_sources WHERE announcement = 'everything' ORDER BY 1, 2"
    assert run_sql(url, sources) == [
        (0, "content", "The Beland Post"),
        (1, "content", "The Beland Post"),
        (1, "statement", "The Aland Post"),
        (2, "content", "The Beland Post"),  # c-1 before c-2 was recorded, and after
        (3, "content", "The Beland Post"),
    ]


def test_assertions_read_in_plain_words_and_exact_numbers(new_url: NewUrl) -> None:
    url = fresh(new_url)
    refresh(url, put(url, samples.log()))
    found = run_sql(
        url,
        """
        SELECT effect, track, value, valid_from, valid_to FROM tracker_assertions
        WHERE announcement = 'everything' AND version = 0 AND span = 0 ORDER BY number
        """,
    )
    day = "2031-03-20"
    assert found == [
        (0, "measure:closure", "in-force", day, "[2031-03-25..2031-04-08]"),
        (1, "measure:closure", "in-force", day, "2031-06-01T06:00:00+04:00"),
        (2, "measure:closure", "eased", day, None),
        (3, "measure:closure", "lifted", "[2031-04-01..2031-04-03]", None),
        (4, "measure:leave", "in-force", "[2031-04-01..2031-04-30]", None),
        (5, "measure:leave", "lifted", "[2032-01-01..2032-12-31]", None),
        (6, "readiness:aa:bridge:road", "works", day, None),
        (6, "readiness:aa:bridge:road", "works", day, None),
        (7, "pledge:p", "open", day, None),
        (8, "pledge:p", "fulfilled", day, None),
        (9, "pledge:q", "withdrawn", "2031-04-02", None),
        (10, "passage:everything:10", "passed", day, None),
        (11, "passage:everything:11", "none", day, None),
        (12, "stage:treaty:aa", "signed", day, None),
        (13, "control:bridge", "BB", day, None),
    ]
    effects = "SELECT measure, at, basis FROM tracker_effects WHERE announcement = 'everything' AND version = 0"
    assert run_sql(url, f"{effects} AND number < 3 ORDER BY number") == [
        ("closure", None, "reported"),
        ("closure", None, None),
        ("closure", "bridge AA-BB", None),
    ]


def test_the_rule_of_time_in_sql_gives_what_the_record_says(new_url: NewUrl) -> None:
    url = fresh(new_url)
    refresh(url, put(url, samples.log()))
    record = load(url)
    view = record.view
    for at in view.assertions.instants:
        found = run_sql(
            url,
            f"""
            SELECT track, value FROM (
                SELECT track, value, row_number() OVER (
                    PARTITION BY track ORDER BY order_instant DESC, announcement DESC, effect DESC) AS place
                FROM tracker_assertions
                WHERE valid_from_latest <= {at} AND {at} < valid_to_latest
                  AND announced_to = {FOREVER} AND recorded_to = {FOREVER}) AS covering
            WHERE place = 1
            """,
        )
        winners = {view.assertions.tracks[track] for track, row in enumerate(view.winners(at)) if row >= 0}
        assert {track for track, _ in found} == winners


def test_amendments_close_the_entry_before(new_url: NewUrl) -> None:
    url = fresh(new_url)
    refresh(url, put(url, samples.log()))
    sql = "SELECT name, recorded_from, recorded_to, recorded_by FROM tracker_registry"
    assert run_sql(url, f"{sql} WHERE kind = 'party' AND id = 'AA' ORDER BY position") == [
        ("Aland", 6, 33, None),
        ("Åland", 33, 57, "coder"),
        ("Aland", 57, FOREVER, None),
    ]


def test_the_dataset_may_come_after_the_first_announcements(new_url: NewUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    url = fresh(new_url)
    monkeypatch.setattr(project, "BATCH", 2)
    said = [Recorded(number, recorded(announcement(f"a-{number}"), samples.AT)) for number in range(1, 6)]
    with pytest.raises(BadRequest, match="load a dataset first"):
        refresh(url, put(url, said))
    log = [*said, *(Recorded(100 + position, event) for position, event in samples.log())]
    refresh(url, put(url, log))
    assert_same(load(url), fold(log))


def test_an_empty_log_gives_empty_tables(new_url: NewUrl) -> None:
    url = fresh(new_url)
    assert refresh(url, Log([])) == refresh(url, Log([])) == rebuild(url, Log([])) == 0
    with pytest.raises(BadRequest, match="load one first"):
        load(url)


def test_dropped_tables_come_back(url: str, store: EventStore) -> None:
    store.load(registry(), samples.statements())
    refresh(url, store)
    before = dump(url)
    for names in ((), ("checkpoint",), ("recorded", "kept_spans"), ("registry",)):
        drop(url, *names)
        refresh(url, store)
        assert dump(url) == before
    run_sql(url, "DELETE FROM tracker_checkpoint")
    assert not is_current(url)
    refresh(url, store)
    assert dump(url) == before


def test_tables_of_an_older_version_are_built_anew(url: str, store: EventStore) -> None:
    store.load(registry(), samples.statements())
    refresh(url, store)
    before = dump(url)
    run_sql(
        url,
        "DROP VIEW tracker_announcements",
        "ALTER TABLE tracker_kept_announcements DROP COLUMN summary",
        "DELETE FROM tracker_recorded",
        f"UPDATE tracker_checkpoint SET version = {VERSION - 1}",
    )
    assert not is_current(url)
    with pytest.raises(NotRefreshed, match="refresh it"):
        load(url)
    refresh(url, store)
    assert is_current(url)
    assert dump(url) == before


def test_tables_of_a_newer_version_are_refused_and_left_alone(url: str, store: EventStore) -> None:
    store.load(registry(), samples.statements())
    refresh(url, store)
    drop(url, "kept_spans")  # a newer version may have other tables
    run_sql(url, f"UPDATE tracker_checkpoint SET version = {VERSION + 1}")
    for work in (lambda: refresh(url, store), lambda: rebuild(url, store), lambda: load(url), lambda: is_current(url)):
        with pytest.raises(NewerStore, match="upgrade the tracker"):
            work()
    assert run_sql(url, "SELECT version FROM tracker_checkpoint") == [(VERSION + 1,)]
    assert run_sql(url, "SELECT * FROM tracker_assertions")


def test_tables_ahead_of_the_log_are_of_another_log(url: str, store: EventStore) -> None:
    store.load(registry(), samples.statements())
    refresh(url, store)
    before = dump(url)
    run_sql(url, "UPDATE tracker_checkpoint SET position = 9999", "DELETE FROM tracker_registry WHERE kind = 'party'")
    assert not is_current(url)
    refresh(url, store)
    assert dump(url) == before


def test_what_an_earlier_version_left_beside_is_thrown_away(url: str, store: EventStore) -> None:
    store.load(registry(), samples.statements())
    refresh(url, store)
    before = dump(url)
    run_sql(
        url,
        "CREATE TABLE tracker_checkpoint_new (version integer, position integer, odd integer)",
        f"UPDATE tracker_checkpoint SET version = {VERSION - 1}",
    )
    refresh(url, store)
    assert dump(url) == before
    names = {table.name for table in LIVE.tables.values()}
    for name in names:
        with pytest.raises(Exception, match=f"{name}_new"):
            run_sql(url, f"SELECT * FROM {name}_new")


def test_only_what_is_corrected_is_derived_again(url: str, store: EventStore) -> None:
    store.load(registry(), [announcement("a"), announcement("b")])
    refresh(url, store)
    run_sql(url, f"UPDATE tracker_recorded SET value = 'marked' WHERE position = {store.max_position()}")
    store.record([correction("c", "a", summary="Anew.")])
    refresh(url, store)
    assert run_sql(url, "SELECT DISTINCT value FROM tracker_assertions WHERE announcement = 'b'") == [("marked",)]
    summaries = "SELECT announcement, version, summary FROM tracker_announcements ORDER BY 1, 2"
    closed = "Beland closed the bridge."
    assert run_sql(url, summaries) == [("a", 0, closed), ("a", 1, "Anew."), ("b", 0, closed)]
    store.record([retraction("r", "a")])
    refresh(url, store)
    assert run_sql(url, summaries)[2] == ("a", 2, None)


def test_a_store_that_is_not_there_is_not_made(new_url: NewUrl) -> None:
    url = new_url()
    if not url.startswith("postgresql://"):
        assert not is_current(url)
        for work in (lambda: refresh(url, Log([])), lambda: load(url)):
            with pytest.raises(StoreUnavailable, match="cannot be opened"):
                work()
        assert not is_current(url)


def test_entries_are_looked_up_by_an_index_while_tables_are_filled(
    new_url: NewUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or 16,000 that are amended take a minute."""
    url, put_entries = fresh(new_url), entries.put
    found: list[set[str | None]] = []

    def watched(connection: Connection, rows: Sequence[Row], amended: Collection[int]) -> None:
        found.append({index["name"] for index in inspect(connection).get_indexes("tracker_registry")})
        put_entries(connection, rows, amended)

    monkeypatch.setattr(entries, "put", watched)
    source = put(url, samples.log())
    refresh(url, source)
    rebuild(url, source)
    assert len(found) == 2
    assert all("tracker_registry_kind_id" in names for names in found)


@pytest.mark.parametrize("name", ["tracker_announcements", "tracker_effects", "tracker_assertions"])
def test_one_announcement_is_found_by_the_index_of_the_log(url: str, store: EventStore, name: str) -> None:
    store.load(registry(), [announcement("a"), announcement("b")])
    refresh(url, store)
    asked = f"SELECT * FROM {name} WHERE announcement = 'a'"
    if url.startswith("postgresql"):
        plan = run_sql(url, "SET enable_seqscan = off", f"EXPLAIN {asked}")
        assert any("Index Cond: (statement = 'a'" in line for (line,) in plan)
    else:
        plan = run_sql(url, f"EXPLAIN QUERY PLAN {asked}")
        assert any(line.startswith("SEARCH") and "(statement=?)" in line for *_, line in plan)
