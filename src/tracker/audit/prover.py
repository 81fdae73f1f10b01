"""Roots and proofs out of a store, each of a few rows."""

from functools import partial

from tracker.audit.checkpoints import Checkpoint, Request
from tracker.audit.proofs import ConsistencyProof, InclusionProof
from tracker.audit.signed_notes import NotTrusted
from tracker.model.errors import BadRequest, UnknownAnnouncement
from tracker.store.database import Leaf, Reader
from tracker.store.leaves import hashes_at, size_of
from tracker.store.merkle import consistency_proof, inclusion_proof, root

_BY_STATEMENT = """
    SELECT merkle_leaves.number AS number, merkle_leaves.position AS position, leaf FROM merkle_leaves
    JOIN event_log ON event_log.position = merkle_leaves.position WHERE statement = ?
"""
_BY_POSITION = "SELECT number, position, leaf FROM merkle_leaves WHERE position = ?"
_LARGEST = 2**63 - 1


def head(reader: Reader, origin: str) -> Checkpoint:
    """The whole log, as it stands."""
    size = size_of(reader)
    return Checkpoint(origin, size, root_of(reader, size))


def root_of(reader: Reader, size: int) -> bytes:
    """The root of the first leaves.

    Raises: BadRequest, StoreDamaged.
    """
    _refuse_beyond(reader, size)
    return root(size, partial(hashes_at, reader))


def leaf_named(reader: Reader, name: str) -> Leaf:
    """The leaf of a statement, or of the event at a position.

    Raises: UnknownAnnouncement.
    """
    found = reader.select(_BY_STATEMENT, (name,)) if "\0" not in name else []
    if not found and name.isascii() and name.isdigit() and int(name) <= _LARGEST:
        found = reader.select(_BY_POSITION, (int(name),))
    if not found:
        raise UnknownAnnouncement(f"nothing is recorded under {name!r}: write the id of a statement, or a position")
    return Leaf(found[0]["number"], found[0]["position"], bytes(found[0]["leaf"]))


def inclusion(reader: Reader, leaf: Leaf, checkpoint: Checkpoint, note: str) -> InclusionProof:
    """That a leaf is in the log of a checkpoint, which a note says.

    Raises: BadRequest, NotTrusted, StoreDamaged.
    """
    if not leaf.number < checkpoint.size:
        raise BadRequest(
            f"position {leaf.position} was recorded after the checkpoint of {checkpoint.size} leaves: use a newer one"
        )
    if root_of(reader, checkpoint.size) != checkpoint.root:
        raise NotTrusted(
            f"this log's first {checkpoint.size} leaves are not those of the checkpoint: it was rewritten, or is "
            "another log; ask `tracker audit verify --checkpoint`"
        )
    return InclusionProof(
        index=leaf.number,
        leaf=leaf.leaf.decode(),
        size=checkpoint.size,
        root=checkpoint.root,
        path=tuple(inclusion_proof(leaf.number, checkpoint.size, partial(hashes_at, reader))),
        checkpoint=note,
    )


def consistency(reader: Reader, first: int, second: int) -> ConsistencyProof:
    """That the log of `second` leaves begins with that of `first`.

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


def request(reader: Reader, origin: str, since: int) -> Request:
    """A checkpoint of the whole log for somebody to sign who signed one of `since` leaves.

    Raises: BadRequest, StoreDamaged.
    """
    new = head(reader, origin)
    _refuse_beyond(reader, since)
    return Request(since, tuple(consistency_proof(since, new.size, partial(hashes_at, reader))), new)


def _refuse_beyond(reader: Reader, size: int) -> None:
    there = size_of(reader)
    if not 0 <= size <= there:
        raise BadRequest(
            f"the log has {there} leaves, not {size}: it may have lost its end; ask `tracker audit verify`"
        )
