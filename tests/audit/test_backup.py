"""Archives: from any store to any store with the same root, and nothing at all from one that was altered."""

import gzip
import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import rfc8785
import typer
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.conftest import NewUrl, run_sql, without_guards
from tests.store.merkle_tree import Tree
from tests.store.samples import SUBJECTS, announcement, correction, registry, retraction
from tracker.audit import backup, proofs
from tracker.audit.signed_notes import NotTrusted, encoded
from tracker.audit.verification import verify
from tracker.cli.commands import audit as commands
from tracker.cli.context import Flags
from tracker.model.errors import BadRequest, Conflict, DatasetErrors, NewerStore, TrackerError
from tracker.services import audit
from tracker.store.errors import StoreDamaged
from tracker.store.event_store import EventStore, open_store
from tracker.store.merkle import leaf_hash, root

SIZE = SUBJECTS + 5


@pytest.fixture
def filled(store: EventStore, url: str) -> EventStore:
    """Some events, with gaps in their positions and between their times."""
    store.load(registry(), [announcement("a", "Cafe\u0301 “closed”\u200d ☃ 𐍈.")], by="coder")
    if url.startswith("postgresql://"):
        run_sql(url, "SELECT nextval('stored_events_notification_id_seq') FROM generate_series(1, 5)")
    else:
        run_sql(url, "UPDATE sqlite_sequence SET seq = seq + 5")
    with freeze_time("2099-03-31 23:30"):
        store.record([announcement("b"), correction("c", "a"), correction("d", "a", note=None), retraction("r", "b")])
    return store


@pytest.fixture
def packed(filled: EventStore, tmp_path: Path) -> Path:
    backup.write(filled, tmp_path / "log.gz")
    return tmp_path / "log.gz"


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store, in either database whatever the first one is in."""
    if request.param == "postgres":
        return str(request.getfixturevalue("new_postgres_url")())
    return f"sqlite:///{tmp_path}/target.sqlite"


def test_law_a_restored_store_is_the_same_store(filled: EventStore, packed: Path, target: str) -> None:
    with open_store(target) as other:
        found = backup.restore(other, packed)
        assert list(other.events()) == list(filled.events())
        before, after = verify(filled), verify(other, [found])
        assert (before.findings, after.findings) == ((), ())
        assert (after.size, after.root, after.last) == (SIZE, before.root, before.last)
        assert other.stream("announcement", "a") == filled.stream("announcement", "a")
        backup.write(other, packed.with_name("again.gz"))
        assert packed.with_name("again.gz").read_bytes() == packed.read_bytes()


def test_a_restored_store_goes_on_as_the_old_one_would(filled: EventStore, packed: Path, target: str) -> None:
    with open_store(target) as other:
        backup.restore(other, packed)
        assert other.load(registry(), [announcement("b")]).recorded == 0
        with pytest.raises(Conflict):
            other.record([announcement("b", "Something else.")])
        loaded = other.record([announcement("new"), correction("e", "a")])
        assert loaded.first == filled.max_position() + 1
        assert verify(other).findings == ()


def test_a_long_log_survives(store: EventStore, tmp_path: Path, target: str) -> None:
    store.record([announcement(f"a-{number}") for number in range(1203)])
    backup.write(store, tmp_path / "log.gz")
    with open_store(target) as other:
        assert backup.restore(other, tmp_path / "log.gz").size == 1203
        assert list(other.events()) == list(store.events())


def test_an_empty_log_survives(store: EventStore, tmp_path: Path, target: str) -> None:
    backup.write(store, tmp_path / "log.gz")
    with open_store(target) as other:
        assert backup.restore(other, tmp_path / "log.gz").size == 0
        assert other.record([announcement("a")]).first == 1


def test_anybody_can_recompute_the_root(packed: Path) -> None:
    header, *leaves = gzip.decompress(packed.read_bytes()).splitlines()
    tree = Tree(leaves)
    assert json.loads(header)["checkpoint"] == f"tracker\n{SIZE}\n{encoded(root(SIZE, tree.read))}\n"
    assert all(rfc8785.dumps(json.loads(line)) == line for line in (header, *leaves))


def test_an_archive_may_be_restored_uncompressed(packed: Path, target: str) -> None:
    plain = packed.with_name("log.jsonl")
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    with open_store(target) as other:
        assert backup.restore(other, plain).size == SIZE


def test_a_second_attempt_is_recognised_and_another_log_refused(packed: Path, target: str) -> None:
    with open_store(target) as other:
        assert backup.restore(other, packed) == backup.restore(other, packed)
        other.record([announcement("new")])
        with pytest.raises(Conflict, match="holds another log"):
            backup.restore(other, packed)
        assert verify(other).size == SIZE + 1


def test_a_backup_never_overwrites(filled: EventStore, packed: Path) -> None:
    before = packed.read_bytes()
    with pytest.raises(FileExistsError):
        backup.write(filled, packed)
    assert packed.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE stored_events SET state = (SELECT state FROM event_log WHERE statement = 'a') WHERE statement = 'b'",
        "DELETE FROM stored_events WHERE statement = 'b'",
        "DELETE FROM merkle_leaves WHERE number > 3",
    ],
)
def test_a_backup_of_a_store_that_was_altered_is_refused(
    filled: EventStore, url: str, tmp_path: Path, damage: str
) -> None:
    without_guards(url)
    run_sql(url, damage)
    with pytest.raises(StoreDamaged, match="tracker audit verify"):
        backup.write(filled, tmp_path / "log.gz")
    assert not list(tmp_path.glob("log.gz*"))


# What was altered on the way.

Change = Callable[[list[bytes]], list[bytes]]
ALTERED: dict[str, Change] = {
    "cut": lambda lines: lines[:-1],
    "cut-to-nothing": lambda lines: lines[:1],
    "one-removed": lambda lines: lines[:4] + lines[5:],
    "one-twice": lambda lines: [*lines, lines[-1]],
    "two-swapped": lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]],
    "a-word-changed": lambda lines: [line.replace(b"Beland", b"Aaland") for line in lines],
    "back-dated": lambda lines: [line.replace(b"2099-03-31T23:30:00", b"2099-03-31T23:29:00") for line in lines],
    "moved": lambda lines: [*lines[:-1], lines[-1].replace(b'"position":', b'"position":1')],
    "beyond-all-positions": lambda lines: [*lines[:-1], lines[-1].replace(b'"position":', b'"position":9' + b"9" * 16)],
    "not-an-event": lambda lines: [*lines, b'{"content":{},"position":99,"recorded_at":"x","type":"y"}'],
    "not-json": lambda lines: [*lines, b"nonsense"],
    "deeply-nested": lambda lines: [*lines, b'{"content":' + b"[" * 100_000],
    "an-empty-line": lambda lines: [*lines, b""],
    "blanks": lambda lines: [lines[0], *(line.replace(b'":', b'": ') for line in lines[1:])],
    "a-newer-version": lambda lines: [lines[0].replace(b'"version":1', b'"version":2'), *lines[1:]],
    "another-format": lambda lines: [lines[0].replace(b"tracker-archive", b"zip"), *lines[1:]],
    "no-header": lambda lines: lines[1:],
    "a-smaller-size": lambda lines: [lines[0].replace(b"\\n15\\n", b"\\n14\\n"), *lines[1:]],
    "another-root": lambda lines: [lines[0].replace(b"=\\n", b"A=\\n"), *lines[1:]],
    "nothing": lambda _: [],
}  # fmt: skip


@pytest.mark.parametrize("change", ALTERED)
def test_an_archive_that_was_altered_is_refused_as_a_whole(packed: Path, target: str, change: str) -> None:
    lines = gzip.decompress(packed.read_bytes()).splitlines()
    altered = ALTERED[change](lines)
    assert altered != lines
    packed.write_bytes(gzip.compress(b"".join(line + b"\n" for line in altered)))
    with open_store(target) as other:
        with pytest.raises((NotTrusted, BadRequest), match=r"log\.gz"):
            backup.restore(other, packed)
        assert other.max_position() == verify(other).size == 0


@pytest.mark.parametrize("change", ["the-same-statement-twice", "out-of-order"])
def test_a_log_that_no_store_can_hold_is_refused(packed: Path, target: str, change: str) -> None:
    """A forger of an archive can make its checkpoint, too."""
    lines = gzip.decompress(packed.read_bytes()).splitlines()[1:]
    if change == "out-of-order":
        lines.reverse()
    else:
        lines.append(lines[-1].replace(b'"position":', b'"position":1'))
    forge(packed, lines)
    with open_store(target) as other:
        with pytest.raises(NotTrusted, match=r"twice|never recorded|already"):
            backup.restore(other, packed)
        assert other.max_position() == 0


def forge(path: Path, lines: list[bytes], **more: str) -> None:
    """An archive of these leaves, with a checkpoint that fits them."""
    tree = Tree(lines)
    text = f"tracker\n{tree.size}\n{encoded(root(tree.size, tree.read))}\n"
    header = rfc8785.dumps({"checkpoint": text, "format": backup.FORMAT, "version": backup.VERSION, **more})
    path.write_bytes(gzip.compress(b"".join(line + b"\n" for line in (header, *lines))))


FORGED: dict[str, tuple[Change, str]] = {
    "another-digest": (
        lambda lines: [*lines[:-1], re.sub(rb'"digest":"..', b'"digest":"00', lines[-1])], "its digest is 00",
    ),
    "other-words": (
        lambda lines: [lines[0], lines[1].replace(b"Aland", b"Oland"), *lines[2:]], "that of its content",
    ),
    "nothing-to-correct": (lambda lines: [line for line in lines if b'"id":"a",' not in line], "was never recorded"),
    "nothing-to-amend": (
        lambda lines: [lines[0].replace(b"SubjectRegistered", b"SubjectAmended"), *lines[1:]], "was never recorded",
    ),
    "a-leap": (
        lambda lines: [*lines[:-1], re.sub(rb'"position":', b'"position":100000000', lines[-1])], "no store makes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", FORGED)
def test_a_log_that_no_store_makes_is_refused_with_its_line(packed: Path, tmp_path: Path, change: str) -> None:
    lines = gzip.decompress(packed.read_bytes()).splitlines()[1:]
    make, words = FORGED[change]
    forge(packed, make(lines))
    with open_store(str(tmp_path / "target.sqlite")) as other:
        with pytest.raises(NotTrusted, match=rf"line \d+ of the archive is no event of a log: .*{words}"):
            backup.restore(other, packed)
        assert other.max_position() == 0


def test_an_archive_names_its_log(packed: Path, filled: EventStore, tmp_path: Path) -> None:
    header, *lines = gzip.decompress(packed.read_bytes()).splitlines()
    with filled.reading() as reader:
        assert json.loads(header)["log"] == proofs.log_id(reader) == leaf_hash(lines[0]).hex()
    forge(packed, lines, log="00")
    with open_store(str(tmp_path / "target.sqlite")) as other, pytest.raises(NotTrusted, match="of the log 00"):
        backup.restore(other, packed)


def test_an_archive_keeps_the_rules_of_load_unless_they_are_waived(url: str, tmp_path: Path) -> None:
    with open_store(url) as store:
        store.load(registry(), [announcement("a"), announcement("b", by=[{"party": "XX"}])])
        backup.write(store, tmp_path / "log.gz")
    target = str(tmp_path / "target.sqlite")
    with pytest.raises(DatasetErrors, match=rf"log\.gz:{SUBJECTS + 3}: .*XX"):
        audit.restore(target, tmp_path / "log.gz")
    with open_store(target) as other:
        assert other.max_position() == 0
    assert audit.restore(target, tmp_path / "log.gz", rules=False).size == SUBJECTS + 2


def test_stores_and_archives_are_their_owners_alone(packed: Path, tmp_path: Path) -> None:
    with open_store(str(tmp_path / "own.sqlite")):
        modes = {path.name: path.stat().st_mode & 0o777 for path in (packed, *tmp_path.glob("own.sqlite*"))}
    assert set(modes.values()) == {0o600}


def test_an_archive_is_never_written_through_a_link(filled: EventStore, tmp_path: Path) -> None:
    (tmp_path / "log.gz").symlink_to(tmp_path / "elsewhere")
    (tmp_path / f"other.gz.{os.getpid()}.new").symlink_to(tmp_path / "elsewhere")
    for name in ("log.gz", "other.gz"):
        with pytest.raises(FileExistsError):
            backup.write(filled, tmp_path / name)
    assert not (tmp_path / "elsewhere").exists()


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("honest")
    with open_store(f"{folder}/store.sqlite") as store:
        store.record([announcement(f"a-{number}") for number in range(3)])
        backup.write(store, folder / "log.gz")
    with open_store(f"{folder}/target.sqlite"):
        pass
    return folder


def refused(honest: Path, data: bytes, max_bytes: int = backup.MAX_UNPACKED_BYTES) -> None:
    (honest / "altered.gz").write_bytes(data)
    with open_store(f"{honest}/target.sqlite") as other:
        with pytest.raises((NotTrusted, BadRequest, NewerStore)):
            backup.restore(other, honest / "altered.gz", max_bytes=max_bytes)
        assert other.max_position() == 0


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_law_an_archive_that_was_cut_anywhere_is_refused(honest: Path, data: st.DataObject) -> None:
    whole = (honest / "log.gz").read_bytes()
    refused(honest, whole[: data.draw(st.integers(0, len(whole) - 1))])


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_law_an_archive_with_any_byte_of_its_text_changed_is_refused(honest: Path, data: st.DataObject) -> None:
    text = gzip.decompress((honest / "log.gz").read_bytes())
    at = data.draw(st.integers(text.index(b"\n") + 1, len(text) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda value: value != text[at]))
    refused(honest, text[:at] + bytes([other]) + text[at + 1 :])


@pytest.mark.slow
@pytest.mark.parametrize("inside", [b"\0", b'{"a":', b"\n", b'{"checkpoint":"x"}\n'])
def test_a_gzip_bomb_is_refused_before_it_unfolds(honest: Path, inside: bytes) -> None:
    """Three hundred megabytes of nothing in three hundred kilobytes; after a true header, too."""
    piece = inside * (2**20 // len(inside))
    for begin in (b"", gzip.decompress((honest / "log.gz").read_bytes()).partition(b"\n")[0] + b"\n"):
        made = io.BytesIO()
        with gzip.GzipFile(fileobj=made, mode="wb", compresslevel=9) as file:
            file.write(begin)
            for _ in range(300):
                file.write(piece)
        assert len(made.getvalue()) < 2**21
        refused(honest, made.getvalue(), 2**20)


# The commands.


def test_backup_and_restore_with_a_key(filled: EventStore, url: str, tmp_path: Path, target: str) -> None:
    public = audit.keygen(tmp_path / "key", "example.org/record")
    stranger = audit.keygen(tmp_path / "stranger", "example.org/record")
    made = audit.backup(url, tmp_path / "log.gz", tmp_path / "key")
    assert made.origin == "example.org/record"
    with pytest.raises(NotTrusted, match="not signed by"):
        audit.restore(target, tmp_path / "log.gz", stranger)
    assert audit.restore(target, tmp_path / "log.gz", public) == made
    assert audit.head(target).root == verify(filled).root
    assert audit.checkpoint(target, tmp_path / "key")  # the signer goes on with the new store
    audit.backup(url, tmp_path / "unsigned.gz")
    with pytest.raises(TrackerError):
        audit.restore(target, tmp_path / "unsigned.gz", public)


def test_the_commands(
    filled: EventStore, url: str, tmp_path: Path, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(store: str, *args: str) -> str:
        app = typer.Typer()

        @app.callback()
        def main(ctx: typer.Context) -> None:
            ctx.obj = Flags(None, store)

        commands.add_to(app)
        app(args, standalone_mode=False)
        return capsys.readouterr().out

    path = str(tmp_path / "log.gz")
    says = f"{SIZE} events, root {encoded(verify(filled).root)}\n"
    assert run(url, "backup", path) == f"{path} holds {says}"
    assert run(target, "restore", path) == f"The store holds {says}"
    from tracker.projections.load import is_current

    assert is_current(target)


def test_a_file_that_is_not_there_is_an_error_of_the_system(new_url: NewUrl, tmp_path: Path) -> None:
    with open_store(new_url()) as store, pytest.raises(FileNotFoundError):
        backup.restore(store, tmp_path / "nowhere.gz")
