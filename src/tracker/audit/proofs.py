"""Proofs of inclusion and consistency: made from a few rows of a store, written as JSON, and checked without a store.

A check needs only the proof, and a public key or a checkpoint from elsewhere: no database driver is imported.
"""

import json
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, TypeAdapter, ValidationError

from tracker.audit.checkpoints import MAX_LEAVES, MAX_PROOF_HASHES, LogCheckpoint, SigningRequest, parse_hash
from tracker.audit.signed_notes import MAX_NOTE_CHARS, NotTrusted, PublicKey, encoded
from tracker.model.errors import BadRequest, UnknownAnnouncement
from tracker.store.database import Leaf, LogReader
from tracker.store.leaves import hashes_at, size_of
from tracker.store.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

MAX_PROOF_CHARS = MAX_NOTE_CHARS
MAX_POSITION = 2**63 - 1

_AT_POSITION = "position:"
_BY_STATEMENT = """
    SELECT merkle_leaves.number AS number, merkle_leaves.position AS position, leaf FROM merkle_leaves
    JOIN event_log ON event_log.position = merkle_leaves.position WHERE statement = ?
"""
_BY_POSITION = "SELECT number, position, leaf FROM merkle_leaves WHERE position = ?"


def _hash(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return parse_hash(str(value))
    except BadRequest as error:
        raise ValueError(str(error)) from error


Hash = Annotated[
    bytes, BeforeValidator(_hash, json_schema_input_type=str), PlainSerializer(encoded, return_type=str)
]  # 32 bytes, in JSON as base64
ProofPath = Annotated[tuple[Hash, ...], Field(max_length=MAX_PROOF_HASHES)]
LeafCount = Annotated[int, Field(strict=True, ge=0, le=MAX_LEAVES)]


class Proof(BaseModel):
    """Base of proofs and of their results: frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class InclusionProof(Proof):
    """Proof that an event is in the log of a checkpoint."""

    proof: Literal["inclusion"] = "inclusion"
    index: LeafCount = Field(description="Number of the leaf, from 0.")
    leaf: str = Field(description="The leaf: its bytes are this text in UTF-8.")
    size: LeafCount = Field(description="Number of leaves of the checkpoint's log.")
    root: Hash = Field(description="Root of that log, in base64.")
    path: ProofPath = Field(description="Hashes from the leaf to the root, in base64.")
    checkpoint: str = Field(description="The signed note with this size and root, or its text alone.")


class ConsistencyProof(Proof):
    """Proof that a log begins with another one: nothing of the first was changed or removed."""

    proof: Literal["consistency"] = "consistency"
    size1: LeafCount = Field(description="Number of leaves of the earlier log.")
    root1: Hash = Field(description="Root of the earlier log, in base64.")
    size2: LeafCount = Field(description="Number of leaves of the later log.")
    root2: Hash = Field(description="Root of the later log, in base64.")
    path: ProofPath = Field(description="Hashes from the earlier to the later root, in base64.")


AnyProof = Annotated[InclusionProof | ConsistencyProof, Field(discriminator="proof")]
_ANY: TypeAdapter[AnyProof] = TypeAdapter(AnyProof)
Read = TypeVar("Read")


class LeafEvent(Proof):
    """The event in a leaf."""

    position: int
    type: str
    recorded_at: str
    content: dict[str, Any]


class CheckedProof(Proof):
    """Result of checking a proof, with the key and the checkpoints it was checked against."""

    proof: Literal["inclusion", "consistency"]
    size: int = Field(description="Of the log.")
    root: Hash
    origin: str | None = Field(description="Which log.")
    signed_by: str | None = Field(description="The key whose signature was checked; null: none was.")
    checkpoints: int = Field(description="How many checkpoints of the asker's own were compared.")
    index: int | None = None
    event: LeafEvent | None = None
    extends: int | None = Field(default=None, description="The size of the log that it began with.")


def current_checkpoint(reader: LogReader, origin: str) -> LogCheckpoint:
    """The checkpoint of the whole log, unsigned."""
    size = size_of(reader)
    return LogCheckpoint(origin, size, root_of(reader, size))


def log_id(reader: LogReader) -> str | None:
    """The id of the log: the hash of its first leaf, in hexadecimal; None where it is empty."""
    rows = reader.select("SELECT leaf FROM merkle_leaves WHERE number = 0")
    return leaf_hash(bytes(rows[0]["leaf"])).hex() if rows else None


def last_position(reader: LogReader) -> int:
    """The position of the last leaf; 0 where there is none."""
    rows = reader.select("SELECT position FROM merkle_leaves ORDER BY number DESC LIMIT 1")
    return int(rows[0]["position"]) if rows else 0


def root_of(reader: LogReader, size: int) -> bytes:
    """The root of the first `size` leaves.

    Raises: BadRequest, StoreDamaged.
    """
    _refuse_beyond(reader, size)
    return root(size, partial(hashes_at, reader))


def find_leaf(reader: LogReader, name: str) -> Leaf:
    """The leaf of a statement, or of the event at a position: `position:42`, or `42` where no statement is called so.

    Raises: UnknownAnnouncement.
    """
    number = name.removeprefix(_AT_POSITION)
    rows = reader.select(_BY_STATEMENT, (name,)) if "\0" not in name and number == name else []
    if not rows and number.isascii() and number.isdigit() and len(number) < 20 and int(number) <= MAX_POSITION:
        rows = reader.select(_BY_POSITION, (int(number),))
    if not rows:
        raise UnknownAnnouncement(
            f"nothing is recorded under {name!r}: write the id of a statement, or a position, such as position:42"
        )
    return Leaf(rows[0]["number"], rows[0]["position"], bytes(rows[0]["leaf"]))


def prove_inclusion(reader: LogReader, leaf: Leaf, checkpoint: LogCheckpoint, note: str) -> InclusionProof:
    """Proof that a leaf is in the log of a checkpoint, whose note it contains.

    Raises: BadRequest, NotTrusted, StoreDamaged.
    """
    if not leaf.number < checkpoint.size:
        raise BadRequest(
            f"position {leaf.position} was recorded after the checkpoint of {checkpoint.size} leaves: use a newer one"
        )
    if root_of(reader, checkpoint.size) != checkpoint.root:
        raise NotTrusted(
            f"this log's first {checkpoint.size} leaves are not those of the checkpoint: it was rewritten, or is "
            "another log; run `tracker audit verify --checkpoint`"
        )
    return InclusionProof(
        index=leaf.number,
        leaf=leaf.leaf.decode(),
        size=checkpoint.size,
        root=checkpoint.root,
        path=tuple(inclusion_proof(leaf.number, checkpoint.size, partial(hashes_at, reader))),
        checkpoint=note,
    )


def prove_consistency(reader: LogReader, first: int, second: int) -> ConsistencyProof:
    """Proof that the log of `second` leaves begins with that of `first`.

    Raises: BadRequest, StoreDamaged.
    """
    if not 0 < first <= second:
        raise BadRequest(f"sizes {first} and {second}: write two, the smaller first, from 1")
    return ConsistencyProof(
        size1=first,
        root1=root_of(reader, first),
        size2=second,
        root2=root_of(reader, second),
        path=tuple(consistency_proof(first, second, partial(hashes_at, reader))),
    )


def signing_request(reader: LogReader, origin: str, since: int) -> SigningRequest:
    """A request to sign a checkpoint of the whole log, for a signer whose last one had `since` leaves.

    Raises: BadRequest, StoreDamaged.
    """
    new = current_checkpoint(reader, origin)
    _refuse_beyond(reader, since)
    return SigningRequest(since, tuple(consistency_proof(since, new.size, partial(hashes_at, reader))), new)


def _refuse_beyond(reader: LogReader, size: int) -> None:
    total = size_of(reader)
    if not 0 <= size <= total:
        raise BadRequest(
            f"the log has {total} leaves, not {size}: it may have lost its end; run `tracker audit verify`"
        )


def read_proof(text: str) -> AnyProof:
    """Read a proof from its JSON, without checking it. Raises: BadRequest."""
    return read_json(_ANY, text, MAX_PROOF_CHARS, "proof made by `tracker audit`")


def read_json(adapter: TypeAdapter[Read], text: str, max_chars: int, name: str) -> Read:
    """Read what this program wrote as JSON, and a stranger may have changed.

    Args: name: what it ought to be, as "proof made by `tracker audit`".
    Raises: BadRequest.
    """
    if len(text) > max_chars:
        raise BadRequest(f"this is no {name}: it is longer than {max_chars} characters")
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise BadRequest(f"this is no {name}: {where} {first['msg']}") from error


def check_proof(proof: AnyProof, key: PublicKey | None, known: Sequence[LogCheckpoint]) -> CheckedProof:
    """Check a proof against a key, and against checkpoints from elsewhere.

    Raises: NotTrusted, saying what does not fit; BadRequest.
    """
    if isinstance(proof, InclusionProof):
        return _check_inclusion(proof, key, known)
    return _check_consistency(proof, key, known)


def _check_inclusion(proof: InclusionProof, key: PublicKey | None, known: Sequence[LogCheckpoint]) -> CheckedProof:
    checkpoint = LogCheckpoint.of_note(proof.checkpoint, key)
    if (checkpoint.size, checkpoint.root) != (proof.size, proof.root):
        raise NotTrusted("the proof is about another log than the checkpoint inside it: it is false")
    for other in known:
        if other != checkpoint:
            raise NotTrusted(_other_log(other, f"{checkpoint.origin}, {proof.size} leaves"))
    try:
        leaf = proof.leaf.encode()
    except UnicodeEncodeError as error:
        raise BadRequest(f"the leaf of the proof is not text: {error}") from error
    if not verify_inclusion(leaf_hash(leaf), proof.index, proof.size, proof.path, proof.root):
        raise NotTrusted(f"the proof is false: this event is not leaf {proof.index} of this log")
    return CheckedProof(
        proof="inclusion",
        size=proof.size,
        root=proof.root,
        origin=checkpoint.origin,
        signed_by=str(key) if key else None,
        checkpoints=len(known),
        index=proof.index,
        event=leaf_event(proof.leaf),
    )


def _check_consistency(proof: ConsistencyProof, key: PublicKey | None, known: Sequence[LogCheckpoint]) -> CheckedProof:
    if key is not None:
        raise BadRequest("a proof of consistency has no signature: name the two checkpoints with --checkpoint instead")
    ends = {(proof.size1, proof.root1), (proof.size2, proof.root2)}
    for other in known:
        if (other.size, other.root) not in ends:
            raise NotTrusted(_other_log(other, f"{proof.size1} and {proof.size2} leaves"))
    if len({checkpoint.origin for checkpoint in known}) > 1:
        raise NotTrusted("the checkpoints are of different logs")
    if not verify_consistency(proof.size1, proof.size2, proof.path, proof.root1, proof.root2):
        raise NotTrusted(f"the proof is false: the log of {proof.size2} leaves need not begin with those {proof.size1}")
    return CheckedProof(
        proof="consistency",
        size=proof.size2,
        root=proof.root2,
        origin=known[0].origin if known else None,
        signed_by=None,
        checkpoints=len(known),
        extends=proof.size1,
    )


def leaf_event(leaf: str) -> LeafEvent:
    """The event in a leaf.

    Raises: BadRequest.
    """
    try:
        return LeafEvent.model_validate(json.loads(leaf))
    except (ValueError, RecursionError) as error:
        raise BadRequest("the leaf of the proof is no event of a tracker") from error


def _other_log(checkpoint: LogCheckpoint, what: str) -> str:
    return (
        f"the checkpoint of {checkpoint.origin}, {checkpoint.size} leaves, root {encoded(checkpoint.root)}, is not "
        f"that of the proof ({what}): ask for a proof against it, and if there is none, the log was rewritten"
    )
