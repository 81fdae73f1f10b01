"""Draft events and idempotency keys.

The response is stored with the events in one transaction, so that a retried request is applied once and gets the
original response.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from eventsourcing.persistence import IntegrityError
from pydantic import BaseModel, ConfigDict, Field

from tracker.model.dates import instant
from tracker.model.errors import Conflict, UnknownDraft
from tracker.model.events import AnyEvent, DraftSubmitted, Recorded
from tracker.store.database import LogReader, LogWriter
from tracker.store.errors import explained
from tracker.store.event_store import EventStore, append_events, end_of

KEY_LIFETIME = timedelta(days=7)  # how long a request may be retried

_DRAFTS = """
    SELECT position, state FROM event_log WHERE type IN ('DraftSubmitted', 'DraftApproved', 'DraftRejected')
    ORDER BY position
"""


Outcome = Literal["submitted", "recorded", "approved", "rejected"]


class Done(BaseModel):
    """The result of a request to write."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Outcome = Field(description="The result.")
    statement: str = Field(description="The id of the statement.")
    draft: str | None = Field(None, description="The id of the draft, where it is or was one.")
    position: int = Field(description="Position of the last event that was stored for the request.")
    recorded_at: datetime = Field(description="Time of its recording (UTC).")
    warnings: tuple[str, ...] = Field((), description="Warnings for the coder.")


class RequestKey(NamedTuple):
    """Identifies a request, so that a retry is recognised."""

    token: str  # the id of the token that the key belongs to
    key: str
    request: bytes  # the digest of the request


class KeyReused(Conflict):
    """The idempotency key was used for another request before."""


class ConcurrentWrite(Exception):
    """Another writer stored events since the record was read."""


NumberedEvent = tuple[AnyEvent, int]  # an event, and its number in its stream
MakeEvents = Callable[[datetime], Sequence[NumberedEvent]]  # from the time of recording
MakeResult = Callable[[int, datetime], Done]  # from the last position, and the time of recording


def new_id() -> str:
    """A random id for a draft."""
    return f"d-{secrets.token_hex(8)}"


def draft_events(store: EventStore) -> list[Recorded]:
    """All events about drafts, in order."""
    with store.reading() as reader:
        rows = reader.select(_DRAFTS)
    return [Recorded(row["position"], store.mapper.event(bytes(row["state"]), row["position"])) for row in rows]


def draft(store: EventStore, name: str) -> tuple[DraftSubmitted, list[Recorded]]:
    """A draft, and all its events.

    Raises: UnknownDraft, and the errors of the store.
    """
    events = store.stream("draft", name)
    if not events or not isinstance(events[0].event, DraftSubmitted):
        raise UnknownDraft(f"there is no draft {name[:80]!r}: `tracker draft list` or GET /drafts names them")
    return events[0].event, events


def answered(store: EventStore, key: RequestKey | None) -> Done | None:
    """The response to a request that was applied before; None if it was not.

    Raises: KeyReused, and the errors of the store.
    """
    if key is None:
        return None
    with store.reading() as reader:
        return _answered(reader, key)


def put(
    store: EventStore, make: MakeEvents, finish: MakeResult, *, seen: int | None = None,
    key: RequestKey | None = None,
) -> Done:  # fmt: skip
    """Store events, all of them or none.

    Args: make: makes the events; seen: the position at which the record was
        read, if no event may have been stored since (optimistic locking).
    Returns: the result that `finish` makes, or the stored response if the request was applied before.
    Raises: ConcurrentWrite, also where another event took the place of one in its stream; KeyReused, and the errors
        of the store.
    """
    with explained(store.address):
        try:
            with store.writing() as writer:
                return _put(store, writer, make, finish, seen, key)
        except IntegrityError as error:
            raise ConcurrentWrite from error


def _put(
    store: EventStore, writer: LogWriter, make: MakeEvents, finish: MakeResult,
    seen: int | None, key: RequestKey | None,
) -> Done:  # fmt: skip
    before = _answered(writer, key) if key else None
    if before is not None:
        return before
    end, at = end_of(writer)
    if seen is not None and end != seen:
        raise ConcurrentWrite
    done = finish(append_events(store, writer, end, make(at)), at)
    if key:
        _keep(writer, key, done, at)
    return done


def _answered(reader: LogReader, key: RequestKey) -> Done | None:
    sql = "SELECT request, answer FROM idempotency_keys WHERE token = ? AND key = ?"
    rows = reader.select(sql, (key.token, key.key))
    if not rows:
        return None
    if bytes(rows[0]["request"]) != key.request:
        raise KeyReused(
            f"the Idempotency-Key {key.key!r} came with another request before: use a new key for each request"
        )
    return Done.model_validate_json(rows[0]["answer"])


def _keep(writer: LogWriter, key: RequestKey, done: Done, at: datetime) -> None:
    writer.change("DELETE FROM idempotency_keys WHERE at < ?", (instant(at - KEY_LIFETIME),))
    values = (key.token, key.key, key.request, done.model_dump_json(), instant(at))
    writer.change("INSERT INTO idempotency_keys (token, key, request, answer, at) VALUES (?, ?, ?, ?, ?)", values)
