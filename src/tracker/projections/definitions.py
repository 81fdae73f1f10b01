"""Definitions of tables, views, triggers and functions in the database, against those that the tracker makes.

The expected ones are made by the code that makes a store: for an SQLite file in an empty file beside it, in PostgreSQL
as temporary objects in a transaction that is rolled back. So both are read from one catalogue of one version of it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tracker.model.errors import Discrepancy
from tracker.projections.checkpoint import VIEWS
from tracker.projections.connections import open_postgres, reading
from tracker.projections.sql_views import tables as views
from tracker.projections.writer import METADATA, create_whole, driver_error, writer
from tracker.store.errors import sqlstate
from tracker.store.event_store import migrate
from tracker.store.schema import CREATE_VERSION, POSTGRES
from tracker.store.url import PostgresAddress, SqliteAddress, parse_address

_SQLITE = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
_GUARDS = frozenset({"trigger", "rule", "policy", "constraint"})  # one that the tracker did not make is found, too
_NOT_ALLOWED = frozenset({"25006", "42501"})  # SQLSTATE: a replica, or a user without the right to temporary tables
COLUMN_OBJECTS = frozenset(METADATA.tables)
VIEW_OBJECTS = frozenset({*VIEWS, *(table.name for table in (*views.FILLED, views.DERIVED))})


class Key(NamedTuple):
    """Which object of a database."""

    kind: str
    table: str  # that it belongs to; its own name, if it is a table or a view
    name: str


Definitions = Mapping[Key, str]


def differences(url: str, skipped: Collection[str] = ()) -> tuple[list[Discrepancy], str | None]:
    """Definitions that are not as the tracker makes them.

    Args: skipped: tables and views that need not be there.
    Returns: the differences, and why they could not be looked for.
    Raises: StoreUnavailable, StoreBusy.
    """
    address = parse_address(url)
    if isinstance(address, PostgresAddress):
        return _in_postgres(address, skipped)
    with TemporaryDirectory(prefix="tracker-definitions-") as folder:
        own = Path(folder) / "empty.sqlite"
        migrate(str(own))
        with writer(SqliteAddress(own)) as connection, connection.begin():
            create_whole(connection)
            views.create(connection)
        with reading(address) as stored, reading(SqliteAddress(own)) as expected:
            sides = [_of_rows(side.select(_SQLITE)) for side in (stored, expected)]
        return list(_differing(sides[0], sides[1], skipped)), None


def _of_rows(rows: Iterable[tuple[str, ...]]) -> Definitions:
    return {Key(kind, table, name): " ".join(str(sql).split()) for kind, name, table, sql in rows}


def _differing(stored: Definitions, expected: Definitions, skipped: Collection[str]) -> Iterator[Discrepancy]:
    """Differences; tables, views and indexes of others are none."""
    tables = {key.table for key in expected}
    for key, definition in expected.items():
        if key.table in skipped:
            continue
        if key not in stored:
            yield Discrepancy(None, f"{key.kind} {key.name} of {key.table}: it was removed")
        elif stored[key] != definition:
            yield Discrepancy(None, f"{key.kind} {key.name} of {key.table}: it was altered: {stored[key][:300]!r}")
    for key in stored.keys() - expected.keys():
        if key.kind in _GUARDS and key.table in tables:
            yield Discrepancy(None, f"{key.kind} {key.name} of {key.table}: the tracker did not make it")


def _in_postgres(address: PostgresAddress, skipped: Collection[str]) -> tuple[list[Discrepancy], str | None]:
    engine = create_engine("postgresql+psycopg://", creator=lambda: open_postgres(address), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.connection.driver_connection.autocommit = False  # type: ignore[union-attr]
            stored = dict(_catalogue(connection, "to_regnamespace('public')"))
            _sketch(connection)
            expected = dict(_catalogue(connection, "pg_my_temp_schema()"))
            connection.rollback()
    except DBAPIError as error:
        if sqlstate(error.orig) in _NOT_ALLOWED:
            return [], "definitions: this user or server cannot make the temporary tables that they are compared with"
        raise driver_error(address, error) from error
    return list(_differing(stored, expected, skipped)), None


def _sketch(connection: Connection) -> None:
    """Make everything as temporary objects, in the transaction that has begun."""
    connection.exec_driver_sql("SET LOCAL search_path = pg_temp, public")
    connection.exec_driver_sql(CREATE_VERSION.replace("store_version", "pg_temp.store_version"))
    for step in POSTGRES:
        for statement in step:
            connection.exec_driver_sql(statement.replace("public.", "pg_temp."))
    create_whole(connection)
    views.create(connection)


_NAMED = """
    SELECT c.oid, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c
    WHERE c.relnamespace = {schema}
"""
_CATALOGUE = (  # kind, table, name, definition
    """
    SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END, c.relname, c.relname,
        CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) ELSE concat(c.relrowsecurity, c.relforcerowsecurity, ' ',
            (SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
                (SELECT collname FROM pg_collation k WHERE k.oid = attcollation), attstorage), ', ' ORDER BY attnum)
             FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped)) END
    FROM ({named}) c WHERE c.relkind IN ('r', 'v')
    """,
    """
    SELECT 'index', c.relname, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
    FROM ({named}) c JOIN pg_index i ON i.indrelid = c.oid
    """,
    """
    SELECT 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid)
    FROM ({named}) c JOIN pg_constraint k ON k.conrelid = c.oid
    """,
    """
    SELECT 'trigger', c.relname, t.tgname, concat(pg_get_triggerdef(t.oid), ' ', t.tgenabled)
    FROM ({named}) c JOIN pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal
    """,
    """
    SELECT 'rule', c.relname, r.rulename, pg_get_ruledef(r.oid)
    FROM ({named}) c JOIN pg_rewrite r ON r.ev_class = c.oid WHERE r.rulename <> '_RETURN'
    """,
    """
    SELECT 'policy', c.relname, p.polname, p.polcmd::text FROM ({named}) c JOIN pg_policy p ON p.polrelid = c.oid
    """,
    """
    SELECT 'function', p.proname, p.proname, pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = {schema}
    """,
)


def _catalogue(connection: Connection, schema: str) -> Iterator[tuple[Key, str]]:
    """All definitions in a schema, without its name."""
    named = _NAMED.format(schema=schema)
    for sql in _CATALOGUE:
        for kind, table, name, definition in connection.execute(text(sql.format(named=named, schema=schema))):
            yield Key(kind, _bare(table), _bare(name)), _bare(definition)


def _bare(definition: str) -> str:
    return " ".join(re.sub(r"\b(public|pg_temp(_\d+)?)\.", "", definition).split())
