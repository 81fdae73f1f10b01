"""Who may write, and the store that they write to."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.model.errors import TrackerError
from tracker.services.records import default_store

if TYPE_CHECKING:  # the store's libraries are imported by those who open one
    from tracker.store.event_store import EventStore
    from tracker.store.tokens import Token, TokenScope


def create_token(
    url: str | None, person: str, scopes: Sequence["TokenScope"], now: datetime, expires_at: datetime | None
) -> tuple["Token", str]:
    """Make a token.

    Returns: it, and the secret, which cannot be shown again.
    Raises: BadRequest, and what the store raises.
    """
    from tracker.store import tokens

    with opened(url) as store:
        return tokens.create(store, person, frozenset(scopes), now, expires_at)


def list_tokens(url: str | None) -> list["Token"]:
    """All tokens, oldest first; never a secret."""
    from tracker.store import tokens

    with opened(url) as store:
        return tokens.tokens(store)


def revoke_token(url: str | None, name: str, now: datetime) -> "Token":
    """Make a token worthless from now on.

    Raises: BadRequest, and what the store raises.
    """
    from tracker.store import tokens

    with opened(url) as store:
        return tokens.revoke(store, name, now)


def whose(url: str | None, secret: str, now: datetime) -> "Token":
    """The token that a secret belongs to.

    Raises: NotAuthentic, and what the store raises.
    """
    from tracker.store import tokens

    with opened(url) as store:
        return tokens.whose(store, secret, now)


def address_of(url: str | None) -> str:
    return url or default_store()


@contextmanager
def opened(url: str | None) -> Iterator["EventStore"]:
    """A store that is there already.

    Raises: what the store raises.
    """
    from tracker.store.event_store import open_store

    address = address_of(url)
    if url is None and not Path(address).exists():
        raise TrackerError("there is no store yet: any question makes one, or `tracker load DIR`")
    with closing(open_store(address, create=False)) as store:
        yield store
