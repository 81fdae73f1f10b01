"""The OpenAPI document is whole, right, and has examples from the record."""

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest

from tracker.cli.main import application

CLOCKS = ("as_of", "announced_by", "recorded_by")


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> Any:
    return client.get("/api/v1/openapi.json").json()


def _operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            yield path, operation


def test_it_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"] == "3.1.0"


def test_every_question_of_the_issue_is_there(document: Any) -> None:
    for path in (
        "state", "subjects", "subjects/{subject}", "subjects/{subject}/state", "subjects/{subject}/why",
        "subjects/{subject}/history", "diff", "announcements", "announcements/{announcement}", "promises", "passages",
        "changes", "changes/stream", "announcements/{announcement}/corrections",
        "announcements/{announcement}/retractions", "drafts", "drafts/{draft}", "drafts/{draft}/approval",
        "drafts/{draft}/rejection", "preview", "audit/checkpoint", "audit/proofs/{name}", "audit/consistency",
        "audit/verify", "routes", "routes/opened", "map.geojson", "series", "feed.atom", "calendar.ics",
    ):  # fmt: skip
        assert f"/api/v1/{path}" in document["paths"]


def test_every_operation_and_parameter_is_described(document: Any) -> None:
    for path, operation in _operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        for parameter in operation.get("parameters", ()):
            where = f"{path} {parameter['name']}"
            assert parameter.get("description") or parameter["schema"].get("description"), where
            assert _example(parameter) is not None or parameter["name"] == "after", where


def _example(parameter: Any) -> Any:
    found = parameter["schema"].get("examples") or parameter.get("examples") or [None]
    return next(iter(found)) if isinstance(found, list) else found


def test_every_schema_and_field_is_described_and_has_an_example(document: Any) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema["description"], name
        for field, part in schema.get("properties", {}).items():
            explained = part.get("description") or part.keys() & {"const", "$ref"}  # the schema referred to says it
            assert explained, f"{name}.{field}"
        if "properties" in schema:
            assert schema["examples"], name


def test_every_example_fits_its_schema(document: Any) -> None:
    components = document["components"]
    for name, schema in components["schemas"].items():
        for example in schema.get("examples", ()):
            _check(example, {"$ref": f"#/components/schemas/{name}", "components": components})
    for _, operation in _operations(document):
        for kind, content in operation["responses"].get("200", {}).get("content", {}).items():
            if "example" in content:
                assert "json" in kind
                _check(content["example"], {**content["schema"], "components": components})


def _check(example: Any, schema: Any) -> None:
    jsonschema.Draft202012Validator(schema).validate(example)


def test_every_parameter_example_is_answered(document: Any, client: httpx.Client) -> None:
    """Each example alone, beside what is required."""
    questions = [(path, each["get"]) for path, each in document["paths"].items() if "get" in each]
    for path, operation in questions:
        if path.endswith("/stream") or "security" in operation:
            continue
        parameters = {each["name"]: each for each in operation.get("parameters", ())}
        fewer = ("mode",) if "routes" in path else ("subject",)  # the whole record takes longer, and shows no more
        needed = {name: _example(each) for name, each in parameters.items() if each["required"] or name in fewer}
        for name, each in parameters.items():
            example = _example(each)
            elsewhere = name in CLOCKS and path != "/api/v1/subjects/{subject}/state"
            if example is None or elsewhere:
                continue
            given = {key: value for key, value in needed.items() if (key, name) != ("mode", "modes")}  # one of the two
            query = {key: value for key, value in {**given, name: example}.items() if parameters[key]["in"] == "query"}
            url = path.format(**{key: value for key, value in needed.items() if parameters[key]["in"] == "path"})
            answer = client.get(url, params=query)
            fits = answer.status_code == 200 or "has no lane like the one asked for" in answer.text
            assert fits, f"{path} {query}: {answer.text}"


def test_examples_are_of_the_real_record(document: Any) -> None:
    example = document["paths"]["/api/v1/subjects/{subject}/state"]["get"]["responses"]["200"]["content"]
    assert example["application/json"]["example"]["subject"] == "tr-am-az"


def test_every_question_of_the_command_line_has_its_address(document: Any) -> None:
    asked = {"state", "why", "history", "diff", "announcements", "promises", "routes"}
    assert asked <= {command.callback.__name__ for command in application().registered_commands if command.callback}
    for name in asked:
        assert any(path.endswith(f"/{name}") for path in document["paths"])
