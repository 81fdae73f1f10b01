"""A second copy of the derived tables, made from the log in a file of its own, to compare the stored ones with."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from tracker.projections.connections import Reader, reading
from tracker.projections.projection import EventSource
from tracker.projections.refresh import refresh
from tracker.projections.sql_views.refresh import derive
from tracker.store.database import Stored
from tracker.store.event_store import EventStore, migrate
from tracker.store.url import parse_address


class DerivedCopy:
    """The derived tables up to a position of the log, which only moves forward; nothing is written to the store."""

    def __init__(self, store: EventStore, url: str, path: Path) -> None:
        """Begin with no events. Args: url: of the store; path: of a file that is not there yet."""
        self._store, self._url, self.url = store, url, str(path)
        migrate(self.url)
        self.position = 0

    @classmethod
    @contextmanager
    def beside(cls, store: EventStore, url: str) -> Iterator[Self]:
        """A copy in a temporary folder, which is deleted at the end."""
        with TemporaryDirectory(prefix="tracker-copy-") as folder:
            yield cls(store, url, Path(folder) / "copy.sqlite")

    def advance(self, position: int) -> None:
        """Take in the events up to a position.

        Raises: StoreDamaged, NewerStore, BadRequest, StoreUnavailable, StoreBusy.
        """
        refresh(self.url, _FirstEvents(self._store, position), log=self._url)
        self.position = position

    def derive_views(self) -> None:
        """Derive the tables under the public views at the position reached."""
        derive(self.url, full=True)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with reading(parse_address(self.url)) as reader:
            yield reader


class _FirstEvents:
    """The events of a log up to a position."""

    def __init__(self, source: EventSource, last: int) -> None:
        self._source, self._last = source, last

    def stored(self, after: int, limit: int) -> Sequence[Stored]:
        return [event for event in self._source.stored(after, limit) if event.position <= self._last]

    def max_position(self) -> int:
        return self._last
