"""The shape of the tables, and the version that stands for it."""

import hashlib
import json
from collections.abc import Iterable

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from tests.projections import samples
from tests.projections.conftest import NewUrl, dump, fresh, put
from tracker.projections.checkpoint import VERSION
from tracker.projections.refresh import refresh
from tracker.projections.writer import METADATA

# by version: of what creates the tables, and of the sample's rows
DIGESTS = {10: ("b04715c06c8647ff", "7dd8f9ff1372d872")}


def digest_of(words: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def test_other_tables_need_another_version() -> None:
    """Stores keep the tables of today's version: raise VERSION, and put its digests here."""
    dialects = (sqlite.dialect(), postgresql.dialect())  # type: ignore[no-untyped-call]
    ddl = [str(CreateTable(table).compile(dialect=each)) for table in METADATA.tables.values() for each in dialects]
    assert digest_of(ddl) == DIGESTS[VERSION][0]


def test_other_rows_from_the_same_log_need_another_version(new_url: NewUrl) -> None:
    """Stores keep the rows that were made of their log: raise VERSION, and put its digests here."""
    url = fresh(new_url)
    refresh(url, put(url, samples.log()))
    rows = {name: [list(map(_plain, row)) for row in rows] for name, rows in dump(url).items()}
    assert digest_of([json.dumps(rows)]) == DIGESTS[VERSION][1]


def _plain(value: object) -> object:
    """A value as both databases give it."""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return value.hex() if isinstance(value, bytes) else int(value) if isinstance(value, bool) else value
