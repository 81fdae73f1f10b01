"""The roles of docs/operations.md on PostgreSQL: what each may read."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.store.conftest import run_sql
from tests.store.samples import announcement, registry
from tracker.services import verification
from tracker.services.stores import refreshed
from tracker.store.event_store import open_store
from tracker.webhooks.outbox import Outbox

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
SECRET = ("writer_tokens", "idempotency_keys", "tracker_webhook_deliveries", "tracker_webhook_news")
DRAFTS = ("event_log", "stored_events", "merkle_leaves", "tracker_segments")
PUBLISHED = ("v_status_interval", "v_measure_interval", "v_promise", "v_announcement", "tracker_registry")
NUMBERS = count()


@pytest.fixture
def roles(postgres_url: str) -> Iterator[dict[str, str]]:
    """The address of each role, after the grants of the page."""
    number = next(NUMBERS)
    with open_store(postgres_url) as store:
        store.load(registry(), [announcement("a")])
        refreshed(postgres_url, store)
    Outbox(postgres_url, 0, 0)
    names = {role: f"{role}_{number}" for role in ("reader", "auditor")}
    grants = [line for line in OPERATIONS.read_text("utf-8").splitlines() if line.startswith("GRANT SELECT ON")]
    database = postgres_url.rpartition("/")[2]
    made = [f"CREATE ROLE {name} LOGIN" for name in names.values()]
    both = ", ".join(names.values())
    usage = [f"GRANT CONNECT ON DATABASE {database} TO {both}", f"GRANT USAGE ON SCHEMA public TO {both}"]
    renamed = [re.sub(r"reader|auditor", lambda match: names[match[0]], line) for line in grants]
    run_sql(postgres_url, *made, *usage, *renamed)
    yield {role: postgres_url.replace("tracker@", f"{name}@") for role, name in names.items()}
    run_sql(postgres_url, f"DROP OWNED BY {both}", f"DROP ROLE {both}")


def can_read(url: str, table: str) -> bool:
    try:
        run_sql(url, f"SELECT * FROM {table} LIMIT 1")
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def test_each_role_reads_what_the_page_says(roles: dict[str, str]) -> None:
    for role, url in roles.items():
        assert [table for table in PUBLISHED if not can_read(url, table)] == []
        assert [table for table in SECRET if can_read(url, table)] == []
        assert [can_read(url, table) for table in DRAFTS] == [role == "auditor"] * len(DRAFTS)


def test_an_auditor_verifies_and_writes_nothing(roles: dict[str, str]) -> None:
    found = verification.verify(roles["auditor"])
    assert (found.intact, found.findings) == (True, ())
    assert {"log", "columns", "views"} <= set(found.checks)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run_sql(roles["auditor"], "UPDATE tracker_registry SET name = 'x'")


def test_amcheck_looks_at_heap_and_indexes_where_it_is_installed(postgres_url: str) -> None:
    with open_store(postgres_url) as store:
        store.load(registry(), [announcement("a")])
        refreshed(postgres_url, store)
    assert verification.verify(postgres_url).skipped[-1].startswith("amcheck: the extension is not installed")
    try:
        run_sql(postgres_url, "CREATE EXTENSION amcheck")
    except psycopg.Error:
        pytest.skip("the server comes without amcheck")
    found = verification.verify(postgres_url)
    assert (found.intact, found.checks[-1]) == (True, "amcheck")
