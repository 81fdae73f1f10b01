"""Signed notes, checkpoints and the signer: the format's own examples, mangled ones, and logs that do not extend."""

import stat
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.merkle_tree import Tree
from tracker.audit.checkpoints import LogCheckpoint, Signer, SigningRequest, refuse_fork
from tracker.audit.signed_notes import NotTrusted, PrivateKey, PublicKey, SignedNote, encoded
from tracker.model.errors import BadRequest
from tracker.store.merkle import consistency_proof, root

# The example of golang.org/x/mod/sumdb/note, and one that is signed by somebody else.
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_LINE = (
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ORIGIN = "example.org/record"

TREE = Tree(b"%d" % number for number in range(20))
OTHER = Tree([b"0", b"forged", *(b"%d" % number for number in range(2, 20))])


def checkpoint(size: int, tree: Tree = TREE, origin: str = ORIGIN) -> LogCheckpoint:
    return LogCheckpoint(origin, size, root(size, tree.read))


def request(old: int, new: int, tree: Tree = TREE) -> SigningRequest:
    return SigningRequest(old, tuple(consistency_proof(old, new, tree.read)), checkpoint(new, tree))


# Notes.


def test_the_example_of_the_format() -> None:
    key = PrivateKey.parse(PRIVATE)
    assert str(key.public) == PUBLIC
    assert key.sign(TEXT) == SIGNED
    assert key.secret() == PRIVATE
    note = SignedNote.parse(SIGNED)
    assert note.text == TEXT
    note.verify(PublicKey.parse(PUBLIC))


def test_a_note_may_have_several_signatures_and_empty_lines() -> None:
    note = SignedNote.parse(SIGNED + FOO_LINE)
    note.verify(PublicKey.parse(PUBLIC))
    with pytest.raises(NotTrusted, match="is false"):
        note.verify(PublicKey.parse(FOO))  # it is of another text
    SignedNote.parse(f"This is an example message.\n\n{FOO_LINE}").verify(PublicKey.parse(FOO))
    assert SignedNote.parse(f"a\n\nb\n\n{FOO_LINE}").text == "a\n\nb\n"


def test_a_signature_by_somebody_else_is_none() -> None:
    with pytest.raises(NotTrusted, match="not signed by"):
        SignedNote.parse(SIGNED).verify(PublicKey.parse(FOO))
    with pytest.raises(NotTrusted, match="not signed by"):
        SignedNote.parse(SIGNED).verify(PrivateKey.new("PeterNeumann").public)


@settings(deadline=None)
@given(st.data())
def test_law_a_note_with_any_character_changed_is_not_believed(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(SIGNED) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda char: char != SIGNED[at]))
    with pytest.raises((NotTrusted, BadRequest)):
        SignedNote.parse(SIGNED[:at] + other + SIGNED[at + 1 :]).verify(PublicKey.parse(PUBLIC))


@settings(deadline=None)
@given(st.data())
def test_law_a_note_that_was_cut_is_not_believed(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(SIGNED) - 1))
    with pytest.raises((NotTrusted, BadRequest)):
        SignedNote.parse(SIGNED[:at]).verify(PublicKey.parse(PUBLIC))


@settings(deadline=None)
@given(st.text())
def test_law_any_text_is_a_note_or_refused(text: str) -> None:
    for form in (text, f"{text}\n\n{FOO_LINE}", f"{TEXT}\n— {text}\n"):
        try:
            SignedNote.parse(form).verify(PublicKey.parse(PUBLIC))
        except (BadRequest, NotTrusted):
            continue
        raise AssertionError(form)


@pytest.mark.parametrize(
    "note",
    ["", "\n", TEXT, f"{TEXT}\n", f"{TEXT}\nPeterNeumann x08go/ZJ\n", f"{TEXT}\n— PeterNeumann\n",
     f"{TEXT}\n—  x08go/ZJ\n", f"{TEXT}\n— PeterNeumann x08g\n", f"{TEXT}\n— PeterNeumann ====\n",
     SIGNED + "\n", SIGNED.replace("\n", "\r\n"),
     SIGNED.replace("crypto", "\x1b[0m"), SIGNED + FOO_LINE * 100, pytest.param("a" * 1_000_001, id="long")],
)  # fmt: skip
def test_a_malformed_note_is_refused(note: str) -> None:
    with pytest.raises(BadRequest):
        SignedNote.parse(note)


@pytest.mark.parametrize("key", [PUBLIC, PRIVATE])
def test_a_mangled_key_is_refused(key: str) -> None:
    parse = PublicKey.parse if key == PUBLIC else PrivateKey.parse
    for start in range(len(key)):
        for end in range(start + 1, len(key) + 1):
            if key[start:end] != key:
                with pytest.raises(BadRequest):
                    parse(key[start:end])
        changed = key[:start] + chr(ord(key[start]) + 1) + key[start + 1 :]
        with pytest.raises(BadRequest) as refusal:
            parse(changed)
        assert key[-40:] not in str(refusal.value)
    for other in ("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
                  "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"):  # fmt: skip
        with pytest.raises(BadRequest):
            PublicKey.parse(other)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\x1bb", "a" * 201])
def test_a_name_that_a_log_cannot_have_is_refused(name: str) -> None:
    for use in (PrivateKey.new, LogCheckpoint.empty):
        with pytest.raises(BadRequest, match="cannot name a log"):
            use(name)


def test_a_key_does_not_show_itself() -> None:
    key = PrivateKey.parse(PRIVATE)
    assert repr(key) == str(key) == "PrivateKey(PeterNeumann)"


# Checkpoints.


def test_the_example_of_a_checkpoint() -> None:
    found = LogCheckpoint.parse(EXAMPLE)
    assert (found.origin, found.size, found.root.hex()[:8]) == ("example.com/behind-the-sofa", 20852163, "0ac5186a")
    assert found.text == EXAMPLE
    assert LogCheckpoint.parse(EXAMPLE + "an extension\n") == found
    assert LogCheckpoint.of_note(EXAMPLE, None) == found


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", EXAMPLE[:-1], EXAMPLE.replace("2085", "02085"), EXAMPLE.replace("2085", "-2085"), EXAMPLE + "\nx\n",
     EXAMPLE.replace("2085", "+2085"), EXAMPLE.replace("20852163", "٣"), EXAMPLE.replace("20852163", "9" * 17),
     EXAMPLE.replace("CsUY", ""), EXAMPLE.replace("q2I=", "q2J="), EXAMPLE.replace("example", "ex ample"),
     "\n" + EXAMPLE],
)  # fmt: skip
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        LogCheckpoint.parse(text)


def test_a_checkpoint_of_another_log_by_the_same_key_is_not_believed() -> None:
    key = PrivateKey.new(ORIGIN)
    with pytest.raises(NotTrusted, match="another log"):
        LogCheckpoint.of_note(key.sign(EXAMPLE), key.public)


def test_a_request_survives_its_text() -> None:
    for old, new in ((0, 7), (3, 7), (7, 7), (8, 20)):
        assert SigningRequest.parse(str(request(old, new))) == request(old, new)
    signed = str(request(3, 7)).replace(checkpoint(7).text, PrivateKey.new(ORIGIN).sign(checkpoint(7).text))
    assert SigningRequest.parse(signed) == request(3, 7)


@pytest.mark.parametrize(
    "text",
    ["", "old", "old 3", f"old x\n\n{EXAMPLE}", f"old -1\n\n{EXAMPLE}", f"new 1\n\n{EXAMPLE}", f"old 3\n{EXAMPLE}",
     f"old 3\nAAAA\n\n{EXAMPLE}", f"old 3\n{'A' * 43}=\n\n", "old 3\n" + f"{'A' * 43}=\n" * 64 + f"\n{EXAMPLE}",
     pytest.param("old " * 300_000, id="long")],
)  # fmt: skip
def test_a_malformed_request_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        SigningRequest.parse(text)


# The signer.


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer.create(tmp_path / "key", ORIGIN)


def test_a_new_key_is_for_its_owner_alone_and_is_never_overwritten(signer: Signer, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert PublicKey.parse((tmp_path / "key.pub").read_text()) == signer.public
    assert signer.last() == LogCheckpoint.empty(ORIGIN)
    before = (tmp_path / "key").read_text()
    with pytest.raises(FileExistsError):
        Signer.create(tmp_path / "key", ORIGIN)
    assert (tmp_path / "key").read_text() == before


def test_a_log_that_grows_is_signed_again_and_again(signer: Signer, tmp_path: Path) -> None:
    for old, new in ((0, 0), (0, 3), (3, 3), (3, 4), (4, 20)):
        asked = request(old, new)
        note = Signer(tmp_path / "key").sign(partial(_same, asked))
        assert LogCheckpoint.of_note(note, signer.public) == checkpoint(new)
        assert (tmp_path / "key.last").read_text() == note


def _same(asked: SigningRequest, last: LogCheckpoint) -> SigningRequest:
    assert last == checkpoint(asked.old)
    return asked


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (request(7, 9, OTHER), "altered"),
        (SigningRequest(7, request(7, 9).proof, checkpoint(9, OTHER)), "altered"),
        (SigningRequest(7, (), checkpoint(9)), "altered"),
        (SigningRequest(7, request(6, 9).proof, checkpoint(9)), "altered"),
        (request(7, 7, OTHER), "altered"),
        (SigningRequest(7, request(7, 9).proof, checkpoint(7)), "altered"),
        (request(3, 6), "missing at its end"),
        (SigningRequest(7, (), checkpoint(6)), "missing at its end"),
        (SigningRequest(7, (), checkpoint(0)), "missing at its end"),
        (request(3, 9), "--since 7"),
        (request(0, 9), "--since 7"),
        (request(8, 9), "--since 7"),
        (
            SigningRequest(7, request(7, 9).proof, checkpoint(9, origin="example.org/other")),
            "not for example.org/other",
        ),
    ],
)
def test_what_does_not_extend_is_not_signed(
    signer: Signer, tmp_path: Path, asked: SigningRequest, refusal: str
) -> None:
    signer.sign(lambda _: request(0, 7))
    before = (tmp_path / "key.last").read_text()
    with pytest.raises((NotTrusted, BadRequest), match=refusal):
        signer.sign(lambda _: asked)
    assert (tmp_path / "key.last").read_text() == before
    signer.sign(lambda _: request(7, 9))


def test_a_first_checkpoint_has_no_proof(signer: Signer) -> None:
    with pytest.raises(NotTrusted):
        signer.sign(lambda _: SigningRequest(0, (checkpoint(3).root,), checkpoint(3)))


@settings(deadline=None)
@given(old=st.integers(0, 20), new=st.integers(0, 20), data=st.data())
def test_law_only_a_true_request_is_signed(old: int, new: int, data: st.DataObject) -> None:
    last = checkpoint(data.draw(st.integers(0, 20)))
    tree = data.draw(st.sampled_from([TREE, OTHER]))
    proof = consistency_proof(old, new, tree.read) if old <= new else []
    asked = SigningRequest(old, tuple(proof), checkpoint(new, tree))
    true = old == last.size <= new and (tree is TREE or last.size < 2)
    try:
        refuse_fork(last, asked)
    except (NotTrusted, BadRequest):
        assert not true
    else:
        assert true


def test_a_signer_that_lost_its_memory_does_not_sign(signer: Signer, tmp_path: Path) -> None:
    last = tmp_path / "key.last"
    signer.sign(lambda _: request(0, 7))
    kept = last.read_text()
    last.unlink()
    with pytest.raises(BadRequest, match="is missing"):
        signer.sign(lambda _: request(0, 7))
    last.write_text("")
    with pytest.raises(BadRequest, match="was it cut"):
        signer.sign(lambda _: request(0, 7))
    last.write_text(PrivateKey.new(ORIGIN).sign(checkpoint(3).text))
    with pytest.raises(NotTrusted, match="not signed by"):
        signer.sign(lambda _: request(3, 7))
    last.write_text(kept)
    signer.sign(lambda _: request(7, 9))


def test_an_error_on_the_way_leaves_the_memory_as_it_was(
    signer: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (tmp_path / "key.last").read_text()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            signer.sign(lambda _: request(0, 7))
    assert (tmp_path / "key.last").read_text() == before
    signer.sign(lambda _: request(0, 7))


def test_two_at_once_do_not_sign_what_contradicts(signer: Signer, tmp_path: Path) -> None:
    signed: list[LogCheckpoint] = []

    def work(tree: Tree) -> None:
        try:
            note = Signer(tmp_path / "key").sign(lambda _: request(0, 9, tree))
        except (NotTrusted, BadRequest):
            return
        signed.append(LogCheckpoint.of_note(note, signer.public))

    threads = [Thread(target=work, args=(tree,)) for tree in (TREE, OTHER) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(signed) == 1


@pytest.mark.parametrize("text", ["", "nonsense", "\xff", PUBLIC, pytest.param("x" * 2_000_000, id="long")])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadRequest):
        Signer(path)


def test_encoded_is_what_the_format_says() -> None:
    assert encoded(b"\xfb\xff") == "+/8="
