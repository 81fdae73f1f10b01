"""Who asks: bearer tokens (RFC 6750)."""

import math
from datetime import UTC, datetime

from fastapi import HTTPException, Request

from tracker.api.middleware.rate_limit import TOO_OFTEN
from tracker.api.state import Service, service
from tracker.model.errors import Forbidden, NotAuthentic
from tracker.services import tokens
from tracker.services.stores import origin_of
from tracker.store.tokens import Token, TokenScope

ANY = tuple(TokenScope)


class Bearer:
    """Lets pass who has a token with one of some scopes."""

    def __init__(self, *scopes: TokenScope) -> None:
        self.scopes = frozenset(scopes)

    def __call__(self, request: Request) -> Token:
        """Raises: NotAuthentic, Forbidden, and what the store raises."""
        asked = service(request)
        token = _whose(asked, request)
        if not token.scopes & self.scopes:
            raise Forbidden(f"this takes a token with the scope {' or '.join(sorted(self.scopes))}")
        return token


def with_store(asked: Service) -> str:
    """The store that is written to.

    Raises: Forbidden, where the server answers from files.
    """
    if asked.settings.events is not None:
        raise Forbidden("this server answers from files: nothing is stored, so nothing can be recorded or proved")
    return origin_of(asked.settings).store


def _whose(asked: Service, request: Request) -> Token:
    store = with_store(asked)
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotAuthentic("say who asks: send the header Authorization: Bearer and a token")
    token = tokens.whose(store, secret.strip(), datetime.now(UTC))
    seconds = asked.buckets.wait(token.id)
    if seconds:
        raise HTTPException(429, TOO_OFTEN, {"Retry-After": str(math.ceil(seconds))})
    return token
