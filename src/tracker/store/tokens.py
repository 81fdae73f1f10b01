"""Bearer tokens of those who may write. Only their SHA-256 is stored, so that a copy of the store gives no access."""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from tracker.model.dates import instant, moment
from tracker.model.errors import BadRequest, NotAuthentic
from tracker.model.events import AnyEvent, Writer, WriterAdded, writer_added, writer_revoked
from tracker.store.database import LogWriter, SqlRow
from tracker.store.errors import explained
from tracker.store.event_store import EventStore, append_events, end_of
from tracker.store.streams import writer_stream

SECRET_BYTES = 32
PREFIX = "trk"
_FORM = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})", re.ASCII)
_UNKNOWN = (
    "0" * 12,
    secrets.token_urlsafe(SECRET_BYTES),
)  # looked up and compared where a token is malformed, to take the same time
_REFUSAL = "the token is not valid: it may be mistyped, expired or revoked; ask for a new one"


class TokenScope(StrEnum):
    """A permission that a token gives."""

    RECORD = "record"  # hand in statements
    APPROVE = "approve"  # approve and reject what others handed in
    ADMIN = "admin"  # have the whole store verified


class Token(NamedTuple):
    """A token as the store has it, without its secret."""

    id: str
    person: str
    scopes: frozenset[TokenScope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def valid(self, now: datetime) -> bool:
        """Whether the token is good at a time: from its making on, as long as it is not revoked and has not expired."""
        return self.created_at <= now and self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def prefix(self) -> str:
        """The beginning of the token's secret, by which people recognise it."""
        return f"{PREFIX}_{self.id}_"


def create(
    store: EventStore, person: str, scopes: frozenset[TokenScope], now: datetime, expires_at: datetime | None
) -> tuple[Token, str]:
    """Make a token.

    Returns: the token, and its secret, which cannot be shown again.
    Raises: BadRequest, and the errors of the store.
    """
    if not (person.strip() and person.isprintable() and len(person) <= 200):
        raise BadRequest(f"{person[:80]!r} is not a name: write one line of up to 200 characters")
    if not scopes:
        raise BadRequest(f"a token needs a scope: name one of {', '.join(TokenScope)}")
    if expires_at is not None and expires_at <= now:
        raise BadRequest(f"{expires_at.isoformat()} has passed: name a later day")
    token = Token(secrets.token_hex(6), person.strip(), scopes, now, expires_at, None)
    secret = f"{token.prefix}{secrets.token_urlsafe(SECRET_BYTES)}"
    known = Writer(id=token.id, person=token.person, scopes=tuple(sorted(scopes)), expires_at=expires_at)
    row = (token.id, token.person, " ".join(sorted(scopes)), _hash(secret), instant(now), _instant(expires_at))
    sql = "INSERT INTO writer_tokens (id, person, scopes, sha256, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)"
    with explained(store.address), store.writing() as writer:
        writer.change(sql, row)
        end, at = end_of(writer)
        append_events(store, writer, end, [(writer_added(known, at), 0)])
    return token, secret


def tokens(store: EventStore) -> list[Token]:
    """All tokens, revoked and expired ones included, oldest first."""
    with store.reading() as reader:
        return [_token(row) for row in reader.select("SELECT * FROM writer_tokens ORDER BY created_at, id")]


def revoke(store: EventStore, name: str, now: datetime) -> Token:
    """Revoke a token from now on; named by its id, or by a beginning of its secret that contains the id.

    Raises: BadRequest, and the errors of the store.
    """
    token_id = name.removeprefix(f"{PREFIX}_").partition("_")[0]
    with explained(store.address), store.writing() as writer:
        rows = writer.select("SELECT * FROM writer_tokens WHERE id = ?", (token_id,)) if "\0" not in token_id else []
        if not rows:
            raise BadRequest(f"there is no token {token_id[:40]!r}: `tracker token list` shows them")
        writer.change(
            "UPDATE writer_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (instant(now), token_id)
        )
        if rows[0]["revoked_at"] is None:
            _record_revocation(store, writer, token_id)
        return _token(writer.select("SELECT * FROM writer_tokens WHERE id = ?", (token_id,))[0])


def _record_revocation(store: EventStore, writer: LogWriter, token_id: str) -> None:
    """Put the revocation on the record; of a token that was made before tokens were on it, both events."""
    end, at = end_of(writer)
    sql = "SELECT position, state FROM event_log WHERE stream = ? ORDER BY number"
    stored = writer.select(sql, (writer.key(writer_stream(token_id)),))
    token = _token(writer.select("SELECT * FROM writer_tokens WHERE id = ?", (token_id,))[0])
    made = Writer(id=token.id, person=token.person, scopes=tuple(sorted(token.scopes)), expires_at=token.expires_at)
    added = store.mapper.event(bytes(stored[0]["state"]), stored[0]["position"]) if stored else writer_added(made, at)
    assert isinstance(added, WriterAdded)
    events: list[tuple[AnyEvent, int]] = [] if stored else [(added, 0)]
    append_events(store, writer, end, [*events, (writer_revoked(added, at), 1)])


def whose(store: EventStore, secret: str, now: datetime) -> Token:
    """The valid token that a secret belongs to.

    An unknown secret takes the same steps as a known one, and gets the same message.
    Raises: NotAuthentic, and the errors of the store.
    """
    match = _FORM.fullmatch(secret)
    token_id = match[1] if match else _UNKNOWN[0]
    with store.reading() as reader:
        rows = reader.select("SELECT * FROM writer_tokens WHERE id = ?", (token_id,))
    stored = bytes(rows[0]["sha256"]) if rows else _hash(_UNKNOWN[1])
    equal = hmac.compare_digest(stored, _hash(secret if match else _UNKNOWN[0]))
    if not (equal and rows and _token(rows[0]).valid(now)):
        raise NotAuthentic(_REFUSAL)
    return _token(rows[0])


def _hash(secret: str) -> bytes:
    """SHA-256 of a secret: 256 random bits need no salt, and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def _token(row: SqlRow) -> Token:
    scopes = frozenset(map(TokenScope, row["scopes"].split()))
    return Token(row["id"], row["person"], scopes, *(_moment(row[f"{name}_at"]) for name in _TIMES))  # type: ignore[arg-type]


_TIMES = ("created", "expires", "revoked")


def _instant(at: datetime | None) -> int | None:
    return None if at is None else instant(at)


def _moment(value: Any) -> datetime | None:
    return None if value is None else moment(value, UTC)
