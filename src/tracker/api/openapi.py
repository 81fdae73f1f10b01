"""The OpenAPI document: every schema with what its fields mean, and an example from the record itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from tracker.api.endpoints.health import Health
from tracker.api.openapi_examples import examples as written
from tracker.api.openapi_examples import schemas as sent_schemas
from tracker.api.problems import MEDIA_TYPE, Fault, ProblemDetails
from tracker.api.samples import samples
from tracker.services.records import Tracker

ABOUT = """
The state of every border, crossing, corridor, measure and instrument as of any date, from announcements alone.

**Three clocks.** `as_of` is the date in the world that is asked about, `announced_by` limits the answer to what had
been said in public by then, `recorded_by` to what this tracker had stored by then. A bare date means its close.

**Lists** come a page at a time: follow the `Link` header (`rel="next"`). `?format=csv` and `?format=ndjson` give the
same as flat rows and as JSON lines. **Errors** are problem details (RFC 9457) that name the offending parameter.
**Caching**: every answer has an entity tag made from the position of the log; ask again with `If-None-Match`.
**One's own writes**: every answer says in `Tracker-Position` how far its record went. Send that as `Tracker-After`, to
any server of the same store or its replica, and the answer waits until the record there goes as far.
"""
PROBLEMS = {
    "400": "A parameter is wrong, or not known.",
    "404": "There is no such subject or announcement, or it is not yet known by the clocks.",
    "414": "The path and query are too long.",
    "429": "These are too many requests: Retry-After says when to ask again.",
    "503": "The server is busy, or its store cannot be read.",
    "504": "The answer took too long.",
}
WITH_TOKEN = {
    "401": "There is no token, or it is not valid.",
    "403": "The token is not good for that, or nobody may do it alone.",
}
SENT = {
    "409": "It does not fit what is on the record, or somebody has decided already.",
    "413": "The body is too long.",
    "415": "The body is not plain JSON.",
    "422": "The body has mistakes, each at a JSON pointer; or the Idempotency-Key came with something else before.",
}
REF = "#/components/schemas/"
SHOWN = 2  # of each list, in an example
LISTS = ("text/csv", "application/x-ndjson")


def document(app: FastAPI, tracker: Tracker, version: str) -> dict[str, Any]:
    """The document, with examples from a record."""
    found = get_openapi(title="tracker", version=version, summary="What is open, and who says so.",
                        description=ABOUT, routes=app.routes, openapi_version="3.1.0")  # fmt: skip
    schemas = found["components"]["schemas"]
    schemas |= sent_schemas()
    found["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    for model in (ProblemDetails, Fault):
        schemas[model.__name__] = model.model_json_schema(ref_template=f"{REF}{{model}}", by_alias=True)
        schemas[model.__name__].pop("$defs", None)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path in found["paths"].values():
        for operation in path.values():
            _complete(operation)
    wrong = Fault(parameter="as_of", where="query", detail="as-of 'soon' is not a date: write a day such as 2025-10-28")
    refused = ProblemDetails(title="Bad Request", status=400, detail=wrong.detail, instance="/api/v1/state",
                             parameter=wrong.parameter, errors=[wrong])  # fmt: skip
    _exemplify(found, {**samples(tracker), "problem": refused, "health": Health(status="ok", position=425),
                       "written": written()})  # fmt: skip
    return found


def _complete(operation: dict[str, Any]) -> None:
    """The answers that every question may get."""
    answers = operation["responses"]
    answers.pop("422", None)
    if "operation" not in operation.get("tags", ()):
        wrong = {**PROBLEMS, **(WITH_TOKEN if "security" in operation else {}),
                 **(SENT if "requestBody" in operation else {})}  # fmt: skip
        answers |= {
            status: {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": f"{REF}ProblemDetails"}}}}
            for status, text in wrong.items()
        }
        if "security" not in operation:
            answers["304"] = {"description": "Nothing is new."}
            return _complete_list(answers["200"])
    return None


def _complete_list(answer: dict[str, Any]) -> None:
    content = answer.get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if schema.get("type") == "array":
        answer["headers"] = {
            "Link": {"description": "Where the next page is (rel=next).", "schema": {"type": "string"}}
        }
        content |= {kind: {"schema": {"type": "string"}} for kind in LISTS}


def _exemplify(found: dict[str, Any], examples: Mapping[str, Any]) -> None:
    seen = dict(_models(examples))
    for name, schema in found["components"]["schemas"].items():
        if name in seen and "properties" in schema:
            schema["examples"] = [seen[name]]
    for path, operations in found["paths"].items():
        for operation in [each for method, each in operations.items() if method == "get"]:
            content = operation["responses"]["200"].get("content", {})
            example = examples.get(path)
            for kind, part in content.items():
                if example is not None and kind in ("application/json", "application/geo+json"):
                    part["example"] = _plain(example)


def _plain(example: Any) -> Any:
    """An example as JSON, with no more than two of anything."""
    match example:
        case BaseModel():
            return _plain(example.model_dump(mode="json", by_alias=True))
        case list():
            return [_plain(each) for each in example[:SHOWN]]
        case dict() if all(isinstance(each, dict) for each in example.values()):
            return {key: _plain(value) for key, value in [*example.items()][:SHOWN]}
        case dict():
            return {key: _plain(value) for key, value in example.items()}
        case _:
            return example


def _models(value: Any) -> Iterator[tuple[str, Any]]:
    """Every model anywhere in the examples; where there are several of one kind, the one that says the most."""
    found: dict[str, BaseModel] = {}
    for model in _walk(value):
        name = type(model).__name__
        if name not in found or _said(model) > _said(found[name]):
            found[name] = model
    yield from ((name, _plain(model)) for name, model in found.items())


def _said(model: BaseModel) -> int:
    return sum(value not in (None, (), {}) for _, value in model)


def _walk(value: Any) -> Iterator[BaseModel]:
    match value:
        case BaseModel():
            yield value
            for _, part in value:
                yield from _walk(part)
        case Mapping():
            for part in value.values():
                yield from _walk(part)
        case list() | tuple():
            for part in value:
                yield from _walk(part)
