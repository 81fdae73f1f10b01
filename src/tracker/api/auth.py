"""Authentication by bearer tokens (RFC 6750)."""

import math
from datetime import UTC, datetime
from functools import partial

from fastapi import HTTPException, Request

from tracker.api.clients import client_of
from tracker.api.middleware.rate_limit import RATE_EXCEEDED, RateLimiter
from tracker.api.state import ServerState, server_state
from tracker.model.errors import Forbidden, NotAuthentic
from tracker.services import tokens
from tracker.services.stores import origin_of
from tracker.store.tokens import Token, TokenScope

ANY_SCOPE = tuple(TokenScope)


class Bearer:
    """A dependency of endpoints that takes a token with one of some scopes."""

    def __init__(self, *scopes: TokenScope) -> None:
        self.scopes = frozenset(scopes)

    async def __call__(self, request: Request) -> Token:
        """Authenticate the request. Raises: NotAuthentic, Forbidden, HTTPException (429), and what the store raises."""
        token = await _authenticate(server_state(request), request)
        request.scope["writer"] = token.id  # for the access log
        if not token.scopes & self.scopes:
            raise Forbidden(f"this request needs a token with the scope {' or '.join(sorted(self.scopes))}")
        return token


def writable_store(state: ServerState) -> str:
    """The address of the store that is written to.

    Raises: Forbidden, where the server answers from files.
    """
    if state.settings.events is not None:
        raise Forbidden("this server answers from files: nothing is stored, so nothing can be recorded or proved")
    return origin_of(state.settings).store


async def _authenticate(state: ServerState, request: Request) -> Token:
    store = writable_store(state)
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotAuthentic("authentication required: send the header Authorization: Bearer TOKEN")
    try:
        token = await state.store_reads.run(partial(tokens.whose, store, secret.strip(), datetime.now(UTC)))
    except NotAuthentic:
        _limit(state.anonymous_limiter, client_of(request.scope))  # a word that is no token counts for its address
        raise
    _limit(state.token_limiter, token.id)
    return token


def _limit(limiter: RateLimiter, client: str) -> None:
    seconds = limiter.wait(client)
    if seconds:
        raise HTTPException(429, RATE_EXCEEDED, {"Retry-After": str(math.ceil(seconds))})
