"""schemathesis over the OpenAPI document: no 5xx, and every answer fits its schema."""

from functools import cache
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

from tests.api.conftest import EVENTS
from tracker import serve
from tracker.settings import Settings

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
    "subjects/{subject}/history", "diff", "announcements", "announcements/{announcement}", "promises", "passages",
    "changes", "routes", "routes/opened", "map.geojson", "series", "feed.atom", "calendar.ics",
]  # fmt: skip


@cache
def described() -> Any:
    application = serve.create(Settings(events=EVENTS, access_log=False))
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", application)


def test_every_operation_is_asked() -> None:
    paths = {each.ok().path for each in described().get_all_operations()}
    assert {f"/api/v1/{each}" for each in OPERATIONS} == {
        each for each in paths if each.startswith("/api/v1/") and not each.endswith("/stream")
    }


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_as_described(name: str, mode: schemathesis.GenerationMode) -> None:
    operation = described()[f"/api/v1/{name}"]["GET"]

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
        case.call_and_validate(checks=CHECKS)

    ask()
