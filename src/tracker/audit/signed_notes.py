"""Signed notes in the form of C2SP (c2sp.org/signed-note): a text, and lines with Ed25519 signatures of it.

Keys are written as Go's `sumdb/note` writes them, so that other tools for transparency logs read them too.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from tracker.extras import require
from tracker.model.errors import BadRequest, Conflict

if TYPE_CHECKING:  # only signatures need it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MAX_NOTE_CHARS = 1_000_000
MAX_SIGNATURES = 100  # of a note

_ED25519 = b"\x01"
_KEY_BYTES = 32
_PRIVATE_PREFIX = "PRIVATE+KEY+"
_DASH = "— "


class NotTrusted(Conflict):
    """Evidence contradicts what is known: a false signature or proof, or a log that was rewritten."""


@dataclass(frozen=True)
class PublicKey:
    """The public key of a signer: `<name>+<key id>+<key>` as text."""

    name: str
    raw: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart. They prove nothing: another key can be made with equal ones."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encoded(_ED25519 + self.raw)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a public key from its text. Raises: BadRequest."""
        name, raw, key_id = _parts(text.strip(), "a public key")
        key = cls(name, raw)
        if key.id.hex() != key_id:
            raise BadRequest("a public key's id does not fit its name and key: was it cut or mistyped?")
        return key

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether a signature of a text was made with this key."""
        require("audit")
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class PrivateKey:
    """The secret key of a signer: `PRIVATE+KEY+<name>+<key id>+<seed>` as text."""

    name: str
    seed: bytes

    def __repr__(self) -> str:
        return f"PrivateKey({self.name})"

    @classmethod
    def new(cls, name: str) -> Self:
        """Make a key at random. Raises: BadRequest, if the name cannot be that of a key."""
        require("audit")
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(check_name(name), Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.name, self._key.public_key().public_bytes_raw())

    @property
    def _key(self) -> "Ed25519PrivateKey":
        require("audit")
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def secret(self) -> str:
        """The text of the key file."""
        return f"{_PRIVATE_PREFIX}{self.name}+{self.public.id.hex()}+{encoded(_ED25519 + self.seed)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a secret key from its text. Raises: BadRequest, which does not show the key."""
        text = text.strip()
        if not text.startswith(_PRIVATE_PREFIX):
            raise BadRequest(f"a private key begins with {_PRIVATE_PREFIX}: make one with `tracker audit keygen`")
        name, seed, key_id = _parts(text.removeprefix(_PRIVATE_PREFIX), "a private key")
        key = cls(name, seed)
        if key.public.id.hex() != key_id:
            raise BadRequest("a private key's id does not fit its name and key: was it cut or mistyped?")
        return key

    def sign(self, text: str) -> str:
        """A note: the text, which ends with a newline, and its signature."""
        return f"{text}\n{_DASH}{self.name} {encoded(self.public.id + self._key.sign(text.encode()))}\n"


@dataclass(frozen=True)
class Signature:
    """A signature line of a note, not verified."""

    name: str
    id: bytes
    signature: bytes


@dataclass(frozen=True)
class SignedNote:
    """A text with its signatures, none of them verified."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> Self:
        """Read a note, without verifying its signatures. Raises: BadRequest."""
        if len(note) > MAX_NOTE_CHARS:
            raise BadRequest(f"the signed note is longer than {MAX_NOTE_CHARS} characters")
        if re.search(r"[\x00-\x09\x0b-\x1f]|[\ud800-\udfff]", note):
            raise BadRequest("a signed note has no control characters: is this file something else?")
        text, separator, lines = note.rpartition("\n\n")
        if not separator or not lines.endswith("\n"):
            raise BadRequest("a signed note ends with an empty line and lines of signatures: was it cut?")
        return cls(text + "\n", tuple(_signatures(lines)))

    def verify(self, key: PublicKey) -> None:
        """Check the signatures by a key. Raises: NotTrusted, unless it signed the text and all of them are good."""
        by_key = [line for line in self.signatures if (line.name, line.id) == (key.name, key.id)]
        if not by_key:
            raise NotTrusted(f"the note is not signed by {key}")
        if not all(key.verifies(self.text, line.signature) for line in by_key):
            raise NotTrusted(f"a signature by {key} is false: the note was altered, or never signed by it")


def check_name(name: str) -> str:
    """The name, if a key or a log can have it.

    Raises: BadRequest.
    """
    if not name or "+" in name or not name.isprintable() or any(char.isspace() for char in name) or len(name) > 200:
        raise BadRequest(f"{name[:200]!r} cannot name a log: write it like an address, e.g. example.org/record")
    return name


def encoded(value: bytes) -> str:
    """Bytes as base64."""
    return b64encode(value).decode()


def decoded(text: str) -> bytes:
    """The bytes of base64 in its one canonical form.

    Raises: ValueError.
    """
    try:
        value = b64decode(text, validate=True)
    except NotBase64 as error:
        raise ValueError(f"{text[:100]!r} is not base64: {error}") from None
    if encoded(value) != text:
        raise ValueError(f"{text[:100]!r} is not canonical base64")
    return value


def _parts(text: str, what: str) -> tuple[str, bytes, str]:
    """The name, the bytes of the key and the key id in the text of a key."""
    name, _, rest = text.partition("+")
    key_id, _, key = rest.partition("+")
    try:
        raw = decoded(key)
    except ValueError:
        raw = b""
    if raw[:1] != _ED25519 or len(raw) != 1 + _KEY_BYTES:
        raise BadRequest(f"{what} reads <name>+<key id>+<base64 of an Ed25519 key>: copy it whole")
    return check_name(name), raw[1:], key_id


def _signatures(lines: str) -> Iterator[Signature]:
    signature_lines = lines.removesuffix("\n").split("\n")
    if len(signature_lines) > MAX_SIGNATURES:
        raise BadRequest(f"a signed note has no more than {MAX_SIGNATURES} signatures")
    for line in signature_lines:
        name, _, text = line.removeprefix(_DASH).partition(" ")
        try:
            value = decoded(text)
        except ValueError as error:
            raise BadRequest(f"a line of a signature is malformed: {error}") from error
        if not line.startswith(_DASH) or not name or len(value) <= 4:
            raise BadRequest("a line of a signature reads: — <name> <base64>")
        yield Signature(name, value[:4], value[4:])
