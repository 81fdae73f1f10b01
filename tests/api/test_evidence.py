"""Evidence over HTTP: what an outsider gets can be checked without the server."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import make, running
from tests.stores import log_length
from tracker.audit.checkpoints import LogCheckpoint
from tracker.audit.signed_notes import PrivateKey
from tracker.services import audit

NAME = "aliyev-lifts-transit-to-armenia"


@pytest.fixture(scope="module")
def signed(full_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, str]]:
    """A server with a key, and the public one."""
    folder = tmp_path_factory.mktemp("signed")
    (folder / "record.sqlite").write_bytes(full_store.read_bytes())
    public = audit.keygen(folder / "key", "example.org/record")
    with running(make(folder / "record.sqlite", audit_key=folder / "key")) as client:
        yield client, str(public)


def test_a_checkpoint_is_signed_where_there_is_a_key(signed: tuple[httpx.Client, str], client: httpx.Client) -> None:
    asked, public = signed
    answer = asked.get("/api/v1/audit/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    found = LogCheckpoint.of_note(answer.text, audit.public_key(public))
    bare = LogCheckpoint.of_note(client.get("/api/v1/audit/checkpoint").text, None)
    assert (found.origin, found.size, found.root) == ("example.org/record", bare.size, bare.root)


def test_a_log_that_does_not_extend_what_was_signed_is_not_signed(full_store: Path, tmp_path: Path) -> None:
    audit.keygen(tmp_path / "key", "example.org/record")
    key = PrivateKey.parse((tmp_path / "key").read_text())
    (tmp_path / "key.last").write_text(key.sign(LogCheckpoint("example.org/record", 99_999, b"r" * 32).text))
    with running(make(full_store, audit_key=tmp_path / "key")) as client:
        answer = client.get("/api/v1/audit/checkpoint")
    assert answer.status_code == 409
    assert "does not extend the 99999 that were signed" in answer.json()["detail"]


@pytest.mark.parametrize("whole", [False, True])
def test_a_proof_of_inclusion_can_be_checked_elsewhere(signed: tuple[httpx.Client, str], whole: bool) -> None:
    asked, public = signed
    size = log_length() if whole else None
    answer = asked.get(f"/api/v1/audit/proofs/{NAME}", params={} if size is None else {"size": size})
    assert answer.status_code == 200, answer.text
    known = [] if size is None else [asked.get("/api/v1/audit/checkpoint").text.split("\n\n")[0] + "\n"]
    proven = audit.verify_proof(answer.text, key=audit.public_key(public) if size is None else None)
    assert proven.event is not None
    assert proven.event.content["announcement"]["id"] == NAME
    assert [LogCheckpoint.parse(each).root for each in known] in ([], [proven.root])


def test_a_proof_of_consistency_can_be_checked_elsewhere(client: httpx.Client) -> None:
    last = log_length()
    for first, second in ((1, last), (last - 25, last), (last, last), (200, 300)):
        answer = client.get("/api/v1/audit/consistency", params={"first": first, "second": second})
        assert audit.verify_proof(answer.text).extends == first


@pytest.mark.parametrize(
    ("path", "status", "blamed"),
    [
        ("proofs/nothing", 404, "name"),
        ("proofs/99999", 404, "name"),
        (f"proofs/{NAME}?size=1", 400, "size"),
        (f"proofs/{NAME}?size=99999", 400, "size"),
        (f"proofs/{NAME}?size=0", 400, "size"),
        ("consistency?first=5&second=4", 400, "second"),
        ("consistency?first=0&second=4", 400, "first"),
        ("consistency?first=4&second=99999", 400, "second"),
        ("consistency?first=4", 400, "second"),
        ("verify", 401, None),
    ],
)
def test_what_cannot_be_proved_is_said(client: httpx.Client, path: str, status: int, blamed: str | None) -> None:
    answer = client.get(f"/api/v1/audit/{path}")
    assert (answer.status_code, answer.json()["parameter"]) == (status, blamed), answer.text
