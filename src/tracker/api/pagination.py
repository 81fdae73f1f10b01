"""Lists as responses: JSON, CSV or JSON lines, a page at a time."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response

from tracker.api.parameters import Format, ListParameters
from tracker.api.problems import blaming
from tracker.model.deadline import in_time
from tracker.model.errors import BadRequest
from tracker.queries.answer_base import Answer
from tracker.queries.tabular import csv_of

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv; charset=utf-8"
NOT_A_CURSOR = "after is not a cursor of this list: take it from the Link header of the previous page"
SortKey = Sequence[str | int]


def json_response(answer: Answer) -> Response:
    """One answer, as JSON."""
    return Response(answer.model_dump_json(by_alias=True), media_type=JSON)


def list_response(
    request: Request,
    listing: ListParameters,
    items: Sequence[Any],
    table: str,
    key: Callable[[Any], SortKey],
    cursor: Callable[[SortKey], str] | None = None,
    make: Callable[[Any], Answer] = lambda answer: answer,
) -> Response:
    """A page of a list, with the address of the next one in the Link header.

    Args:
        table: the name of the table of queries/tabular.py that CSV is written as.
        key: identifies an item and gives its place in the order; it stays when items are added.
        cursor: the text of a key in `after`; by default an opaque one.
        make: the answer of an item: made of those on the page only.
    Raises: ParameterError, if `after` is no cursor.
    """
    start = _index_after(items, listing.after, key) if listing.after is not None else 0
    page = items[start : start + listing.limit]
    headers = {}
    if start + listing.limit < len(items):
        headers["Link"] = f'<{_next_page(request, (cursor or _cursor)(key(page[-1])))}>; rel="next"'
    return _formatted(listing, [make(item) for item in in_time(page)], table, headers)


def _formatted(listing: ListParameters, page: Sequence[Answer], table: str, headers: dict[str, str]) -> Response:
    match listing.format:
        case Format.JSON:
            return Response(f"[{','.join(map(_json, page))}]", 200, headers, JSON)
        case Format.NDJSON:
            return Response("".join(f"{_json(answer)}\n" for answer in page), 200, headers, NDJSON)
        case Format.CSV:
            text = csv_of(table, page)
            headers["Content-Disposition"] = f'attachment; filename="{table}.csv"'
            return Response(text.encode("utf-8-sig" if listing.bom else "utf-8"), 200, headers, CSV)


def _json(answer: Answer) -> str:
    return answer.model_dump_json(by_alias=True)


def _cursor(key: SortKey) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def _index_after(items: Sequence[Any], cursor: str, key: Callable[[Any], SortKey]) -> int:
    """The index after the item of a cursor; where that is gone, after those that come before it in the order."""
    with blaming("after"):
        wanted = _read_cursor(cursor)
        keys = [list(key(item)) for item in items]
        if wanted in keys:
            return keys.index(wanted) + 1
        try:
            return sum(other < wanted for other in keys)
        except TypeError:
            raise BadRequest(NOT_A_CURSOR) from None


def _read_cursor(cursor: str) -> list[str | int]:
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise BadRequest(NOT_A_CURSOR) from None
    if not (isinstance(key, list) and key and all(type(part) in (str, int) for part in key)):
        raise BadRequest(NOT_A_CURSOR)
    return key


def _next_page(request: Request, cursor: str) -> str:
    query = [(name, value) for name, value in parse_qsl(request.url.query) if name != "after"]
    return f"{request.url.path}?{urlencode([*query, ('after', cursor)])}"
