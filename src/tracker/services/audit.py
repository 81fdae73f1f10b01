"""Evidence that nothing on the record was altered, removed, back-dated or reordered: see docs/trust.md.

The questions of command line and API. Most need the store; `sign` and `verify_proof` do not, and may run elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from tracker.audit import proofs
from tracker.audit.checkpoints import LogCheckpoint, Signer, SigningRequest
from tracker.audit.proofs import CheckedProof, ConsistencyProof, Hash, InclusionProof, check_proof, read_proof
from tracker.audit.signed_notes import PublicKey, check_name
from tracker.model.errors import Discrepancy
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


class AuditFinding(AuditAnswer):
    """Something that is not as it was recorded."""

    position: int | None = Field(description="Position of the event; null: about the log as a whole.")
    message: str = Field(description="The difference from what was recorded.")


class LogVerification(AuditAnswer):
    """The result of a verification of the store."""

    size: int = Field(description="How many leaves the log has.")
    root: Hash = Field(description="Recomputed; it means nothing if there are findings.")
    last_position: int = Field(description="Position of the last event.")
    log: str | None = Field(None, description="Id of the log: the hash of its first leaf; null: it is empty.")
    checkpoints: int = Field(description="How many checkpoints the log was compared with.")
    signed_by: str | None = Field(description="The key whose signatures under them were checked; null: none was.")
    checks: tuple[str, ...] = Field(
        (),
        description="What was looked at: `log`, then `columns`, `views` (the derived tables, against those that the "
        "log makes), `definitions` (of tables, views, triggers), `integrity_check` or `amcheck` (the database's own).",
    )
    skipped: tuple[str, ...] = Field((), description="What was not looked at, and why.")
    columns_position: int | None = Field(None, description="Up to where the columns and the registry were compared.")
    views_position: int | None = Field(None, description="Up to where the tables of the public views were compared.")
    intact: bool = Field(description="Whether everything that was looked at is as it was recorded.")
    findings: tuple[AuditFinding, ...] = Field(description="By position, at most 100.")


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


def checkpoint(url: str, key: Path) -> str:
    """A signed note about the log as it stands, which extends the one that this key signed last.

    Raises: NotTrusted, BadRequest, OSError, and what the store raises.
    """
    signer = Signer(key)
    with open_for_reading(url) as store, store.reading() as reader:
        return _signed(signer, reader)


def _signed(signer: Signer, reader: "LogReader") -> str:
    def ask(last: LogCheckpoint) -> SigningRequest:
        new = proofs.current_checkpoint(reader, last.origin)
        if new.size < last.size:
            return SigningRequest(last.size, (), new)  # the signer has the words for it
        return proofs.signing_request(reader, last.origin, last.size)

    return signer.sign(ask)


def request(url: str, origin: str, since: int) -> str:
    """A request to a signer on another machine, which signed a checkpoint of `since` leaves last (0: none).

    Raises: BadRequest, and what the store raises.
    """
    check_name(origin)
    with open_for_reading(url) as store, store.reading() as reader:
        return str(proofs.signing_request(reader, origin, since))


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
        return checkpoint(url, key)
    with open_for_reading(url) as store, store.reading() as reader:
        return proofs.current_checkpoint(reader, UNNAMED).text


def prove_at(url: str, name: str, key: Path | None, size: int | None) -> InclusionProof:
    """Prove inclusion in an unsigned tree head: that of the first `size` leaves, or the current one.

    Args: key: with which the current one is signed.

    Raises: as `prove`.
    """
    if size is None:
        return prove(url, name, key=key)
    with open_for_reading(url) as store, store.reading() as reader:
        known = LogCheckpoint(UNNAMED, size, proofs.root_of(reader, size))
    return prove(url, name, note=known.text)


def consistency(url: str, first: int, second: int) -> ConsistencyProof:
    """Prove that the log of `second` leaves begins with that of `first`.

    Raises: BadRequest, and what the store raises.
    """

    with open_for_reading(url) as store, store.reading() as reader:
        return proofs.prove_consistency(reader, first, second)


def verify(
    url: str, *, notes: Sequence[str] = (), key: PublicKey | None = None, log_only: bool = False
) -> LogVerification:
    """Recompute the whole log from the stored events, and compare it with checkpoints from elsewhere; then derive the
    tables from it beside the stored ones, and compare those.

    Args: log_only: leave out all but the log.
    Raises: NotTrusted, where a checkpoint itself is false; BadRequest, and what the store raises.
    """
    from tracker.audit.verification import MAX_DISCREPANCIES
    from tracker.audit.verification import verify as verify_store

    known = [LogCheckpoint.of_note(note, key) for note in notes]
    with open_for_reading(url) as store:
        result = verify_store(store, known)
        with store.reading() as reader:
            log = proofs.log_id(reader)
        beside = _Beside() if log_only else _beside(store, url, log_is_intact=not result.findings)
    findings = (*result.findings, *beside.findings)
    return LogVerification(
        size=result.size,
        root=result.root,
        last_position=result.last,
        log=log,
        checkpoints=len(known),
        signed_by=str(key) if key and known else None,
        checks=("log", *beside.checks),
        skipped=tuple(beside.skipped),
        columns_position=beside.columns,
        views_position=beside.views,
        intact=not findings,
        findings=tuple(
            AuditFinding(position=finding.position, message=finding.message) for finding in findings[:MAX_DISCREPANCIES]
        ),
    )


@dataclass
class _Beside:
    """What was found beside the log."""

    findings: list[Discrepancy] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    columns: int | None = None
    views: int | None = None


def _beside(store: "EventStore", url: str, *, log_is_intact: bool) -> _Beside:
    """Compare the derived tables and the definitions, and let the database check itself.

    Raises: what the store raises.
    """
    from tracker.audit.database_check import check_database
    from tracker.projections.definitions import COLUMN_OBJECTS, VIEW_OBJECTS, differences

    beside = _Beside()
    if log_is_intact:
        _compare_tables(store, url, beside)
    else:
        beside.skipped.append("columns, views: they are derived from the log, which is not intact")
    absent = [
        *(COLUMN_OBJECTS if beside.columns is None else ()),
        *(VIEW_OBJECTS if beside.views is None else ()),
    ]
    different, reason = differences(url, absent)
    checked = check_database(store)
    beside.findings += [*different, *checked.findings]
    beside.checks += [name for name in (None if reason else "definitions", checked.name) if name]
    beside.skipped += [text for text in (reason, checked.skipped) if text]
    return beside


def _compare_tables(store: "EventStore", url: str, beside: _Beside) -> None:
    from tracker.projections.comparison import compare

    compared = compare(store, url, {})
    beside.findings += compared.findings
    beside.columns, beside.views = compared.reached
    for name, reached in zip(("columns", "views"), compared.reached, strict=True):
        if reached is None:
            beside.skipped.append(f"{name}: there are none of this version; the next question or write derives them")
        else:
            beside.checks.append(name)


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
        return backup.write(store, path, partial(_signed, signer) if signer else None)


def restore(url: str, path: Path, key: PublicKey | None = None) -> LogCheckpoint:
    """Put the log of a backup into an empty store, made where there is none: all of it or nothing.

    Args: key: of the signer of the checkpoint inside.
    Raises: NotTrusted, if the log does not match its checkpoint; Conflict, if the store is not empty;
        BadRequest, OSError, and what the store raises.
    """
    from tracker.audit import backup

    with open_for_writing(url) as store:
        checkpoint = backup.restore(store, path, key)
        refreshed(url, store)
    return checkpoint
