"""What holds for every answer: pages, formats, entity tags, headers, figures."""

import asyncio
import csv
import gzip
import io
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.api.conftest import Serving
from tests.stores import log_length
from tracker.api.middleware.metrics import Metrics, RequestMetrics
from tracker.api.middleware.response_cache import PINNED
from tracker.services import records

LISTS = ("state", "subjects", "announcements", "promises", "passages", "changes", "series?kind=corridor")


def _pages(client: httpx.Client, address: str) -> Iterator[httpx.Response]:
    url: str | None = address
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        yield answer
        url = answer.links.get("next", {}).get("url")


def _asked(question: str, more: str) -> str:
    return f"/api/v1/{question}{'&' if '?' in question else '?'}{more}"


@pytest.mark.parametrize("question", LISTS)
def test_pages_follow_each_other_and_are_the_whole(question: str, client: httpx.Client) -> None:
    whole = client.get(_asked(question, "limit=5000")).json()
    size = max(len(whole) // 3, 1)
    pages = [answer.json() for answer in _pages(client, _asked(question, f"limit={size}"))]
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert [item for page in pages for item in page] == whole


def test_a_page_goes_on_where_the_last_one_ended_though_something_was_added(
    serving: Serving, own_store: Path, tmp_path: Path
) -> None:
    with serving() as client:
        whole = [each["id"] for each in client.get("/api/v1/announcements").json()]
        first = client.get("/api/v1/announcements?limit=100")
        _record(own_store, tmp_path, "later-words", HOSTILE)
        _record(own_store, tmp_path, "earlier-words", HOSTILE.replace("2031", "1980"))
        _until(client, first.headers["etag"])
        rest = client.get(first.links["next"]["url"].replace("limit=100", "limit=5000")).json()
    read = [each["id"] for each in first.json() + rest]
    assert read == [*whole, "later-words"]


@pytest.mark.parametrize("question", LISTS)
def test_lists_come_as_json_lines_and_as_csv(question: str, client: httpx.Client) -> None:
    whole = client.get(_asked(question, "limit=7")).json()
    lines = client.get(_asked(question, "limit=7&format=ndjson"))
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in lines.text.splitlines()] == whole
    table = client.get(_asked(question, "limit=7&format=csv"))
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["content-disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
    assert len(rows) >= len(whole)


def test_csv_has_a_byte_order_mark_only_if_it_is_asked_for(client: httpx.Client) -> None:
    plain, marked = (client.get(f"/api/v1/promises?format=csv&bom={bom}").content for bom in ("false", "true"))
    assert marked == b"\xef\xbb\xbf" + plain


HOSTILE = """
announced = 2031-01-02
summary = "=HYPERLINK(\\"http://evil.example/\\")"

[[by]]
party = "AM"
name = "@SUM(1+1)"

[[source]]
publisher = "+1"
title = "<script>alert(1)</script>"
"""


def _record(store: Path, folder: Path, name: str, text: str) -> None:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    records.record(str(store), [path])


def test_csv_is_never_a_formula(serving: Serving, own_store: Path, tmp_path: Path) -> None:
    _record(own_store, tmp_path, "hostile-words", HOSTILE)
    with serving() as client:
        text = client.get("/api/v1/announcements?text=hyperlink&format=csv").text
        [row] = csv.DictReader(io.StringIO(text, newline=""))
        assert row["summary"].startswith("'=HYPERLINK")
        cells = [cell for each in csv.reader(io.StringIO(text)) for cell in each]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_nothing_new_is_304_until_something_is(serving: Serving, own_store: Path, tmp_path: Path) -> None:
    with serving() as client:
        first = client.get("/api/v1/state?kind=corridor")
        tag = first.headers["etag"]
        assert tag.startswith(f'W/"{log_length()}-')
        assert first.headers["cache-control"] == "public, no-cache"
        for mark in (tag, f'"other", {tag}', "*"):
            again = client.get("/api/v1/state?kind=corridor", headers={"If-None-Match": mark})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
        assert client.get("/api/v1/state?kind=corridor", headers={"If-None-Match": 'W/"1"'}).status_code == 200
        _record(own_store, tmp_path, "something-new", HOSTILE)
        answer = _until(client, tag)
        assert answer.headers["etag"] != tag


def _until(client: httpx.Client, tag: str) -> httpx.Response:
    for _ in range(100):
        answer = client.get("/api/v1/state?kind=corridor", headers={"If-None-Match": tag})
        if answer.status_code == 200:
            return answer
        time.sleep(0.1)
    raise AssertionError("the server has not seen what was recorded")


def test_what_cannot_change_may_be_kept_longer(client: httpx.Client) -> None:
    pinned = client.get("/api/v1/state?kind=corridor&as_of=2025-10-28&recorded_by=300")
    assert pinned.headers["cache-control"] == "public, max-age=3600"
    for path in ("openapi.json", "audit/checkpoint"):  # they take no notice of clocks
        answer = client.get(f"/api/v1/{path}?as_of=2025-10-28&recorded_by=300")
        assert answer.headers["cache-control"] != PINNED.decode()
    ahead = client.get("/api/v1/state?kind=corridor&as_of=2025-10-28&recorded_by=300000")
    assert ahead.headers["cache-control"] == "public, no-cache"


def test_a_kept_answer_is_the_same_answer(client: httpx.Client) -> None:
    question = "/api/v1/subjects/margara/state?as_of=2024-02-02"
    for encoding in ("gzip", "identity"):
        first, second = (client.get(question, headers={"Accept-Encoding": encoding}) for _ in range(2))
        assert first.content == second.content
        named = {name: value for name, value in first.headers.items() if name not in ("date", "x-request-id")}
        assert named == {name: second.headers[name] for name in named}


def test_long_answers_are_compressed_for_those_who_can_read_it(client: httpx.Client) -> None:
    question = "/api/v1/state?kind=corridor&as_of=2025-10-28"
    with client.stream("GET", question, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        raw = b"".join(answer.iter_raw())
    plain = client.get(question, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    assert len(raw) * 5 < len(plain.content)
    assert "Accept-Encoding" in plain.headers["vary"]


def test_head_is_get_without_the_body(client: httpx.Client) -> None:
    for _ in range(2):  # computed, then kept
        whole, bare = (client.request(each, "/api/v1/promises?limit=3") for each in ("GET", "HEAD"))
        assert (bare.status_code, bare.content) == (200, b"")
        assert bare.headers["content-length"] == whole.headers["content-length"]
        assert bare.headers["etag"] == whole.headers["etag"]
    assert client.head("/api/v1/passages?limit=2").content == b""
    assert client.get("/api/v1/passages?limit=2").json()


def test_answers_carry_headers_that_keep_pages_safe(client: httpx.Client) -> None:
    for address in ("/api/v1/state?limit=1", "/healthz", "/nothing"):
        headers = client.get(address).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers or headers["server"] == "uvicorn"


def test_only_named_origins_may_ask_from_a_browser(client: httpx.Client) -> None:
    mine = client.get("/api/v1/state?limit=1", headers={"Origin": "https://example.org"})
    assert mine.headers["access-control-allow-origin"] == "https://example.org"
    other = client.get("/api/v1/state?limit=1", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


def test_figures_are_by_route_and_not_by_path(client: httpx.Client) -> None:
    for day in ("2025-01-01", "2025-01-02"):
        client.get(f"/api/v1/subjects/margara/why?as_of={day}")
    client.get("/api/v1/subjects/no-such-thing/why")
    families = {each.name: each for each in text_string_to_metric_families(client.get("/metrics").text)}
    samples = families["tracker_requests"].samples
    routes = {sample.labels["route"] for sample in samples}
    assert any(route.endswith("/subjects/{subject}/why") for route in routes)
    assert not any("margara" in route for route in routes)
    assert families["tracker_log_position"].samples[0].value == log_length()


def test_each_request_is_a_line_of_json() -> None:
    written = io.StringIO()

    async def answers(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"abc"})

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/a\nb",
        "query_string": b"x=%22",
        "headers": [],
        "client": None,
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(RequestMetrics(answers, metrics=Metrics(), log=written)(scope, None, send))  # type: ignore[arg-type]
    [line] = written.getvalue().splitlines()
    entry = json.loads(line)
    assert (entry["path"], entry["status"], entry["bytes"]) == ("/a\nb", 200, 3)
    assert dict(sent[0]["headers"])[b"x-request-id"].decode() == entry["request"]


def test_the_figures_can_be_served_apart(serving: Serving) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with serving(metrics_address=f"127.0.0.1:{port}") as client:
        assert client.get("/metrics").status_code == 404
        assert "tracker_requests_total" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics")
