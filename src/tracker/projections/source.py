"""The log, as those who make tables of it read it."""

from collections.abc import Sequence
from typing import Protocol

from tracker.model.events import Recorded
from tracker.store.database import Stored


class StoredEvents(Protocol):
    """Events as they are stored, in order."""

    def stored(self, after: int, limit: int) -> Sequence[Stored]: ...


class EventSource(StoredEvents, Protocol):
    """The log, read in order."""

    def decoded(self, stored: Stored) -> Recorded: ...

    def max_position(self) -> int: ...

    def schema(self, kind: str) -> int:
        """In which schema events of a type are stored today."""
