"""A Merkle tree in memory, for tests of the log that keeps its hashes in a store."""

from collections.abc import Iterable, Sequence

from tracker.store.merkle import Frontier, leaf_hash


class Tree:
    """The kept hashes of a growing list of leaves."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.kept: list[bytes] = []
        self._frontier = Frontier()
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> int:
        return self._frontier.size

    def append(self, leaf: bytes) -> None:
        self.kept += self._frontier.append(leaf_hash(leaf))

    def read(self, places: Sequence[int]) -> list[bytes]:
        return [self.kept[place] for place in places]
