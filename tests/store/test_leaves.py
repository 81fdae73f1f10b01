"""Leaves: what is in them, that they are appended with their events, and that old stores get theirs."""

import json

import pytest
import rfc8785
from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.conftest import NewUrl, back_to_version_1, run_sql, without_guards
from tests.store.merkle_tree import Tree
from tests.store.samples import SUBJECTS, announcement, correction, registry, retraction
from tracker.audit import proofs
from tracker.audit.verification import verify
from tracker.model.errors import NewerStore
from tracker.store.errors import StoreDamaged
from tracker.store.event_store import EventStore, migrate, open_store
from tracker.store.leaves import event_of, leaf_of
from tracker.store.merkle import kept, root

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text() | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
plain = st.fixed_dictionaries(
    {"type": st.text(min_size=1), "recorded_at": st.text()},
    optional={"schema": values, "announcement": values, "recorded_by": values, "zeal": values},
)


def head(store: EventStore) -> bytes:
    with store.reading() as reader:
        return proofs.current_checkpoint(reader, "test").root


@settings(deadline=None)
@given(plain, st.integers(1, 2**53 - 1))
def test_law_a_leaf_is_the_canonical_json_of_its_four_members(event: dict[str, object], position: int) -> None:
    state = rfc8785.dumps(event)  # type: ignore[arg-type]
    content = {key: value for key, value in event.items() if key not in ("type", "recorded_at")}
    leaf = {"type": event["type"], "recorded_at": event["recorded_at"], "position": position, "content": content}
    assert leaf_of(position, state) == rfc8785.dumps(leaf)  # type: ignore[arg-type]
    assert event_of(leaf_of(position, state)) == (position, state)


@pytest.mark.parametrize(
    "state",
    [b"", b"{}", b"[]", b"{", b"\xff", b'{"type":"x"}', b'{"recorded_at":1,"type":2,}', b'{"recorded_at":1,"type":2}x',
     b'{"recorded_at":1 ,"type":2}', b'{"recorded_at":1,"recorded_at":1,"type":2}',
     pytest.param(b"[" * 100_000, id="deep")],
)  # fmt: skip
def test_what_is_no_event_has_no_leaf(state: bytes) -> None:
    with pytest.raises(StoreDamaged, match="position 7 cannot be read"):
        leaf_of(7, state)


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"{}",
        b"\xff",
        b'{"content":{},"position":1,"type":2}',
        b'{"content":[],"position":1,"recorded_at":3,"type":2}',
        b'{"content":{},"position":-1,"recorded_at":3,"type":2}',
        b'{"content":{},"position":01,"recorded_at":3,"type":2}',
        b'{"position":1,"content":{},"recorded_at":3,"type":2}',
        b'{"content":{},"more":1,"position":1,"recorded_at":3,"type":2}',
        b'{"content":{"type":3},"position":1,"recorded_at":3,"type":2}',
        pytest.param(b'{"content":' + b"[" * 100_000, id="deep"),
    ],
)
def test_what_is_no_leaf_has_no_event(leaf: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        event_of(leaf)


def test_every_event_has_a_leaf_and_they_are_numbered_without_gaps(store: EventStore, url: str) -> None:
    store.load(registry(), [announcement("a"), correction("c", "a")])
    store.record([retraction("r", "a")])
    rows = run_sql(url, "SELECT number, position, leaf FROM merkle_leaves ORDER BY number")
    events = run_sql(url, "SELECT position, state FROM event_log ORDER BY position")
    assert [row[0] for row in rows] == list(range(SUBJECTS + 3))
    assert [(row[1], bytes(row[2])) for row in rows] == [(at, leaf_of(at, bytes(state))) for at, state in events]
    tree = Tree(bytes(row[2]) for row in rows)
    nodes = run_sql(url, "SELECT place, hash FROM merkle_nodes ORDER BY place")
    assert [(place, bytes(hash_)) for place, hash_ in nodes] == list(enumerate(tree.kept))
    assert len(nodes) == kept(SUBJECTS + 3)
    assert head(store) == root(tree.size, tree.read)


def test_a_leaf_says_who_recorded_what_and_when(store: EventStore, url: str) -> None:
    with freeze_time("2031-03-31 23:30"):
        store.record([announcement("a", "Cafe\u0301.")], by="coder")
    [[leaf]] = run_sql(url, "SELECT leaf FROM merkle_leaves")
    said = json.loads(bytes(leaf))
    assert (said["position"], said["recorded_at"], said["type"]) == (
        1, "2031-03-31T23:30:00+00:00", "AnnouncementRecorded",
    )  # fmt: skip
    assert said["content"]["recorded_by"] == "coder"
    assert said["content"]["announcement"]["summary"] == "Caf\u00e9."


def test_a_gap_in_the_positions_is_none_in_the_leaves(store: EventStore, url: str) -> None:
    def fail(done: int, _: int) -> None:
        if done:
            raise KeyboardInterrupt

    store.record([announcement("a")])
    with pytest.raises(KeyboardInterrupt):
        store.record([announcement("lost")], progress=fail)
    store.record([announcement("b")])
    assert [row[0] for row in run_sql(url, "SELECT number FROM merkle_leaves ORDER BY number")] == [0, 1]
    assert verify(store).findings == ()


@freeze_time("2031-03-31 23:30")
def test_law_the_same_log_has_the_same_root_however_it_grew(new_url: NewUrl, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    statements = [announcement(f"a-{number}") for number in range(1101)]
    elsewhere = f"{tmp_path_factory.mktemp('other')}/store.sqlite"
    with open_store(new_url()) as one, open_store(new_url()) as other, open_store(elsewhere) as third:
        one.load(registry(), statements)
        third.load(registry(), statements)
        other.load(registry(), [])
        for start, end in ((0, 1), (1, 3), (3, 700), (700, 1101)):
            other.record(statements[start:end])
        assert head(one) == head(other) == head(third)


def test_a_store_of_version_1_gets_its_leaves(url: str) -> None:
    with open_store(url) as store:
        store.load(registry(), [announcement(f"a-{number}") for number in range(1100)])
        before = head(store)
    back_to_version_1(url)
    with open_store(url, create=False) as store:
        assert head(store) == before
        store.record([announcement("b")])
        found = verify(store)
        assert (found.size, found.findings) == (SUBJECTS + 1101, ())


def test_a_writer_of_version_1_that_is_still_open_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(url) as store:
        store.record([announcement("a")])
        back_to_version_1(url)
        migrate(url)
        monkeypatch.setattr("tracker.store.database.VERSION", 1)
        with pytest.raises(NewerStore):
            store.record([announcement("b")])
        monkeypatch.undo()
        assert verify(store).findings == ()


def test_a_store_of_version_1_that_cannot_be_read_is_not_upgraded(url: str) -> None:
    with open_store(url):
        pass
    columns = "originator_id, originator_version, topic, state, statement, digest, recorded_at"
    key = "6f0c4f8e-52a1-5d0a-9d0e-0d6a6f1f7c52"
    values = f"'{key}', 0, 'AnnouncementRecorded', '{{', 'old', 'x', 1"
    if url.startswith("sqlite"):
        values = values.replace("'{'", "CAST('{' AS BLOB)")
    run_sql(url, f"INSERT INTO stored_events ({columns}) VALUES ({values})")
    back_to_version_1(url)
    with pytest.raises(StoreDamaged, match="position 1 cannot be read"):
        open_store(url)
    assert run_sql(url, "SELECT version FROM store_version") == [(1,)]


def test_a_damaged_merkle_log_is_not_appended_to(store: EventStore, url: str) -> None:
    store.record([announcement("a"), announcement("b")])
    without_guards(url)
    run_sql(url, "DELETE FROM merkle_leaves WHERE number = 1")
    with pytest.raises(StoreDamaged, match="run `tracker audit verify`"):
        store.record([announcement("c")])
    assert store.max_position() == 2


@pytest.mark.parametrize("table", ["merkle_leaves", "merkle_nodes"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_the_merkle_log_cannot_be_changed(store: EventStore, url: str, table: str, change: str) -> None:
    store.record([announcement("a")])
    column = "number" if table == "merkle_leaves" else "place"
    with pytest.raises(Exception, match="never changed"):
        run_sql(url, change.format(table, column, column))
