"""schemathesis over the OpenAPI document: no 5xx, and every answer fits its schema."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import EVENTS, make
from tracker import serve
from tracker.services import tokens
from tracker.settings import Settings
from tracker.store.tokens import TokenScope

pytestmark = pytest.mark.slow

EXAMPLES = 10  # of each operation, in each mode
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = [
    "state", "subjects", "subjects/{subject}", "subjects/{subject}/state", "subjects/{subject}/why",
    "subjects/{subject}/history", "subjects/{subject}/needs", "diff", "diff/changes",
    "announcements", "announcements/{announcement}", "promises", "passages",
    "changes", "routes", "routes/opened", "routes/needs", "map.geojson", "series", "feed.atom", "calendar.ics",
]  # fmt: skip


@cache
def described() -> Any:
    application = serve.create(Settings(events=EVENTS, access_log=False, read_rate=0, allowed_hosts=("*",)))
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", application, timeout=60)


WITH_TOKEN = [
    ("announcements", "POST"), ("announcements/{announcement}/corrections", "POST"),
    ("announcements/{announcement}/retractions", "POST"), ("drafts", "GET"), ("drafts/{draft}", "GET"),
    ("drafts/{draft}/approval", "POST"), ("drafts/{draft}/rejection", "POST"), ("preview", "POST"),
    ("audit/checkpoint", "GET"), ("audit/proofs/{name}", "GET"), ("audit/consistency", "GET"), ("audit/verify", "GET"),
]  # fmt: skip


def test_every_operation_is_asked() -> None:
    found = [each.ok() for each in described().get_all_operations()]
    assert {*((f"/api/v1/{each}", "GET") for each in OPERATIONS), *((f"/api/v1/{a}", b) for a, b in WITH_TOKEN)} == {
        (each.path, each.method.upper())
        for each in found
        if each.path.startswith("/api/v1/") and not each.path.endswith("/stream")
    }


@pytest.fixture(scope="module")
def writable(full_store: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, dict[str, str]]:
    """The document of a server on a store, and a token that is good for everything."""
    path = tmp_path_factory.mktemp("fuzzed") / "record.sqlite"
    path.write_bytes(full_store.read_bytes())
    now = datetime.now(UTC)
    _, secret = tokens.create_token(str(path), "Fuzz", list(TokenScope), now, None)
    application = make(path, write_rate=0, review=False, allowed_hosts=("*",))
    described = schemathesis.openapi.from_asgi("/api/v1/openapi.json", application, timeout=60)
    return described, {"Authorization": f"Bearer {secret}"}


# To make whole statements, right or wrong, takes schemathesis minutes: a law of tests/api/test_writing.py makes some.
STATEMENTS = {"announcements", "preview"}


@pytest.mark.parametrize(("name", "method"), [each for each in WITH_TOKEN if each[0] not in STATEMENTS])
def test_every_answer_to_a_writer_is_as_described(name: str, method: str, writable: tuple[Any, dict[str, str]]) -> None:
    described, token = writable
    operation = described[f"/api/v1/{name}"][method]
    _ask(operation, schemathesis.GenerationMode.POSITIVE, token)
    if name != "audit/checkpoint":  # of which nothing can be asked in a wrong way
        _ask(operation, schemathesis.GenerationMode.NEGATIVE, token)


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_as_described(name: str, mode: schemathesis.GenerationMode) -> None:
    _ask(described()[f"/api/v1/{name}"]["GET"], mode, {})


def _ask(operation: Any, mode: schemathesis.GenerationMode, headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, headers=headers)

    ask()
