"""Tokens are on the record: who may write since when, and by which token an event was recorded; never a secret."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.samples import announcement, registry
from tracker.model.errors import BadRequest
from tracker.model.events import AnnouncementRecorded, DraftApproved, WriterAdded, WriterRevoked, canonical
from tracker.queries.log import log_entry
from tracker.services import drafting, tokens, verification
from tracker.services.stores import refreshed
from tracker.store.event_store import open_store
from tracker.store.tokens import TokenScope

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)


def test_tokens_are_on_the_record_without_their_secrets(tmp_path: Path) -> None:
    url = str(tmp_path / "store.sqlite")
    with open_store(url) as store:
        with pytest.raises(BadRequest, match="the store is empty"):
            tokens.create_token(url, "Ada", [TokenScope.RECORD], NOW, None)
        store.load(registry(), [])
        refreshed(url, store)
    ada, secret = tokens.create_token(url, "Ada", [TokenScope.RECORD, TokenScope.APPROVE], NOW, NOW.replace(year=2032))
    grace, _ = tokens.create_token(url, "Grace", [TokenScope.APPROVE], NOW, None)
    handed_in = {**canonical(announcement("a")), "id": "a"}
    draft = drafting.submit(url, handed_in, by="Ada", writer=ada.id)
    drafting.approve(url, str(draft.draft), by="Grace", writer=grace.id)
    tokens.revoke_token(url, ada.id, NOW)
    tokens.revoke_token(url, ada.id, NOW)  # a second time changes nothing
    with open_store(url) as store:
        added, _, _, decided, stored, revoked = (event for _, event in list(store.events())[-6:])
        states = b"".join(one.state for one in store.stored(0, 1000))
    assert isinstance(added, WriterAdded)
    assert (added.added.person, added.added.scopes) == ("Ada", ("approve", "record"))
    assert isinstance(decided, DraftApproved)
    assert decided.writer == grace.id
    assert isinstance(stored, AnnouncementRecorded)
    assert (stored.writer, stored.approver) == (ada.id, grace.id)
    assert isinstance(revoked, WriterRevoked)
    assert revoked.revoked == ada.id
    assert secret.encode() not in states
    assert secret[-43:].encode() not in states
    found = verification.verify(url)
    assert (found.intact, found.columns_position) == (True, found.last_position)
    with open_store(url) as store:
        entries = [log_entry(event) for event in store.events()]
    assert [(one.type, one.id) for one in entries if one.type.startswith("Writer")] == [
        ("WriterAdded", ada.id),
        ("WriterAdded", grace.id),
        ("WriterRevoked", ada.id),
    ]
    assert entries[-2].writer == ada.id
