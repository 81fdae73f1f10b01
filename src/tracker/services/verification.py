"""Verification of a whole store: its log, all that is derived from it, and the database itself. See docs/trust.md."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import Field

from tracker.audit import proofs
from tracker.audit.checkpoints import LogCheckpoint
from tracker.audit.proofs import Hash
from tracker.audit.signed_notes import PublicKey
from tracker.model.errors import Discrepancy
from tracker.services.audit import AuditAnswer
from tracker.services.stores import open_for_reading

if TYPE_CHECKING:  # the store's libraries are imported by those who open one
    from tracker.store.event_store import EventStore


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
        description="What was looked at: `log`; `columns` and `views` (the derived tables, against those that the log "
        "makes); `state` (against the digests in checkpoints); `definitions` (of tables, views, triggers); "
        "`integrity_check` or `amcheck` (the database's own).",
    )
    skipped: tuple[str, ...] = Field((), description="What was not looked at, and why.")
    columns_position: int | None = Field(None, description="Up to where the columns and the registry were compared.")
    views_position: int | None = Field(None, description="Up to where the tables of the public views were compared.")
    intact: bool = Field(description="Whether everything that was looked at is as it was recorded.")
    findings: tuple[AuditFinding, ...] = Field(description="By position, at most 100.")


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
        beside = _Beside() if log_only else _beside(store, url, known, log_is_intact=not result.findings)
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
    """Result of the checks beside that of the log."""

    findings: list[Discrepancy] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    columns: int | None = None
    views: int | None = None


def _beside(store: "EventStore", url: str, checkpoints: Sequence[LogCheckpoint], *, log_is_intact: bool) -> _Beside:
    """Compare the derived tables, the signed digests of them and the definitions; let the database check itself.

    Raises: what the store raises.
    """
    from tracker.audit.database_check import check_database
    from tracker.projections.definitions import COLUMN_OBJECTS, VIEW_OBJECTS, differences

    beside = _Beside()
    if log_is_intact:
        _compare_tables(store, url, checkpoints, beside)
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


def _compare_tables(store: "EventStore", url: str, checkpoints: Sequence[LogCheckpoint], beside: _Beside) -> None:
    from tracker.projections.comparison import compare
    from tracker.projections.state_digest import FORMAT, digest_of

    signed = {one.state.position: one.state for one in checkpoints if one.state and one.state.format == FORMAT}
    beside.skipped += [
        f"the derived state at position {one.state.position}: its digest has format {one.state.format}, this program "
        f"makes format {FORMAT}"
        for one in checkpoints
        if one.state and one.state.format != FORMAT
    ]
    digests: dict[int, bytes] = {}
    compared = compare(store, url, {at: lambda copy: digests.update({copy.position: digest_of(copy)}) for at in signed})
    beside.findings += [
        *compared.findings,
        *(
            Discrepancy(at, "the derived state at this position has another digest than the one that was signed")
            for at, state in signed.items()
            if digests[at] != state.digest
        ),
    ]
    beside.checks += ["state"] if signed else []
    beside.columns, beside.views = compared.reached
    for name, reached in zip(("columns", "views"), compared.reached, strict=True):
        if reached is None:
            beside.skipped.append(f"{name}: there are none of this version; the next question or write derives them")
        else:
            beside.checks.append(name)
