"""Answers as responses: JSON, CSV or JSON lines, a page at a time."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response

from tracker.api.parameters import Format, Listed
from tracker.api.problems import blaming
from tracker.model.errors import BadRequest
from tracker.queries.answers import Answer
from tracker.queries.tabular import csv_of

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv; charset=utf-8"
Key = Sequence[str | int]


def one(answer: Answer) -> Response:
    """One answer, as JSON."""
    return Response(answer.model_dump_json(by_alias=True), media_type=JSON)


def many(
    request: Request,
    listed: Listed,
    answers: Sequence[Answer],
    table: str,
    key: Callable[[Any], Key],
    cursor: Callable[[Key], str] | None = None,
) -> Response:
    """A page of a list, with the address of the next one.

    Args:
        key: what tells an item from the others; it stays the same when items are added.
        cursor: how `after` says a key; by default nobody but this module can read it.
    Raises: Blamed.
    """
    start = _behind(answers, listed.after, key) if listed.after is not None else 0
    page = answers[start : start + listed.limit]
    headers = {}
    if start + listed.limit < len(answers):
        headers["Link"] = f'<{_next(request, (cursor or _cursor)(key(page[-1])))}>; rel="next"'
    return _written(listed, page, table, headers)


def _written(listed: Listed, page: Sequence[Answer], table: str, headers: dict[str, str]) -> Response:
    match listed.format:
        case Format.JSON:
            return Response(f"[{','.join(_json(each) for each in page)}]", 200, headers, JSON)
        case Format.NDJSON:
            return Response("".join(f"{_json(each)}\n" for each in page), 200, headers, NDJSON)
        case Format.CSV:
            text = csv_of(table, page)
            headers["Content-Disposition"] = f'attachment; filename="{table}.csv"'
            return Response(text.encode("utf-8-sig" if listed.bom else "utf-8"), 200, headers, CSV)


def _json(answer: Answer) -> str:
    return answer.model_dump_json(by_alias=True)


def _cursor(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def _behind(answers: Sequence[Answer], cursor: str, key: Callable[[Any], Key]) -> int:
    """Where to go on. Where the item is gone, behind the last one that comes before it in the order of its key."""
    with blaming("after"):
        wanted = _read(cursor)
        keys = [list(key(each)) for each in answers]
        if wanted in keys:
            return keys.index(wanted) + 1
        try:
            return sum(each < wanted for each in keys)
        except TypeError:
            raise BadRequest(WRONG) from None


WRONG = "after is not what a page of this list gave: take it from the Link header of the page before"


def _read(cursor: str) -> list[str | int]:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise BadRequest(WRONG) from None
    if not (isinstance(found, list) and found and all(type(each) in (str, int) for each in found)):
        raise BadRequest(WRONG)
    return found


def _next(request: Request, cursor: str) -> str:
    query = [(name, value) for name, value in parse_qsl(request.url.query) if name != "after"]
    return f"{request.url.path}?{urlencode([*query, ('after', cursor)])}"
