"""Writing over HTTP, many at once: what is decided is decided once, and what is sent twice is done once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.api.test_writing import SAID, Desk, desk
from tests.stores import log_length

pytestmark = pytest.mark.slow

__all__ = ["desk"]  # the fixture
MANY = 8


def at_once(desk: Desk, path: str, content: Any, who: dict[str, str], *more: dict[str, str]) -> list[httpx.Response]:
    """The same request, from many clients."""

    def one(number: int) -> httpx.Response:
        headers = {**who, **(more[number % len(more)] if more else {})}
        return httpx.post(f"{desk.client.base_url}/api/v1/{path}", json=content, headers=headers, timeout=60)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


def stored(desk: Desk, kind: str) -> int:
    return sum(each["type"] == kind for each in desk.get("changes", params={"after": log_length()}).json())


def test_a_draft_that_many_approve_is_recorded_once(desk: Desk) -> None:
    draft = desk.submit()
    answers = at_once(desk, f"drafts/{draft}/approval", {}, desk.grace)
    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    assert any(answer.status_code == 201 for answer in answers)
    assert stored(desk, "AnnouncementRecorded") == 1


def test_a_draft_that_is_approved_and_rejected_at_once_is_one_of_them(desk: Desk) -> None:
    draft = desk.submit()
    with ThreadPoolExecutor(2) as pool:
        yes = pool.submit(at_once, desk, f"drafts/{draft}/approval", {}, desk.grace)
        no = pool.submit(at_once, desk, f"drafts/{draft}/rejection", {"reason": "no"}, desk.grace)
        done = {answer.status_code for answer in (*yes.result(), *no.result())}
    assert done <= {201, 409, 503}
    assert stored(desk, "AnnouncementRecorded") + stored(desk, "DraftRejected") == 1


def test_one_key_from_many_clients_is_one_draft(desk: Desk) -> None:
    answers = at_once(desk, "announcements", SAID, desk.ada, {"Idempotency-Key": "one"})
    assert {answer.status_code for answer in answers} <= {202, 409, 503}
    drafts = {answer.json()["draft"] for answer in answers if answer.status_code == 202}
    assert len(drafts) == 1
    assert len(desk.get("drafts", desk.ada).json()) == 1


def test_a_token_is_taken_from_its_header_alone(desk: Desk) -> None:
    secret = desk.ada["Authorization"].removeprefix("Bearer ")
    for path, headers in (
        (f"announcements?access_token={secret}", {}),
        ("announcements", {"Cookie": f"token={secret}"}),
        ("announcements", {"X-Authorization": f"Bearer {secret}"}),
        ("announcements", {"Authorization": f"Basic {secret}"}),
        ("announcements", {"Authorization": f"Bearer {secret}x"}),
        ("announcements", {"Authorization": f"Bearer {secret[:-1]}"}),
        ("announcements", {"Authorization": f"Bearer {secret.swapcase()}"}),
        ("announcements", {"Authorization": "Bearer " + "a" * 20_000}),
    ):
        answer = desk.client.post(f"/api/v1/{path}", json=SAID, headers=headers)
        assert answer.status_code == 401, (path, headers)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert secret not in answer.text
    assert desk.get("drafts", desk.ada).json() == []
