"""Evidence that nothing on the record was altered, removed, back-dated or reordered: see docs/trust.md.

What the command line and the API ask. `prove`, `consistency` and `verify` need the store; `sign` and `verify_proof`
need none, and may run elsewhere.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from tracker.audit.checkpoints import Checkpoint, Request
from tracker.audit.proofs import ConsistencyProof, Hash, InclusionProof, Proven, check, read_proof
from tracker.audit.signed_notes import PublicKey, check_name
from tracker.audit.signer import Signer
from tracker.model.errors import TrackerError
from tracker.services.records import default_store, refreshed

if TYPE_CHECKING:  # the store's libraries are imported by those who open one
    from tracker.store.database import Reader
    from tracker.store.event_store import EventStore

UNNAMED = "tracker"  # the origin where nobody signs


class Answer(BaseModel):
    """Frozen, and closed to keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Head(Answer):
    """How long the log is, and its root."""

    size: int = Field(description="How many events.")
    root: Hash


class Finding(Answer):
    """Something that is not as it was recorded."""

    position: int | None = Field(description="Of the event; null: about the log as a whole.")
    message: str = Field(description="The difference from what was recorded.")


class Verification(Answer):
    """What a verification of the store found."""

    size: int = Field(description="How many leaves the log has.")
    root: Hash = Field(description="Recomputed; it means nothing if there are findings.")
    last_position: int = Field(description="Position of the last event.")
    checkpoints: int = Field(description="How many checkpoints the log was compared with.")
    signed_by: str | None = Field(description="The key whose signatures under them were checked; null: none was.")
    intact: bool = Field(description="Whether everything is as it was recorded.")
    findings: tuple[Finding, ...] = Field(description="By position, at most 100.")


def keygen(path: Path, name: str) -> PublicKey:
    """Make a key for a log's checkpoints, in three files.

    Raises: BadRequest, FileExistsError, OSError.
    """
    return Signer.create(path, name).public


def public_key(text: str) -> PublicKey:
    """Raises: BadRequest."""
    return PublicKey.parse(text)


def head(url: str | None) -> Head:
    """How long the log is now, and its root; nobody vouches for it."""
    from tracker.audit import prover

    with _store(url) as store, store.reading() as reader:
        found = prover.head(reader, UNNAMED)
    return Head(size=found.size, root=found.root)


def checkpoint(url: str | None, key: Path) -> str:
    """A signed note about the log as it stands, which extends the one that this key signed last.

    Raises: NotTrusted, BadRequest, OSError, and what the store raises.
    """
    signer = Signer(key)
    with _store(url) as store, store.reading() as reader:
        return _signed(signer, reader)


def _signed(signer: Signer, reader: "Reader") -> str:
    from tracker.audit import prover

    def ask(last: Checkpoint) -> Request:
        new = prover.head(reader, last.origin)
        if new.size < last.size:
            return Request(last.size, (), new)  # the signer has the words for it
        return prover.request(reader, last.origin, last.size)

    return signer.sign(ask)


def request(url: str | None, origin: str, since: int) -> str:
    """What a signer on another machine needs, who signed a checkpoint of `since` leaves last (0: none).

    Raises: BadRequest, and what the store raises.
    """
    from tracker.audit import prover

    check_name(origin)
    with _store(url) as store, store.reading() as reader:
        return str(prover.request(reader, origin, since))


def sign(asked: str, key: Path) -> str:
    """Sign what was requested, or a bare checkpoint of the same size as the last. Needs no store.

    Raises: NotTrusted, BadRequest, OSError.
    """

    def ask(last: Checkpoint) -> Request:
        if asked.startswith("old "):
            return Request.parse(asked)
        return Request(last.size, (), Checkpoint.of_note(asked, None))

    return Signer(key).sign(ask)


def prove(url: str | None, name: str, *, note: str | None = None, key: Path | None = None) -> InclusionProof:
    """That a statement (by its id) or an event (by its position) is in the log.

    Args: note: a checkpoint to prove it against; or key: to sign one with now. Without both nobody vouches for it.
    Raises: UnknownAnnouncement, NotTrusted, BadRequest, OSError, and what the store raises.
    """
    from tracker.audit import prover

    if note is None and key is not None:
        note = checkpoint(url, key)
    with _store(url) as store, store.reading() as reader:
        known = prover.head(reader, UNNAMED) if note is None else Checkpoint.of_note(note, None)
        proof = prover.inclusion(reader, prover.leaf_named(reader, name), known, note or known.text)
    check(proof, None, ())  # a damaged log proves nothing
    return proof


def note(url: str | None, key: Path | None) -> str:
    """The log as it stands, signed if there is a key; without one nobody vouches for it.

    Raises: NotTrusted, BadRequest, OSError, and what the store raises.
    """
    from tracker.audit import prover

    if key is not None:
        return checkpoint(url, key)
    with _store(url) as store, store.reading() as reader:
        return prover.head(reader, UNNAMED).text


def prove_at(url: str | None, name: str, key: Path | None, size: int | None) -> InclusionProof:
    """The same against the log as it stands, or against its first leaves; that nobody signs: whoever asks knows.

    Raises: as `prove`.
    """
    from tracker.audit import prover

    if size is None:
        return prove(url, name, key=key)
    with _store(url) as store, store.reading() as reader:
        known = Checkpoint(UNNAMED, size, prover.root_of(reader, size))
    return prove(url, name, note=known.text)


def consistency(url: str | None, first: int, second: int) -> ConsistencyProof:
    """That the log of `second` leaves begins with that of `first`.

    Raises: BadRequest, and what the store raises.
    """
    from tracker.audit import prover

    with _store(url) as store, store.reading() as reader:
        return prover.consistency(reader, first, second)


def verify(url: str | None, *, notes: Sequence[str] = (), key: PublicKey | None = None) -> Verification:
    """Recompute the whole log from what is stored, and compare it with checkpoints from elsewhere.

    Raises: NotTrusted, where a checkpoint itself is false; BadRequest, and what the store raises.
    """
    from tracker.audit.verify import verify as verify_store

    known = [Checkpoint.of_note(note, key) for note in notes]
    with _store(url) as store:
        found = verify_store(store, known)
    return Verification(
        size=found.size,
        root=found.root,
        last_position=found.last,
        checkpoints=len(known),
        signed_by=str(key) if key and known else None,
        intact=not found.findings,
        findings=tuple(Finding(position=each.position, message=each.message) for each in found.findings),
    )


def verify_proof(text: str, *, notes: Sequence[str] = (), key: PublicKey | None = None) -> Proven:
    """Check a proof with nothing but a public key, or checkpoints from elsewhere. Needs no store.

    Raises: NotTrusted, BadRequest.
    """
    return check(read_proof(text), key, [Checkpoint.of_note(note, key) for note in notes])


def backup(url: str | None, path: Path, key: Path | None = None) -> Checkpoint:
    """Write the whole log into a new file, with a checkpoint inside; with a key it is signed.

    Raises: NotTrusted, BadRequest, OSError, and what the store raises; StoreDamaged, if the log does not verify.
    """
    from tracker.audit import backup

    signer = None if key is None else Signer(key)
    with _store(url) as store:
        return backup.write(store, path, partial(_signed, signer) if signer else None)


def restore(url: str | None, path: Path, key: PublicKey | None = None) -> Checkpoint:
    """Put the log of an archive into an empty store, made where there is none: all of it or nothing.

    Args: key: who must have signed the checkpoint inside.
    Raises: NotTrusted, if the archive is not what its checkpoint says; Conflict, if the store is not empty;
        BadRequest, OSError, and what the store raises.
    """
    from tracker.audit import backup
    from tracker.store.event_store import open_store

    address = url or default_store()
    if url is None:
        Path(address).parent.mkdir(parents=True, exist_ok=True)
    with closing(open_store(address)) as store:
        found = backup.restore(store, path, key)
        refreshed(address, store)
    return found


@contextmanager
def _store(url: str | None) -> Iterator["EventStore"]:
    from tracker.store.event_store import open_store

    address = url or default_store()
    if url is None and not Path(address).exists():
        raise TrackerError("there is no store yet: any question makes one, or `tracker load DIR`")
    with closing(open_store(address, create=False)) as store:
        yield store
