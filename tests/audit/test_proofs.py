"""The commands of `tracker audit` and what they ask, on both databases; and proofs that a lying server made."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.conftest import run_sql, without_guards
from tests.store.samples import announcement, correction, registry
from tracker.audit.checkpoints import LogCheckpoint
from tracker.audit.proofs import InclusionProof
from tracker.audit.signed_notes import NotTrusted, PublicKey
from tracker.cli.commands import audit as commands
from tracker.cli.context import Flags
from tracker.model.errors import BadRequest, TrackerError, UnknownAnnouncement
from tracker.services import audit
from tracker.store.errors import StoreUnavailable
from tracker.store.event_store import EventStore, open_store
from tracker.store.merkle import leaf_hash

NAME = "example.org/record"
Run = Callable[..., str]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    audit.keygen(tmp_path / "key", NAME)
    return tmp_path / "key"


@pytest.fixture
def public(key: Path) -> PublicKey:
    return audit.public_key(key.with_name("key.pub").read_text())


@pytest.fixture
def recorded(store: EventStore, url: str) -> str:
    """The URL of a store with some events."""
    with freeze_time("2031-03-31 23:30"):
        store.load(registry(), [announcement("a"), announcement("b"), correction("c", "a")], by="coder")
    return url


@pytest.fixture
def run(recorded: str, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `tracker audit …`; what it printed."""
    app = typer.Typer()

    @app.callback()
    def main(ctx: typer.Context) -> None:
        ctx.obj = Flags(None, recorded)

    commands.add_to(app)

    def ran(*args: object, code: int = 0) -> str:
        capsys.readouterr()
        got = app(["audit", *map(str, args)], standalone_mode=False)
        assert (got or 0) == code
        return capsys.readouterr().out

    return ran


def test_a_proof_goes_from_the_store_to_somebody_without_one(run: Run, key: Path, tmp_path: Path) -> None:
    checkpoint, proof, public = tmp_path / "checkpoint", tmp_path / "proof.json", tmp_path / "key.pub"
    checkpoint.write_text(run("checkpoint", "--key", key))
    assert checkpoint.read_text().startswith(f"{NAME}\n13\n")
    proof.write_text(run("prove", "c", "--checkpoint", checkpoint))
    said = run("verify-proof", proof, "--public-key", public)
    assert "AnnouncementCorrected c, recorded 2031-03-31T23:30:00+00:00 by coder, position 13" in said
    assert f"of {NAME}, signed by {NAME}+" in said
    assert "leaf 12 of the log of 13 events" in run("verify-proof", proof, "--checkpoint", checkpoint)
    found = json.loads(run("verify-proof", proof, "--public-key", public.read_text().strip(), "--json"))
    assert (found["proof"], found["index"], found["size"]) == ("inclusion", 12, 13)
    assert found["event"]["content"]["correction"]["id"] == "c"


def test_every_event_can_be_proved_by_its_position(recorded: str, key: Path, public: PublicKey) -> None:
    note = audit.checkpoint(recorded, key)
    for position in range(1, 14):
        proof = audit.prove(recorded, str(position), note=note).model_dump_json()
        proven = audit.verify_proof(proof, key=public)
        assert proven.event
        assert (proven.index, proven.event.position) == (position - 1, position)


def test_a_proof_against_an_old_checkpoint_holds_after_more_was_recorded(
    recorded: str, store: EventStore, key: Path, public: PublicKey
) -> None:
    note = audit.checkpoint(recorded, key)
    store.record([announcement("later")])
    assert audit.verify_proof(audit.prove(recorded, "a", note=note).model_dump_json(), key=public).size == 13
    with pytest.raises(BadRequest, match="recorded after the checkpoint of 13"):
        audit.prove(recorded, "later", note=note)
    signed = audit.prove(recorded, "later", key=key)
    assert audit.verify_proof(signed.model_dump_json(), key=public).size == 14


def test_consistency_of_two_checkpoints(run: Run, store: EventStore, key: Path, tmp_path: Path) -> None:
    files = [tmp_path / "first", tmp_path / "second"]
    files[0].write_text(run("checkpoint", "--key", key))
    store.record([announcement(f"more-{number}") for number in range(9)])
    files[1].write_text(run("checkpoint", "--key", key))
    proof = tmp_path / "proof.json"
    proof.write_text(run("consistency", 13, 22))
    known = ["--checkpoint", files[0], "--checkpoint", files[1]]
    assert "begins with the log of 13" in run("verify-proof", proof, *known)
    with pytest.raises(BadRequest, match="name the two checkpoints"):
        run("verify-proof", proof, *known, "--public-key", tmp_path / "key.pub")
    proof.write_text(run("consistency", 12, 22))
    with pytest.raises(NotTrusted, match="is not that of the proof"):
        run("verify-proof", proof, *known)


@pytest.mark.parametrize(("first", "second"), [(0, 5), (5, 4), (5, 14), (14, 14)])
def test_sizes_that_a_log_has_not_are_refused(recorded: str, first: int, second: int) -> None:
    with pytest.raises(BadRequest):
        audit.consistency(recorded, first, second)


def test_verify_says_that_all_is_intact(run: Run, key: Path, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint"
    checkpoint.write_text(run("checkpoint", "--key", key))
    said = run("verify", "--checkpoint", checkpoint, "--public-key", tmp_path / "key.pub")
    assert "Intact: 13 events" in said
    assert f"extends 1 of 1 checkpoints, signed by {NAME}+" in said
    assert "Intact" in run("verify")
    assert json.loads(run("verify", "--json"))["intact"] is True


def test_verify_names_what_was_altered_and_fails(run: Run, recorded: str, key: Path, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint"
    checkpoint.write_text(run("checkpoint", "--key", key))
    without_guards(recorded)
    position = "notification_id" if recorded.startswith("postgresql") else "rowid"
    run_sql(recorded, f"UPDATE stored_events SET recorded_at = recorded_at - 1 WHERE {position} = 11")
    said = run("verify", "--checkpoint", checkpoint, "--log-only", code=1)
    assert "position 11: the event was altered: its recorded_at" in said
    assert "NOT INTACT: 1 findings among 13 leaves; the first position that differs is 11" in said
    assert json.loads(run("verify", "--json", code=1))["findings"][0]["position"] == 11


def test_a_position_is_told_from_a_statement_that_is_called_like_one(run: Run, recorded: str) -> None:
    with open_store(recorded) as store:
        store.record([announcement("3")])
        last = store.max_position()
    for name, position in (("3", last), ("position:3", 3), (f"{last}", last)):
        assert json.loads(json.loads(run("prove", name))["leaf"])["position"] == position
    for name in ("position:", "position:x", "position:99999999999999999999999", "position:-1"):
        with pytest.raises(UnknownAnnouncement, match="position:42"):
            run("prove", name)


def test_a_checkpoint_by_another_key_is_not_compared(run: Run, key: Path, tmp_path: Path) -> None:
    audit.keygen(tmp_path / "other", NAME)
    checkpoint = tmp_path / "checkpoint"
    checkpoint.write_text(run("checkpoint", "--key", key))
    with pytest.raises(NotTrusted, match="not signed by"):
        run("verify", "--checkpoint", checkpoint, "--public-key", tmp_path / "other.pub")


def test_the_signer_may_be_elsewhere(run: Run, store: EventStore, key: Path, public: PublicKey, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    asked.write_text(run("checkpoint", "--since", 0, "--origin", NAME))
    assert LogCheckpoint.of_note(run("sign", "--checkpoint", asked, "--key", key), public).size == 13
    store.record([announcement("later")])
    with pytest.raises(BadRequest, match="--since 13"):
        run("sign", "--checkpoint", _written(asked, run("checkpoint", "--since", 0, "--origin", NAME)), "--key", key)
    _written(asked, run("checkpoint", "--since", 13, "--origin", NAME))
    note = run("sign", "--checkpoint", asked, "--key", key)
    assert LogCheckpoint.of_note(note, public).size == 14
    assert run("sign", "--checkpoint", _written(asked, note), "--key", key) == note  # nothing new


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_the_signer_does_not_sign_a_log_that_was_rewritten_or_cut(
    recorded: str, run: Run, key: Path, tmp_path: Path
) -> None:
    audit.checkpoint(recorded, key)
    elsewhere = f"sqlite:///{tmp_path}/other.sqlite"
    with open_store(elsewhere) as other:
        other.load(registry(), [announcement("a")])
        with pytest.raises(NotTrusted, match="missing at its end"):
            audit.checkpoint(elsewhere, key)
        other.record([announcement(name) for name in "bcde"])
        with pytest.raises(NotTrusted, match="altered"):
            audit.checkpoint(elsewhere, key)
        asked = audit.request(elsewhere, NAME, 13)
        with pytest.raises(NotTrusted, match="altered"):
            audit.sign(asked, key)
    with pytest.raises(NotTrusted, match="not those of the checkpoint"):
        audit.prove(elsewhere, "a", note=key.with_name("key.last").read_text())
    assert run("checkpoint", "--key", key)


def test_what_is_missing_is_said(run: Run, recorded: str, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="--key FILE"):
        run("checkpoint")
    with pytest.raises(BadRequest, match="--origin"):
        run("checkpoint", "--since", 0)
    with pytest.raises(BadRequest, match="--key FILE"):
        run("sign", "--checkpoint", "-")
    for unknown in ("nobody-said-this", "99", "9" * 30, "x\0", "-1", ""):
        with pytest.raises(UnknownAnnouncement):
            audit.prove(recorded, unknown)
    with pytest.raises(StoreUnavailable, match="load a dataset first"):
        audit.head(f"sqlite:///{tmp_path}/nowhere.sqlite")
    assert not (tmp_path / "nowhere.sqlite").exists()
    assert "keygen" in run()


def test_the_key_and_the_public_key_may_come_from_the_environment(
    run: Run, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_KEY", str(key))
    monkeypatch.setenv("TRACKER_PUBLIC_KEY", (tmp_path / "key.pub").read_text())
    checkpoint = _written(tmp_path / "checkpoint", run("checkpoint"))
    assert "signed by" in run("verify", "--checkpoint", checkpoint)


def test_the_head_is_that_of_the_checkpoint(recorded: str, key: Path, public: PublicKey) -> None:
    found, signed = audit.head(recorded), LogCheckpoint.of_note(audit.checkpoint(recorded, key), public)
    assert (found.size, found.root) == (signed.size, signed.root)


def test_an_altered_leaf_is_not_proved(recorded: str) -> None:
    without_guards(recorded)
    run_sql(
        recorded, "UPDATE merkle_leaves SET leaf = (SELECT leaf FROM merkle_leaves WHERE number = 2) WHERE number = 11"
    )
    with pytest.raises(NotTrusted, match="proof is false"):
        audit.prove(recorded, "b")


# A lying server.


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A true proof, its public key and checkpoint, and others of the same log."""
    folder = tmp_path_factory.mktemp("honest")
    url = str(folder / "store.sqlite")
    public = audit.keygen(folder / "key", NAME)
    with open_store(url) as store:
        store.record([announcement(f"a-{number}") for number in range(11)])
        old = audit.checkpoint(url, folder / "key")
        store.record([announcement(f"b-{number}") for number in range(10)])
    note = audit.checkpoint(url, folder / "key")
    return {
        "public": public,
        "note": note,
        "old": old,
        "proof": json.loads(audit.prove(url, "a-7", note=note).model_dump_json()),
        "other": json.loads(audit.prove(url, "a-8", note=note).model_dump_json()),
        "older": json.loads(audit.prove(url, "a-7", note=old).model_dump_json()),
        "consistency": json.loads(audit.consistency(url, 11, 21).model_dump_json()),
    }


def lie(honest: dict[str, Any], proof: dict[str, Any]) -> None:
    with pytest.raises((NotTrusted, BadRequest)):
        audit.verify_proof(json.dumps(proof), key=honest["public"])
    with pytest.raises((NotTrusted, BadRequest)):
        audit.verify_proof(json.dumps(proof), notes=[honest["note"]])


def test_true_proofs_are_believed(honest: dict[str, Any]) -> None:
    for name in ("proof", "other", "older"):
        assert audit.verify_proof(json.dumps(honest[name]), key=honest["public"]).signed_by
    notes = [honest["old"], honest["note"]]
    assert audit.verify_proof(json.dumps(honest["consistency"]), notes=notes).extends == 11


@pytest.mark.parametrize("part", ["index", "leaf", "size", "root", "path", "checkpoint"])
@pytest.mark.parametrize("source", ["other", "older"])
def test_a_part_of_another_proof_is_not_believed(honest: dict[str, Any], part: str, source: str) -> None:
    if honest[source][part] != honest["proof"][part]:
        lie(honest, honest["proof"] | {part: honest[source][part]})


def test_a_forged_statement_is_not_believed(honest: dict[str, Any]) -> None:
    proof = honest["proof"]
    lie(honest, proof | {"leaf": proof["leaf"].replace("Beland", "Aaland")})
    lie(honest, proof | {"leaf": proof["leaf"] + " "})
    lie(honest, proof | {"leaf": ""})
    lie(honest, proof | {"path": [*proof["path"], proof["root"]]})
    lie(honest, proof | {"path": proof["path"][:-1]})
    lie(honest, proof | {"path": proof["path"][::-1]})
    lie(honest, proof | {"size": proof["size"] + 1})
    lie(honest, {key: value for key, value in proof.items() if key != "checkpoint"})
    lie(
        honest, proof | {"checkpoint": proof["checkpoint"].partition("\n\n")[0] + "\n", "root": honest["older"]["root"]}
    )


def test_a_whole_log_that_was_forged_is_not_believed(honest: dict[str, Any], tmp_path: Path) -> None:
    """The server has another log, signed by a key of its own that has the same name."""
    url = str(tmp_path / "forged.sqlite")
    audit.keygen(tmp_path / "key", NAME)
    with open_store(url) as store:
        store.record([announcement("a-7", "Aaland closed it.")] + [announcement(f"b-{n}") for n in range(20)])
    forged = json.loads(audit.prove(url, "a-7", key=tmp_path / "key").model_dump_json())
    lie(honest, forged)
    lie(honest, forged | {"checkpoint": honest["note"]})
    unsigned = json.loads(audit.prove(url, "a-7").model_dump_json())
    lie(honest, unsigned)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_law_a_proof_with_anything_changed_is_not_believed(honest: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(honest["proof"], ensure_ascii=False)
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.characters(codec="utf-8")) + text[at + 1 :]
    try:
        audit.verify_proof(changed, key=honest["public"])
    except (NotTrusted, BadRequest):
        return
    assert json.loads(changed) == honest["proof"]  # a blank between two members, or the same in other words


@pytest.mark.parametrize("part", ["size1", "root1", "size2", "root2"])
def test_a_forged_consistency_is_not_believed(honest: dict[str, Any], part: str) -> None:
    proof, notes = honest["consistency"], [honest["old"], honest["note"]]
    other = {"size1": 12, "size2": 22, "root1": proof["root2"], "root2": proof["root1"]}
    with pytest.raises(NotTrusted):
        audit.verify_proof(json.dumps(proof | {part: other[part]}), notes=notes)
    if part != "size2":  # the same path may do for several sizes: what they are, a checkpoint says
        with pytest.raises(NotTrusted, match="proof is false"):
            audit.verify_proof(json.dumps(proof | {part: other[part]}))


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", pytest.param("[" * 100_000, id="deep"), '{"proof": "inclusion"}', '{"proof": "other"}',
     pytest.param("x" * 1_000_001, id="long"),
     '{"proof": "consistency", "size1": 1e400, "size2": 2, "root1": "", "root2": "", "path": []}'],
)  # fmt: skip
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        audit.verify_proof(text)


def test_escape_sequences_in_a_proof_do_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    """The proof is of a log with one leaf, which its sender made."""
    content = {"recorded_by": "\u202e", "x": {"id": "\x07"}}
    leaf = {"content": content, "position": 1, "recorded_at": "2031-03-20T00:00:00Z", "type": "\x1b[2J"}
    text = json.dumps(leaf, ensure_ascii=False, separators=(",", ":"))
    checkpoint = LogCheckpoint(NAME, 1, leaf_hash(text.encode()))
    proof = InclusionProof(index=0, leaf=text, size=1, root=checkpoint.root, path=(), checkpoint=checkpoint.text)
    (tmp_path / "proof.json").write_text(proof.model_dump_json(), "utf-8")
    said = run("verify-proof", tmp_path / "proof.json")
    assert said.startswith("�[2J �, recorded")
    assert all(char.isprintable() or char == "\n" for char in said)


def test_the_verifier_imports_no_database(honest: dict[str, Any]) -> None:
    code = (
        "import sys; from tracker.audit import checkpoints, proofs; "
        "print(sorted({'eventsourcing', 'psycopg', 'sqlite3', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert honest


def test_errors_are_the_trackers_own() -> None:
    assert issubclass(NotTrusted, TrackerError)
