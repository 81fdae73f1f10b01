"""The digest in each event, recomputed from the content that is stored with it."""

import json
from typing import Any

from tracker.model.canonical import canonical_json
from tracker.model.events import (
    AnyEvent,
    DraftApproved,
    DraftRejected,
    DraftSubmitted,
    SubjectEvent,
    WriterAdded,
    WriterRevoked,
    digest,
    digest_of,
    statement_of,
)
from tracker.store.codec import Upcasters
from tracker.store.load_plan import CONTENT_MEMBER

_MEMBER = {**CONTENT_MEMBER, "DraftSubmitted": "statement"}
_TRUE_BY_DEFAULT = frozenset({"two_way"})  # where false is no empty default
_PATCH = "replace"  # of a correction: its values are kept as they are written


class DigestCheck:
    """Recomputes digests in the order of the log: that of a decision on a draft is the digest of the draft, that of a
    revocation the digest of the writer."""

    def __init__(self, upcasters: Upcasters) -> None:
        self._upcasters = upcasters
        self._drafts: dict[str, str] = {}
        self._writers: dict[str, str] = {}

    def difference(self, event: AnyEvent, state: bytes) -> str | None:
        """How the digest of an event differs from that of its content; None where it does not."""
        if isinstance(event, DraftApproved | DraftRejected):
            submitted = self._drafts.get(event.draft)
            return None if submitted == event.digest else f"its digest is not that of draft {event.draft}"
        if isinstance(event, WriterRevoked):
            added = self._writers.get(event.revoked)
            return None if added == event.digest else f"its digest is not that of writer {event.revoked}"
        if isinstance(event, WriterAdded):
            self._writers[event.added.id] = event.digest
        if isinstance(event, DraftSubmitted):
            self._drafts[event.draft] = event.digest
        expected = self._digest(event, state)
        return None if event.digest == expected else f"its digest is {event.digest}, that of its content {expected}"

    def _digest(self, event: AnyEvent, state: bytes) -> str:
        """The digest of the content, in the words in which it was stored."""
        plain = json.loads(state)
        if plain["schema"] < self._upcasters.current(event.type):
            return digest_of(canonical_json(_bare(plain[_MEMBER[event.type]])))
        return digest(_content(event))


def _content(event: AnyEvent) -> Any:
    match event:
        case DraftSubmitted():
            return event.statement
        case WriterAdded():
            return event.added
        case DraftApproved() | DraftRejected() | WriterRevoked():
            raise ValueError(f"{event.type} has no content of its own")
        case _:
            return event.subject if isinstance(event, SubjectEvent) else statement_of(event)


def _bare(value: Any) -> Any:
    """Stored content of an earlier schema without its empty defaults, as it was hashed."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: item if key == _PATCH else _bare(item)
        for key, item in value.items()
        if not (item is None or item == [] or (item is False and key not in _TRUE_BY_DEFAULT))
    }
