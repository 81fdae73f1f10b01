"""Who may write: bearer tokens. Only their SHA-256 is stored, so that nobody who reads the store can use them."""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from tracker.model.dates import instant, moment
from tracker.model.errors import BadRequest, NotAuthentic
from tracker.store.database import Found
from tracker.store.errors import explained
from tracker.store.event_store import EventStore

BYTES = 32  # of the secret
PREFIX = "trk"
_FORM = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})", re.ASCII)
_NOBODY = "0" * 12, secrets.token_urlsafe(BYTES)  # is looked up and compared where a token has no form at all
_REFUSAL = "the token is not valid: it may be mistyped, expired or revoked; ask for a new one"


class Scope(StrEnum):
    """What a token is good for."""

    RECORD = "record"  # hand in statements
    APPROVE = "approve"  # approve and reject what others handed in
    ADMIN = "admin"  # have the whole store verified


class Token(NamedTuple):
    """A token as it is known to the store, without its secret."""

    id: str
    person: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def prefix(self) -> str:
        """What its secret begins with, for people to recognise it by."""
        return f"{PREFIX}_{self.id}_"


def create(
    store: EventStore, person: str, scopes: frozenset[Scope], now: datetime, expires_at: datetime | None
) -> tuple[Token, str]:
    """Make a token.

    Returns: it, and the secret, which cannot be shown again.
    Raises: BadRequest, and what the store raises.
    """
    if not (person.strip() and person.isprintable() and len(person) <= 200):
        raise BadRequest(f"{person[:80]!r} is not a name: write one line of up to 200 characters")
    if not scopes:
        raise BadRequest(f"a token is good for something: name one of {', '.join(Scope)}")
    if expires_at is not None and expires_at <= now:
        raise BadRequest(f"{expires_at.isoformat()} has passed: name a later day")
    token = Token(secrets.token_hex(6), person.strip(), scopes, now, expires_at, None)
    secret = f"{token.prefix}{secrets.token_urlsafe(BYTES)}"
    row = (token.id, token.person, " ".join(sorted(scopes)), _hash(secret), instant(now), _instant(expires_at))
    sql = "INSERT INTO writer_tokens (id, person, scopes, sha256, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)"
    with explained(store.address), store.writing() as writer:
        writer.change(sql, row)
    return token, secret


def tokens(store: EventStore) -> list[Token]:
    """All that were ever made, oldest first."""
    with store.reading() as reader:
        return [_token(row) for row in reader.select("SELECT * FROM writer_tokens ORDER BY created_at, id")]


def revoke(store: EventStore, name: str, now: datetime) -> Token:
    """Make a token worthless from now on; named by its id, or by any beginning of the token that is long enough.

    Raises: BadRequest, and what the store raises.
    """
    wanted = name.removeprefix(f"{PREFIX}_").partition("_")[0]
    with explained(store.address), store.writing() as writer:
        found = writer.select("SELECT * FROM writer_tokens WHERE id = ?", (wanted,)) if "\0" not in wanted else []
        if not found:
            raise BadRequest(f"there is no token {wanted[:40]!r}: `tracker token list` shows them")
        writer.change(
            "UPDATE writer_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (instant(now), wanted)
        )
        return _token(writer.select("SELECT * FROM writer_tokens WHERE id = ?", (wanted,))[0])


def whose(store: EventStore, secret: str, now: datetime) -> Token:
    """The token that a secret belongs to.

    A secret that no token has takes the same steps as one that some token has, and ends in the same words.
    Raises: NotAuthentic, and what the store raises.
    """
    match = _FORM.fullmatch(secret)
    name = match[1] if match else _NOBODY[0]
    with store.reading() as reader:
        found = reader.select("SELECT * FROM writer_tokens WHERE id = ?", (name,))
    known = bytes(found[0]["sha256"]) if found else _hash(_NOBODY[1])
    same = hmac.compare_digest(known, _hash(secret if match else _NOBODY[0]))
    if not (same and found and _token(found[0]).valid(now)):
        raise NotAuthentic(_REFUSAL)
    return _token(found[0])


def _hash(secret: str) -> bytes:
    """256 random bits need no salt, and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def _token(row: Found) -> Token:
    scopes = frozenset(map(Scope, row["scopes"].split()))
    return Token(row["id"], row["person"], scopes, *(_moment(row[f"{when}_at"]) for when in _WHEN))  # type: ignore[arg-type]


_WHEN = ("created", "expires", "revoked")


def _instant(at: datetime | None) -> int | None:
    return None if at is None else instant(at)


def _moment(value: Any) -> datetime | None:
    return None if value is None else moment(value, UTC)
