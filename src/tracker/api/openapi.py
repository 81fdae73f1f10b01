"""The OpenAPI document, and its pages: Swagger UI out of the package fastapi-offline, which needs no internet."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from tracker.api.endpoints.health import Health
from tracker.api.openapi_examples import answer_examples, body_schemas, written_examples
from tracker.api.problems import MEDIA_TYPE, Fault, ProblemDetails
from tracker.extras import DISTRIBUTION
from tracker.services.records import Tracker

router = APIRouter(prefix="/api/v1", include_in_schema=False)
ABOUT = """
The state of every border, crossing, corridor, measure and instrument as of any date, from announcements alone.

**Three clocks.** `as_of` is the date in the world that is asked about, `announced_by` limits the answer to what had
been said in public by then, `recorded_by` to what this tracker had stored by then. A bare date means its close.

**Lists** come a page at a time: follow the `Link` header (`rel="next"`). `?format=csv` and `?format=ndjson` give the
same as flat rows and as JSON lines. **Errors** are problem details (RFC 9457) that name the offending parameter.
**Caching**: every answer has an entity tag made from the position of the log; ask again with `If-None-Match`.
**One's own writes**: every answer says in `Tracker-Position` how far its record went. Send that as `Tracker-After`, to
any server of the same store or its replica, and the answer waits until the record there goes as far. `Tracker-Log` is
the id of the log (the hash of its first leaf): positions of logs with other ids mean nothing here.
"""
QUESTION_ERRORS = {
    "400": "A parameter is wrong, or not known.",
    "404": "There is no such subject or announcement, or it is not yet known by the clocks.",
    "414": "The path and query are too long.",
    "429": "Rate limit exceeded: retry after the number of seconds in Retry-After.",
    "503": "The server is busy, or its store cannot be read.",
    "504": "The answer took too long.",
}
TOKEN_ERRORS = {
    "401": "The token is missing, or not valid.",
    "403": "The token lacks the required scope, or another person has to approve the draft.",
}
BODY_ERRORS = {
    "409": "The statement does not fit the record, or the draft is decided already.",
    "413": "The body is too long.",
    "415": "The body is not plain JSON.",
    "422": "The body has mistakes, each at a JSON pointer; or the Idempotency-Key came with another request before.",
}
SCHEMAS = "#/components/schemas/"
LIST_MEDIA_TYPES = ("text/csv", "application/x-ndjson")
EXAMPLE_ITEMS = 2  # shown of each list


@router.get("/openapi.json")
def openapi_json(request: Request) -> Response:
    """The OpenAPI document of this server, with examples from its record."""
    return Response(_document_text(request.app), media_type="application/json")


@lru_cache(maxsize=1)
def _document_text(app: FastAPI) -> str:
    return json.dumps(document(app, app.state.server.live.held, version(DISTRIBUTION)), ensure_ascii=False)


def document(app: FastAPI, tracker: Tracker, program_version: str) -> dict[str, Any]:
    """The OpenAPI document of an application, with examples from a record."""
    openapi = get_openapi(title="tracker", version=program_version, summary="The state of borders, from announcements.",
                          description=ABOUT, routes=app.routes, openapi_version="3.1.0")  # fmt: skip
    schemas = openapi["components"]["schemas"]
    schemas |= body_schemas()
    openapi["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    for model in (ProblemDetails, Fault):
        schemas[model.__name__] = model.model_json_schema(ref_template=f"{SCHEMAS}{{model}}", by_alias=True)
        schemas[model.__name__].pop("$defs", None)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path in openapi["paths"].values():
        for operation in path.values():
            _add_responses(operation)
    wrong = Fault(parameter="as_of", where="query", detail="as-of 'soon' is not a date: write a day such as 2025-10-28")
    refused = ProblemDetails(title="Bad Request", status=400, detail=wrong.detail, instance="/api/v1/state",
                             parameter=wrong.parameter, errors=[wrong])  # fmt: skip
    _add_examples(openapi, {**answer_examples(tracker), "problem": refused, "health": Health(status="ok", position=425),
                            "written": written_examples()})  # fmt: skip
    return openapi


def _add_responses(operation: dict[str, Any]) -> None:
    """Add the responses that every question may get."""
    responses = operation["responses"]
    responses.pop("422", None)
    if "operation" in operation.get("tags", ()):
        return
    errors = {**QUESTION_ERRORS, **(TOKEN_ERRORS if "security" in operation else {}),
              **(BODY_ERRORS if "requestBody" in operation else {})}  # fmt: skip
    responses |= {
        status: {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": f"{SCHEMAS}ProblemDetails"}}}}
        for status, text in errors.items()
    }
    if "security" not in operation:
        responses["304"] = {"description": "The answer that the client holds is still good."}
        _add_list_formats(responses["200"])


def _add_list_formats(response: dict[str, Any]) -> None:
    content = response.get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if schema.get("type") == "array":
        response["headers"] = {
            "Link": {"description": "Where the next page is (rel=next).", "schema": {"type": "string"}}
        }
        content |= {media_type: {"schema": {"type": "string"}} for media_type in LIST_MEDIA_TYPES}


def _add_examples(openapi: dict[str, Any], examples: Mapping[str, Any]) -> None:
    models = _richest_models(examples)
    for name, schema in openapi["components"]["schemas"].items():
        if name in models and "properties" in schema:
            schema["examples"] = [_shortened(models[name])]
    for path, operations in openapi["paths"].items():
        example = examples.get(path)
        if example is None or "get" not in operations:
            continue
        for media_type, part in operations["get"]["responses"]["200"].get("content", {}).items():
            if media_type in ("application/json", "application/geo+json"):
                part["example"] = _shortened(example)


def _shortened(example: Any) -> Any:
    """An example as JSON, with the first items of each list."""
    match example:
        case BaseModel():
            return _shortened(example.model_dump(mode="json", by_alias=True))
        case list():
            return [_shortened(item) for item in example[:EXAMPLE_ITEMS]]
        case dict() if all(isinstance(value, dict) for value in example.values()):
            return {key: _shortened(value) for key, value in [*example.items()][:EXAMPLE_ITEMS]}
        case dict():
            return {key: _shortened(value) for key, value in example.items()}
        case _:
            return example


def _richest_models(examples: Any) -> dict[str, BaseModel]:
    """By name of its class: the model in the examples that has the most fields filled in."""
    richest: dict[str, BaseModel] = {}
    for model in _models(examples):
        name = type(model).__name__
        if name not in richest or _filled(model) > _filled(richest[name]):
            richest[name] = model
    return richest


def _filled(model: BaseModel) -> int:
    return sum(value not in (None, (), {}) for _, value in model)


def _models(value: Any) -> Iterator[BaseModel]:
    match value:
        case BaseModel():
            yield value
            for _, part in value:
                yield from _models(part)
        case Mapping():
            for part in value.values():
                yield from _models(part)
        case list() | tuple():
            for part in value:
                yield from _models(part)


SWAGGER_FILES = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
}
DOCS_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>tracker: API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="docs"><noscript>The document is at <a href="openapi.json">openapi.json</a>.</noscript></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
"""
START_SCRIPT = """SwaggerUIBundle({
  url: "openapi.json", dom_id: "#docs", deepLinking: true, tryItOutEnabled: true, validatorUrl: null,
  defaultModelsExpandDepth: 0, syntaxHighlight: false,
});
"""
# Swagger UI sets styles on its elements.
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ONE_DAY = {"Cache-Control": "public, max-age=86400"}


@router.get("/docs")
async def docs() -> Response:
    """The page of Swagger UI."""
    return Response(DOCS_PAGE, 200, {"Content-Security-Policy": DOCS_POLICY, **ONE_DAY}, "text/html")


@router.get("/docs/start.js")
async def start_script() -> Response:
    """The script that starts Swagger UI: the policy allows no inline one."""
    return Response(START_SCRIPT, 200, ONE_DAY, SWAGGER_FILES["swagger-ui-bundle.js"])


@router.get("/docs/{name}")
def swagger_file(name: str) -> Response:
    """A script or style of Swagger UI."""
    if name not in SWAGGER_FILES:
        raise HTTPException(404)
    package = find_spec("fastapi_offline")
    if package is None or package.origin is None:
        raise HTTPException(404, "the package fastapi-offline is not installed")
    body = (Path(package.origin).parent / "static" / name).read_bytes()
    return Response(body, 200, ONE_DAY, SWAGGER_FILES[name])
