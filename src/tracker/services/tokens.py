"""Tokens: who may write over HTTP to a store."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tracker.model.errors import BadRequest
from tracker.services.stores import open_for_reading, refreshed

if TYPE_CHECKING:  # the store's libraries are imported by those who open one
    from tracker.store.tokens import Token, TokenScope


def create_token(
    url: str, person: str, scopes: Sequence["TokenScope"], now: datetime, expires_at: datetime | None
) -> tuple["Token", str]:
    """Make a token.

    Returns: the token, and its secret, which is stored only as a hash.
    Raises: BadRequest, and what the store raises.
    """
    from tracker.store import tokens

    with open_for_reading(url) as store:
        if store.max_position() == 0:
            raise BadRequest("the store is empty: load a dataset with its registry first, `tracker load DIR`")
        made = tokens.create(store, person, frozenset(scopes), now, expires_at)
        refreshed(url, store)
        return made


def list_tokens(url: str) -> list["Token"]:
    """All tokens, oldest first, without their secrets."""
    from tracker.store import tokens

    with open_for_reading(url) as store:
        return tokens.tokens(store)


def revoke_token(url: str, name: str, now: datetime) -> "Token":
    """Make a token invalid from now on.

    Raises: BadRequest, and what the store raises.
    """
    from tracker.store import tokens

    with open_for_reading(url) as store:
        revoked = tokens.revoke(store, name, now)
        refreshed(url, store)
        return revoked


def whose(url: str, secret: str, now: datetime) -> "Token":
    """The token that a secret belongs to.

    Raises: NotAuthentic, and what the store raises.
    """
    from tracker.store import tokens

    with open_for_reading(url) as store:
        return tokens.whose(store, secret, now)
