"""All entries of the registry, amended ones included: a registry of any state of knowledge is made from them."""

from collections.abc import Iterator
from typing import Protocol

from tracker.model.dates import FOREVER
from tracker.model.registry import Entry, Registry
from tracker.model.vocabulary import SubjectKind


class Register(Protocol):
    """Entries in the order of their positions."""

    def __iter__(self) -> Iterator[Entry]: ...

    def __len__(self) -> int: ...

    def registry(self, recorded_by: int = FOREVER) -> Registry:
        """The registry as it stood at a position; the dataset itself always stands."""
        ...


class Entries(tuple[Entry, ...]):
    """A register in memory."""

    __slots__ = ()

    def registry(self, recorded_by: int = FOREVER) -> Registry:
        return Registry.of_entries(
            entry for entry in self if entry.position <= recorded_by or entry.kind == SubjectKind.DATASET
        )
