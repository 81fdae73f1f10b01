"""Interactive documentation that needs no internet: Swagger UI out of the package fastapi-offline."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response

router = APIRouter(prefix="/api/v1", include_in_schema=False)
FILES = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
}
PAGE = """<!doctype html>
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
START = """SwaggerUIBundle({
  url: "openapi.json", dom_id: "#docs", deepLinking: true, tryItOutEnabled: true, validatorUrl: null,
  defaultModelsExpandDepth: 0, syntaxHighlight: false,
});
"""
# Swagger UI sets styles on its elements; its scripts are files of ours.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
A_DAY = {"Cache-Control": "public, max-age=86400"}


@lru_cache(maxsize=4)
def _asset(name: str) -> bytes:
    found = find_spec("fastapi_offline")
    if found is None or found.origin is None:
        raise HTTPException(404, "the package fastapi-offline is not installed")
    return (Path(found.origin).parent / "static" / name).read_bytes()


@router.get("/docs")
async def docs() -> Response:
    return Response(PAGE, 200, {"Content-Security-Policy": POLICY, **A_DAY}, "text/html")


@router.get("/docs/start.js")
async def start() -> Response:
    return Response(START, 200, A_DAY, FILES["swagger-ui-bundle.js"])


@router.get("/docs/{name}")
def asset(name: str) -> Response:
    if name not in FILES:
        raise HTTPException(404)
    return Response(_asset(name), 200, A_DAY, FILES[name])


@router.get("/openapi.json")
def document(request: Request) -> Response:
    return Response(request.app.state.document(), media_type="application/json")
