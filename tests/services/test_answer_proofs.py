"""Answers with their evidence: true ones are checked without the store, and false ones found."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.projections.samples import statements
from tests.store.conftest import run_sql
from tests.store.samples import announcement, registry
from tracker.audit.signed_notes import NotTrusted
from tracker.cli.main import answer
from tracker.model.errors import BadRequest
from tracker.queries.selection import Selection
from tracker.services import answer_proofs, audit
from tracker.services.answer_proofs import AskedClocks
from tracker.services.stores import refreshed
from tracker.store.errors import StoreDamaged
from tracker.store.event_store import open_store

NOW = datetime(2032, 1, 1, tzinfo=UTC)
AS_OF: AskedClocks = ("2031-03-25", None, None)
ELSEWHERE = announcement("elsewhere", effect=[{"type": "stage", "instrument": "treaty", "stage": "signed"}])
Plain = dict[str, Any]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = str(tmp_path_factory.mktemp("answers") / "store.sqlite")
    with open_store(url) as opened:
        opened.load(registry(), [*statements(), announcement("shut"), ELSEWHERE])
        refreshed(url, opened)
    return url


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "record.key"
    audit.keygen(path, "example.org/record")
    return path


def made(url: str, key: Path | None = None, *subjects: str, asked: AskedClocks = AS_OF) -> Plain:
    proof = answer_proofs.make(url, Selection(subjects or ("bridge",)), asked, NOW, lambda _: None, key=key)
    plain: Plain = json.loads(proof.model_dump_json(by_alias=True))
    return plain


def public_of(key: Path) -> Any:
    return audit.public_key(key.with_name(f"{key.name}.pub").read_text())


@pytest.mark.parametrize("subject", ["bridge", "AA-BB", "way", "closure", "treaty"])
@pytest.mark.parametrize("asked", [AS_OF, ("2031-04-10", "2031-03-22", "20"), ("2031-04-10", None, "2031-01-01")])
def test_an_answer_is_checked_without_the_store(store: str, key: Path, subject: str, asked: AskedClocks) -> None:
    if asked[2] == "2031-01-01":
        asked = (*asked[:2], datetime.now(UTC).isoformat())
    proof = made(store, key, subject, asked=asked)
    checked = answer_proofs.check(json.dumps(proof), key=public_of(key), notes=[proof["checkpoint"]])
    assert [one["subject"] for one in checked.answer] == [subject]
    assert checked.signed_by
    assert str(checked.state).startswith("tracker-state/")


def test_it_holds_what_the_answer_rests_on_and_no_more(store: str) -> None:
    leaves = [json.loads(one["leaf"])["content"] for one in made(store)["statements"]]
    names = {content[name]["id"] for content in leaves for name in content.keys() & {"announcement", "correction"}}
    assert {"everything", "plain", "shut", "c-1"} <= names
    assert "elsewhere" not in names
    assert {content["subject"]["type"] for content in leaves if "subject" in content} >= {"dataset", "border", "party"}


@pytest.mark.parametrize("only", [(), ("trucks",), ("visitors", "pedestrians")])
def test_it_holds_what_stands_beside_the_status_and_all_classes(tmp_path: Path, only: tuple[str, ...]) -> None:
    """A question names a class by any of its names; all statements are put in only where some would not do."""
    url = str(tmp_path / "fiordland.sqlite")
    assert answer(["--store", url, "load", str(Path(__file__).parents[2] / "examples" / "fiordland")]) == 0
    asked: AskedClocks = ("2031-10-09", None, None)
    proof = answer_proofs.make(url, Selection(("HV-SK-OH",), only=only), asked, NOW, lambda _: None)
    with open_store(url) as opened:
        assert len(proof.statements) < opened.max_position()
    assert any(lane["formalities"] and lane["exposure"] for lane in proof.answer[0]["lanes"])
    assert answer_proofs.check(proof.model_dump_json(by_alias=True)).answer


def other_status(proof: Plain) -> None:
    proof["answer"][0]["lanes"][0]["status"] = "operating"


def other_question(proof: Plain) -> None:
    proof["question"]["as_of"] = "2031-03-19"


def other_words(proof: Plain) -> None:
    proof["statements"][-1]["leaf"] = proof["statements"][-1]["leaf"].replace("closure", "opening")


def one_left_out(proof: Plain) -> None:
    proof["statements"] = [one for one in proof["statements"] if '"id":"shut"' not in one["leaf"]]


def no_registry(proof: Plain) -> None:
    proof["statements"] = proof["statements"][8:]


def one_twice(proof: Plain) -> None:
    proof["statements"].append(proof["statements"][-1])


def other_order(proof: Plain) -> None:
    proof["statements"].reverse()


def other_index(proof: Plain) -> None:
    proof["statements"][0]["index"] += 1


def other_root(proof: Plain) -> None:
    origin, size, _, *rest = proof["checkpoint"].split("\n")
    proof["checkpoint"] = "\n".join((origin, size, "A" * 43 + "=", *rest))


@pytest.mark.parametrize(
    "attack",
    [
        other_status, other_question, other_words, one_left_out, no_registry, one_twice, other_order, other_index,
        other_root,
    ],
)  # fmt: skip
def test_a_false_answer_is_found(store: str, key: Path, attack: Callable[[Plain], None]) -> None:
    proof = made(store, key)
    answer_proofs.check(json.dumps(proof), key=public_of(key))
    attack(proof)
    with pytest.raises((NotTrusted, BadRequest)):
        answer_proofs.check(json.dumps(proof), key=public_of(key))


def test_a_proof_by_another_key_or_of_another_log_is_not_trusted(store: str, key: Path, tmp_path: Path) -> None:
    audit.keygen(tmp_path / "other", "example.org/record")
    proof = made(store, key)
    with pytest.raises(NotTrusted, match="not signed by"):
        answer_proofs.check(json.dumps(proof), key=public_of(tmp_path / "other"))
    with pytest.raises(NotTrusted, match="is not that of the answer"):
        answer_proofs.check(json.dumps(proof), notes=["example.org/record\n0\n" + "A" * 43 + "=\n"])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "tracker-answer"}', "[" * 100_000, "\ud800"])
def test_something_else_is_no_answer(text: str) -> None:
    with pytest.raises(BadRequest, match="no answer made by"):
        answer_proofs.check(text)


def test_edited_tables_give_no_proof(tmp_path: Path) -> None:
    url = str(tmp_path / "store.sqlite")
    with open_store(url) as opened:
        opened.load(registry(), [announcement("shut")])
        refreshed(url, opened)
    run_sql(url, "UPDATE tracker_registry SET content = replace(content, 'prohibited', 'restricted')")
    with pytest.raises(StoreDamaged, match="audit verify"):
        made(url)


def test_the_commands(store: str, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--store", store, "answer-proof", "state bridge --as-of 2031-03-25", "--key", str(key)]
    assert answer(command) == 0
    (tmp_path / "answer").write_text(capsys.readouterr().out)
    assert answer(["verify-answer", str(tmp_path / "answer"), "--public-key", f"{key}.pub"]) == 0
    out = capsys.readouterr()
    assert "bridge, as of 2031-03-25: road goods AA>BB" in out.out
    assert "signed by example.org/record" in out.out
    for wrong in ("why bridge", "state", 'state "bridge', "state bridge --suppose 'lift closure'", "state nowhere"):
        assert answer(["--store", store, "answer-proof", wrong]) == 2
