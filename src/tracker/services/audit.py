"""Evidence that nothing on the record was altered, removed, back-dated or reordered: see docs/trust.md.

The questions of command line and API. Most need the store; `sign` and `verify_proof` do not, and may run elsewhere.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from tracker.audit import proofs
from tracker.audit.checkpoints import DerivedState, LogCheckpoint, Signer, SigningRequest
from tracker.audit.proofs import CheckedProof, ConsistencyProof, Hash, InclusionProof, check_proof, read_proof
from tracker.audit.signed_notes import PublicKey, check_name
from tracker.model.errors import BadRequest
from tracker.services.stores import open_for_reading, open_for_writing, refreshed

if TYPE_CHECKING:  # the store's libraries are imported by those who open one
    from tracker.store.database import LogReader
    from tracker.store.event_store import EventStore

UNNAMED = "tracker"  # the origin of a tree head that is not signed


class AuditAnswer(BaseModel):
    """Base of answers about the log: frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LogHead(AuditAnswer):
    """How long the log is, and its root."""

    size: int = Field(description="How many events.")
    root: Hash
    log: str | None = Field(description="Id of the log: the hash of its first leaf; null: it is empty.")


def keygen(path: Path, name: str) -> PublicKey:
    """Make a key for a log's checkpoints, in three files.

    Raises: BadRequest, FileExistsError, OSError.
    """
    return Signer.create(path, name).public


def public_key(text: str) -> PublicKey:
    """Read a public key from its text. Raises: BadRequest."""
    return PublicKey.parse(text)


def head(url: str) -> LogHead:
    """The size and root of the log now, unsigned."""

    with open_for_reading(url) as store, store.reading() as reader:
        now, log = proofs.current_checkpoint(reader, UNNAMED), proofs.log_id(reader)
    return LogHead(size=now.size, root=now.root, log=log)


def checkpoint(url: str, key: Path, *, derive: bool = True) -> str:
    """A signed note about the log as it stands, which extends the one that this key signed last.

    Args: derive: derive the state from the log and sign its digest, too; else only one that was signed for this log.
    Raises: NotTrusted, BadRequest, OSError, and what the store raises.
    """
    signer = Signer(key)
    with open_for_reading(url) as store, store.reading() as reader:
        return _signed(signer, store, url, reader, derive=derive)


def _signed(signer: Signer, store: "EventStore", url: str, reader: "LogReader", *, derive: bool = True) -> str:
    def ask(last: LogCheckpoint) -> SigningRequest:
        new = proofs.current_checkpoint(reader, last.origin)
        if new.size < last.size:
            return SigningRequest(last.size, (), new)  # the signer has the words for it
        request = proofs.signing_request(reader, last.origin, last.size)
        known = last.state if new == last else None
        return _with_state(request, known or (_derived_state(store, url, reader) if derive else None))

    return signer.sign(ask)


def _with_state(request: SigningRequest, state: DerivedState | None) -> SigningRequest:
    return replace(request, checkpoint=replace(request.checkpoint, state=state))


def _derived_state(store: "EventStore", url: str, reader: "LogReader") -> DerivedState | None:
    """The digest of the state, derived from the log and not from the stored tables; None where nothing is on record.

    Raises: what the store raises.
    """
    from tracker.projections.derived_copy import DerivedCopy
    from tracker.projections.state_digest import FORMAT, digest_of

    position = proofs.last_position(reader)
    if not position:
        return None
    with DerivedCopy.beside(store, url) as copy:
        try:
            copy.advance(position)
        except BadRequest:  # statements without a dataset: there is nothing to derive
            return None
        return DerivedState(FORMAT, position, digest_of(copy))


def request(url: str, origin: str, since: int) -> str:
    """A request to a signer on another machine, which signed a checkpoint of `since` leaves last (0: none).

    Raises: BadRequest, and what the store raises.
    """
    check_name(origin)
    with open_for_reading(url) as store, store.reading() as reader:
        request = proofs.signing_request(reader, origin, since)
        return str(_with_state(request, _derived_state(store, url, reader)))


def sign(request: str, key: Path) -> str:
    """Sign a request, or a bare checkpoint of the same size as the last. Needs no store.

    Args: request: made by the function of that name, or the text of a checkpoint.

    Raises: NotTrusted, BadRequest, OSError.
    """

    def ask(last: LogCheckpoint) -> SigningRequest:
        if request.startswith("old "):
            return SigningRequest.parse(request)
        return SigningRequest(last.size, (), LogCheckpoint.of_note(request, None))

    return Signer(key).sign(ask)


def prove(url: str, name: str, *, note: str | None = None, key: Path | None = None) -> InclusionProof:
    """Prove that a statement (by its id) or an event (by its position) is in the log.

    Args: note: a checkpoint to prove it against; or key: to sign one with now. Without both the tree head is unsigned.
    Raises: UnknownAnnouncement, NotTrusted, BadRequest, OSError, and what the store raises.
    """
    if note is None and key is not None:
        note = checkpoint(url, key)
    with open_for_reading(url) as store, store.reading() as reader:
        known = proofs.current_checkpoint(reader, UNNAMED) if note is None else LogCheckpoint.of_note(note, None)
        proof = proofs.prove_inclusion(reader, proofs.find_leaf(reader, name), known, note or known.text)
    check_proof(proof, None, ())  # raises where the log is damaged
    return proof


def note(url: str, key: Path | None) -> str:
    """A tree head of the log as it stands, signed if there is a key.

    Raises: NotTrusted, BadRequest, OSError, and what the store raises.
    """
    if key is not None:
        return checkpoint(url, key, derive=False)
    with open_for_reading(url) as store, store.reading() as reader:
        return proofs.current_checkpoint(reader, UNNAMED).text


def prove_at(url: str, name: str, key: Path | None, size: int | None) -> InclusionProof:
    """Prove inclusion in an unsigned tree head: that of the first `size` leaves, or the current one.

    Args: key: with which the current one is signed.

    Raises: as `prove`.
    """
    if size is None:
        return prove(url, name, note=note(url, key))
    with open_for_reading(url) as store, store.reading() as reader:
        known = LogCheckpoint(UNNAMED, size, proofs.root_of(reader, size))
    return prove(url, name, note=known.text)


def consistency(url: str, first: int, second: int) -> ConsistencyProof:
    """Prove that the log of `second` leaves begins with that of `first`.

    Raises: BadRequest, and what the store raises.
    """

    with open_for_reading(url) as store, store.reading() as reader:
        return proofs.prove_consistency(reader, first, second)


def verify_proof(text: str, *, notes: Sequence[str] = (), key: PublicKey | None = None) -> CheckedProof:
    """Check a proof with nothing but a public key, or checkpoints from elsewhere. Needs no store.

    Raises: NotTrusted, BadRequest.
    """
    return check_proof(read_proof(text), key, [LogCheckpoint.of_note(note, key) for note in notes])


def backup(url: str, path: Path, key: Path | None = None) -> LogCheckpoint:
    """Write the whole log into a new file, with a checkpoint inside; with a key it is signed.

    Raises: NotTrusted, BadRequest, OSError, and what the store raises; StoreDamaged, if the log does not verify.
    """
    from tracker.audit import backup

    signer = None if key is None else Signer(key)
    with open_for_reading(url) as store:
        return backup.write(store, path, partial(_signed, signer, store, url) if signer else None)


def restore(url: str, path: Path, key: PublicKey | None = None, *, rules: bool = True) -> LogCheckpoint:
    """Put the log of a backup into an empty store, made where there is none: all of it or nothing.

    Args: key: of the signer of the checkpoint inside; rules: whether its content must keep the rules of `load`.
    Raises: NotTrusted, if the log does not match its checkpoint; DatasetErrors, with the line of each mistake;
        Conflict, if the store is not empty; BadRequest, OSError, and what the store raises.
    """
    from tracker.audit import backup
    from tracker.services.archives import check_archive

    with open_for_writing(url) as store:
        checkpoint = backup.restore(store, path, key, check=partial(check_archive, path) if rules else None)
        refreshed(url, store)
    return checkpoint
