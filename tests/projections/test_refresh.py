"""The tables: the same whether refreshed or rebuilt, and whatever the batches."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.projections import samples
from tests.projections.conftest import Log, NewUrl, assert_same, drop, dump, fresh, put, run_sql
from tests.store.samples import announcement, correction, registry, retraction
from tests.timeline.histories import logs
from tracker.model.dates import FOREVER
from tracker.model.errors import BadRequest, NewerStore
from tracker.model.events import AnyEvent, Recorded, recorded, rejected, submitted
from tracker.projections.checkpoint import VERSION, VIEWS, NotRefreshed
from tracker.projections.load import is_current, load
from tracker.projections.refresh import rebuild, refresh
from tracker.projections.sql_views.refresh import derive
from tracker.state.fold import fold
from tracker.store.errors import StoreUnavailable
from tracker.store.event_store import EventStore, open_store

FORMER = Path(__file__).parents[1] / "data" / "baseline" / "store.sqlite"
some = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.slow
@some
@given(log=logs(), stops=st.lists(st.integers(0, 30), max_size=4), batch=st.integers(1, 9))
def test_law_refresh_equals_rebuild_equals_the_log(url: str, log: list[Recorded], stops: list[int], batch: int) -> None:
    put(url, [])
    drop(url)
    for stop in sorted(stops):
        refresh(url, put(url, log[:stop]), batch=batch)
    assert refresh(url, put(url, log), batch=batch) == log[-1].position
    refreshed = dump(url)
    assert_same(load(url), fold(log))
    assert rebuild(url, put(url, log), piece=batch) == log[-1].position
    assert dump(url) == refreshed


@pytest.mark.parametrize("batch", [1, 2, 3, 7, 1000])
def test_an_effect_of_every_type_is_kept(new_url: NewUrl, batch: int) -> None:
    url = fresh(new_url)
    log = samples.log()
    refresh(url, put(url, log), batch=batch)
    refreshed = dump(url)
    assert_same(load(url), fold(log))
    drop(url)
    refresh(url, put(url, log))
    assert dump(url) == refreshed


def test_every_prefix_of_the_log_can_be_refreshed_to(new_url: NewUrl) -> None:
    url = fresh(new_url)
    log = samples.log()
    for length in range(1, len(log) + 1):
        assert refresh(url, put(url, log[:length])) == log[length - 1].position
        assert_same(load(url), fold(log[:length]))


def test_drafts_make_no_row_and_only_move_the_checkpoint(new_url: NewUrl) -> None:
    url = fresh(new_url)
    log, draft = samples.log(), submitted("d-1", announcement("draft"), samples.AT, "writer")
    news: list[AnyEvent] = [draft, rejected(draft, "No.", samples.AT, "reader")]
    drafted = [*log, *(Recorded(200 + number, event) for number, event in enumerate(news))]
    refresh(url, put(url, log))
    before = {name: rows for name, rows in dump(url).items() if name != "tracker_checkpoint"}
    assert refresh(url, put(url, drafted), batch=1) == 201
    assert {name: rows for name, rows in dump(url).items() if name != "tracker_checkpoint"} == before
    assert_same(load(url), fold(drafted))


def test_an_announcement_has_one_row_of_the_version_that_counts(new_url: NewUrl) -> None:
    url = fresh(new_url)
    columns = "id, version, version_kind, retracted, summary, verification, effects, publishers, position, recorded_by"
    log = samples.log()
    until = {"everything": 36, "plain": 39, "late": 42, "c-1": 45, "r-1": 48, "c-2": 51, "c-3": 54}
    rows: dict[str, list[tuple[object, ...]]] = {}
    for name, position in until.items():
        refresh(url, put(url, [event for event in log if event.position <= position]))
        rows[name] = run_sql(url, f"SELECT {columns} FROM tracker_announcements WHERE id <> 'everything' ORDER BY id")
    summary, post = "Beland closed the bridge.", "The Beland Post"
    late = ("late", 0, "recorded", False, summary, "verified", None, post, 42, "coder")
    plain = ("plain", 0, "recorded", False, summary, "verified", "impose", post, 39, "coder")
    retracted = ("plain", 1, "retracted", True, None, None, None, None, 48, "coder")
    again = ("plain", 2, "corrected", False, "It was said after all.", "verified", "impose", post, 54, "coder")
    assert rows["plain"] == [plain]
    assert rows["late"] == rows["c-1"] == [late, plain]
    assert rows["r-1"] == rows["c-2"] == [late, retracted]
    assert rows["c-3"] == [late, again]
    everything = run_sql(url, f"SELECT {columns} FROM tracker_announcements WHERE id = 'everything'")
    assert everything == [
        ("everything", 3, "corrected", False, summary, "verified", "impose | extend | exempt", post, 45, "coder")
    ]


def test_denials_are_those_of_any_version(new_url: NewUrl) -> None:
    url = fresh(new_url)
    for length in range(1, len(samples.log()) + 1):
        refresh(url, put(url, samples.log()[:length]))
    assert run_sql(url, "SELECT * FROM tracker_denials") == [("everything", "plain")]  # though a correction took it out


def test_amendments_close_the_entry_before(new_url: NewUrl) -> None:
    url = fresh(new_url)
    refresh(url, put(url, samples.log()))
    sql = "SELECT name, recorded_from, recorded_to, recorded_by FROM tracker_registry"
    assert run_sql(url, f"{sql} WHERE kind = 'party' AND id = 'AA' ORDER BY position") == [
        ("Aland", 6, 33, None),
        ("Åland", 33, 57, "coder"),
        ("Aland", 57, FOREVER, None),
    ]


def test_the_dataset_may_come_after_the_first_announcements(new_url: NewUrl) -> None:
    url = fresh(new_url)
    said = [Recorded(number, recorded(announcement(f"a-{number}"), samples.AT)) for number in range(1, 6)]
    with pytest.raises(BadRequest, match="load a dataset first"):
        refresh(url, put(url, said), batch=2)
    log = [*said, *(Recorded(100 + position, event) for position, event in samples.log())]
    refresh(url, put(url, log), batch=2)
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
    for names in ((), ("tracker_checkpoint",), ("tracker_announcements", "tracker_denials"), ("tracker_registry",)):
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
        "ALTER TABLE tracker_registry DROP COLUMN digest",
        "DELETE FROM tracker_announcements",
        f"UPDATE tracker_checkpoint SET version = {VERSION - 1}",
    )
    assert not is_current(url)
    with pytest.raises(NotRefreshed, match="refresh it"):
        load(url)
    refresh(url, store)
    assert is_current(url)
    assert dump(url) == before


@pytest.fixture
def former(tmp_path: Path) -> str:
    """A store of version 0.1.0, with tables and views that are there no longer."""
    path = tmp_path / "former.sqlite"
    shutil.copy(FORMER, path)
    path.chmod(0o644)
    return str(path)


def names_in(url: str) -> set[str]:
    found = run_sql(url, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    return {str(name) for (name,) in found if str(name).startswith(("tracker_", "v_"))}


def test_a_store_of_an_earlier_program_loses_the_tables_that_are_gone(former: str) -> None:
    gone = {"tracker_kept_spans", "tracker_recorded", "tracker_edges", "tracker_assertions", "tracker_relations"}
    assert gone <= names_in(former)
    columns = "id, announced, parties, speakers, summary, verification, effects, urls, version, position, digest"
    question = f"SELECT {columns} FROM v_announcement ORDER BY id"
    announcements = run_sql(former, question)
    with open_store(former) as store:
        refresh(former, store)
        assert_same(load(former), fold(store.events()))
        derive(former)
        upgraded, names = dump(former), names_in(former)
        rebuild(former, store)
    assert dump(former) == upgraded
    today = [tuple("exempt" if cell == "ease" else cell for cell in row) for row in announcements]
    assert run_sql(former, question) == today
    assert {name.removeprefix("tracker_") for name in names} == {
        "announcements", "checkpoint", "denials", "precedents", "registry", "segments", "views_checkpoint",
        "status_intervals", "measure_intervals", "pledges", "lane_tallies", *VIEWS,
    }  # fmt: skip


def test_tables_of_a_newer_version_are_refused_and_left_alone(url: str, store: EventStore) -> None:
    store.load(registry(), samples.statements())
    refresh(url, store)
    drop(url, "tracker_denials")  # a newer version may have other tables
    run_sql(url, f"UPDATE tracker_checkpoint SET version = {VERSION + 1}")
    for work in (lambda: refresh(url, store), lambda: rebuild(url, store), lambda: load(url), lambda: is_current(url)):
        with pytest.raises(NewerStore, match="upgrade the tracker"):
            work()
    assert run_sql(url, "SELECT version FROM tracker_checkpoint") == [(VERSION + 1,)]
    assert run_sql(url, "SELECT * FROM tracker_announcements")


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
    with pytest.raises(Exception, match="tracker_checkpoint_new"):
        run_sql(url, "SELECT * FROM tracker_checkpoint_new")


def test_only_what_is_corrected_is_derived_again(url: str, store: EventStore) -> None:
    store.load(registry(), [announcement("a"), announcement("b")])
    refresh(url, store)
    run_sql(url, f"UPDATE tracker_announcements SET parties = 'marked' WHERE position = {store.max_position()}")
    store.record([correction("c", "a", summary="Anew.")])
    refresh(url, store)
    rows = "SELECT id, version, parties, summary FROM tracker_announcements ORDER BY 1"
    assert run_sql(url, rows) == [("a", 1, "BB", "Anew."), ("b", 0, "marked", "Beland closed the bridge.")]
    store.record([retraction("r", "a")])
    refresh(url, store)
    assert run_sql(url, rows)[0] == ("a", 2, None, None)


def test_a_store_that_is_not_there_is_not_made(new_url: NewUrl) -> None:
    url = new_url()
    if not url.startswith("postgresql://"):
        assert not is_current(url)
        for work in (lambda: refresh(url, Log([])), lambda: load(url)):
            with pytest.raises(StoreUnavailable, match="cannot be opened"):
                work()
        assert not is_current(url)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ("tracker_registry", {"kind": "party", "id": "AA"}),
        ("tracker_announcements", {"id": "a"}),
        ("tracker_announcements", {"recorded_position": 11}),
        ("tracker_denials", {"announcement": "a"}),
    ],
)
def test_rows_are_looked_up_by_an_index(url: str, store: EventStore, table: str, named: dict[str, object]) -> None:
    """Or 16,000 entries that are amended take a minute."""
    store.load(registry(), [announcement("a"), announcement("b")])
    refresh(url, store)
    asked = f"SELECT * FROM {table} WHERE " + " AND ".join(f"{name} = {value!r}" for name, value in named.items())
    if url.startswith("postgresql"):
        plan = run_sql(url, "SET enable_seqscan = off", f"EXPLAIN {asked}")
        assert any("Index Cond" in str(line) for (line,) in plan)
    else:
        plan = run_sql(url, f"EXPLAIN QUERY PLAN {asked}")
        assert any(str(line).startswith("SEARCH") for *_, line in plan)
