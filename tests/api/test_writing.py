"""Writing over HTTP: who may, drafts and four eyes, keys, and whatever somebody may send."""

import gzip
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import EVENTS, make, running
from tests.store.samples import announcement, registry
from tracker import serve
from tracker.model.events import canonical
from tracker.services import records, tokens
from tracker.settings import Settings
from tracker.store.event_store import open_store
from tracker.store.tokens import Token, TokenScope

SAID: dict[str, Any] = {
    "id": "turkey-lets-aid-pass",
    "announced": "2026-03-20",
    "summary": "Turkey lets humanitarian aid pass the Margara bridge for ten days.",
    "by": [{"party": "TR"}],
    "source": [{"publisher": "Anadolu"}],
    "effect": [{"type": "exempt", "measure": "tr-closure-1993", "only": ["humanitarian aid only"], "at": ["margara"],
                "from": "2026-03-21", "last_day": "2026-03-31"}],
}  # fmt: skip
TARGET = "aliyev-lifts-transit-to-armenia"


def token(store: Path | str, person: str, *scopes: TokenScope, days: int = 1) -> dict[str, str]:
    now = datetime.now(UTC)
    made = now if days > 0 else now + timedelta(days=days - 1)
    _, secret = tokens.create_token(str(store), person, scopes, made, made + timedelta(days=abs(days)))
    return {"Authorization": f"Bearer {secret}"}


class Desk:
    """A server with tokens."""

    def __init__(self, client: httpx.Client, store: Path | str) -> None:
        self.client, self.store = client, store
        self.ada = token(store, "Ada", TokenScope.RECORD)
        self.grace = token(store, "Grace", TokenScope.APPROVE)
        self.admin = token(store, "Root", TokenScope.ADMIN)

    def post(self, path: str, content: Any = None, who: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        return self.client.post(
            f"/api/v1/{path}", json=content, headers={**(who or {}), **more.pop("headers", {})}, **more
        )

    def get(self, path: str, who: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        return self.client.get(f"/api/v1/{path}", headers=who, **more)

    def status(self, day: str) -> str:
        answer = self.get("subjects/margara/state", params={"as_of": day, "direction": "AM>TR", "traffic": "goods"})
        return str(answer.json()["lanes"][0]["status"])

    def submit(self, **changes: Any) -> str:
        answer = self.post("announcements", {**SAID, **changes}, self.ada)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["draft"])


@pytest.fixture
def desk(own_store: Path) -> Iterator[Desk]:
    with running(make(own_store, write_rate=0)) as client:
        yield Desk(client, own_store)


def test_a_statement_is_previewed_handed_in_approved_and_seen(desk: Desk) -> None:
    assert desk.status("2026-03-25") == "closed"
    shown = desk.post("preview", SAID, desk.ada)
    assert "margara road goods AM>TR: closed → unready" in [each["words"] for each in shown.json()["changes"]]
    handed = desk.post("announcements", SAID, desk.ada)
    assert (handed.status_code, handed.json()["outcome"]) == (202, "submitted")
    assert desk.status("2026-03-25") == "closed"
    draft = desk.get(handed.headers["location"].removeprefix("/api/v1/"), desk.grace)
    assert (draft.json()["status"], draft.json()["submitted_by"]) == ("waiting", "Ada")
    done = desk.post(f"drafts/{draft.json()['draft']}/approval", None, desk.grace)
    assert (done.status_code, done.headers["location"]) == (201, f"/api/v1/announcements/{SAID['id']}")
    assert desk.status("2026-03-25") == "unready"
    assert desk.get(f"announcements/{SAID['id']}").json()["versions"][0]["recorded_by"] == "Ada"
    last = desk.get("changes", params={"after": done.json()["position"] - 1}).json()[-1]
    assert (last["recorded_by"], last["approved_by"], last["type"]) == ("Ada", "Grace", "AnnouncementRecorded")


def test_a_person_has_so_many_drafts_that_wait(own_store: Path) -> None:
    with running(make(own_store, write_rate=0, max_drafts=2)) as client:
        desk = Desk(client, own_store)
        first = desk.submit(id="one")
        desk.submit(id="two")
        refused = desk.post("announcements", {**SAID, "id": "three"}, desk.ada)
        assert (refused.status_code, "2 drafts of Ada wait" in refused.json()["detail"]) == (403, True)
        assert desk.post("announcements", {**SAID, "id": "four"}, desk.grace).status_code in (202, 403)
        assert desk.post(f"drafts/{first}/rejection", {"reason": "no"}, desk.grace).status_code == 201
        desk.submit(id="three")


def test_a_token_is_not_good_before_it_was_made() -> None:
    made, day = datetime(2026, 1, 2, tzinfo=UTC), timedelta(days=1)
    token = Token("a", "Ada", frozenset(), made, None, None)
    assert [token.valid(made - day), token.valid(made), token.valid(made + day)] == [False, True, True]


def test_corrections_and_retractions_are_about_what_the_path_says(desk: Desk) -> None:
    fix = {"id": "fix", "announced": "2026-05-01", "reason": "A slip.", "replace": {"summary": "In better words."}}
    answer = desk.post(f"announcements/{TARGET}/corrections", fix, desk.ada)
    desk.post(f"drafts/{answer.json()['draft']}/approval", {}, desk.grace)
    gone = {"id": "gone", "announced": "2026-05-02", "reason": "Never said.", "retracts": TARGET}
    answer = desk.post(f"announcements/{TARGET}/retractions", gone, desk.ada)
    desk.post(f"drafts/{answer.json()['draft']}/approval", {}, desk.grace)
    kinds = [each["kind"] for each in desk.get(f"announcements/{TARGET}").json()["versions"]]
    assert kinds[-2:] == ["corrected", "retracted"]
    wrong = desk.post(f"announcements/{TARGET}/corrections", {**fix, "id": "x", "corrects": "other"}, desk.ada)
    assert (wrong.status_code, wrong.json()["errors"][0]["parameter"]) == (422, "/corrects")
    wrong = desk.post("announcements", {**fix, "id": "y", "corrects": TARGET}, desk.ada)
    assert (wrong.status_code, "/announcements/{id}/corrections" in wrong.text) == (422, True)
    assert desk.post("announcements/nothing/corrections", {**fix, "id": "z"}, desk.ada).status_code == 422


def test_mistakes_have_the_words_of_files_and_json_pointers(shared: Desk) -> None:
    effect = [{"type": "lft", "measure": "tr-closure-1993"}, {"type": "lift", "measure": "tr-closure-1992"}]
    answer = shared.post(
        "announcements", {**SAID, "announced": "soon", "effect": effect[:1], "sumary": "x"}, shared.ada
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    found = {each["parameter"]: each["detail"] for each in answer.json()["errors"]}
    assert set(found) == {"/announced", "/effect/0", "/sumary"}
    assert 'did you mean "lift"?' in found["/effect/0"]
    answer = shared.post("announcements", {**SAID, "effect": effect[1:]}, shared.ada)
    [fault] = answer.json()["errors"]
    assert (fault["parameter"], fault["in"]) == ("/effect/0/measure", "body")
    assert 'did you mean "tr-closure-1993"?' in fault["detail"]


def test_nobody_approves_their_own(desk: Desk) -> None:
    both = token(desk.store, "Mary", TokenScope.RECORD, TokenScope.APPROVE)
    draft = desk.post("announcements", SAID, both).json()["draft"]
    answer = desk.post(f"drafts/{draft}/approval", None, both)
    assert (answer.status_code, "another person has to approve it" in answer.json()["detail"]) == (403, True)
    again = token(desk.store, "mary", TokenScope.APPROVE)
    assert desk.post(f"drafts/{draft}/approval", None, again).status_code == 403
    assert desk.post(f"drafts/{draft}/approval", None, desk.grace).status_code == 201


def test_a_draft_is_decided_once_and_rejected_with_a_reason(desk: Desk) -> None:
    draft = desk.submit()
    assert desk.post(f"drafts/{draft}/rejection", {}, desk.grace).status_code == 422
    assert desk.post(f"drafts/{draft}/rejection", {"reason": "  "}, desk.grace).status_code == 422
    assert desk.post(f"drafts/{draft}/rejection", {"reason": "No.", "x": 1}, desk.grace).status_code == 422
    assert desk.post(f"drafts/{draft}/rejection", {"reason": "No source."}, desk.grace).status_code == 201
    answer = desk.post(f"drafts/{draft}/approval", None, desk.grace)
    assert (answer.status_code, "was rejected by Grace" in answer.json()["detail"]) == (409, True)
    [found] = desk.get("drafts", desk.ada, params={"status": "rejected"}).json()
    assert (found["reason"], found["decided_by"]) == ("No source.", "Grace")


def test_who_may_only_record_takes_back_only_their_own(desk: Desk) -> None:
    other = token(desk.store, "Bob", TokenScope.RECORD)
    draft = desk.submit()
    assert desk.post(f"drafts/{draft}/rejection", {"reason": "Mine."}, other).status_code == 403
    assert desk.post(f"drafts/{draft}/rejection", {"reason": "A slip."}, desk.ada).status_code == 201


def test_scopes_are_kept_apart(desk: Desk) -> None:
    draft = desk.submit()
    refused = [
        desk.post("announcements", SAID, desk.grace),
        desk.post("announcements", SAID, desk.admin),
        desk.post(f"drafts/{draft}/approval", None, desk.ada),
        desk.post(f"drafts/{draft}/approval", None, desk.admin),
        desk.get("audit/verify", desk.ada),
    ]
    assert {each.status_code for each in refused} == {403}
    assert desk.get("audit/verify", desk.admin).json()["intact"] is True


def test_tokens_that_are_not_valid_are_refused_alike(desk: Desk) -> None:
    """Whether a token was never made, has expired or was revoked, nobody can tell."""
    revoked = token(desk.store, "Eve", TokenScope.RECORD)
    assert desk.post("preview", SAID, revoked).status_code == 200
    tokens.revoke_token(str(desk.store), revoked["Authorization"].split()[1][:17], datetime.now(UTC))
    wrong = [
        revoked,
        token(desk.store, "Eve", TokenScope.RECORD, days=-1),
        {"Authorization": desk.ada["Authorization"][:-1] + "~"},
        {"Authorization": "Bearer trk_000000000000_" + "A" * 43},
        {"Authorization": "Bearer x"},
    ]
    answers = [desk.post("announcements", SAID, each) for each in wrong]
    assert {each.status_code for each in answers} == {401}
    assert len({each.text for each in answers}) == 1
    assert {each.headers["www-authenticate"] for each in answers} == {'Bearer realm="tracker"'}
    missing = [{}, {"Authorization": ""}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}]
    assert {desk.post("announcements", SAID, each).status_code for each in missing} == {401}
    assert {desk.get(path).status_code for path in ("drafts", "drafts/d-1", "audit/verify")} == {401}


def test_the_same_request_is_done_once(desk: Desk) -> None:
    key = {"Idempotency-Key": "one"}
    first = desk.post("announcements", SAID, desk.ada, headers=key)
    second = desk.post("announcements", SAID, desk.ada, headers=key)
    assert (second.status_code, second.text, second.headers["location"]) == (202, first.text, first.headers["location"])
    assert len(desk.get("drafts", desk.ada).json()) == 1
    other = desk.post("announcements", {**SAID, "id": "other"}, desk.ada, headers=key)
    assert (other.status_code, "came with another request" in other.json()["detail"]) == (422, True)
    path = f"drafts/{first.json()['draft']}/approval"
    assert desk.post(path, None, desk.grace, headers=key).text == desk.post(path, None, desk.grace, headers=key).text
    assert desk.post(path, None, desk.grace).status_code == 409
    for wrong in ("", "a b", "x" * 201):
        assert desk.post("announcements", SAID, desk.ada, headers={"Idempotency-Key": wrong}).status_code == 400


def test_without_review_it_is_on_the_record_at_once(own_store: Path) -> None:
    with running(make(own_store, review=False)) as client:
        desk = Desk(client, own_store)
        answer = desk.post("announcements", SAID, desk.ada)
        assert (answer.status_code, answer.headers["location"]) == (201, f"/api/v1/announcements/{SAID['id']}")
        assert desk.status("2026-03-25") == "unready"
        assert desk.post("announcements", SAID, desk.ada).status_code == 409


@pytest.mark.parametrize(
    ("content", "headers", "status", "words"),
    [
        (b"", {}, 400, "not JSON"),
        (b"[]", {}, 400, "not a JSON object"),
        (b"{", {}, 400, "line 1, column 2"),
        (b"\xff", {}, 400, "UTF-8"),
        (b'{"a": NaN}', {}, 400, "NaN is not a number"),
        (b'{"id": "a", "id": "b"}', {}, 400, "stands twice: keep one"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, {}, 400, "deeper than 32"),
        (b"[" * 60_000, {}, 400, ""),
        (b'{"a":' * 40 + b"1" + b"}" * 40, {}, 400, "deeper than 32"),
        (b'{"summary": "\\ud800"}', {}, 400, "half a character"),
        (b'{"n": ' + b"9" * 5000 + b"}", {}, 400, "thousands of digits"),
        (b'{"effect": [' + b"{}," * 2000 + b"{}]}", {}, 422, "2001 items"),
        (b'{"id": 1e999}', {}, 422, ""),
        (b"{}", {"Content-Type": "text/plain"}, 415, "application/json"),
        (b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "application/json"),
        (gzip.compress(b"{}", mtime=0), {"Content-Encoding": "gzip"}, 415, "compressed"),
        (b"x" * 70_000, {}, 413, "65536 bytes"),
    ],
)
def test_hostile_bodies(shared: Desk, content: bytes, headers: dict[str, str], status: int, words: str) -> None:
    for path in ("announcements", f"announcements/{TARGET}/corrections", "preview"):
        answer = shared.client.post(
            f"/api/v1/{path}", content=content, headers={"Content-Type": "application/json", **shared.ada, **headers}
        )
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert words in answer.text


def test_a_body_in_chunks_is_not_read_beyond_the_limit(desk: Desk) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(300):
            yield b"x" * 1_000_000

    try:
        answer = desk.client.post(
            "/api/v1/preview", content=chunks(), headers={**desk.ada, "Content-Type": "application/json"}
        )
        assert answer.status_code == 413
    except httpx.TransportError:  # the server hung up in the middle of it
        pass
    assert desk.get("drafts", desk.ada).status_code == 200


def test_300_megabytes_are_refused_by_their_length(desk: Desk) -> None:
    url = desk.client.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=10) as line:
        head = f"POST /api/v1/announcements HTTP/1.1\r\nHost: localhost\r\nContent-Length: {300 * 2**20}\r\n\r\n"
        line.sendall(head.encode())
        assert b" 413 " in line.recv(1000)


@pytest.mark.parametrize(
    "at", ["2026-03-20T12:00:00", "2026-03-20T12:00:00+04:00", "2026-03-20T12:00:00Z", "2026-03-20"]
)
@pytest.mark.parametrize("until", ["2026-03-31T06:00:00", "2026-03-31T06:00:00+04:00"])
def test_naive_and_aware_hours(shared: Desk, at: str, until: str) -> None:
    effect = [{"type": "lift", "measure": "tr-closure-1993", "until": until}]
    answer = shared.post("preview", {**SAID, "announced": at, "effect": effect}, shared.ada)
    naive = at.endswith(":00:00") or (until.endswith(":00:00") and "+" not in until)
    assert answer.status_code == (422 if naive else 200), answer.text


def test_ids_that_nobody_has(shared: Desk) -> None:
    for path in ("drafts/d-0", "drafts/%00", "drafts/' OR 1=1"):
        assert shared.get(path, shared.ada).status_code == 404
    for path in ("drafts/d-0/approval", f"drafts/{'x' * 80}/approval"):
        assert shared.post(path, None, shared.grace).status_code == 404


def test_what_needs_a_token_is_kept_nowhere(desk: Desk) -> None:
    draft = desk.submit()
    for path in (
        "drafts",
        f"drafts/{draft}",
        f"audit/proofs/{desk.get(f'drafts/{draft}', desk.ada).json()['position']}",
    ):
        answer = desk.get(path, desk.ada)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), path
        assert "etag" not in answer.headers
        assert desk.get(path).status_code == 401


def test_a_page_of_another_origin_may_write_if_it_is_named(own_store: Path) -> None:
    with running(make(own_store, cors_origins=("https://example.org",))) as client:
        asked = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,idempotency-key",
        }
        fine = client.options("/api/v1/announcements", headers={"Origin": "https://example.org", **asked})
        assert (fine.status_code, fine.headers["access-control-allow-origin"]) == (200, "https://example.org")
        assert "access-control-allow-credentials" not in fine.headers
        other = client.options("/api/v1/announcements", headers={"Origin": "https://example.com", **asked})
        assert "access-control-allow-origin" not in other.headers


def test_answers_to_writers_have_the_headers_that_keep_from_harm(shared: Desk) -> None:
    for answer in (
        shared.post("announcements", SAID, shared.ada),
        shared.post("announcements", SAID),
        shared.post("preview"),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_too_many_requests_are_told_when_to_come_again(own_store: Path) -> None:
    with running(make(own_store, write_rate=5)) as client:
        desk = Desk(client, own_store)
        answers = [desk.get("drafts", desk.ada) for _ in range(6)]
        assert [each.status_code for each in answers] == [200] * 5 + [429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 12
        assert answers[-1].json()["status"] == 429
        assert desk.get("state", params={"subject": "margara"}).status_code == 200  # reading goes on


def test_files_cannot_be_written_to() -> None:
    with running(serve.create(Settings(events=EVENTS, access_log=False, read_rate=0))) as client:
        answer = client.post("/api/v1/announcements", json=SAID, headers={"Authorization": "Bearer x"})
        assert (answer.status_code, "answers from files" in answer.json()["detail"]) == (403, True)
        assert client.get("/api/v1/audit/checkpoint").status_code == 404


def test_the_same_on_postgresql(postgres_url: str) -> None:
    with open_store(postgres_url) as store:
        store.load(registry(), [])
    records.rebuild(postgres_url)
    said = canonical(announcement("said"))
    with running(serve.create(Settings(store=postgres_url, access_log=False, read_rate=0))) as client:
        desk = Desk(client, postgres_url)
        key = {"Idempotency-Key": "one"}
        answers = [desk.post("announcements", said, desk.ada, headers=key) for _ in range(2)]
        assert answers[0].text == answers[1].text
        path = f"drafts/{answers[0].json()['draft']}/approval"
        assert desk.post(path, None, desk.grace).status_code == 201
        assert desk.get("announcements/said").json()["versions"][0]["recorded_by"] == "Ada"
        assert desk.get("audit/verify", desk.admin).json()["intact"] is True
        tokens.revoke_token(postgres_url, desk.ada["Authorization"].split()[1], datetime.now(UTC))
        assert desk.get("drafts", desk.ada).status_code == 401


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    ["id", "announced", "summary", "by", "source", "effect", "relation", "corrects", "retracts", "reason", "replace",
     "remove", "status", "covers", "note"]
)  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(changes=st.dictionaries(keys, values, max_size=4), effect=st.dictionaries(
    st.sampled_from(["type", "measure", "from", "last_day", "until", "at", "on", "only", "modes"]), values, max_size=4
))  # fmt: skip
def test_law_whatever_is_sent_gets_an_answer_and_never_a_500(
    shared: Desk, changes: dict[str, Any], effect: dict[str, Any]
) -> None:
    said = {**SAID, "effect": [{**SAID["effect"][0], **effect}], **changes}
    content = json.dumps(said)
    for path in ("preview", f"announcements/{TARGET}/corrections"):
        answer = shared.client.post(
            f"/api/v1/{path}", content=content, headers={**shared.ada, "Content-Type": "application/json"}
        )
        assert answer.status_code in (200, 202, 400, 409, 422), answer.text
        assert "pydantic" not in answer.text
        assert "Traceback" not in answer.text


@pytest.fixture(scope="module")
def shared(full_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path = tmp_path_factory.mktemp("shared") / "record.sqlite"
    path.write_bytes(full_store.read_bytes())
    application: FastAPI = make(path, write_rate=0)
    with running(application) as client:
        yield Desk(client, path)
