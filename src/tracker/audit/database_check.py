"""The database's own check of its files: SQLite's `integrity_check`, or PostgreSQL's extension `amcheck`."""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.model.errors import Discrepancy, TrackerError
from tracker.store.errors import sqlstate
from tracker.store.event_store import EventStore
from tracker.store.url import SqliteAddress

MAX_MESSAGES = 20
_NOT_ALLOWED = "42501"
_EXTENSION = """
    SELECT n.nspname AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'amcheck'
"""
_RELATIONS = """
    SELECT c.oid::bigint AS oid, c.relname AS name, c.relkind::text AS kind FROM pg_class c
    LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_am a ON a.oid = c.relam
    WHERE c.relnamespace = to_regnamespace('public')
      AND (c.relkind = 'r' OR (c.relkind = 'i' AND a.amname = 'btree' AND i.indisvalid))
    ORDER BY c.relname
"""


class DatabaseCheck(NamedTuple):
    """Result of the database's own check."""

    name: str | None  # of the check; None: there was none
    findings: tuple[Discrepancy, ...] = ()
    skipped: str | None = None  # why there was none


def check_database(store: EventStore) -> DatabaseCheck:
    """Have the database check its pages, tables and indexes.

    Raises: StoreUnavailable, StoreBusy.
    """
    if isinstance(store.address, SqliteAddress):
        with store.reading() as reader:
            rows = reader.select(f"PRAGMA integrity_check({MAX_MESSAGES})")
        messages = [str(row[0]) for row in rows]  # type: ignore[index]
        found = [Discrepancy(None, f"integrity_check of the file: {text}") for text in messages if text != "ok"]
        return DatabaseCheck("integrity_check", tuple(found))
    with store.reading() as reader:
        extension = reader.select(_EXTENSION)
    if not extension:
        return DatabaseCheck(None, skipped="amcheck: the extension is not installed in the database")
    try:
        return DatabaseCheck("amcheck", tuple(_amcheck(store, extension[0]["schema"])))
    except TrackerError as error:
        if sqlstate(error) == _NOT_ALLOWED:
            return DatabaseCheck(None, skipped="amcheck: this user lacks the right to call it")
        raise


def _amcheck(store: EventStore, schema: str) -> Iterator[Discrepancy]:
    with store.reading() as reader:
        relations = reader.select(_RELATIONS)
    for relation in relations:
        oid, name = relation["oid"], relation["name"]
        sql = f'SELECT "{schema}".bt_index_check({oid}, true) AS msg'
        if relation["kind"] == "r":
            sql = f'SELECT msg FROM "{schema}".verify_heapam({oid}) LIMIT {MAX_MESSAGES}'  # nosec  # of the catalogue
        try:
            with store.reading() as reader:
                rows = reader.select(sql)
        except TrackerError as error:
            if not (sqlstate(error) or "").startswith("XX"):
                raise
            yield Discrepancy(None, f"amcheck of {name}: {error}")
            continue
        yield from (Discrepancy(None, f"amcheck of {name}: {row['msg']}") for row in rows if row["msg"])
