"""Proofs as files, and how anybody checks them. Needs no store: only what a proof says, and a key or a checkpoint."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, TypeAdapter, ValidationError

from tracker.audit.checkpoints import LARGEST, Checkpoint, parse_hash
from tracker.audit.signed_notes import LONGEST, NotTrusted, PublicKey, encoded
from tracker.model.errors import BadRequest
from tracker.store.merkle import leaf_hash, verify_consistency, verify_inclusion


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
Path = Annotated[tuple[Hash, ...], Field(max_length=63)]
Count = Annotated[int, Field(strict=True, ge=0, le=LARGEST)]


class Proof(BaseModel):
    """Frozen, and closed to keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class InclusionProof(Proof):
    """That an event is in the log of a checkpoint."""

    proof: Literal["inclusion"] = "inclusion"
    index: Count = Field(description="Of the leaf, from 0.")
    leaf: str = Field(description="The leaf: its bytes are this text in UTF-8.")
    size: Count = Field(description="Number of leaves of the checkpoint's log.")
    root: Hash = Field(description="Root of that log, in base64.")
    path: Path = Field(description="Hashes from the leaf to the root, in base64.")
    checkpoint: str = Field(description="The signed note with this size and root, or its text alone.")


class ConsistencyProof(Proof):
    """That a log began with another: nothing of the first was changed or removed."""

    proof: Literal["consistency"] = "consistency"
    size1: Count = Field(description="Number of leaves of the earlier log.")
    root1: Hash = Field(description="Root of the earlier log, in base64.")
    size2: Count = Field(description="Number of leaves of the later log.")
    root2: Hash = Field(description="Root of the later log, in base64.")
    path: Path = Field(description="Hashes from the earlier to the later root, in base64.")


AnyProof = Annotated[InclusionProof | ConsistencyProof, Field(discriminator="proof")]
_ANY: TypeAdapter[AnyProof] = TypeAdapter(AnyProof)


class Event(Proof):
    """What a leaf says."""

    position: int
    type: str
    recorded_at: str
    content: dict[str, Any]


class Proven(Proof):
    """What a proof shows, and by whose word."""

    proof: Literal["inclusion", "consistency"]
    size: int = Field(description="Of the log.")
    root: Hash
    origin: str | None = Field(description="Which log.")
    signed_by: str | None = Field(description="The key whose signature was checked; null: none was.")
    checkpoints: int = Field(description="How many checkpoints of the asker's own were compared.")
    index: int | None = None
    event: Event | None = None
    extends: int | None = Field(default=None, description="The size of the log that it began with.")


def read_proof(text: str) -> AnyProof:
    """Raises: BadRequest."""
    if len(text) > LONGEST:
        raise BadRequest("a proof is not as long as that")
    try:
        return _ANY.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise BadRequest(f"this is no proof made by `tracker audit`: {where} {first['msg']}") from error


def check(proof: AnyProof, key: PublicKey | None, known: Sequence[Checkpoint]) -> Proven:
    """Check a proof against a key, and against checkpoints from elsewhere.

    Raises: NotTrusted, saying what does not fit; BadRequest.
    """
    if isinstance(proof, InclusionProof):
        return _check_inclusion(proof, key, known)
    return _check_consistency(proof, key, known)


def _check_inclusion(proof: InclusionProof, key: PublicKey | None, known: Sequence[Checkpoint]) -> Proven:
    checkpoint = Checkpoint.of_note(proof.checkpoint, key)
    if (checkpoint.size, checkpoint.root) != (proof.size, proof.root):
        raise NotTrusted("the proof is about another log than the checkpoint inside it: it is false")
    for each in known:
        if each != checkpoint:
            raise NotTrusted(_other(each, f"{checkpoint.origin}, {proof.size} leaves"))
    try:
        leaf = proof.leaf.encode()
    except UnicodeEncodeError as error:
        raise BadRequest(f"the leaf of the proof is not text: {error}") from error
    if not verify_inclusion(leaf_hash(leaf), proof.index, proof.size, proof.path, proof.root):
        raise NotTrusted(f"the proof is false: this event is not leaf {proof.index} of this log")
    return Proven(
        proof="inclusion",
        size=proof.size,
        root=proof.root,
        origin=checkpoint.origin,
        signed_by=str(key) if key else None,
        checkpoints=len(known),
        index=proof.index,
        event=event_of(proof.leaf),
    )


def _check_consistency(proof: ConsistencyProof, key: PublicKey | None, known: Sequence[Checkpoint]) -> Proven:
    if key is not None:
        raise BadRequest("a proof of consistency has no signature: name the two checkpoints with --checkpoint instead")
    ends = {(proof.size1, proof.root1), (proof.size2, proof.root2)}
    for each in known:
        if (each.size, each.root) not in ends:
            raise NotTrusted(_other(each, f"{proof.size1} and {proof.size2} leaves"))
    if len({each.origin for each in known}) > 1:
        raise NotTrusted("the checkpoints are of different logs")
    if not verify_consistency(proof.size1, proof.size2, proof.path, proof.root1, proof.root2):
        raise NotTrusted(f"the proof is false: the log of {proof.size2} leaves need not begin with those {proof.size1}")
    return Proven(
        proof="consistency",
        size=proof.size2,
        root=proof.root2,
        origin=known[0].origin if known else None,
        signed_by=None,
        checkpoints=len(known),
        extends=proof.size1,
    )


def event_of(leaf: str) -> Event:
    """What a leaf says.

    Raises: BadRequest.
    """
    try:
        return Event.model_validate(json.loads(leaf))
    except (ValueError, RecursionError) as error:
        raise BadRequest("the leaf of the proof is no event of a tracker") from error


def _other(checkpoint: Checkpoint, what: str) -> str:
    return (
        f"the checkpoint of {checkpoint.origin}, {checkpoint.size} leaves, root {encoded(checkpoint.root)}, is not "
        f"that of the proof ({what}): ask for a proof against it, and if there is none, the log was rewritten"
    )
