"""Checkpoints (c2sp.org/tlog-checkpoint): the size of a log and its root; and the signer of them.

A signer has three files side by side: the private key, `.pub` with the public key, and `.last` with the last signed
checkpoint. It needs no store: it signs only checkpoints that provably extend its last one.
"""

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TextIO

from tracker.audit.signed_notes import (
    MAX_NOTE_CHARS,
    NotTrusted,
    PrivateKey,
    PublicKey,
    SignedNote,
    check_name,
    decoded,
    encoded,
)
from tracker.model.errors import BadRequest
from tracker.model.new_files import OWNER_ONLY, new_file
from tracker.store.merkle import EMPTY, HASH_BYTES, verify_consistency

MAX_LEAVES = 2**53
MAX_PROOF_HASHES = 63
MAX_FILE_BYTES = 1_000_000  # of keys, notes, requests and proofs

_STATE = "tracker-state/"  # begins the line of the derived state
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_PUBLIC_MODE = 0o644


@dataclass(frozen=True)
class DerivedState:
    """A claim about what the tracker makes of a log up to a position: see `tracker.projections.state_digest`."""

    format: int
    position: int
    digest: bytes

    @property
    def line(self) -> str:
        """An extension line of a checkpoint (c2sp.org/tlog-checkpoint)."""
        return f"{_STATE}{self.format} {self.position} {encoded(self.digest)}"

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read the line. Raises: BadRequest."""
        number, _, rest = line.removeprefix(_STATE).partition(" ")
        position, _, digest = rest.partition(" ")
        return cls(parse_size(number), parse_size(position), parse_hash(digest))


@dataclass(frozen=True)
class LogCheckpoint:
    """A claim that the first `size` leaves of a log have this root."""

    origin: str  # the name of the log
    size: int
    root: bytes
    state: DerivedState | None = field(default=None, compare=False)  # logs are told apart by the first three

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = [self.origin, str(self.size), encoded(self.root), *([self.state.line] if self.state else [])]
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text without its signatures; of the lines after the third only that of the derived state is read.

        Raises: BadRequest.
        """
        origin, *rest = text.split("\n")
        if len(rest) < 3 or rest[-1] or not all(rest[:-1]):
            raise BadRequest("a checkpoint has the lines origin, size and root, each with its end")
        states = [DerivedState.parse(line) for line in rest[2:-1] if line.startswith(_STATE)]
        return cls(check_name(origin), parse_size(rest[0]), parse_hash(rest[1]), states[0] if states else None)

    @classmethod
    def of_note(cls, text: str, key: PublicKey | None) -> Self:
        """Read a signed note; without a key the signatures are not checked, and need not be there.

        Raises: BadRequest, NotTrusted.
        """
        if key is None:
            return cls.parse(text if "\n\n" not in text else SignedNote.parse(text).text)
        note = SignedNote.parse(text)
        note.verify(key)
        checkpoint = cls.parse(note.text)
        if checkpoint.origin != key.name:
            raise NotTrusted(f"{key.name} signed a checkpoint of another log, {checkpoint.origin}")
        return checkpoint

    @classmethod
    def empty(cls, origin: str) -> Self:
        """The checkpoint of a log without leaves."""
        return cls(check_name(origin), 0, EMPTY)


@dataclass(frozen=True)
class SigningRequest:
    """A checkpoint to sign, and the proof that it extends one of size `old` (c2sp.org/tlog-witness)."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: LogCheckpoint

    def __str__(self) -> str:
        lines = [f"old {self.old}", *map(encoded, self.proof), "", self.checkpoint.text]
        return "\n".join(lines)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a request from its text. Raises: BadRequest."""
        if len(text) > MAX_NOTE_CHARS:
            raise BadRequest(f"the request to sign is longer than {MAX_NOTE_CHARS} characters")
        head, separator, rest = text.partition("\n\n")
        old, *proof = head.split("\n")
        if not old.startswith("old ") or not separator or len(proof) > MAX_PROOF_HASHES:
            raise BadRequest(
                "this is no request to sign, which begins with `old <size>`: make it with `tracker audit checkpoint "
                "--since SIZE`"
            )
        body, _, _ = rest.partition("\n\n")  # signatures, if any, are ignored
        checkpoint = LogCheckpoint.parse(body.removesuffix("\n") + "\n")
        return cls(parse_size(old.removeprefix("old ")), tuple(map(parse_hash, proof)), checkpoint)


def parse_size(text: str) -> int:
    """Read the size of a log. Raises: BadRequest."""
    if not _SIZE.fullmatch(text) or int(text) > MAX_LEAVES:
        raise BadRequest(f"{text[:40]!r} is not the size of a log: write a whole number")
    return int(text)


def parse_hash(text: str) -> bytes:
    """Read a hash in base64. Raises: BadRequest."""
    try:
        value = decoded(text)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    if len(value) != HASH_BYTES:
        raise BadRequest(f"{text[:100]!r} is not the base64 of {HASH_BYTES} bytes")
    return value


class Signer:
    """A private key in a file, and the checkpoint that it signed last."""

    def __init__(self, path: Path) -> None:
        """Read the key from its file. Raises: BadRequest, OSError."""
        self._path = path
        self._last = path.with_name(f"{path.name}.last")
        self._key = PrivateKey.parse(read_small(path))

    @classmethod
    def create(cls, path: Path, name: str) -> "Signer":
        """Make a key for the log of this name, and its files.

        Raises: BadRequest, FileExistsError.
        """
        key = PrivateKey.new(name)
        _write_new(path, f"{key.secret()}\n", OWNER_ONLY)
        _write_new(path.with_name(f"{path.name}.pub"), f"{key.public}\n", _PUBLIC_MODE)
        _write_new(path.with_name(f"{path.name}.last"), key.sign(LogCheckpoint.empty(name).text), _PUBLIC_MODE)
        return cls(path)

    @property
    def public(self) -> PublicKey:
        return self._key.public

    def last(self) -> LogCheckpoint:
        """The checkpoint that was signed last.

        Raises: NotTrusted, BadRequest.
        """
        if not self._last.exists():
            raise BadRequest(
                f"{self._last} is missing, which holds the last checkpoint that this key signed: put it back (any copy "
                "of the newest published checkpoint will do), or begin with a new key"
            )
        return LogCheckpoint.of_note(read_small(self._last), self.public)

    def sign(self, make_request: Callable[[LogCheckpoint], SigningRequest]) -> str:
        """Sign a checkpoint that extends the last one.

        Args: make_request: given the last signed checkpoint.
        Returns: the signed note, which is on disk as the last one before it is returned.
        Raises: NotTrusted, BadRequest, OSError.
        """
        with self._locked():
            last = self.last()
            request = make_request(last)
            refuse_fork(last, request)
            note = self._key.sign(request.checkpoint.text)
            _replace(self._last, note)
            return note

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock for one signature: two at a time could extend one checkpoint and contradict each other."""
        with self._path.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def refuse_fork(last: LogCheckpoint, request: SigningRequest) -> None:
    """Refuse a checkpoint that does not extend the last signed one. Raises: NotTrusted, BadRequest."""
    new = request.checkpoint
    if new.origin != last.origin:
        raise NotTrusted(f"this key signs for {last.origin}, not for {new.origin}: nothing was signed")
    if new.size < last.size:
        raise NotTrusted(
            f"a log of {new.size} leaves does not extend the {last.size} that were signed: events are missing at its "
            "end; nothing was signed"
        )
    if request.old != last.size:
        raise BadRequest(
            f"the request extends {request.old} leaves, but {last.size} were signed last: make a new one with "
            f"--since {last.size}"
        )
    if last.size == 0:
        extends = not request.proof
    else:
        extends = verify_consistency(last.size, new.size, request.proof, last.root, new.root)
    if not extends:
        raise NotTrusted(
            f"the log of {new.size} leaves does not extend the {last.size} that were signed: what was recorded before "
            "has been altered, or the proof is false; nothing was signed"
        )


def read_small(path: Path, max_bytes: int = MAX_FILE_BYTES) -> str:
    """The text of a file that is not too long.

    Raises: BadRequest, OSError.
    """
    with path.open("rb") as file:
        content = file.read(max_bytes + 1)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise BadRequest(f"{path} is not text in UTF-8: is it the right file?") from None
    if len(content) > max_bytes:
        raise BadRequest(f"{path} is too long: is it the right file?")
    return text


def _write_new(path: Path, text: str, mode: int) -> None:
    """Write a new file. Raises: FileExistsError, as a key is never overwritten."""
    with os.fdopen(new_file(path, mode), "w", encoding="utf-8") as file:
        _save(file, text)


def _replace(path: Path, text: str) -> None:
    """Replace a file atomically and durably."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)  # of a signer that was killed
    _write_new(draft, text, _PUBLIC_MODE)
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _save(file: TextIO, text: str) -> None:
    file.write(text)
    file.flush()
    os.fsync(file.fileno())
