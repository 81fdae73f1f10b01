"""Tokens on both databases: their owners, their ends, and that a copy of the store does not contain them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.conftest import run_sql
from tracker.model.errors import BadRequest, NotAuthentic
from tracker.store import tokens
from tracker.store.event_store import EventStore
from tracker.store.tokens import TokenScope

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)
RECORD = frozenset({TokenScope.RECORD})
DAY = timedelta(days=1)


def test_a_token_is_known_by_its_secret_alone(store: EventStore, url: str) -> None:
    token, secret = tokens.create(store, "Ada Łovelace", RECORD | {TokenScope.APPROVE}, NOW, NOW + DAY)
    assert re.fullmatch(r"trk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", secret)
    assert secret.startswith(token.prefix)
    assert tokens.whose(store, secret, NOW) == token
    assert tokens.tokens(store) == [token]
    stored = str(run_sql(url, "SELECT * FROM writer_tokens"))
    assert secret[len(token.prefix) :] not in stored
    assert tokens.create(store, "Ada Łovelace", RECORD, NOW, None)[1] != secret


def test_a_token_ends_when_it_expires_and_at_once_when_it_is_revoked(store: EventStore) -> None:
    token, secret = tokens.create(store, "Ada", RECORD, NOW, NOW + DAY)
    assert tokens.whose(store, secret, NOW + DAY - timedelta(microseconds=1))
    with pytest.raises(NotAuthentic, match="expired or revoked"):
        tokens.whose(store, secret, NOW + DAY)
    revoked = tokens.revoke(store, token.prefix, NOW)
    assert revoked.revoked_at == NOW
    with pytest.raises(NotAuthentic, match="expired or revoked"):
        tokens.whose(store, secret, NOW)
    assert tokens.revoke(store, token.id, NOW + DAY).revoked_at == NOW  # a second time changes nothing


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=70) | st.from_regex(r"trk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", fullmatch=True))
def test_law_no_other_text_is_a_token_and_all_are_refused_in_the_same_words(store: EventStore, text: str) -> None:
    _, secret = tokens.create(store, "Ada", RECORD, NOW, None)
    said = set()
    for wrong in (text, secret[:-1] + ("A" if secret[-1] != "A" else "B"), secret[:-1], secret + "x", secret.upper()):
        with pytest.raises(NotAuthentic) as caught:
            tokens.whose(store, wrong, NOW)
        said.add(str(caught.value))
    assert len(said) == 1


@pytest.mark.parametrize(
    ("person", "scopes", "expires"),
    [("", RECORD, None), ("a\nb", RECORD, None), ("x" * 201, RECORD, None), ("Ada", frozenset(), None),
     ("Ada", RECORD, NOW), ("Ada", RECORD, NOW - DAY)],
)  # fmt: skip
def test_tokens_that_make_no_sense(
    store: EventStore, person: str, scopes: frozenset[TokenScope], expires: datetime | None
) -> None:
    with pytest.raises(BadRequest):
        tokens.create(store, person, scopes, NOW, expires)
    assert tokens.tokens(store) == []


@pytest.mark.parametrize("name", ["", "nobody", "trk_", "a\0b", "%", "'; DROP TABLE writer_tokens; --"])
def test_a_token_that_is_not_there_cannot_be_revoked(store: EventStore, name: str) -> None:
    with pytest.raises(BadRequest, match="tracker token list"):
        tokens.revoke(store, name, NOW)
