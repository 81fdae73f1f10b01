"""The registry in its table: subjects are read when they are first used, as most questions are about few."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from tracker.model.dates import FOREVER
from tracker.model.fields import ID_PATTERN
from tracker.model.register import Entries, Register
from tracker.model.registry import Entry, Registry, Shelf
from tracker.model.vocabulary import SubjectKind
from tracker.projections.connections import Reader

MAX_SMALL_REGISTRY = 1_000  # entries: a registry up to this size is read at once
MAX_SINGLE_READS = 64  # subjects of a kind that are read one by one, before all of the kind are
_COLUMNS = "position, kind, id, CAST(content AS TEXT), places"
_READ = f"SELECT {_COLUMNS} FROM tracker_registry ORDER BY position"  # nosec  # a constant


def whole(reader: Reader) -> Entries:
    """All entries, read at once."""
    return Entries(map(Entry._make, reader.select(_READ)))


def for_one_question(reader: Reader, small: int = MAX_SMALL_REGISTRY, singles: int = MAX_SINGLE_READS) -> Register:
    """Entries that are read when they are first used; all at once if there are at most `small`.

    Args: singles: subjects of a kind that are read one by one.
    """
    is_large = reader.select(f"SELECT 1 FROM tracker_registry LIMIT 1 OFFSET {small:d}")  # nosec  # a number
    return StoredEntries(reader, singles) if is_large else whole(reader)


class StoredEntries:
    """A register that is read from a file while its reader is open, in one state of the database."""

    def __init__(self, reader: Reader, singles: int) -> None:
        self._reader, self._singles = reader, singles
        self._registries: dict[int, Registry] = {}

    @cached_property
    def _all(self) -> Entries:
        return whole(self._reader)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def registry(self, recorded_by: int = FOREVER) -> Registry:
        registry = self._registries.get(recorded_by)
        if registry is None:
            until = {SubjectKind.DATASET: FOREVER}
            shelves: dict[str, Shelf] = {
                kind: _StoredShelf(self._reader, kind, until.get(kind, recorded_by), self._singles)
                for kind in SubjectKind
            }
            registry = self._registries[recorded_by] = Registry.of_shelves(shelves)
        return registry


class _StoredShelf(Shelf):
    """Subjects of one kind: the first few are read one by one, then all."""

    def __init__(self, reader: Reader, kind: SubjectKind, recorded_by: int, singles: int) -> None:
        self._reader, self._kind, self._recorded_by = reader, kind, recorded_by
        self._made = {}
        self._singles = singles  # subjects that may still be read one by one

    @cached_property
    def entries(self) -> Mapping[str, Entry]:  # type: ignore[override]
        return {entry.id: entry for entry in map(Entry._make, self._all(_COLUMNS))}

    def entry(self, key: str) -> Entry:
        if "entries" in vars(self) or self._singles == 0:
            return self.entries[key]
        self._singles -= 1
        if not re.fullmatch(ID_PATTERN, key):
            raise KeyError(key)
        rows = self._reader.select(f"{self._from(_COLUMNS)} AND id = '{key}' ORDER BY position DESC LIMIT 1")
        if not rows:
            raise KeyError(key)
        return Entry._make(rows[0])

    def places(self) -> Mapping[str, str]:
        return super().places() if "entries" in vars(self) else dict(self._all("id, places"))

    def _all(self, columns: str) -> Sequence[tuple[Any, ...]]:
        # the index would give a large kind in the order of its ids: slower than all rows in the order of the table
        by = "NOT INDEXED" if self._kind is SubjectKind.MEASURE else ""
        return self._reader.select(f"{self._from(columns, by)} ORDER BY position")

    def _from(self, columns: str, by: str = "") -> str:
        kind, until = self._kind, self._recorded_by
        return f"SELECT {columns} FROM tracker_registry {by} WHERE kind = '{kind}' AND position <= {until:d}"  # nosec

    def __contains__(self, key: object) -> bool:
        try:
            return isinstance(key, str) and self[key] is not None
        except KeyError:
            return False
