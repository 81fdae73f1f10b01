"""The shape of the tables, and the version that stands for it."""

import hashlib
import json
from collections.abc import Iterable

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from tests.projections import samples
from tracker.model.events import SubjectAmended, SubjectRegistered
from tracker.projections.checkpoint import VERSION
from tracker.projections.registry_rows import row_of
from tracker.projections.rows import announcement_rows
from tracker.projections.tables import BY_ANNOUNCEMENT, LIVE
from tracker.state.fold import fold

ENTRIES = (SubjectRegistered, SubjectAmended)

DIGESTS = {
    1: ("0df48c9fe46f5342", "6a954293bae25c7f"),
    2: ("0df48c9fe46f5342", "3586852fac89e35f"),
    3: ("168db65665787b6d", "b3c013809189ade6"),
    4: ("168db65665787b6d", "120ea6a72d07598c"),
    5: ("fe9d0905074a1edb", "120ea6a72d07598c"),
    6: ("be0c36d6a553ee2c", "120ea6a72d07598c"),
}  # by version: of what creates the tables, and of the sample's rows


def digest_of(words: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def test_other_tables_need_another_version() -> None:
    """Stores keep the tables of today's version: raise VERSION, and add the digests here."""
    dialects = (sqlite.dialect(), postgresql.dialect())  # type: ignore[no-untyped-call]
    ddl = [str(CreateTable(table).compile(dialect=each)) for table in LIVE.tables.values() for each in dialects]
    ddl += [view for each in dialects for view in LIVE.views(each.name)]
    assert digest_of(ddl) == DIGESTS[VERSION][0]


def test_other_rows_from_the_same_log_need_another_version() -> None:
    """Stores keep the rows that were made of their log: raise VERSION, and add the digests here."""
    log = samples.log()
    tz = fold(log).tz
    rows: list[object] = [row_of(at, event)._asdict() for at, event in log if isinstance(event, ENTRIES)]
    for history in fold(log).announcements.values():
        rows += announcement_rows(history, tz)
    assert digest_of(json.dumps(row, sort_keys=True) for row in rows) == DIGESTS[VERSION][1]


def test_every_table_of_an_announcement_is_derived_again_with_it() -> None:
    assert set(BY_ANNOUNCEMENT) == {name for name, table in LIVE.tables.items() if "announcement" in table.c}
