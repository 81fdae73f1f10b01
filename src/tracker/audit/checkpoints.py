"""Checkpoints (c2sp.org/tlog-checkpoint): how long a log is, and its root; and the request to sign one."""

import re
from dataclasses import dataclass
from typing import Self

from tracker.audit.signed_notes import LONGEST, Note, NotTrusted, PublicKey, check_name, decoded, encoded
from tracker.model.errors import BadRequest
from tracker.store.merkle import EMPTY, LENGTH

LARGEST = 2**53  # leaves

_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_LONGEST_PROOF = 63


@dataclass(frozen=True)
class Checkpoint:
    """The first `size` leaves of a log have this root."""

    origin: str  # which log
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text without its signatures; lines behind the third are let be.

        Raises: BadRequest.
        """
        origin, *rest = text.split("\n")
        if len(rest) < 3 or rest[-1] or not all(rest[:-1]):
            raise BadRequest("a checkpoint has the lines origin, size and root, each with its end")
        return cls(check_name(origin), parse_size(rest[0]), parse_hash(rest[1]))

    @classmethod
    def of_note(cls, note: str, key: PublicKey | None) -> Self:
        """Read a signed note; without a key the signatures are not checked, and need not be there.

        Raises: BadRequest, NotTrusted.
        """
        if key is None:
            return cls.parse(note if "\n\n" not in note else Note.parse(note).text)
        found = Note.parse(note)
        found.verify(key)
        checkpoint = cls.parse(found.text)
        if checkpoint.origin != key.name:
            raise NotTrusted(f"{key.name} signed a checkpoint of another log, {checkpoint.origin}")
        return checkpoint

    @classmethod
    def empty(cls, origin: str) -> Self:
        """How every log begins."""
        return cls(check_name(origin), 0, EMPTY)


@dataclass(frozen=True)
class Request:
    """A checkpoint to sign, and the proof that it extends one of size `old` (as c2sp.org/tlog-witness writes it)."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint

    def __str__(self) -> str:
        lines = [f"old {self.old}", *map(encoded, self.proof), "", self.checkpoint.text]
        return "\n".join(lines)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises: BadRequest."""
        if len(text) > LONGEST:
            raise BadRequest("a request to sign is not as long as that")
        head, separator, rest = text.partition("\n\n")
        old, *proof = head.split("\n")
        if not old.startswith("old ") or not separator or len(proof) > _LONGEST_PROOF:
            raise BadRequest(
                "this is no request to sign, which begins with `old <size>`: make it with `tracker audit checkpoint "
                "--since SIZE`"
            )
        body, _, _ = rest.partition("\n\n")  # signatures, if any, are not ours to judge
        checkpoint = Checkpoint.parse(body.removesuffix("\n") + "\n")
        return cls(parse_size(old.removeprefix("old ")), tuple(map(parse_hash, proof)), checkpoint)


def parse_size(text: str) -> int:
    """Raises: BadRequest."""
    if not _NUMBER.fullmatch(text) or int(text) > LARGEST:
        raise BadRequest(f"{text[:40]!r} is not the size of a log: write a whole number")
    return int(text)


def parse_hash(text: str) -> bytes:
    """Raises: BadRequest."""
    try:
        value = decoded(text)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    if len(value) != LENGTH:
        raise BadRequest(f"{text[:100]!r} is not the base64 of {LENGTH} bytes")
    return value
