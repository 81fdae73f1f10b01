"""Who signs checkpoints: a key, and the memory of what it last signed.

Three files lie side by side: the private key, `.pub` with the public key, and `.last` with the last signed checkpoint.
The signer needs no store, and believes none: it signs only what provably extends its last checkpoint.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tracker.audit.checkpoints import Checkpoint, Request
from tracker.audit.signed_notes import NotTrusted, PrivateKey, PublicKey
from tracker.model.errors import BadRequest
from tracker.store.merkle import verify_consistency

_OURS = 0o600
_EVERYBODYS = 0o644


class Signer:
    """A private key in a file."""

    def __init__(self, path: Path) -> None:
        """Raises: BadRequest, OSError."""
        self._path = path
        self._last = path.with_name(f"{path.name}.last")
        self._key = PrivateKey.parse(read_small(path))

    @classmethod
    def create(cls, path: Path, name: str) -> "Signer":
        """Make a key for the log of this name, and its files.

        Raises: BadRequest, FileExistsError.
        """
        key = PrivateKey.new(name)
        _write_new(path, f"{key.secret()}\n", _OURS)
        _write_new(path.with_name(f"{path.name}.pub"), f"{key.public}\n", _EVERYBODYS)
        _write_new(path.with_name(f"{path.name}.last"), key.sign(Checkpoint.empty(name).text), _EVERYBODYS)
        return cls(path)

    @property
    def public(self) -> PublicKey:
        return self._key.public

    def last(self) -> Checkpoint:
        """What was signed last.

        Raises: NotTrusted, BadRequest.
        """
        if not self._last.exists():
            raise BadRequest(
                f"{self._last} is missing, which holds the last checkpoint that this key signed: put it back (any copy "
                "of the newest published checkpoint will do), or begin with a new key"
            )
        return Checkpoint.of_note(read_small(self._last), self.public)

    def sign(self, ask: Callable[[Checkpoint], Request]) -> str:
        """Sign what extends the last checkpoint.

        Args: ask: makes the request, given what was signed last.
        Returns: the signed note, of which a copy is kept before it is given away.
        Raises: NotTrusted, BadRequest, OSError.
        """
        with self._alone():
            last = self.last()
            request = ask(last)
            refuse_fork(last, request)
            note = self._key.sign(request.checkpoint.text)
            _replace(self._last, note)
            return note

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time, or two checkpoints could follow upon the same one and contradict each other."""
        with self._path.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def refuse_fork(last: Checkpoint, request: Request) -> None:
    """Raises: NotTrusted, BadRequest, unless what is requested extends what was signed last."""
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
            f"the request goes on from {request.old} leaves, but {last.size} were signed last: make it anew, with "
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


def read_small(path: Path) -> str:
    """Text of a file that is small by its nature.

    Raises: BadRequest, OSError.
    """
    with path.open("rb") as file:
        found = file.read(1_000_001)
    try:
        text = found.decode()
    except UnicodeDecodeError:
        raise BadRequest(f"{path} is not text in UTF-8: is it the right file?") from None
    if len(found) > 1_000_000:
        raise BadRequest(f"{path} is too long: is it the right file?")
    return text


def _write_new(path: Path, text: str, mode: int) -> None:
    """Raises: FileExistsError: a key is never overwritten."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        _save(file, text)


def _replace(path: Path, text: str) -> None:
    """All or nothing, whatever happens meanwhile."""
    draft = path.with_name(f"{path.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        _save(file, text)
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
