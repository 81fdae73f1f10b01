"""Drafts, and whatever else is written for somebody who asks: events, and what was answered, in one transaction.

Who asks may name a key. What was answered is kept under it, so that a request that is sent again, because nobody knows
whether the first one arrived, is answered again and done once.
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
from tracker.store.database import Reader, Row, Writer
from tracker.store.errors import explained
from tracker.store.event_store import EventStore, end_of
from tracker.store.leaves import Appender
from tracker.store.load_plan import place_of

KEPT = timedelta(days=7)  # how long a request may be sent again

_DRAFTS = """
    SELECT position, state FROM event_log WHERE type IN ('DraftSubmitted', 'DraftApproved', 'DraftRejected')
    ORDER BY position
"""


class Done(BaseModel):
    """What became of a request to write."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Literal["submitted", "recorded", "approved", "rejected"] = Field(description="What was done.")
    statement: str = Field(description="The id of the statement.")
    draft: str | None = Field(None, description="The id of the draft, where it is or was one.")
    position: int = Field(description="Of the last event that was stored for it.")
    recorded_at: datetime = Field(description="Time of its recording (UTC).")
    warnings: tuple[str, ...] = Field((), description="What a coder should look at again.")


class Key(NamedTuple):
    """By what a request is known again."""

    token: str  # whose key it is
    key: str
    request: bytes  # the digest of what was asked


class KeyReused(Conflict):
    """The key came with something else before."""


class Moved(Exception):
    """Somebody else wrote since the record was looked at."""


Placed = tuple[AnyEvent, int]  # an event, and its number in its stream
Finish = Callable[[int, datetime], Done]  # from the last position, and the time


def new_id() -> str:
    """The id of a draft."""
    return f"d-{secrets.token_hex(8)}"


def draft_events(store: EventStore) -> list[Recorded]:
    """Everything about drafts, in order."""
    with store.reading() as reader:
        found = reader.select(_DRAFTS)
    return [Recorded(row["position"], store.mapper.event(bytes(row["state"]), row["position"])) for row in found]


def draft(store: EventStore, name: str) -> tuple[DraftSubmitted, list[Recorded]]:
    """A draft, and all its events.

    Raises: UnknownDraft, and what the store raises.
    """
    found = store.stream("draft", name)
    if not found or not isinstance(found[0].event, DraftSubmitted):
        raise UnknownDraft(f"there is no draft {name[:80]!r}: `tracker draft list` or GET /drafts names them")
    return found[0].event, found


def answered(store: EventStore, key: Key | None) -> Done | None:
    """What was answered to the same request before.

    Raises: KeyReused, and what the store raises.
    """
    if key is None:
        return None
    with store.reading() as reader:
        return _answered(reader, key)


def put(
    store: EventStore, make: Callable[[datetime], Sequence[Placed]], finish: Finish, *, seen: int | None = None,
    key: Key | None = None,
) -> Done:  # fmt: skip
    """Store events, all of them or none.

    Args: make: the events, given the time at which they are recorded; seen: the position at which the record was
        looked at, if nobody may have written since.
    Returns: what `finish` makes of it, or what was answered to the same request before.
    Raises: Moved, also where somebody else has put another event in the same place; KeyReused, and what the store
        raises.
    """
    with explained(store.address):
        try:
            with store.writing() as writer:
                return _put(store, writer, make, finish, seen, key)
        except IntegrityError as error:
            raise Moved from error


def _put(
    store: EventStore, writer: Writer, make: Callable[[datetime], Sequence[Placed]], finish: Finish,
    seen: int | None, key: Key | None,
) -> Done:  # fmt: skip
    before = _answered(writer, key) if key else None
    if before is not None:
        return before
    end, at = end_of(writer)
    if seen is not None and end != seen:
        raise Moved
    done = finish(_append(store, writer, end, make(at)), at)
    if key:
        _keep(writer, key, done, at)
    return done


def _append(store: EventStore, writer: Writer, end: int, events: Sequence[Placed]) -> int:
    rows = [_row(store, event, number) for event, number in events]
    writer.insert(rows)
    found = writer.select("SELECT position FROM event_log WHERE position > ? ORDER BY position", (end,))
    positions = [row["position"] for row in found]
    Appender(writer).append(zip(positions, [row.state for row in rows], strict=True))
    return int(positions[-1])


def _row(store: EventStore, event: AnyEvent, number: int) -> Row:
    stream, statement = place_of(event)
    return Row(
        originator_id=stream,
        originator_version=number,
        topic=event.type,
        state=store.mapper.state(event),
        statement=statement,
        digest=event.digest,
        recorded_at=instant(event.recorded_at),
    )


def _answered(reader: Reader, key: Key) -> Done | None:
    sql = "SELECT request, answer FROM idempotency_keys WHERE token = ? AND key = ?"
    found = reader.select(sql, (key.token, key.key))
    if not found:
        return None
    if bytes(found[0]["request"]) != key.request:
        raise KeyReused(
            f"the Idempotency-Key {key.key!r} came with another request before: use a new key for each request"
        )
    return Done.model_validate_json(found[0]["answer"])


def _keep(writer: Writer, key: Key, done: Done, at: datetime) -> None:
    writer.change("DELETE FROM idempotency_keys WHERE at < ?", (instant(at - KEPT),))
    values = (key.token, key.key, key.request, done.model_dump_json(), instant(at))
    writer.change("INSERT INTO idempotency_keys (token, key, request, answer, at) VALUES (?, ?, ?, ?, ?)", values)
