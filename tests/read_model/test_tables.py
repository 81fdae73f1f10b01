"""The shape of the tables, and the version that stands for it."""

import hashlib

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from tracker.read_model.checkpoint import VERSION
from tracker.read_model.tables import BESIDE, BY_ANNOUNCEMENT, LIVE

SHAPES = {1: "?"}  # digests of what creates the tables, by version


def test_other_tables_need_another_version() -> None:
    """Stores that hold the tables of today's version keep them: raise VERSION, and add the digest here."""
    ddl = [
        str(CreateTable(table).compile(dialect=dialect()))
        for table in LIVE.tables.values()
        for dialect in (sqlite.dialect, postgresql.dialect)
    ]
    assert SHAPES[VERSION] == hashlib.sha256("".join(ddl).encode()).hexdigest()[:16]


def test_the_tables_of_a_rebuild_are_the_same_under_other_names() -> None:
    assert not LIVE.names & BESIDE.names
    for name, table in LIVE.tables.items():
        assert [column.name for column in table.c] == [column.name for column in BESIDE.tables[name].c]


def test_every_table_of_an_announcement_is_derived_again_with_it() -> None:
    assert set(BY_ANNOUNCEMENT) == {name for name, table in LIVE.tables.items() if "announcement" in table.c}
