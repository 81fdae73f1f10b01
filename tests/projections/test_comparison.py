"""Attacks by SQL on the derived tables and on definitions: each is found and named, on both databases."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, Text, cast, delete, insert, inspect, select

from tests.projections.conftest import run_sql
from tests.projections.samples import statements
from tests.store.samples import announcement, registry
from tracker.model.registry import Party, Registry
from tracker.projections.comparison import COMPARED, Comparison, compare, compare_columns, compare_rows
from tracker.projections.connections import reading
from tracker.projections.definitions import VIEW_OBJECTS, differences
from tracker.projections.derived_copy import DerivedCopy
from tracker.projections.refresh import refresh
from tracker.projections.sql_views import tables as views
from tracker.projections.sql_views.refresh import derive
from tracker.projections.writer import ANNOUNCEMENTS, CHECKPOINTS, DENIALS, PRECEDENTS, REGISTRY, SEGMENTS, writer
from tracker.store.event_store import EventStore, open_store
from tracker.store.url import parse_address
from tracker.webhooks.outbox import Outbox

DOCS = Path(__file__).parents[2] / "docs" / "trust.md"
PLEDGE = {"type": "pledge", "pledge": "soon", "kind": "offer", "parties": ["AA"], "text": "Soon."}
LOG = {"stored_events", "merkle_leaves", "merkle_nodes"}  # see tests/audit/test_verification.py

Rows = list[dict[str, Any]]
ATTACKED: dict[Table, tuple[str, Any, str | None]] = {  # a column to alter, its new value; a column to swap
    REGISTRY: ("content", "{}", "digest"),
    ANNOUNCEMENTS: ("summary", "Something else.", "title"),
    DENIALS: ("denied", "another", None),
    PRECEDENTS: ("said", None, None),
    views.STATUSES: ("status", "operating", "valid_from"),
    views.MEASURES: ("state", "revoked", "valid_from"),
    views.PLEDGES: ("outcome", "fulfilled", None),
    views.TALLIES: ("tally", b"another", "tally"),
}


@pytest.fixture
def filled(url: str) -> Iterator[EventStore]:
    with open_store(url) as store:
        store.load(registry(), [*statements(), announcement("after", after=["late"], effect=[PLEDGE])])
        refresh(url, store)
        derive(url)
        yield store


@pytest.fixture
def copy(filled: EventStore, url: str) -> Iterator[DerivedCopy]:
    with DerivedCopy.beside(filled, url) as made:
        made.advance(filled.max_position())
        made.derive_views()
        yield made


def compared(store: EventStore, url: str) -> Comparison:
    return compare(store, url, {})


def rows_of(url: str, table: Table) -> Rows:
    columns = [cast(column, Text).label(column.name) if column.name == "content" else column for column in table.c]
    with writer(parse_address(url)) as connection, connection.begin():
        return [dict(row._mapping) for row in connection.execute(select(*columns))]


def replace_rows(url: str, table: Table, rows: Rows) -> None:
    with writer(parse_address(url)) as connection, connection.begin():
        connection.execute(delete(table))
        if rows:
            connection.execute(insert(table), rows)


def altered(rows: Rows, column: str, value: Any) -> Rows:
    return [{**rows[0], column: not rows[0][column] if value is None else value}, *rows[1:]]


def inserted(table: Table, rows: Rows) -> Rows:
    keys = [column.name for column in table.primary_key.columns]
    return [*rows, {**rows[0], **dict.fromkeys(keys, 9000)}]


def swapped(rows: Rows, column: str) -> Rows:
    other = next(number for number, row in enumerate(rows) if row[column] != rows[0][column])
    values = {0: rows[other][column], other: rows[0][column]}
    return [{**row, column: values.get(number, row[column])} for number, row in enumerate(rows)]


def test_tables_as_the_log_makes_them_are_no_finding(filled: EventStore, url: str) -> None:
    last = filled.max_position()
    assert compared(filled, url) == ((last, last), ())
    assert differences(url) == ([], None)


def test_tables_that_are_behind_the_log_are_compared_where_they_are(filled: EventStore, url: str) -> None:
    last = filled.max_position()
    renamed = Party.model_validate({"id": "AA", "name": "Another", "kind": "state"})
    filled.load(Registry.of([registry().dataset, renamed]), [])
    assert compared(filled, url) == ((last, last), ())
    refresh(url, filled)
    assert compared(filled, url) == ((last + 1, last), ())
    run_sql(url, "UPDATE tracker_checkpoint SET position = position - 1")
    assert "was inserted" in compared(filled, url).findings[-1].message


def test_every_attack_on_the_rows_of_a_table_is_found_and_named(copy: DerivedCopy, url: str) -> None:
    for table, (column, value, exchanged) in ATTACKED.items():
        rows = rows_of(url, table)
        attacks = {
            "was altered": altered(rows, column, value),
            "was removed": rows[1:],
            "was inserted": inserted(table, rows),
            "": swapped(rows, exchanged) if exchanged else altered(rows, column, value),
        }
        for words, attacked in attacks.items():
            replace_rows(url, table, attacked)
            with reading(parse_address(url)) as stored, copy.reading() as derived:
                found = compare_rows(table, stored, derived)
            assert found, (table.name, words)
            assert all(one.message.startswith(table.name) for one in found)
            if column != "denied":  # all of that row is its key
                assert words in found[0].message, (table.name, words)
        replace_rows(url, table, rows)
        with reading(parse_address(url)) as stored, copy.reading() as derived:
            assert compare_rows(table, stored, derived) == [], table.name


def other_bytes(rows: Rows) -> Rows:
    number = next(number for number, row in enumerate(rows) if row["name"] == "begins_latest.values")
    data = bytes(rows[number]["data"])
    return [*rows[:number], {**rows[number], "data": bytes([data[0] ^ 1]) + data[1:]}, *rows[number + 1 :]]


def other_names(rows: Rows) -> Rows:
    return [{**row, "data": row["data"].replace(b"impose", b"permit")} for row in rows]


def swapped_parts(rows: Rows) -> Rows:
    data = {row["name"]: row["data"] for row in rows}
    exchanged = {
        "announced_from.ranks": data["recorded_from.ranks"],
        "recorded_from.ranks": data["announced_from.ranks"],
    }
    return [{**row, "data": exchanged.get(row["name"], row["data"])} for row in rows]


ATTACKS_ON_COLUMNS: Sequence[Callable[[Rows], Rows]] = (
    other_bytes,
    other_names,
    swapped_parts,
    lambda rows: rows[1:],
    lambda rows: rows[:0],
    lambda rows: [*rows, {**rows[0], "name": "more"}],
    lambda rows: [*rows, *({**row, "segment": 2} for row in rows)],
    lambda rows: [*rows, *({**row, "segment": 3} for row in rows)],
    lambda rows: [{**row, "rows": 1} for row in rows],
    lambda rows: [{**row, "data": row["data"] or b"bridge"} for row in rows],
)


def test_every_attack_on_the_columns_is_found(copy: DerivedCopy, url: str) -> None:
    rows = sorted(rows_of(url, SEGMENTS), key=lambda row: str(row["name"]))
    with reading(parse_address(url)) as stored, copy.reading() as derived:
        assert compare_columns(stored, derived) == []
    for number, attack in enumerate(ATTACKS_ON_COLUMNS):
        replace_rows(url, SEGMENTS, attack(rows))
        with reading(parse_address(url)) as stored, copy.reading() as derived:
            found = compare_columns(stored, derived)
        assert [one.message.split(": ")[0] for one in found[:1]] == ["tracker_segments"], number


@pytest.mark.parametrize("table", [CHECKPOINTS, views.DERIVED])
def test_checkpoints_of_the_tables_that_were_altered_are_found(filled: EventStore, url: str, table: Table) -> None:
    [row] = rows_of(url, table)
    for rows in ([row, row], [{**row, "position": 999}], [{**row, "position": 13}]):
        replace_rows(url, table, rows)
        assert compared(filled, url).findings
    replace_rows(url, table, [])
    assert compared(filled, url).reached[table is views.DERIVED] is None


ATTACKS_ON_A_FILE = {
    "stored_events_no_update": ["DROP TRIGGER stored_events_no_update"],
    "merkle_nodes_no_delete": [
        "DROP TRIGGER merkle_nodes_no_delete",
        "CREATE TRIGGER merkle_nodes_no_delete BEFORE DELETE ON merkle_nodes BEGIN SELECT 1; END",
    ],
    "helper": ["CREATE TRIGGER helper AFTER INSERT ON tracker_registry BEGIN DELETE FROM tracker_denials; END"],
    "v_promise": ["DROP VIEW v_promise", "CREATE VIEW v_promise AS SELECT * FROM tracker_pledges"],
    "stored_events_recorded_at": ["DROP INDEX stored_events_recorded_at"],
    "event_log": [
        "PRAGMA writable_schema = 1",
        "UPDATE sqlite_master SET sql = sql || ' WHERE 1' WHERE name = 'event_log'",
    ],
}
ATTACKS_ON_A_SERVER = {
    "stored_events_no_change": ["ALTER TABLE stored_events DISABLE TRIGGER ALL"],
    "merkle_leaves_no_change": ["DROP TRIGGER merkle_leaves_no_change ON merkle_leaves"],
    "merkle_refuse": [
        "CREATE OR REPLACE FUNCTION merkle_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
    ],
    "helper": ["CREATE RULE helper AS ON INSERT TO tracker_registry DO ALSO DELETE FROM tracker_denials"],
    "hidden": ["CREATE POLICY hidden ON tracker_registry USING (false)"],
    "tracker_registry": ["ALTER TABLE tracker_registry ENABLE ROW LEVEL SECURITY"],
    "v_promise": ["DROP VIEW v_promise", "CREATE VIEW v_promise AS SELECT * FROM tracker_pledges"],
    "stored_events_statement_key": ["ALTER TABLE stored_events DROP CONSTRAINT stored_events_statement_key"],
}


def test_definitions_that_were_altered_are_found_and_named(filled: EventStore, url: str) -> None:
    del filled
    attacks = ATTACKS_ON_A_SERVER if url.startswith("postgresql://") else ATTACKS_ON_A_FILE
    for attack in attacks.values():
        run_sql(url, *attack)
    text = "\n".join(found.message for found in differences(url)[0])
    assert [name for name in attacks if f" {name} of " not in text] == []


def test_tables_and_views_of_others_are_no_finding(filled: EventStore, url: str) -> None:
    del filled
    run_sql(url, "CREATE TABLE mine (id INTEGER)", "CREATE VIEW v_mine AS SELECT * FROM v_announcement")
    assert differences(url) == ([], None)
    run_sql(url, *(f"DROP VIEW {name}" for name in ("v_mine", "v_promise")))
    assert [one.message for one in differences(url)[0]] == ["view v_promise of v_promise: it was removed"]
    assert differences(url, VIEW_OBJECTS) == ([], None)


def test_every_table_is_compared_or_listed_as_one_that_cannot_be(filled: EventStore, url: str) -> None:
    """In docs/trust.md, those with nothing to be compared with."""
    Outbox(url, 0, filled.max_position())
    with writer(parse_address(url)) as connection:
        names = set(inspect(connection).get_table_names())
    text = DOCS.read_text("utf-8")
    unlisted = {name for name in names - LOG - {table.name for table in COMPARED} if f"`{name}`" not in text}
    assert unlisted == set()
