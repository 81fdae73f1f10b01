"""Drafts: statements handed in, reviewed, and put on the record of a store or turned down."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.dataset.existing import OnRecord
from tracker.dataset.json_statements import check_statements, errors_of, statement_of_json
from tracker.dataset.reader import read_statements
from tracker.model.announcement import Announcement, Correction, Retraction, Statement
from tracker.model.errors import BadRequest, Conflict, DatasetErrors, Forbidden, Location
from tracker.model.events import DraftApproved, DraftSubmitted, Recorded, approved, recorded, rejected, submitted
from tracker.queries.clocks import Clocks
from tracker.queries.existing import on_record
from tracker.queries.lint import Locate
from tracker.queries.log import DraftAnswer, DraftStatus, drafts
from tracker.queries.plan_checks import refusals
from tracker.queries.preview import PreviewAnswer, preview
from tracker.services.datasets import locating
from tracker.services.stores import open_for_reading, refreshed
from tracker.state.record import Record

if TYPE_CHECKING:  # the store's libraries are imported by those who open one
    from tracker.store.drafts import Done, RequestKey
    from tracker.store.event_store import EventStore

MAX_ATTEMPTS = 5
MAX_REASON_CHARS = 20_000


class StaleDraft(DatasetErrors):
    """A draft that no longer fits the record."""


def submit(
    url: str, table: Mapping[str, Any], *, by: str, review: bool = True, key: "RequestKey | None" = None,
    max_waiting: int | None = None,
) -> "Done":  # fmt: skip
    """Hand in a statement, as JSON: as a draft, or without review straight on the record.

    Args: max_waiting: drafts of this person that may wait at once; None is no limit.
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
        return _retried(store, url, lambda record: _submit(store, record, statement, by, review, key))


def submit_files(url: str, files: Sequence[Path], *, by: str) -> list["Done"]:
    """Hand in files as drafts, in order; the first that does not fit ends it, and those before it stay.

    Raises: DatasetErrors, at files and lines; Conflict, BadRequest, and what the store raises.
    """
    with open_for_reading(url) as store:
        record = _current(store, url)
        statements, _ = read_files(record, files)
        return [_retried(store, url, partial(_submit_draft, store, statement, by)) for statement in statements]


def _submit_draft(store: "EventStore", statement: Statement, by: str, record: Record) -> "Done":
    return _submit(store, record, statement, by, True, None)


def as_statement(table: Mapping[str, Any]) -> Statement:
    """The statement that a JSON object describes.

    Raises: DatasetErrors, at JSON pointers.
    """
    statement, problems = statement_of_json(table)
    if statement is None:
        raise DatasetErrors(problems)
    return statement


def read_files(record: Record, files: Sequence[Path]) -> tuple[tuple[Statement, ...], Locate]:
    """The statements of files that could be recorded next, and where in them an effect is.

    Raises: DatasetErrors, at files and lines; Conflict.
    """
    before = on_record(record)
    new, locations, problems = read_statements(files, record.registry(), before)
    if errors := errors_of(problems):
        raise DatasetErrors(errors)
    _refuse_known(before, new)
    locate = locating(locations)
    if impossible := refusals(record, _announcements(new), locate):
        raise DatasetErrors(tuple(impossible))
    return new, locate


def _announcements(statements: Iterable[Statement]) -> list[Announcement]:
    return [statement for statement in statements if isinstance(statement, Announcement)]


def preview_json(record: Record, tables: Sequence[Mapping[str, Any]], clocks: Clocks) -> PreviewAnswer:
    """The changes that statements, as JSON, would make.

    Raises: DatasetErrors, at JSON pointers; Conflict.
    """
    new = [as_statement(table) for table in tables]
    warnings = _checked(record, new, DatasetErrors)
    answer = preview(record, new, clocks, _at_pointer)
    return answer.model_copy(update={"warnings": (*warnings, *answer.warnings)})


def _at_pointer(_: str, number: int) -> Location:
    """The place of an effect in a statement as JSON."""
    return Location(f"/effect/{number}")


def preview_files(record: Record, files: Sequence[Path], clocks: Clocks) -> PreviewAnswer:
    """The changes that statements in files would make.

    Raises: DatasetErrors, at files and lines; Conflict.
    """
    new, locate = read_files(record, files)
    return preview(record, new, clocks, locate)


def _submit(
    store: "EventStore", record: Record, statement: Statement, by: str, review: bool, key: "RequestKey | None"
) -> "Done":
    from tracker.store.drafts import Done, new_id, put

    warnings = _checked(record, [statement], DatasetErrors)
    if not review:
        number = _next_number(store, statement)

        def on_record(position: int, at: datetime) -> Done:
            return Done(outcome="recorded", statement=statement.id, draft=None, position=position,
                        recorded_at=at, warnings=warnings)  # fmt: skip

        return put(store, lambda at: [(recorded(statement, at, by), number)], on_record, seen=record.position, key=key)
    name = new_id()

    def submitted_as(position: int, at: datetime) -> Done:
        return Done(outcome="submitted", statement=statement.id, draft=name, position=position,
                    recorded_at=at, warnings=warnings)  # fmt: skip

    return put(store, lambda at: [(submitted(name, statement, at, by), 0)], submitted_as, key=key)


def approve(url: str, name: str, *, by: str, review: bool = True, key: "RequestKey | None" = None) -> "Done":
    """Put the statement of a draft on the record, if it fits the record as it stands now.

    Args: review: whether approval by its submitter is refused.
    Raises: UnknownDraft, Forbidden, StaleDraft, Conflict, and what the store raises.
    """
    from tracker.store.drafts import answered

    with open_for_reading(url) as store:
        done = answered(store, key)
        if done is not None:
            return done
        return _retried(store, url, lambda record: _approve(store, record, name, by, review, key))


def _approve(store: "EventStore", record: Record, name: str, by: str, review: bool, key: "RequestKey | None") -> "Done":
    from tracker.store.drafts import Done, put

    draft = _waiting(store, name)
    if review and _same_person(draft.recorded_by, by):
        raise Forbidden(f"draft {name} was submitted by {by}: another person has to approve it")
    statement = draft.statement
    warnings = _checked(record, [statement], StaleDraft)
    number = _next_number(store, statement)

    def make(at: datetime) -> Any:
        event = recorded(statement, at, draft.recorded_by, by)
        return [(approved(draft, at, by), 1), (event, number)]

    def finish(position: int, at: datetime) -> Done:
        return Done(outcome="approved", statement=statement.id, draft=name, position=position,
                    recorded_at=at, warnings=warnings)  # fmt: skip

    return put(store, make, finish, seen=record.position, key=key)


def reject(
    url: str, name: str, reason: str, *, by: str, only_of: str | None = None, key: "RequestKey | None" = None
) -> "Done":
    """Turn a draft down; its statement may be handed in again.

    Args: only_of: the submitter that the draft must have, for tokens that may only withdraw their owner's drafts.
    Raises: UnknownDraft, Forbidden, Conflict, BadRequest, and what the store raises.
    """
    from tracker.store.drafts import ConcurrentWrite, Done, answered, put

    reason = _reason(reason)
    with open_for_reading(url) as store:
        done = answered(store, key)
        if done is not None:
            return done
        draft = _waiting(store, name)
        if only_of is not None and not _same_person(draft.recorded_by, only_of):
            raise Forbidden(f"draft {name} is by another person: rejecting it needs a token with the scope approve")

        def finish(position: int, at: datetime) -> Done:
            return Done(outcome="rejected", statement=draft.statement.id, draft=name, position=position,
                        recorded_at=at)  # fmt: skip

        try:
            done = put(store, lambda at: [(rejected(draft, reason, at, by), 1)], finish, key=key)
        except ConcurrentWrite:
            _waiting(store, name)  # raises with the decision that was made meanwhile
            raise
        refreshed(url, store)
        return done


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


def _checked(record: Record, new: Sequence[Statement], error: type[DatasetErrors]) -> tuple[str, ...]:
    """Warnings about statements, after the checks of `tracker record`.

    Raises: `error`, Conflict.
    """
    before = on_record(record)
    _refuse_known(before, new)
    problems = check_statements(record.registry(), before, new)
    if errors := errors_of(problems) or tuple(refusals(record, _announcements(new), _at_pointer)):
        raise error(errors)
    return tuple(problem.message for problem in problems)


def _refuse_known(before: OnRecord, new: Sequence[Statement]) -> None:
    ids = {known.id for known in before.about([statement.id for statement in new])}
    for statement in new:
        if statement.id in ids:
            raise Conflict(
                f"{statement.id} is on the record, and what is there is never edited: write a correction, or choose "
                "another id"
            )


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
