"""Drafts: statements handed in, reviewed, and put on the record of a store or turned down."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.model.announcement import Announcement, Correction, Retraction, Statement
from tracker.model.errors import BadRequest, Conflict, DatasetErrors, Forbidden
from tracker.model.events import DraftApproved, DraftSubmitted, Recorded, approved, recorded, rejected, submitted
from tracker.queries.clocks import Clocks
from tracker.queries.log import DraftAnswer, DraftStatus, drafts
from tracker.queries.preview import PreviewAnswer, preview
from tracker.services.new_statements import as_statement, at_pointer, checked, read_files
from tracker.services.stores import open_for_reading, refreshed
from tracker.state.record import Record

if TYPE_CHECKING:  # the store's libraries are imported by those who open one
    from tracker.store.drafts import Done, Outcome, RequestKey
    from tracker.store.event_store import EventStore

MAX_ATTEMPTS = 5
MAX_REASON_CHARS = 20_000


class StaleDraft(DatasetErrors):
    """A draft that no longer fits the record."""


def submit(
    url: str, table: Mapping[str, Any], *, by: str, writer: str | None = None, review: bool = True,
    key: "RequestKey | None" = None, max_waiting: int | None = None,
) -> "Done":  # fmt: skip
    """Hand in a statement, as JSON: as a draft, or without review straight on the record.

    Args: writer: whose token it is; max_waiting: drafts of this person that may wait at once; None is no limit.
    Raises: DatasetErrors, at JSON pointers; Conflict, Forbidden, BadRequest, and what the store raises.
    """
    from tracker.store.drafts import answered, draft_events

    with open_for_reading(url) as store:
        done = answered(store, key)
        if done is not None:
            return done
        statement = as_statement(table)
        if review and max_waiting is not None:
            waiting = [draft for draft in drafts(draft_events(store), DraftStatus.WAITING) if draft.submitted_by == by]
            if len(waiting) >= max_waiting:
                raise Forbidden(
                    f"{len(waiting)} drafts of {by} wait for approval: have some approved or rejected first"
                )
        return _retried(store, url, lambda record: _submit(store, record, statement, by, review, key, writer))


def submit_files(url: str, files: Sequence[Path], *, by: str) -> list["Done"]:
    """Hand in files as drafts, in order; the first that does not fit ends it, and those before it stay.

    Raises: DatasetErrors, at files and lines; Conflict, BadRequest, and what the store raises.
    """
    with open_for_reading(url) as store:
        record = _current(store, url)
        statements, _ = read_files(record, files)
        attempts = [partial(_submit, store, statement=one, by=by, review=True, key=None) for one in statements]
        return [_retried(store, url, attempt) for attempt in attempts]


def preview_json(record: Record, tables: Sequence[Mapping[str, Any]], clocks: Clocks) -> PreviewAnswer:
    """The changes that statements, as JSON, would make.

    Raises: DatasetErrors, at JSON pointers; Conflict.
    """
    new, warnings = checked(record, [as_statement(table) for table in tables], DatasetErrors)
    answer = preview(record, new, clocks, at_pointer)
    return answer.model_copy(update={"warnings": (*warnings, *answer.warnings)})


def preview_files(record: Record, files: Sequence[Path], clocks: Clocks) -> PreviewAnswer:
    """The changes that statements in files would make.

    Raises: DatasetErrors, at files and lines; Conflict.
    """
    new, locate = read_files(record, files)
    return preview(record, new, clocks, locate)


def _submit(
    store: "EventStore", record: Record, statement: Statement, by: str, review: bool, key: "RequestKey | None",
    writer: str | None = None,
) -> "Done":  # fmt: skip
    from tracker.store.drafts import new_id, put

    (statement,), warnings = checked(record, [statement], DatasetErrors)
    if not review:
        number = _next_number(store, statement)
        on_record = partial(_done, "recorded", statement, None, warnings)
        return put(
            store,
            lambda at: [(recorded(statement, at, by, writer=writer), number)],
            on_record,
            seen=record.position,
            key=key,
        )
    name = new_id()
    submitted_as = partial(_done, "submitted", statement, name, warnings)
    return put(store, lambda at: [(submitted(name, statement, at, by, writer), 0)], submitted_as, key=key)


def approve(
    url: str, name: str, *, by: str, writer: str | None = None, review: bool = True, key: "RequestKey | None" = None
) -> "Done":
    """Put the statement of a draft on the record, if it fits the record as it stands now.

    Args: writer: whose token it is; review: whether approval by its submitter is refused.
    Raises: UnknownDraft, Forbidden, StaleDraft, Conflict, and what the store raises.
    """
    from tracker.store.drafts import answered

    with open_for_reading(url) as store:
        done = answered(store, key)
        if done is not None:
            return done
        return _retried(store, url, lambda record: _approve(store, record, name, by, review, key, writer))


def _approve(
    store: "EventStore", record: Record, name: str, by: str, review: bool, key: "RequestKey | None", writer: str | None
) -> "Done":
    from tracker.store.drafts import put

    draft = _waiting(store, name)
    if review and _same_person(draft.recorded_by, by):
        raise Forbidden(f"draft {name} was submitted by {by}: another person has to approve it")
    (statement,), warnings = checked(record, [draft.statement], StaleDraft)
    number = _next_number(store, statement)

    def make(at: datetime) -> Any:
        event = recorded(statement, at, draft.recorded_by, by, writer=draft.writer, approver=writer)
        return [(approved(draft, at, by, writer), 1), (event, number)]

    finish = partial(_done, "approved", statement, name, warnings)
    return put(store, make, finish, seen=record.position, key=key)


def reject(
    url: str, name: str, reason: str, *, by: str, writer: str | None = None, only_of: str | None = None,
    key: "RequestKey | None" = None,
) -> "Done":  # fmt: skip
    """Turn a draft down; its statement may be handed in again.

    Args: writer: whose token it is; only_of: the submitter that the draft must have, for who may only withdraw.
    Raises: UnknownDraft, Forbidden, Conflict, BadRequest, and what the store raises.
    """
    from tracker.store.drafts import ConcurrentWrite, answered, put

    reason = _reason(reason)
    with open_for_reading(url) as store:
        done = answered(store, key)
        if done is not None:
            return done
        draft = _waiting(store, name)
        if only_of is not None and not _same_person(draft.recorded_by, only_of):
            raise Forbidden(f"draft {name} is by another person: rejecting it needs a token with the scope approve")
        finish = partial(_done, "rejected", draft.statement, name, ())
        try:
            done = put(store, lambda at: [(rejected(draft, reason, at, by, writer), 1)], finish, key=key)
        except ConcurrentWrite:
            _waiting(store, name)  # raises with the decision that was made meanwhile
            raise
        refreshed(url, store)
        return done


def _done(
    outcome: "Outcome", statement: Statement, draft: str | None, warnings: tuple[str, ...], position: int, at: datetime
) -> "Done":
    """The result of a request. Args: position: of the last event stored for it, recorded at an instant."""
    from tracker.store.drafts import Done

    return Done(
        outcome=outcome, statement=statement.id, draft=draft, position=position, recorded_at=at, warnings=warnings
    )


def list_drafts(url: str, status: DraftStatus | None = None) -> list[DraftAnswer]:
    """The drafts, the newest last."""
    from tracker.store.drafts import draft_events

    with open_for_reading(url) as store:
        return drafts(draft_events(store), status)


def show_draft(url: str, name: str) -> DraftAnswer:
    """One draft.

    Raises: UnknownDraft, and what the store raises.
    """
    from tracker.store.drafts import draft

    with open_for_reading(url) as store:
        return drafts(draft(store, name)[1])[0]


def _retried(store: "EventStore", address: str, attempt: Callable[[Record], "Done"]) -> "Done":
    """Retry on a fresh record until no concurrent write conflicts (optimistic locking), then refresh the tables.

    Raises: StoreBusy, and what the attempt raises.
    """
    from tracker.store.drafts import ConcurrentWrite
    from tracker.store.errors import StoreBusy

    for _ in range(MAX_ATTEMPTS):
        try:
            done = attempt(_current(store, address))
        except ConcurrentWrite:
            continue
        refreshed(address, store)
        return done
    raise StoreBusy(f"store {store.address}: other writers came first {MAX_ATTEMPTS} times: try again")


def _current(store: "EventStore", address: str) -> Record:
    """The record as it stands.

    Raises: BadRequest, and what the store raises.
    """
    from tracker.projections.load import load
    from tracker.projections.refresh import refresh

    if store.max_position() == 0:
        raise BadRequest("the store is empty: load a dataset with its registry first, `tracker load DIR`")
    refresh(address, store)
    return load(address)


def _next_number(store: "EventStore", statement: Statement) -> int:
    """The number of a statement's event in the stream of its announcement."""
    match statement:
        case Announcement():
            return 0
        case Correction():
            return len(store.stream("announcement", statement.corrects))
        case Retraction():
            return len(store.stream("announcement", statement.retracts))


def _waiting(store: "EventStore", name: str) -> DraftSubmitted:
    """A draft that is neither approved nor rejected.

    Raises: UnknownDraft, Conflict.
    """
    from tracker.store.drafts import draft

    submission, events = draft(store, name)
    if len(events) > 1:
        raise Conflict(_decided(name, events[1]))
    return submission


def _decided(name: str, decision: Recorded) -> str:
    event = decision.event
    by = f" by {event.recorded_by}" if event.recorded_by else ""
    if isinstance(event, DraftApproved):
        return f"draft {name} was approved{by} at position {decision.position}"
    return f"draft {name} was rejected{by} at position {decision.position}: its statement may be handed in again"


def _same_person(one: str | None, other: str) -> bool:
    """Whether two names are one, whatever their case and Unicode form."""
    return one is not None and _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason or len(reason) > MAX_REASON_CHARS:
        raise BadRequest(f"give a reason of 1 to {MAX_REASON_CHARS} characters: it is shown to the submitter")
    return reason
