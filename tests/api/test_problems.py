"""Every error is a problem (RFC 9457) that names what is to blame."""

import asyncio
import http.client
import threading
import time
from typing import Any

import httpx
import pytest

from tests.api.conftest import Serving
from tracker.api.endpoints import states
from tracker.api.middleware.limits import RequestLimits
from tracker.api.problems import STATUSES, status_of
from tracker.model import errors
from tracker.model.errors import NewerStore, TrackerError
from tracker.services.live import Live
from tracker.store import errors as store_errors

WRONG = [
    ("/state?as_of=tomorrow", 400, "as_of"),
    ("/state?as_of=", 400, "as_of"),
    ("/state?as_of=2025-10-28T10:00", 400, "as_of"),
    ("/state?as_of=20251028", 400, "as_of"),
    ("/state?as_of=9999-12-31", 400, "as_of"),
    ("/state?announced_by=never", 400, "announced_by"),
    ("/state?as_of=2025-10-28&recorded_by=-1", 400, "recorded_by"),
    ("/state?mode=horse", 400, "mode"),
    ("/state?kind=party", 400, "kind"),
    ("/state?goods=wheat", 400, "goods"),
    ("/state?asof=2025-10-28", 400, "asof"),
    ("/state?subject=nowhere", 404, "subject"),
    ("/state?limit=0", 400, "limit"),
    ("/state?limit=1000000", 400, "limit"),
    ("/state?after=%00", 400, "after"),
    ("/state?after=W10", 400, "after"),
    ("/state?format=xml", 400, "format"),
    ("/state?direction=" + "x" * 201, 400, "direction"),
    ("/subjects/nowhere", 404, "subject"),
    ("/subjects/nowhere/why", 404, "subject"),
    ("/subjects/margara/state?subject=x", 400, "subject"),
    ("/subjects/margara/state?mode=rail", 400, None),
    ("/announcements?about=nowhere", 404, "about"),
    ("/announcements?from=2025-13-01", 400, "from"),
    ("/announcements?to=soon", 400, "to"),
    ("/announcements/nothing-of-the-kind", 404, "announcement"),
    ("/announcements/armenia-welcomes-direct-trade-with-turkey?announced_by=2020-01-01", 404, "announcement"),
    ("/promises?status=broken", 400, "status"),
    ("/passages?at=nowhere", 404, "at"),
    ("/changes?after=x", 400, "after"),
    ("/changes?after=-1", 400, "after"),
    ("/changes/stream?after=x", 400, "after"),
    ("/diff?before=2025-10-20", 400, "after"),
    ("/diff?before=2025-10-20&after=x", 400, "after"),
    ("/diff?before=x&after=2025-10-20", 400, "before"),
    ("/diff?before=2025-10-20&after=2025-10-21&as_of=2025-10-20", 400, "as_of"),
    ("/diff?before=2025-10-20&after=2025-10-21&known=true&announced_by=2025-10-20", 400, "announced_by"),
    ("/routes?from=RU", 400, "to"),
    ("/routes?from=RU&to=Atlantis", 404, "to"),
    ("/routes?from=RU&to=Russia", 400, "to"),
    ("/routes/opened?from=Narnia&to=AM", 404, "from"),
    ("/routes?from=RU&to=AM&modes=boat", 400, "modes"),
    ("/routes?from=RU&to=AM&mode=rail&modes=sea,rail", 400, "modes"),
    ("/routes/needs?from=RU&to=AM&firm=perhaps", 400, "firm"),
    ("/subjects/tr-closure-1993/needs", 400, "subject"),
    ("/subjects/nowhere/needs", 404, "subject"),
    ("/state?suppose=lift+nowhere", 404, "suppose"),
    ("/state?suppose=close+everything", 400, "suppose"),
    ("/diff?before=2025-10-20&after=2025-10-21&suppose=lift", 400, "suppose"),
    ("/state?" + "&".join(["suppose=lift+tr-closure-1993"] * 21), 400, "suppose"),
    ("/map.geojson?status=ajar", 400, "status"),
    ("/series?from=x", 400, "from"),
    ("/feed.atom?subject=nowhere", 404, "subject"),
    ("/calendar.ics?subject=nowhere", 404, "subject"),
    ("/nothing", 404, None),
    ("/subjects/", 404, None),
    ("/docs/secrets.txt", 404, None),
    ("/docs/..%2f..%2fetc%2fpasswd", 404, None),
]


@pytest.mark.parametrize(("asked", "status", "parameter"), WRONG, ids=[asked for asked, _, _ in WRONG])
def test_a_wrong_question_is_a_problem(asked: str, status: int, parameter: str | None, client: httpx.Client) -> None:
    answer = client.get(f"/api/v1{asked}")
    told = _problem(answer, status)
    assert told["parameter"] == parameter
    assert parameter in [each["parameter"] for each in told["errors"]] or parameter is None


def _problem(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    assert "Traceback" not in answer.text
    return told


def test_every_wrong_parameter_is_named_at_once(client: httpx.Client) -> None:
    told = _problem(client.get("/api/v1/state?mode=horse&limit=0&colour=red"), 400)
    assert {each["parameter"] for each in told["errors"]} == {"mode", "limit", "colour"}


def test_an_unknown_parameter_gets_the_nearest_known_one(client: httpx.Client) -> None:
    assert "did you mean announced_by?" in client.get("/api/v1/state?announced=2025").json()["detail"]


def test_the_server_only_answers(client: httpx.Client) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.request(method, "/api/v1/state")
        _problem(answer, 405)
        assert answer.headers["allow"] == "GET"


def test_a_body_that_is_too_long_is_refused(client: httpx.Client) -> None:
    _problem(client.post("/api/v1/state", content=b"x" * 70_000), 413)


def test_a_body_that_does_not_say_how_long_it_is_is_refused_too() -> None:
    read, sent = [], []

    async def reads(_scope: Any, receive: Any, send: Any) -> None:
        """What a web framework does with a body: all of it, and any error is the client's."""
        try:
            while (message := await receive())["type"] != "http.disconnect":
                read.append(message["body"])
        finally:
            await send({"type": "http.response.start", "status": 400, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return {"type": "http.request", "body": b"x" * 40, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    limits = RequestLimits(reads, body=100, query=1000, requests=1, streams=1)
    scope = {"type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"", "headers": []}
    asyncio.run(limits(scope, receive, send))
    assert sent[0]["status"] == 413
    assert sum(map(len, read)) <= 100


def test_a_content_length_that_is_none_is_refused(client: httpx.Client) -> None:
    connection = http.client.HTTPConnection(client.base_url.host, client.base_url.port or 0)
    connection.putrequest("GET", "/api/v1/state")
    connection.putheader("Content-Length", "9" * 30)
    connection.endheaders()
    assert connection.getresponse().status in (400, 413)
    connection.close()


def test_a_question_that_is_too_long_is_refused(client: httpx.Client) -> None:
    _problem(client.get("/api/v1/state?" + "&".join(["subject=margara"] * 1000)), 414)


def test_too_much_at_once_is_put_off(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, go = threading.Semaphore(0), threading.Event()

    def slow(*_: Any) -> list[Any]:
        waiting.release()
        go.wait(20)
        return []

    monkeypatch.setattr(states, "state_query", slow)
    with serving(max_requests=8) as client:  # two of one address
        threads = [threading.Thread(target=client.get, args=(f"/api/v1/state?limit={n}",)) for n in (1, 2)]
        for thread in threads:
            thread.start()
        assert waiting.acquire(timeout=20)
        time.sleep(0.3)  # the second waits for the first, with a seat of its own
        answer = client.get("/api/v1/state?limit=3")
        go.set()
        for thread in threads:
            thread.join()
        _problem(answer, 503)
        assert answer.headers["retry-after"] == "1"
        assert client.get("/api/v1/state?limit=4").status_code == 200


def test_an_answer_that_takes_too_long_is_given_up(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any) -> list[Any]:
        time.sleep(1)
        return []

    monkeypatch.setattr(states, "state_query", slow)
    with serving(timeout=0.1) as client:
        _problem(client.get("/api/v1/state"), 504)
        assert client.get("/healthz").status_code == 200


def test_a_mistake_of_ours_is_a_problem_without_its_details(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("secret")

    monkeypatch.setattr(states, "state_query", broken)
    with serving() as client:
        answer = client.get("/api/v1/state")
        _problem(answer, 500)
        assert "secret" not in answer.text


def test_a_store_that_is_busy_is_not_our_mistake(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any) -> Any:
        raise store_errors.StoreBusy("store x: another process has been writing all the time: try again")

    monkeypatch.setattr(states, "state_query", busy)
    with serving() as client:
        answer = client.get("/api/v1/state")
        _problem(answer, 503)
        assert answer.headers["retry-after"] == "1"


def test_every_error_has_a_status() -> None:
    kinds = {each for module in (errors, errors) for each in vars(module).values() if isinstance(each, type)}
    ours = [kind for kind in kinds if issubclass(kind, TrackerError)]
    assert len(ours) > 6
    assert all(any(issubclass(kind, known) for known in STATUSES) for kind in ours)
    assert status_of(NewerStore("newer")) == 503


def test_a_store_that_goes_away_is_told_to_the_operator_and_questions_are_still_answered(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: Live) -> Any:
        raise store_errors.StoreUnavailable("store x: it is gone")

    with serving() as client:
        assert client.get("/readyz").json()["status"] == "ok"
        monkeypatch.setattr(Live, "look", gone)
        for _ in range(100):
            answer = client.get("/readyz")
            if answer.status_code == 503:
                break
            time.sleep(0.1)
        assert answer.json()["detail"] == "store x: it is gone"
        assert client.get("/healthz").status_code == 200
        assert client.get("/api/v1/state?kind=corridor").status_code == 200
